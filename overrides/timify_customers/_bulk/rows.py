"""Turns the rows of a caller into rows as they are sent. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from attrs import field, frozen

from .._base.checks import check_id, check_text
from .._base.errors import ArgumentError, ArgumentTypeError
from .._base.reports import RowProblem

Payload = Callable[[Mapping[str, object]], list[dict[str, Any]]]
"""Turns values by field name into the list of custom fields that is sent."""


@frozen
class Row:
    """A row, and the JSON that is sent for it.

    Attributes:
        number: counted from 1 over the whole import.
        original: the row as the caller passed it, of any type.
        columns: the columns that are custom fields.
        wire: the JSON that is sent.
        key: how the API identifies the row, such as ``importCustomerId:crm-7``, so that it may be
            sent twice; or None.
        problems: what is wrong with the row; if there are any, it is not sent.
    """

    number: int
    original: object = field(repr=False)
    columns: Mapping[str, object] = field(factory=dict, repr=False)
    wire: Mapping[str, Any] = field(factory=dict, repr=False)
    key: str | None = None
    problems: tuple[RowProblem, ...] = ()

    @property
    def content(self) -> bytes:
        """The row as the caller passed it, as bytes that are equal for equal rows."""
        original = self.original
        items = [*original.items()] if isinstance(original, Mapping) else original
        return repr(items).encode("utf-8", "backslashreplace")


def custom(row: object, key: str) -> dict[str, object]:
    """Return the columns of a row that are custom fields."""
    if not isinstance(row, Mapping):
        return {}
    return {name: value for name, value in row.items() if name not in {key, "id", "externalId"}}


def check(row: Row, key: str, payload: Payload | None, *, keyless: bool) -> Row:
    """Make the row that is sent, or report everything that is wrong with it.

    An example, with the key column ``crm``::

        {"crm": "k1", "externalId": "x", "firstName": "Ada"}

        {"importCustomerId": "k1", "externalId": "x",
         "customfields": [{"id": "5d9f...", "value": "Ada"}]}

    Args:
        row: the row as the caller passed it, with its number.
        key: the column that identifies a customer.
        payload: makes the custom fields; not needed for a row without any.
        keyless: whether a row may lack a key.
    """
    number, original = row.number, row.original
    if not isinstance(original, Mapping):
        reason = f"a row is a mapping, not {type(original).__name__}"
        return Row(number, original, problems=(RowProblem(number, reason),))
    wire, problems = _identifiers(number, original, key, keyless=keyless)
    columns = custom(original, key)
    if payload and columns:
        try:
            wire["customfields"] = payload(columns)
        except (ArgumentError, ArgumentTypeError) as error:
            problems += _blame(number, columns, payload, error)
    return Row(number, original, columns, wire, _key(wire), tuple(problems))


def _key(wire: Mapping[str, Any]) -> str | None:
    for name in ("importCustomerId", "id"):
        if name in wire:
            return f"{name}:{wire[name]}"
    return None


def _identifiers(
    number: int, row: Mapping[str, object], key: str, *, keyless: bool
) -> tuple[dict[str, Any], list[RowProblem]]:
    """Return the identifiers of a row by their JSON keys, and what is wrong with them."""
    wire: dict[str, Any] = {}
    problems: list[RowProblem] = []
    for name, column in (("importCustomerId", key), ("id", "id"), ("externalId", "externalId")):
        # A key column named "id" or "externalId" is read twice: as the key, and under its own name.
        optional = keyless or name != "importCustomerId"
        try:
            text = _identifier(name, column, row.get(column), optional=optional)
        except (ArgumentError, ArgumentTypeError) as error:
            problems.append(RowProblem(number, str(error), column))
            continue
        if text is not None:
            wire[name] = text
    return wire, problems


def _identifier(name: str, column: str, value: object, *, optional: bool) -> str | None:
    if optional and (value is None or value == ""):
        return None
    if name != "importCustomerId":
        return check_id(column, value)
    if not isinstance(value, str) or not value.strip():
        raise ArgumentError(f"the row has no key: {column!r} must be a string that is not blank")
    return check_text(column, value)


def _blame(
    number: int, columns: Mapping[str, object], payload: Payload, error: Exception
) -> list[RowProblem]:
    """Return the problems of single columns or, if there are none, of the row as a whole."""
    problems = [*_column_problems(number, columns, payload)]
    return problems or [RowProblem(number, str(error))]


def _column_problems(
    number: int, columns: Mapping[str, object], payload: Payload
) -> Iterator[RowProblem]:
    for name, value in columns.items():
        try:
            payload({name: value})
        except (ArgumentError, ArgumentTypeError) as error:
            yield RowProblem(number, str(error), str(name))
