"""Bulk import: rows checked, cut into chunks, sent one after the other.

``POST /v1/customers/import`` creates or updates by ``importCustomerId`` or ``id`` (documented). Its body's wrapper is
inferred and its answer is not known, so a row of a chunk that was answered with success is ``accepted``, no more.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from typing import Any

from attrs import evolve, field, frozen

from ._answers import Operation
from ._customfields import FieldRegistry
from ._errors import ArgumentError, ArgumentTypeError, ImportInterruptedError, PayloadError, TimifyError
from ._options import Formats, check_id, check_text
from ._view import View
from ._wire import models

_IMPORT = Operation("import_customers", data="any", writes=True)


@frozen
class InvalidRow:
    """A row that was not sent: its number (the first row is 1), the row itself, and what is wrong with it."""

    number: int
    row: object = field(repr=False)
    problems: tuple[str, ...]


@frozen
class ImportReport:
    """What became of the rows. ``accepted`` were in ``chunks`` that the API answered with success."""

    accepted: int = 0
    chunks: int = 0
    invalid: tuple[InvalidRow, ...] = ()


class _Checker:
    """Makes wire rows; remembers the keys it has seen."""

    def __init__(self, key: str, formats: Formats) -> None:
        self._key, self._formats = key, formats
        self._seen: dict[str, int] = {}

    def columns(self, row: object) -> dict[Any, object]:
        """Give the columns of a row that are custom fields."""
        if not isinstance(row, Mapping):
            return {}
        return {name: value for name, value in row.items() if name not in {self._key, "id", "externalId"}}

    def wire(self, number: int, row: object, definitions: FieldRegistry | None) -> dict[str, Any]:
        """Make one wire row, or raise an ArgumentError that lists what is wrong."""
        if not isinstance(row, Mapping):
            raise ArgumentError(f"a row must be a mapping, not {type(row).__name__}")
        problems: list[ArgumentError] = []
        result: dict[str, Any] = {}
        try:
            result["importCustomerId"] = self._unique(number, row.get(self._key))
        except ArgumentError as error:
            problems.append(error)
        for name in ("id", "externalId"):
            if name != self._key and (value := row.get(name)) not in (None, ""):
                try:
                    result[name] = check_id(name, value)
                except (ArgumentError, ArgumentTypeError) as error:
                    problems.append(ArgumentError(str(error)))
        try:
            result["customfields"] = definitions.payload(self.columns(row), self._formats) if definitions else []
        except PayloadError as error:
            problems.extend(error.problems)
        except ArgumentError as error:
            problems.append(error)
        PayloadError.raise_for(problems)
        return result

    def _unique(self, number: int, key: object) -> str:
        if not isinstance(key, str) or not key.strip():
            raise ArgumentError(f"the row has no key: {self._key!r} must be a string that is not blank")
        check_text(self._key, key)
        if (first := self._seen.setdefault(key, number)) != number:
            raise ArgumentError(f"row {first} has the same key {key!r}")
        return key


async def run_import(view: View, rows: Iterable[Mapping[str, object]], key: str, size: int) -> ImportReport:
    """Check and send all rows; see `Customers.import_many`."""
    if isinstance(rows, (str, bytes, Mapping)) or not hasattr(rows, "__iter__"):
        raise ArgumentTypeError(f"rows must be an iterable of mappings, not {type(rows).__name__}")
    checker, report, definitions = _Checker(key, view.settings.formats), ImportReport(), None
    numbered = enumerate(rows, 1)
    while chunk := list(itertools.islice(numbered, size)):
        if definitions is None and any(checker.columns(row) for _, row in chunk):
            definitions = await view.registry(view.deadline())
        valid, invalid = _sorted_out(checker, chunk, definitions)
        report = evolve(report, invalid=report.invalid + tuple(invalid))
        if valid:
            await _send(view, valid, report)
            report = evolve(report, accepted=report.accepted + len(valid), chunks=report.chunks + 1)
    return report


def _sorted_out(
    checker: _Checker, chunk: list[tuple[int, Any]], definitions: FieldRegistry | None
) -> tuple[dict[int, dict[str, Any]], list[InvalidRow]]:
    valid: dict[int, dict[str, Any]] = {}
    invalid: list[InvalidRow] = []
    for number, row in chunk:
        try:
            valid[number] = checker.wire(number, row, definitions)
        except ArgumentError as error:
            problems = error.problems if isinstance(error, PayloadError) else (error,)
            invalid.append(InvalidRow(number, row, tuple(map(str, problems))))
    return valid, invalid


async def _send(view: View, valid: dict[int, dict[str, Any]], report: ImportReport) -> None:
    body = models.CustomerImport.from_dict({"customers": list(valid.values())})
    try:
        await view.call(_IMPORT, body=body)
    except TimifyError as error:
        raise ImportInterruptedError(
            f"the import stopped at rows {min(valid)} to {max(valid)}, after {report.accepted} accepted rows: {error}",
            report=report,
            pending=tuple(valid),
        ) from error
