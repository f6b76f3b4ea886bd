"""What a client and its views are made of: shared parts, and the settings of one view."""

from __future__ import annotations

import asyncio
from typing import Any, Final

from attrs import frozen

from ._answers import Operation
from ._calls import Answer, Caller
from ._customfields import FieldRegistry
from ._errors import ArgumentError, PayloadError, UnknownFieldError
from ._options import Settings
from ._source import Held, Source
from ._wire import build, models

DEFINITIONS_TTL: Final = 300.0
"""Seconds for which definitions are used; after that they are used once more while they are renewed."""

_LIST_FIELDS = Operation("list_customfields", data="list")


@frozen
class View:
    """One way to use a client: its caller, with settings of its own."""

    caller: Caller
    settings: Settings

    @property
    def company_id(self) -> str | None:
        """The ``company-id`` header of every call of this view."""
        return self.settings.company_id

    def deadline(self) -> float:
        """Say when a call that starts now must have ended, in seconds of the loop's clock."""
        self.caller.check_usable()
        return asyncio.get_running_loop().time() + self.settings.deadline

    async def call(self, operation: Operation, *args: object, until: float | None = None, **options: Any) -> Answer:
        """Build a request of the operation for this view's company, and make the call."""
        request = build(operation.name, *args, company_id=self.company_id, **options)
        return await self.caller.call(operation, request, self.settings, self.deadline() if until is None else until)

    async def list_fields(self) -> list[models.Customfield]:
        """Fetch all definitions of the company."""
        return list(models.CustomfieldList.from_dict((await self.call(_LIST_FIELDS)).payload).data)

    @property
    def definitions(self) -> Source[FieldRegistry]:
        """The definitions of the company, shared by all views of the client that are for it."""

        async def fetch() -> Held[FieldRegistry]:
            return held(FieldRegistry(await self.list_fields()))

        sources = self.caller.definitions
        if self.company_id not in sources:
            sources[self.company_id] = Source("the custom field definitions", fetch, self.settings.deadline)
        return sources[self.company_id]

    async def registry(self, until: float) -> FieldRegistry:
        """Give the definitions: those at hand, or new ones, with one request for all who wait."""
        return (await self.definitions.get(max(0.0, until - asyncio.get_running_loop().time()))).value

    async def payload(self, values: Any, until: float) -> list[Any]:
        """Make the wire list; when a name is unknown to definitions that were at hand, ask once for new ones."""
        at_hand = self.definitions.held
        registry = await self.registry(until)
        try:
            return registry.payload(values)
        except ArgumentError as error:
            problems = error.problems if isinstance(error, PayloadError) else (error,)
            if at_hand is None or not any(isinstance(problem, UnknownFieldError) for problem in problems):
                raise
        self.definitions.put(None)
        return (await self.registry(until)).payload(values)


def held(definitions: FieldRegistry) -> Held[FieldRegistry]:
    """FieldRegistry as of now."""
    return Held(definitions, early=asyncio.get_running_loop().time() + DEFINITIONS_TTL)
