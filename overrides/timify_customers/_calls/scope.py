"""What a client and its views are made of: shared parts, and the settings of one view."""

from __future__ import annotations

import asyncio
from typing import Any, Final

from attrs import evolve, frozen

from .._base.errors import ArgumentError, PayloadError, UnknownFieldError
from .._base.generated import build, models
from .._base.settings import Settings
from .._customfields.registry import FieldRegistry
from .cache import Held, Source
from .caller import Answer, Caller
from .identity import Identity
from .response import Operation

DEFINITIONS_TTL: Final = 300.0
"""Seconds for which definitions are used; after that they are used once more while they are renewed."""

_LIST_FIELDS = Operation("list_customfields", data="list")


@frozen
class View:
    """One way to use a client: its caller, with settings of its own."""

    caller: Caller
    settings: Settings

    def deadline(self) -> float:
        """Say when a call that starts now must have ended, in seconds of the loop's clock."""
        self.caller.check_usable()
        return asyncio.get_running_loop().time() + self.settings.deadline

    async def call(
        self,
        operation: Operation,
        *args: object,
        until: float | None = None,
        identity: Identity | None = None,
        **options: Any,
    ) -> Answer:
        """Build a request of the operation for this view's company, and make the call."""
        request = build(operation.name, *args, company_id=self.settings.company_id, **options)
        until = self.deadline() if until is None else until
        return await self.caller.call(operation, request, self.settings, until, identity)

    async def list_fields(self) -> list[models.Customfield]:
        """Fetch all definitions of the company."""
        return list(models.CustomfieldList.from_dict((await self.call(_LIST_FIELDS)).payload).data)

    @property
    def definitions(self) -> Source[FieldRegistry]:
        """The company's definitions, shared by all views that are for it, and fetched with the client's settings."""
        sources, company_id = self.caller.definitions, self.settings.company_id
        if company_id not in sources:
            shared = View(self.caller, evolve(self.caller.settings, company_id=company_id))

            async def fetch() -> Held[FieldRegistry]:
                now = asyncio.get_running_loop().time()
                return Held(FieldRegistry(await shared.list_fields()), early=now + DEFINITIONS_TTL)

            sources[company_id] = Source(
                "the custom field definitions", fetch, shared.settings.deadline
            )
        return sources[company_id]

    @property
    def known(self) -> FieldRegistry | None:
        """The definitions at hand, if there are any; nothing is asked."""
        held = self.definitions.held
        return held.value if held else None

    async def registry(self, until: float) -> FieldRegistry:
        """Give the definitions: those at hand, or new ones, with one request for all who wait."""
        return (
            await self.definitions.get(max(0.0, until - asyncio.get_running_loop().time()))
        ).value

    async def payload(self, values: Any, until: float) -> list[Any]:
        """Make the wire list; when a name is unknown to definitions that were at hand, ask once for new ones."""
        at_hand = self.definitions.held
        registry = await self.registry(until)
        try:
            return registry.payload(values, self.settings.formats)
        except ArgumentError as error:
            problems = error.problems if isinstance(error, PayloadError) else (error,)
            if at_hand is None or not any(
                isinstance(problem, UnknownFieldError) for problem in problems
            ):
                raise
        self.definitions.put(None)
        return (await self.registry(until)).payload(values, self.settings.formats)
