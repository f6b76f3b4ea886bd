"""What a client and its views are made of: shared parts, and the settings of one view."""

from __future__ import annotations

import asyncio
from typing import Any

from attrs import define, field, frozen

from ._answers import Operation
from ._calls import Answer, Caller
from ._customfields import Definitions
from ._errors import CallTimeoutError
from ._options import Settings
from ._wire import build, models

_LIST_FIELDS = Operation("list_customfields", data="list")


@define
class DefinitionCache:
    """Custom field definitions by company, fetched when a payload first needs them."""

    known: dict[str | None, Definitions] = field(factory=dict)
    locks: dict[str | None, asyncio.Lock] = field(factory=dict)

    def forget(self, company_id: str | None) -> None:
        """Fetch a company's definitions anew when they are next needed."""
        self.known.pop(company_id, None)


@frozen
class View:
    """One way to use a client: its caller, with settings of its own."""

    caller: Caller
    settings: Settings
    definitions: DefinitionCache

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

    async def fields(self, until: float) -> Definitions:
        """Give the company's definitions; one request for all who wait."""
        company_id = self.company_id
        lock = self.definitions.locks.setdefault(company_id, asyncio.Lock())
        try:
            async with asyncio.timeout_at(until), lock:
                if company_id not in self.definitions.known:
                    self.definitions.known[company_id] = Definitions(await self.list_fields(until))
        except TimeoutError as error:
            if isinstance(error, CallTimeoutError):
                raise
            raise CallTimeoutError("the custom field definitions did not come within the call's deadline") from None
        return self.definitions.known[company_id]

    async def list_fields(self, until: float) -> list[models.Customfield]:
        """Fetch all definitions of the company."""
        answer = await self.call(_LIST_FIELDS, until=until)
        return list(models.CustomfieldList.from_dict(answer.payload).data)
