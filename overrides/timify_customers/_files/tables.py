"""Customers as rows of CSV or NDJSON, named by field, and back."""

from __future__ import annotations

import csv
import io
import json
import shlex
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, Protocol

from attrs import frozen

from .. import AmbiguousFieldError, ArgumentError, Customer, FieldRegistry, UnknownFieldError
from .choices import one_of

FIXED: Final = ("id", "externalId", "createdAt", "updatedAt")
"""Columns that are no custom fields."""
READ_ONLY: Final = frozenset({"createdAt", "updatedAt"})
_FORMATS: Final = {".csv": "csv", ".ndjson": "ndjson", ".jsonl": "ndjson"}


def format_of(file: Path | None, named: str | None) -> str:
    """Return the format: as named, else by suffix; NDJSON for stdout, as it can hold everything."""
    if named:
        return one_of("--format", named, ("csv", "ndjson"))
    if file is None:
        return "ndjson"
    if form := _FORMATS.get(file.suffix.lower()):
        return form
    raise ArgumentError(f"{file} is neither .csv nor .ndjson: give --format csv or --format ndjson")


class Sink(Protocol):
    """Takes texts."""

    def write(self, text: str, /) -> object:
        """Take a text that goes on where the last one ended."""


class Columns:
    """Names of a company's custom fields.

    Each is a name that `FieldRegistry.payload` takes for that field alone.
    """

    def __init__(self, registry: FieldRegistry) -> None:
        self._registry = registry
        self.names = {str(raw.get("id")): self._best(raw) for raw in registry.raw}
        self.header = [*FIXED, *self.names.values()]

    def _best(self, raw: Mapping[str, Any]) -> str:
        names = (str(raw.get("defaultId")), str(raw.get("label")))
        return next(
            (name for name in names if name not in FIXED and self._find(name) == raw),
            str(raw.get("id")),
        )

    def _find(self, name: str) -> Mapping[str, Any]:
        try:
            return self._registry.find(name).raw
        except ArgumentError:
            return {}

    def check(self, file: Path, names: Iterable[str]) -> None:
        """Refuse columns that are no custom fields, all of them in one error.

        Args:
            file: that has the columns, for the message.
            names: of the columns that are to become custom fields.

        Raises:
            ArgumentError: names each, with the fields that are called almost so; or the columns
                that are one field.
        """
        names = list(names)
        wrong = {name: hint for name in names if (hint := self._misfit(name)) is not None}
        if not wrong:
            self._check_twins(file, names)
            return
        listed = ", ".join(f"{name!r}{hint}" for name, hint in wrong.items())
        options = " ".join(f"--ignore-column {quoted(name)}" for name in wrong)
        raise ArgumentError(
            f"{file} has columns that are no custom fields: {listed}. Nothing was sent. "
            f"Correct the header (fields list shows all names), or leave them out: {options}"
        )

    def _check_twins(self, file: Path, names: Sequence[str]) -> None:
        """Refuse columns that are one custom field, as no row could be sent with both."""
        by_field: dict[str, list[str]] = {}
        for name in names:
            by_field.setdefault(str(self._find(name).get("id")), []).append(name)
        twins = [same for same in by_field.values() if len(same) > 1]
        if not twins:
            return
        listed = "; ".join(" and ".join(map(repr, same)) for same in twins)
        options = " ".join(f"--ignore-column {quoted(name)}" for same in twins for name in same[1:])
        raise ArgumentError(
            f"{file} has columns that are one custom field: {listed}. Nothing was sent. "
            f"Leave out all but one, such as by {options}"
        )

    def _misfit(self, name: str) -> str | None:
        """Return a hint at what may be meant by a name that is not the name of one field."""
        try:
            self._registry.find(name)
        except UnknownFieldError as error:
            return f" (closest: {', '.join(error.closest)})" if error.closest else ""
        except AmbiguousFieldError as error:
            return f" (one of the ids {', '.join(error.ids)})"
        return None

    def value(self, name: str, cell: object) -> object:
        """Read the JSON list that a cell of CSV holds for a field of several values.

        Other cells stay as they are.
        """
        if (
            isinstance(cell, str)
            and cell.startswith("[")
            and self._find(name).get("isMultiple") is True
        ):
            with suppress(ValueError):
                return json.loads(cell)
        return cell

    def record(self, customer: Customer) -> dict[str, Any]:
        """Return what a customer holds, by column.

        Values are texts that `FieldRegistry.payload` writes as they were.
        """
        row = {key: customer.raw.get(key) for key in FIXED}
        for entry in filter(lambda entry: isinstance(entry, Mapping), customer.customfields.raw):
            key = str(entry.get("id"))
            row.setdefault(self.names.get(key, key), self._value(key, entry))
        return row

    def _value(self, key: str, entry: Mapping[str, Any]) -> object:
        value = entry.get("values") or entry.get("value")
        return (
            self._phone(key, value) if isinstance(value, str) and value.startswith("{") else value
        )

    def _phone(self, key: str, wire: str) -> str:
        """Return the number alone, if the rest follows from it."""
        try:
            number = json.loads(wire)["phone"]
            return (
                number
                if self._registry.payload({key: number}) == [{"id": key, "value": wire}]
                else wire
            )
        except (LookupError, TypeError, ValueError):
            return wire


@frozen
class Layout:
    """How an export looks.

    Attributes:
        form: ``csv`` or ``ndjson``.
        delimiter: between the cells of CSV.
        bom: whether a byte order mark begins the CSV, by which Excel knows UTF-8.
    """

    form: str
    delimiter: str = ","
    bom: bool = False

    def beginning(self, columns: Columns) -> str:
        """Return what stands before the first row: the header of CSV."""
        if self.form != "csv":
            return ""
        out = io.StringIO()
        csv.writer(out, delimiter=self.delimiter).writerow(columns.header)
        return ("\ufeff" if self.bom else "") + out.getvalue()


def writer(out: Sink, layout: Layout, columns: Columns) -> Callable[[Mapping[str, Any]], set[str]]:
    """Return a function that writes a row, and returns the names that have no column."""
    lines = csv.writer(out, delimiter=layout.delimiter)

    def write_csv(row: Mapping[str, Any]) -> set[str]:
        lines.writerow([cell(row.get(name)) for name in columns.header])
        return row.keys() - columns.header

    def write_ndjson(row: Mapping[str, Any]) -> set[str]:
        out.write(json.dumps(row, ensure_ascii=False) + "\n")
        return set()

    return write_csv if layout.form == "csv" else write_ndjson


def quoted(name: str) -> str:
    """Write a name as a shell takes it, always in quotes, by which it is known for data."""
    text = shlex.quote(name)
    return text if text.startswith("'") else f"'{text}'"


def cell(value: object) -> str:
    """Write a value as text; what is no text as JSON."""
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def writable(row: Mapping[str, Any], key: str, columns: Columns, *, blanks: bool) -> dict[str, Any]:
    """Return the columns of a row that an import can write.

    Args:
        row: as it was read.
        key: the column that tells customers apart; it is always written.
        columns: of the company.
        blanks: whether blank texts are written, which clear their fields.
    """
    return {
        name: columns.value(name, value)
        for name, value in row.items()
        if name == key or not (name in READ_ONLY or (value == "" and not blanks))
    }
