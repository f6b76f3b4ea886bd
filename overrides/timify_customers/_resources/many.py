"""Reads the customers with certain ids or external ids, some dozens in one request.

The filters ``ids`` and ``external_ids`` of the list are documented only on a sibling operation. So
a row of a list counts only if it has a requested key, and keys that the list does not show are
requested one by one (documented). A key is missing only if the API answers 404 to a request for
that key alone.

An example, with the external ids "crm-1" to "crm-4" and "a,b"::

    GET /v1/customers?external_ids=crm-1,crm-2,crm-3,crm-4    shows crm-1, and crm-3 twice
    GET /v1/customers/crm-2?external=1                        404: missing
    GET /v1/customers/crm-3?external=1                        the API says which of the two it is
    GET /v1/customers/crm-4?external=1                        exists: the list did not show all
    GET /v1/customers/a%2Cb?external=1                        a comma would separate "a" and "b"

Sibling operations document commas. Where the published document has another style, that is used.

When the API ignores the filter or refuses it, all keys are requested one by one. So are the keys of
a list that has more rows than keys, or whose total says so: a second holder of a key may be among
the rows that are not shown.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from typing import Final, Literal, TypeVar
from urllib.parse import quote

from attrs import define, field

from .._base.checks import check_id
from .._base.errors import ApiError, FilterIgnoredError, NotFoundError
from .._base.generated import LIST_SEPARATORS, ListCustomersFilters
from .._calls.identity import comparable_key
from .._calls.scope import Scope
from .._customfields.definitions import Definitions
from .._customfields.reading import Customer
from .._paging.pager import list_total
from .ensure import each
from .filters import EACH_ALONE, can_list, customer_filters
from .listing import customer_pages

T = TypeVar("T")
Filter = Literal["ids", "external_ids"]

ADDRESS_ROOM: Final = 2_000
"""How many bytes of an address the values of a filter may take.

Servers take addresses of 8,000 bytes and more; some programs on the way take fewer.
"""
AT_ONCE: Final = 8
"""How many requests are under way at a time."""
_SHOWN: Final = {"ids": "id", "external_ids": "externalId"}
"""The key of a row that each filter is about."""
_UNSUITABLE: Final = frozenset({200, 400, 404, 414, 422, 501})
"""HTTP statuses of refusals that may be about the filter; with 200 the envelope refuses."""


def keys_of(by: Filter, keys: Iterable[str]) -> list[str]:
    """Check the requested keys.

    Raises:
        ArgumentError: a key cannot be part of a path.
        ArgumentTypeError: they are not a list of strings.
    """
    return [check_id(f"an entry of {by}", key) for key in each(by, keys)]


@define(eq=False)
class ManyReader:
    """Reads customers by their keys, each key once.

    Attributes:
        get: reads one customer by its key.
        found: the customers in lists, by the comparable form of the key.
        found_alone: the customers that were read one by one, by the key itself.
        filter_works: False once the API has shown that it does not know the filter.
    """

    _scope: Scope
    _definitions: Definitions
    _by: Filter
    get: Callable[[str], Awaitable[Customer]]
    found: dict[str, Customer] = field(init=False, factory=dict[str, Customer])
    found_alone: dict[str, Customer] = field(init=False, factory=dict[str, Customer])
    filter_works: bool = field(init=False, default=True)

    async def read(self, keys: Sequence[str]) -> dict[str, Customer | None]:
        """Return the customer of each key, in this order, or None where there is none.

        Raises:
            CallError: a request failed. The other requests under way are cancelled.
        """
        forms = {key: self._form(key) for key in keys}
        first_keys: dict[str, str] = {}
        for key, form in forms.items():
            first_keys.setdefault(form, key)
        listable = (key for key in first_keys.values() if can_list(self._by, key))
        await side_by_side(self._read_listed, chunks(listable, between(self._by)))
        # Each spelling is requested, because only the API can say whether it takes " a" for "a".
        not_shown = [key for key, form in forms.items() if form not in self.found]
        await side_by_side(self._read_alone, not_shown)
        return {key: self.found.get(form, self.found_alone.get(key)) for key, form in forms.items()}

    def _form(self, key: str) -> str:
        """Return the form in which keys are compared. Case matters in external ids, not in ids."""
        return key.strip().lower() if self._by == "ids" else comparable_key(key)

    async def _read_listed(self, keys: Sequence[str]) -> None:
        if not self.filter_works:
            return
        narrowed: ListCustomersFilters = (
            {"ids": keys} if self._by == "ids" else {"external_ids": keys}
        )
        fetch = customer_pages(self._scope, self._definitions, customer_filters(narrowed))
        try:
            payload, customers = await fetch(1, len(keys) + 1)
        except FilterIgnoredError:
            self.filter_works = False
            return
        except ApiError as refusal:
            if refusal.status not in _UNSUITABLE:
                raise
            self.filter_works = False
            return
        total = list_total(payload)
        shows_all = len(customers) <= len(keys) and (total is None or total <= len(customers))
        if not shows_all:
            return
        self._keep(set(map(self._form, keys)), payload["data"], customers)

    def _keep(self, forms: set[str], rows: Sequence[object], customers: Sequence[Customer]) -> None:
        """Keep each row whose key was requested, unless another row has the same key."""
        by_form: dict[str, list[Customer]] = {}
        for row, customer in zip(rows, customers, strict=True):
            shown = row.get(_SHOWN[self._by]) if isinstance(row, Mapping) else None
            if isinstance(shown, str):
                by_form.setdefault(self._form(shown), []).append(customer)
        for form in forms:
            holders = by_form.get(form, [])
            if len(holders) == 1:
                self.found[form] = holders[0]

    async def _read_alone(self, key: str) -> None:
        try:
            self.found_alone[key] = await self.get(key)
        except NotFoundError:
            return


def between(by: Filter) -> str:
    """Return what stands between two entries in an address: ``%2C``, or ``&ids=``."""
    separator = LIST_SEPARATORS[by]
    return f"&{by}=" if separator == EACH_ALONE else quote(separator)


def chunks(keys: Iterable[str], between_keys: str) -> Iterator[list[str]]:
    """Divide keys into lists that fit in an address. A key that never fits is a list by itself.

    An example with ``%2C`` between them and room for 8 bytes: "a", "b" and "c" are "a%2Cb" (5
    bytes) and "c".
    """
    chunk: list[str] = []
    length = 0
    for key in keys:
        size = len(quote(key, safe="")) + len(between_keys)
        if chunk and length + size > ADDRESS_ROOM:
            yield chunk
            chunk, length = [], 0
        chunk.append(key)
        length += size
    if chunk:
        yield chunk


async def side_by_side(work: Callable[[T], Awaitable[None]], items: Iterable[T]) -> None:
    """Do the work for each item, some at a time. The first error ends the rest, and is raised."""
    waiting = iter(items)

    async def take_turns() -> None:
        for item in waiting:
            await work(item)

    tasks = [asyncio.create_task(take_turns()) for _ in range(AT_ONCE)]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
