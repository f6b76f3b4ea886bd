"""Customers as rows of CSV or NDJSON, named by field, and back."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, TextIO

from .. import ArgumentError, Customer, FieldRegistry
from ._durable import Rows

FIXED: Final = ("id", "externalId", "createdAt", "updatedAt")
READ_ONLY: Final = frozenset({"createdAt", "updatedAt"})
_FORMATS: Final = {".csv": "csv", ".ndjson": "ndjson", ".jsonl": "ndjson"}


def format_of(file: Path | None, named: str | None) -> str:
    """Return the format: as named, else by suffix; NDJSON for stdout, as it can hold everything."""
    form = named or ("ndjson" if file is None else _FORMATS.get(file.suffix.lower()))
    if form not in {"csv", "ndjson"}:
        raise ArgumentError(
            f"{f'--format {named!r}' if named else file} is neither csv nor ndjson: give --format"
        )
    return form


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


def writer(
    out: Rows, form: str, columns: Columns, *, header: bool
) -> Callable[[Mapping[str, Any]], set[str]]:
    """Return a function that writes a row, and returns the names that have no column."""
    lines = csv.writer(out)
    if header and form == "csv":
        lines.writerow(columns.header)

    def write_csv(row: Mapping[str, Any]) -> set[str]:
        lines.writerow([cell(row.get(name)) for name in columns.header])
        return row.keys() - columns.header

    def write_ndjson(row: Mapping[str, Any]) -> set[str]:
        out.write(json.dumps(row, ensure_ascii=False) + "\n")
        return set()

    return write_csv if form == "csv" else write_ndjson


def cell(value: object) -> str:
    """Write a value as text; what is no text as JSON."""
    return (
        value
        if isinstance(value, str)
        else ""
        if value is None
        else json.dumps(value, ensure_ascii=False)
    )


def read(file: Path, form: str, delimiter: str = ",") -> Iterator[dict[str, Any]]:
    """Give the rows of a file, in constant memory.

    Raises:
        ArgumentError: the file is not of its format; says in which line.
    """
    with file.open(encoding="utf-8-sig", newline="" if form == "csv" else None) as lines:
        try:
            yield from _csv(lines, delimiter) if form == "csv" else _ndjson(lines)
        except UnicodeDecodeError as error:
            raise ArgumentError(f"{file} is not UTF-8: {error}") from None
        except (csv.Error, RecursionError, TypeError, ValueError) as error:
            raise ArgumentError(f"{file}: {error}") from None


def check(file: Path, form: str, delimiter: str, key: str) -> int:
    """Count the rows of a file, all of which `read` can then give; raise ArgumentError when it could not."""
    total = 0
    for row in read(file, form, delimiter):
        total += 1
        if form == "csv" and key not in row:
            raise ArgumentError(f"{file} has no column {key!r}; it has {', '.join(map(repr, row))}")
    return total


def _csv(lines: TextIO, delimiter: str) -> Iterator[dict[str, Any]]:
    csv.field_size_limit(2**31 - 1)
    rows = csv.reader(lines, delimiter=delimiter, strict=True)
    header = next(rows, [])
    if double := {name for name in header if name and header.count(name) > 1}:
        raise ValueError(f"several columns have the name {', '.join(sorted(map(repr, double)))}")
    for cells in filter(None, rows):
        if len(cells) != len(header):
            raise ValueError(
                f"line {rows.line_num} has {len(cells)} cells, the header {len(header)}"
            )
        if any(it for name, it in zip(header, cells, strict=True) if not name):
            raise ValueError(f"line {rows.line_num} has a value in a column without a name")
        yield {name: it for name, it in zip(header, cells, strict=True) if name}


def _ndjson(lines: TextIO) -> Iterator[dict[str, Any]]:
    for number, line in enumerate(lines, 1):
        if line.strip():
            try:
                row = json.loads(line)
            except ValueError as error:
                raise ValueError(f"line {number} is not JSON: {error}") from None
            if not isinstance(row, dict):
                raise ValueError(f"line {number} is no JSON object")
            yield row


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
