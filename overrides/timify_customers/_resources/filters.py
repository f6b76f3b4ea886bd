"""The filters of the list of customers: checked before they are sent, and compared with the rows.

The filters are those that the document has for the list (documented on a sibling), in a `TypedDict`
generated from it. An API that does not know a filter, and ignores it, must be noticed: a row that
``ids`` or ``external_ids`` exclude, or that was last updated more than a day before
``updated_since``, cannot be in a filtered list. The day allows for the time zone of
``updated_since``, which is not known. A row does not show whether other filters exclude it.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from typing import Any, Final
from unicodedata import normalize

from attrs import frozen

from .._base.checks import check_text
from .._base.errors import ArgumentError, ArgumentTypeError, FilterIgnoredError
from .._base.generated import LIST_SEPARATORS, ListCustomersFilters

EACH_ALONE: Final = "&"
"""In place of a separator: each entry is a parameter of its own, and may hold any character."""
_SLACK: Final = datetime.timedelta(days=1)


@frozen
class CustomerFilters:
    """The filters of one list.

    Attributes:
        parameters: arguments of the generated ``build_request``.
        ids: the values of ``ids``, as `_comparable` writes them; empty for no filter.
        external_ids: the values of ``external_ids``, likewise.
        updated_since: the moment of ``updated_since``, or None.
    """

    parameters: Mapping[str, Any]
    ids: frozenset[str] = frozenset()
    external_ids: frozenset[str] = frozenset()
    updated_since: datetime.datetime | None = None

    @property
    def fingerprint(self) -> str:
        """A text that is equal for equal filters, so that a cursor belongs to its filters."""
        return repr(sorted(self.parameters.items())) if self.parameters else ""

    def check(self, rows: Iterable[object]) -> None:
        """Compare the rows of a page with the filters.

        Raises:
            FilterIgnoredError: there is a row that a filter excludes.
        """
        if not (self.ids or self.external_ids or self.updated_since):
            return  # nothing that a row could contradict, as for most lists
        for row in rows:
            if isinstance(row, Mapping) and (name := self._excluding(row)):
                raise FilterIgnoredError(
                    f"the API ignores the filter {name}: it lists customer {row.get('id')!r}, "
                    "which that filter excludes"
                )

    def _excluding(self, row: Mapping[str, Any]) -> str | None:
        """Return the filter that excludes a row, or None. A key that a row lacks proves nothing."""
        for name, key, admitted in (
            ("ids", "id", self.ids),
            ("external_ids", "externalId", self.external_ids),
        ):
            shown = row.get(key)
            if admitted and isinstance(shown, str) and _comparable(shown) not in admitted:
                return name
        if self.updated_since is None:
            return None
        updated = _moment(row.get("updatedAt"))
        if updated is not None and updated < self.updated_since - _SLACK:
            return "updated_since"
        return None


def customer_filters(filters: ListCustomersFilters) -> CustomerFilters:
    """Check and encode the filters of a list of customers.

    Raises:
        ArgumentError: a list is empty, or one of its entries is blank or holds what separates the
            entries, which is a comma unless the published document says otherwise.
        ArgumentTypeError: there is no such filter, or its value has the wrong type.
    """
    parameters = {
        name: _encoded(name, value) for name, value in filters.items() if value is not None
    }
    if "fields" in parameters and "id" not in parameters["fields"]:
        # The id tells the rows of two pages apart.
        parameters["fields"] = ["id", *parameters["fields"]]
    return CustomerFilters(
        parameters,
        frozenset(map(_comparable, parameters.get("ids", ()))),
        frozenset(map(_comparable, parameters.get("external_ids", ()))),
        _moment(parameters.get("updated_since")),
    )


def _encoded(name: str, value: object) -> str | list[str]:
    annotations = ListCustomersFilters.__annotations__
    if name not in annotations:
        raise ArgumentTypeError(f"there is no filter {name}; there are {', '.join(annotations)}")
    if name in LIST_SEPARATORS:
        return _texts(name, value)
    if isinstance(value, datetime.datetime):
        return _day(value)
    if isinstance(value, datetime.date):
        return value.isoformat()
    return check_text(name, value)


def _day(moment: datetime.datetime) -> str:
    """Write a datetime as its day, in UTC where it has a time zone.

    The published example of ``updated_since`` is a day (documented on a sibling), so a day is sent.
    The list may then reach back up to a day further than asked for, and never less.
    """
    if moment.tzinfo is not None:
        moment = moment.astimezone(datetime.UTC)
    return moment.date().isoformat()


def _texts(name: str, value: object) -> list[str]:
    if isinstance(value, (str, bytes, Mapping)) or not isinstance(value, Iterable):
        raise ArgumentTypeError(f"{name} must be a list of strings, not {type(value).__name__}")
    texts = [check_text(f"an entry of {name}", text) for text in value]
    if not texts:
        raise ArgumentError(f"{name} is empty: leave it out to list all customers")
    for text in texts:
        if not text.strip():
            raise ArgumentError(f"{name} holds a blank entry")
        if not can_list(name, text):
            raise ArgumentError(
                f"{name} holds {text!r}: {LIST_SEPARATORS[name]!r} separates the entries of a list"
            )
    return texts


def can_list(name: str, entry: str) -> bool:
    """Return whether a list can hold an entry: not if the entry would be read as two."""
    separator = LIST_SEPARATORS[name]
    return separator == EACH_ALONE or separator not in entry


def _comparable(text: str) -> str:
    """Return a text without the differences of surrounding blanks, case and Unicode form.

    Of case and form, this is the canonical caseless match of Unicode (section 3.13, D145). It needs
    both normalizations: U+1FE2 is folded to other characters than its own upper case.
    """
    return normalize("NFD", normalize("NFD", text).casefold()).strip()


def _moment(value: object) -> datetime.datetime | None:
    """Read a timestamp (observed: ``2022-01-26T16:17:01Z``) or a day, else return None."""
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.datetime.fromisoformat(value.strip())
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=datetime.UTC)
