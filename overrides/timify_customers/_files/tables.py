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
"""Columns that are not custom fields."""
READ_ONLY: Final = frozenset({"createdAt", "updatedAt"})
_FORMATS: Final = {".csv": "csv", ".ndjson": "ndjson", ".jsonl": "ndjson"}


def format_of(file: Path | None, named: str | None) -> str:
    """Return the format, as named or by suffix. For stdout it is NDJSON, which holds anything."""
    if named:
        return one_of("--format", named, ("csv", "ndjson"))
    if file is None:
        return "ndjson"
    if form := _FORMATS.get(file.suffix.lower()):
        return form
    raise ArgumentError(f"{file} is neither .csv nor .ndjson: give --format csv or --format ndjson")


class Sink(Protocol):
    """Anything that texts can be written to."""

    def write(self, text: str, /) -> object:
        """Write a text, which continues where the last one ended."""


class Columns:
    """Names of a company's custom fields.

    Each is a name that `FieldRegistry.payload` accepts for that field alone.
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
        """Refuse columns that are not custom fields, all of them in one error.

        Args:
            file: the file with the columns, for the message.
            names: the names of the columns that are to become custom fields.

        Raises:
            ArgumentError: names each such column with the fields of similar name, or the columns
                that mean the same field.
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
        """Refuse columns that mean the same custom field, as no row could be sent with both."""
        by_field: dict[str, list[str]] = {}
        for name in names:
            by_field.setdefault(str(self._find(name).get("id")), []).append(name)
        twins = [names_of_one for names_of_one in by_field.values() if len(names_of_one) > 1]
        if not twins:
            return
        listed = "; ".join(" and ".join(map(repr, names_of_one)) for names_of_one in twins)
        options = " ".join(
            f"--ignore-column {quoted(name)}" for names_of_one in twins for name in names_of_one[1:]
        )
        raise ArgumentError(
            f"{file} has columns that are one custom field: {listed}. Nothing was sent. "
            f"Leave out all but one, such as by {options}"
        )

    def _misfit(self, name: str) -> str | None:
        """Return a hint at what a name may mean, or None if it is the name of exactly one field."""
        try:
            self._registry.find(name)
        except UnknownFieldError as error:
            return f" (closest: {', '.join(error.closest)})" if error.closest else ""
        except AmbiguousFieldError as error:
            return f" (one of the ids {', '.join(error.ids)})"
        return None

    def value(self, name: str, cell: object) -> object:
        """Read the JSON list that a CSV cell holds for a field with several values.

        Other cells are returned as they are.
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
        """Return the values of a customer by column.

        They are texts that `FieldRegistry.payload` turns back into the same entries.
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
        """Return only the number, if the rest follows from it."""
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
        """Return what comes before the first row: the header of CSV."""
        if self.form != "csv":
            return ""
        out = io.StringIO()
        csv.writer(out, delimiter=self.delimiter).writerow(columns.header)
        return ("\ufeff" if self.bom else "") + out.getvalue()


def writer(out: Sink, layout: Layout, columns: Columns) -> Callable[[Mapping[str, Any]], set[str]]:
    """Return a function that writes a row and returns the names that have no column."""
    lines = csv.writer(out, delimiter=layout.delimiter)

    def write_csv(row: Mapping[str, Any]) -> set[str]:
        lines.writerow([cell(row.get(name)) for name in columns.header])
        return row.keys() - columns.header

    def write_ndjson(row: Mapping[str, Any]) -> set[str]:
        out.write(json.dumps(row, ensure_ascii=False) + "\n")
        return set()

    return write_csv if layout.form == "csv" else write_ndjson


def quoted(name: str) -> str:
    """Quote a name for a shell, always with quotes, so that messages show it as data."""
    text = shlex.quote(name)
    return text if text.startswith("'") else f"'{text}'"


def cell(value: object) -> str:
    """Write a value as text; anything but a string as JSON."""
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def writable(row: Mapping[str, Any], key: str, columns: Columns, *, blanks: bool) -> dict[str, Any]:
    """Return the columns of a row that an import can write.

    Args:
        row: the row as it was read.
        key: the column that tells customers apart, which is always written.
        columns: the columns of the company.
        blanks: whether blank texts are written, which clears their fields.
    """
    return {
        name: columns.value(name, value)
        for name, value in row.items()
        if name == key or not (name in READ_ONLY or (value == "" and not blanks))
    }
