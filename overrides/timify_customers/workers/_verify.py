"""Which rows of a chunk were already imported, if its first worker died while sending it.

An import is documented as an upsert, so sending it again is safe by key. It is not known whether
that is safe while the first request is still being processed. So rows that can be read back are not
sent again: rows with an ``externalId`` or ``id`` whose customer holds all values of the row. The
import key itself cannot be read back (observed: customers have no ``importCustomerId``), so rows
with no other identifier are sent again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, Literal

from .._base.entries import texts_by_field
from .._base.errors import TimifyError
from .._bulk.rows import Row
from .._calls.identity import same_key
from .._client import TimifyCustomers
from .._resources.filters import can_list

AT_ONCE: Final = 100
"""How many ids one request asks for."""
_Identifier = Literal["externalId", "id"]


async def find_shown(timify: TimifyCustomers, rows: Sequence[Row]) -> set[int]:
    """Return the numbers of the rows whose values customers already show.

    If the API ignores the filter, or the list cannot be read, that is none.
    """
    shown = set[int]()
    by_external_id = [row for row in rows if _findable(row, "externalId")]
    by_id = [row for row in rows if row not in by_external_id and _findable(row, "id")]
    for name, findable in (("externalId", by_external_id), ("id", by_id)):
        identifier: Any = name
        for begin in range(0, len(findable), AT_ONCE):
            shown |= await _shown_of(timify, findable[begin : begin + AT_ONCE], identifier)
    return shown


def _findable(row: Row, identifier: _Identifier) -> bool:
    """Return whether a filter can name the row."""
    text = row.wire.get(identifier)
    name = "ids" if identifier == "id" else "external_ids"
    return isinstance(text, str) and bool(text.strip()) and can_list(name, text)


async def _shown_of(
    timify: TimifyCustomers, rows: Sequence[Row], identifier: _Identifier
) -> set[int]:
    texts = [str(row.wire[identifier]) for row in rows]
    lists = timify.customers.list
    pager = lists(external_ids=texts) if identifier == "externalId" else lists(ids=texts)
    try:
        customers = [customer.raw async for customer in pager]
    except TimifyError:
        return set()
    return {row.number for row in rows if _is_shown(row, customers, identifier)}


def _is_shown(row: Row, customers: Iterable[Mapping[str, Any]], identifier: _Identifier) -> bool:
    """Return whether exactly one customer has the identifier of a row, and has all its values."""
    key = str(row.wire[identifier])
    holders = [customer for customer in customers if same_key(customer.get(identifier), key)]
    if len(holders) != 1:
        return False
    shown, expected = texts_by_field(holders[0]), texts_by_field(row.wire)
    return all(shown.get(field, "") == text for field, text in expected.items())
