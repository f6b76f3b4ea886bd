"""From rows of any kind to rows of the wire. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from attrs import field, frozen

from .._base.checks import check_id, check_text
from .._base.errors import ArgumentError, ArgumentTypeError
from .._base.reports import RowProblem

Payload = Callable[[Mapping[str, object]], list[dict[str, Any]]]
"""Makes the wire list of custom fields by name."""


@frozen
class Row:
    """A row, and what is sent of it.

    ``key``: what the API knows it by, so that it may be sent twice; or None.
    """

    number: int
    given: object = field(repr=False)
    columns: Mapping[str, object] = field(factory=dict, repr=False)
    wire: Mapping[str, Any] = field(factory=dict, repr=False)
    key: str | None = None
    problems: tuple[RowProblem, ...] = ()

    @property
    def content(self) -> bytes:
        """All that the caller gave, in a form that is equal when it is."""
        items = [*self.given.items()] if isinstance(self.given, Mapping) else self.given
        return repr(items).encode("utf-8", "backslashreplace")


def custom(row: object, key: str) -> dict[str, object]:
    """Give the columns of a row that are custom fields."""
    if not isinstance(row, Mapping):
        return {}
    return {name: value for name, value in row.items() if name not in {key, "id", "externalId"}}


def check(row: Row, key: str, payload: Payload | None, *, keyless: bool) -> Row:
    """Make a wire row, or say everything that is wrong.

    Args:
        row: what the caller gave, and its number for messages.
        key: column that identifies a customer.
        payload: makes custom fields; not needed for a row that has none.
        keyless: whether a row may do without key.
    """
    number, given = row.number, row.given
    if not isinstance(given, Mapping):
        return Row(
            number,
            given,
            problems=(RowProblem(number, f"a row is a mapping, not {type(given).__name__}"),),
        )
    wire: dict[str, Any] = {}
    problems: list[RowProblem] = []
    columns = custom(given, key)
    for name, column in (("importCustomerId", key), ("id", "id"), ("externalId", "externalId")):
        try:
            if (
                text := _identifier(
                    name, column, given.get(column), optional=keyless or name == column
                )
            ) is not None:
                wire[name] = text
        except (ArgumentError, ArgumentTypeError) as error:
            problems.append(RowProblem(number, str(error), column))
    if payload and columns:
        try:
            wire["customfields"] = payload(columns)
        except (ArgumentError, ArgumentTypeError) as error:
            problems.extend(_blame(number, columns, payload, error))
    known = next(
        (f"{name}:{wire[name]}" for name in ("importCustomerId", "id") if name in wire), None
    )
    return Row(number, given, columns, wire, known, tuple(problems))


def _identifier(name: str, column: str, value: object, *, optional: bool) -> str | None:
    if optional and (value is None or value == ""):
        return None
    if name != "importCustomerId":
        return check_id(column, value)
    if not isinstance(value, str) or not value.strip():
        raise ArgumentError(f"the row has no key: {column!r} must be a string that is not blank")
    return check_text(column, value)


def _blame(
    number: int, values: Mapping[str, object], payload: Payload, error: Exception
) -> list[RowProblem]:
    """Find the columns that are wrong by themselves; where none is, what is wrong is of the row."""
    found = []
    for name, value in values.items():
        try:
            payload({name: value})
        except (ArgumentError, ArgumentTypeError) as problem:
            found.append(RowProblem(number, str(problem), str(name)))
    return found or [RowProblem(number, str(error))]
