"""Reads customers back, to see whether they show the values that an import sent.

The values that were sent are kept in a temporary table of the store, which ends with the import, so
that memory does not grow with the rows. All customers of the company are listed once. A customer
belongs to a row if it has the same ``id``, ``externalId`` or value of a named custom field. It
shows the row if it has each value that was sent.

An example, with ``verify="externalId"``::

    row 1 sent      {"externalId": "x1", "f-name": "Ada", "f-email": ""}
    customer shows  {"externalId": "x1", "f-name": "Ada", "f-city": "Bern"}   verified
    row 2 sent      {"externalId": "x2", "f-name": "Eve"}
    customer shows  {"externalId": "x2", "f-name": "Ada"}                     mismatched: f-name
    row 3 sent      {"externalId": "x3"}, and no customer has it              missing
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from attrs import evolve

from .._base.entries import texts_by_field
from .._base.errors import ArgumentError
from .._base.reports import PROBLEMS_KEPT, ImportReport, RowOutcome, RowProblem
from .checkpoint import Store
from .rows import Payload, Row

_IDENTIFIERS: Final = ("id", "externalId")
_TABLE: Final = """create temp table if not exists sent
(number integer primary key, found_by text, sent text, shown integer, wrong text)"""
"""A row as it was sent.

``found_by``: the text by which its customer is found. ``shown``: null while no such customer was
seen, 0 if none of those seen shows the row, 1 if one does. ``wrong``: the first field in which the
last of them differs.
"""
_STATES: Final = {"verified": 1, "mismatched": 0, "missing": None}
_OTHER: Final = "read back with another value than was sent"
_MISSING: Final = "sent, but not found when all customers were read"


class Verifier:
    """Remembers the values that were sent, and compares customers with them."""

    def __init__(self, store: Store, column: str) -> None:
        self._store = store
        self._column = column
        self._field = column if column in _IDENTIFIERS else ""
        self._column_names: dict[str, str] = {}
        self._begun = False

    def prepare(self, rows: Sequence[Row], payload: Payload | None) -> None:
        """Find out how rows that are about to be sent can be found again.

        Raises:
            ArgumentError: none of the first rows has a value by which to find it. Nothing was sent.
        """
        for row in rows:
            self._column_names.update(_column_names(row))
        if not self._field and payload:
            self._field = self._find_field(rows, payload)
        if rows and not self._begun:
            self._check_findable(rows)
            self._begun = True

    def _find_field(self, rows: Sequence[Row], payload: Payload) -> str:
        """Encode the column's first value and return the id of its field, or "" without one."""
        for row in rows:
            if value := row.columns.get(self._column):
                (entry,) = payload({self._column: value})
                return str(entry["id"])
        return ""

    def _check_findable(self, rows: Sequence[Row]) -> None:
        if not any(_texts(row.wire).get(self._field) for row in rows):
            raise ArgumentError(
                f"verify={self._column!r}: no row carries it, so none could be read back by it"
            )

    async def remember(self, rows: Sequence[Row], outcomes: Sequence[RowOutcome]) -> None:
        """Record which of the rows should be there, judging by their outcomes."""
        expected = {outcome.number for outcome in outcomes if outcome.outcome != "rejected"}
        texts_by_row = {row.number: _texts(row.wire) for row in rows if row.number in expected}
        values = [
            (number, texts.get(self._field), json.dumps(texts))
            for number, texts in texts_by_row.items()
        ]
        await self._store.run(_note, values)

    async def compare(self, customers: Sequence[Mapping[str, Any]]) -> None:
        """Compare customers, as JSON, with the rows to which they belong."""
        shown = [_texts(customer) for customer in customers]
        await self._store.run(_compare, [(texts.get(self._field), texts) for texts in shown])

    async def sum_up(self, report: ImportReport) -> ImportReport:
        """Return the report with the results of the comparison."""
        counts, wrong = await self._store.run(_sum_up)
        problems = [self._problem(*row) for row in wrong]
        return evolve(
            report,
            problems=(*report.problems, *problems)[:PROBLEMS_KEPT],
            **{name: counts.get(state, 0) for name, state in _STATES.items()},
        )

    def _problem(self, number: int, shown: int | None, field: str | None) -> RowProblem:
        reason = _MISSING if shown is None else _OTHER
        column = self._column if field is None else self._column_names.get(field, field)
        return RowProblem(number, reason, column)


def _texts(customer: Mapping[str, Any]) -> dict[str, str]:
    """Return the texts of a customer, or of a row as it was sent, by field id.

    They include its ``id`` and ``externalId``.
    """
    identifiers = {key: str(customer[key] or "") for key in _IDENTIFIERS if key in customer}
    return {**identifiers, **texts_by_field(customer)}


def _column_names(row: Row) -> Iterator[tuple[str, str]]:
    """Pair field ids with the columns from which they were made, which are in the same order."""
    entries = row.wire.get("customfields", ())
    return zip((entry["id"] for entry in entries), row.columns, strict=False)


def _note(database: sqlite3.Connection, rows: Sequence[tuple[object, ...]]) -> None:
    database.execute(_TABLE)
    database.executemany("insert into sent (number, found_by, sent) values (?, ?, ?)", rows)


def _compare(
    database: sqlite3.Connection, customers: Sequence[tuple[str | None, Mapping[str, str]]]
) -> None:
    database.execute("create index if not exists temp.found on sent (found_by)")
    query = "select number, sent from sent where found_by = ? and shown is not true"
    update = "update sent set shown = ?, wrong = ? where number = ?"
    for found_by, shown in customers:
        # An empty text matches no row, and neither does null.
        for number, sent_json in database.execute(query, (found_by or None,)).fetchall():
            wrong = _first_difference(json.loads(sent_json), shown)
            database.execute(update, (wrong is None, wrong, number))


def _first_difference(expected: Mapping[str, str], shown: Mapping[str, str]) -> str | None:
    """Return the first field in which a customer differs. A field that it lacks counts as empty."""
    different = (name for name, text in expected.items() if shown.get(name, "") != text)
    return next(different, None)


def _sum_up(
    database: sqlite3.Connection,
) -> tuple[dict[int | None, int], list[tuple[int, int | None, str | None]]]:
    counts = dict(database.execute("select shown, count(*) from sent group by shown").fetchall())
    query = "select number, shown, wrong from sent where shown is not true order by number limit ?"
    return counts, database.execute(query, (PROBLEMS_KEPT,)).fetchall()
