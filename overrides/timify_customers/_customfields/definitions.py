"""The definitions of a company's custom fields that a client keeps.

They are fetched when first needed, used for five minutes, and then used once more while they are
renewed. They may be outdated if a name is missing from them, or if the API refuses a payload and
names one of its fields: they are then fetched once, and the payload is made again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final, TypeVar

from attrs import define, evolve, field, frozen

from .._base.errors import (
    ArgumentError,
    BadRequestError,
    PayloadError,
    UnknownFieldError,
    UnprocessableError,
)
from .._base.generated import endpoints, models
from .._calls.cache import CachedValue, RefreshingCache
from .._calls.caller import Caller
from .._calls.operation import Operation
from .._calls.scope import Scope
from .registry import Customfields, FieldRegistry, ready_list

T = TypeVar("T")

DEFINITIONS_TTL: Final = 300.0
"""Seconds for which definitions are used before they are renewed."""
MOST_COMPANIES: Final = 1_000
"""The companies whose definitions are kept: those that were used last."""

LIST_FIELDS: Final = Operation(
    endpoints.list_customfields.OPERATION, endpoints.list_customfields.build_request, data="list"
)


async def list_fields(scope: Scope) -> list[models.Customfield]:
    """Fetch all definitions of a scope's company."""
    request = LIST_FIELDS.build(company_id=scope.company_id)
    answer = await scope.call(LIST_FIELDS, request)
    return list(models.CustomfieldList.from_dict(answer.payload).data)


@define(eq=False)
class DefinitionCache:
    """The definitions of every company that a client acts for, shared by its views.

    ``ensuring`` lets one `ensure` run at a time.
    """

    _caller: Caller
    ensuring: asyncio.Lock = field(init=False, factory=asyncio.Lock)
    _by_company: dict[str | None, RefreshingCache[FieldRegistry]] = field(init=False, factory=dict)

    def of(self, company_id: str | None) -> RefreshingCache[FieldRegistry]:
        """Return the cache of one company.

        It fetches with the client's settings, as a view's short deadline would also apply to others
        that wait for the definitions.
        """
        cache = self._by_company.pop(company_id, None) or self._new(company_id)
        self._by_company[company_id] = cache  # at the end, as the last that was used
        if len(self._by_company) > MOST_COMPANIES:
            del self._by_company[next(iter(self._by_company))]
        return cache

    def _new(self, company_id: str | None) -> RefreshingCache[FieldRegistry]:
        settings = evolve(self._caller.settings, company_id=company_id)
        shared = Scope(self._caller, settings)

        async def fetch() -> CachedValue[FieldRegistry]:
            now = self._caller.lifetime.now()
            registry = FieldRegistry(await list_fields(shared))
            return CachedValue(registry, refresh_at=now + DEFINITIONS_TTL)

        return self._caller.new_cache("the custom field definitions", fetch)


@frozen
class Definitions:
    """The definitions of one scope's company."""

    _scope: Scope
    _shared: DefinitionCache

    @property
    def ensuring(self) -> asyncio.Lock:
        """The lock that lets only one `ensure` run in a client and its views."""
        return self._shared.ensuring

    @property
    def _cache(self) -> RefreshingCache[FieldRegistry]:
        return self._shared.of(self._scope.company_id)

    @property
    def last_seen(self) -> FieldRegistry | None:
        """The definitions that the client has, if any; no request is made."""
        cached = self._cache.cached
        return cached.value if cached else None

    async def registry(self, until: float) -> FieldRegistry:
        """Return the cached definitions, or new ones, by one request for all callers that wait.

        ``until`` is a moment of the client's clock.
        """
        remaining = max(0.0, until - self._scope.caller.lifetime.now())
        return (await self._cache.get(remaining)).value

    def forget(self) -> None:
        """Fetch the definitions again when they are next needed."""
        self._cache.replace(None)

    def change(self, field_id: str | None, changed: models.Customfield | None) -> None:
        """Apply a change to the cached definitions: replace the field with an id, or remove it.

        They are not fetched for this, as a list right after a write may not show it.
        """
        cached = self._cache.cached
        if cached is not None:
            definitions = [view for view in cached.value if view.raw.get("id") != field_id]
            registry = FieldRegistry(
                [*definitions, changed] if changed is not None else definitions
            )
            cached = evolve(cached, value=registry)
        self._cache.replace(cached)

    async def entries(self, customfields: Customfields, until: float) -> list[dict[str, Any]]:
        """Make the list of entries for a payload, or check a list that is ready.

        If cached definitions do not have a name, they are fetched once more.
        """
        if not isinstance(customfields, Mapping):
            return ready_list(customfields)
        if not customfields:
            return []
        at_hand = self.last_seen
        registry = await self.registry(until)
        try:
            return registry.payload(customfields, self._scope.settings.formats)
        except ArgumentError as error:
            if at_hand is None or not _names_unknown_fields(error):
                raise
        self.forget()
        registry = await self.registry(until)
        return registry.payload(customfields, self._scope.settings.formats)

    async def send_payload(
        self,
        customfields: Customfields,
        until: float,
        send: Callable[[list[dict[str, Any]]], Awaitable[T]],
    ) -> T:
        """Send a payload, and send it once more if the API refuses it and names one of its fields.

        That is done only if new definitions result in another payload. An example: the field
        ``Tier`` was deleted and created again, so the payload that was sent had its old id.
        """
        entries = await self.entries(customfields, until)
        try:
            return await send(entries)
        except (BadRequestError, UnprocessableError) as error:
            named = any(str(entry["id"]) in str(error) for entry in entries)
            if not isinstance(customfields, Mapping) or not named:
                raise
            self.forget()
            renewed = await self.entries(customfields, until)
            if renewed == entries:
                raise
        return await send(renewed)


def _names_unknown_fields(error: ArgumentError) -> bool:
    problems = error.problems if isinstance(error, PayloadError) else (error,)
    return any(isinstance(problem, UnknownFieldError) for problem in problems)
