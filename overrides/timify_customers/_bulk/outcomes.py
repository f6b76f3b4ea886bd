"""Turns rows and verdicts into outcomes, and outcomes into a report. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

from attrs import evolve

from .._base.reports import PROBLEMS_KEPT, ImportReport, OutcomeKind, RowOutcome, RowProblem
from .rows import Row
from .verdicts import RowVerdicts

_WITH_REASON: Final = frozenset({"rejected", "unknown"})


def outcomes_of(
    rows: Sequence[Row], verdicts: RowVerdicts, default: OutcomeKind, reason: str | None = None
) -> list[RowOutcome]:
    """Return the outcome of each row: its verdict, or else ``default`` for this ``reason``.

    An example: for three rows, the verdicts ``{1: ("rejected", "bad email")}`` and the default
    "accepted", the second row is rejected with its reason, and the others are accepted.
    """
    return [
        outcome_of(row, *verdicts.get(place, (default, reason))) for place, row in enumerate(rows)
    ]


def outcome_of(row: Row, kind: OutcomeKind, reason: str | None = None) -> RowOutcome:
    """Return the outcome of one row, with a reason if it is rejected or unknown."""
    problems = row.problems
    if reason and kind in _WITH_REASON:
        problems = (RowProblem(row.number, reason),)
    return RowOutcome(row.number, kind, row.wire.get("importCustomerId"), problems, row.original)


def tally(report: ImportReport, outcomes: Sequence[RowOutcome], requests: int) -> ImportReport:
    """Count outcomes and requests, and keep the first problems."""
    new_counts = Counter[str](outcome.outcome for outcome in outcomes)
    counts: dict[str, Any] = {name: getattr(report, name) + new_counts[name] for name in new_counts}
    counts["requests"] = report.requests + requests
    counts["resumed"] = report.resumed + sum(outcome.resumed for outcome in outcomes)
    counts["problems"] = _first_problems(report, outcomes)
    return evolve(report, **counts)


def _first_problems(report: ImportReport, outcomes: Sequence[RowOutcome]) -> tuple[RowProblem, ...]:
    """Keep as many problems as a report may hold, in the order of rows.

    Chunks end in any order, so a later chunk may have problems of earlier rows. Once the report is
    full, it stays as it is.
    """
    new_problems = [problem for outcome in outcomes for problem in outcome.problems]
    if not new_problems or len(report.problems) >= PROBLEMS_KEPT:
        return report.problems
    in_order = sorted((*report.problems, *new_problems), key=lambda problem: problem.number)
    return tuple(in_order[:PROBLEMS_KEPT])
