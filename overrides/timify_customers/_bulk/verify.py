"""Reading back: whether customers show what the rows of an import said.

What was sent lies in a temporary table of the store, which ends with the import, so that memory
does not grow with the rows. All customers of the company are listed once. A customer is that of a
row when it has the same ``id``, ``externalId`` or value of a named custom field; it shows the row
when each value that was sent is there.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any

from attrs import evolve

from .._base.errors import ArgumentError
from .._base.reports import PROBLEMS_KEPT, ImportReport, RowOutcome, RowProblem
from .checkpoint import Store
from .rows import Payload, Row

_TABLE = """create temp table if not exists sent
(number integer primary key, found_by text, sent text, shown integer, wrong text)"""
_STATES = {"verified": 1, "mismatched": 0, "missing": None}
_OTHER = "read back with another value than was sent"
_MISSING = "sent, but not found when all customers were read"


def values(customer: Mapping[str, Any]) -> dict[str, str]:
    """Give the values of a customer, or of a row of the wire, by field id, with its ``id`` and ``externalId``."""
    fields = customer.get("fields") or customer.get("customfields")
    found = {key: str(customer[key] or "") for key in ("id", "externalId") if key in customer}
    for entry in fields if isinstance(fields, list) else ():
        if isinstance(entry, Mapping) and isinstance(entry.get("id"), str):
            found[entry["id"]] = str(entry.get("value") or entry.get("values") or "")
    return found


class Verifier:
    """Remembers what was sent, and holds customers against it."""

    def __init__(self, store: Store, column: str) -> None:
        self._store = store
        self._column = column
        self._field = column if column in {"id", "externalId"} else ""
        self._names: dict[str, str] = {}
        self._begun = False

    def prepare(self, rows: Sequence[Row], payload: Payload | None) -> None:
        """Look how rows that are about to be sent can be found again.

        Raises:
            ArgumentError: none of the first has what they are to be found by. Nothing was sent.
        """
        for row in rows:
            self._names.update(
                zip(
                    (it["id"] for it in row.wire.get("customfields", ())), row.columns, strict=False
                )
            )
        if not self._field and payload:
            given = (row.columns.get(self._column) for row in rows)
            self._field = next(
                (payload({self._column: value})[0]["id"] for value in given if value), ""
            )
        if rows and not self._begun and not any(values(row.wire).get(self._field) for row in rows):
            raise ArgumentError(
                f"verify={self._column!r}: no row carries it, so none could be read back by it"
            )
        self._begun = self._begun or bool(rows)

    async def remember(self, rows: Sequence[Row], found: Sequence[RowOutcome]) -> None:
        """Note the rows that should be there, by what became of them."""
        wanted = {it.number for it in found if it.outcome != "rejected"}
        sent = [(row.number, values(row.wire)) for row in rows if row.number in wanted]
        await self._store.run(
            _note, [(number, it.get(self._field), json.dumps(it)) for number, it in sent]
        )

    async def compare(self, customers: Sequence[Mapping[str, Any]]) -> None:
        """Hold customers against the rows that are found by them."""
        await self._store.run(
            _compare, [(it.get(self._field), it) for it in map(values, customers)]
        )

    async def sum_up(self, report: ImportReport) -> ImportReport:
        """Add to the report what was seen."""
        counts, wrong = await self._store.run(_sum_up)
        problems = [
            RowProblem(
                number,
                _MISSING if shown is None else _OTHER,
                self._names.get(field, field) or self._column,
            )
            for number, shown, field in wrong
        ]
        found = {name: counts.get(state, 0) for name, state in _STATES.items()}
        return evolve(report, problems=(*report.problems, *problems)[:PROBLEMS_KEPT], **found)


def _note(database: sqlite3.Connection, rows: Sequence[tuple[object, ...]]) -> None:
    database.execute(_TABLE)
    database.executemany("insert into sent (number, found_by, sent) values (?, ?, ?)", rows)


def _compare(
    database: sqlite3.Connection, customers: Sequence[tuple[str | None, Mapping[str, str]]]
) -> None:
    database.execute("create index if not exists temp.found on sent (found_by)")
    for found_by, shown in customers:
        query = "select number, sent from sent where found_by = ? and shown is not true"
        for number, sent in database.execute(query, (found_by or None,)).fetchall():
            wrong = next(
                (name for name, text in json.loads(sent).items() if shown.get(name, "") != text),
                None,
            )
            database.execute(
                "update sent set shown = ?, wrong = ? where number = ?",
                (wrong is None, wrong, number),
            )


def _sum_up(
    database: sqlite3.Connection,
) -> tuple[dict[int | None, int], list[tuple[int, int | None, str]]]:
    counts = dict(database.execute("select shown, count(*) from sent group by shown").fetchall())
    query = "select number, shown, wrong from sent where shown is not true order by number limit ?"
    return counts, database.execute(query, (PROBLEMS_KEPT,)).fetchall()
