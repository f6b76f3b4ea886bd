"""From what is known of rows to their outcomes, and from outcomes to a report. Pure."""

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
    rows: Sequence[Row], verdicts: RowVerdicts, rest: OutcomeKind, reason: str | None = None
) -> list[RowOutcome]:
    """Return the outcome of each row: its verdict, or else ``rest``, for this ``reason``.

    An example: of three rows, with the verdicts ``{1: ("rejected", "bad email")}`` and the rest
    "accepted", the second is rejected with its reason, and the others are accepted.
    """
    return [outcome_of(row, *verdicts.get(place, (rest, reason))) for place, row in enumerate(rows)]


def outcome_of(row: Row, kind: OutcomeKind, reason: str | None = None) -> RowOutcome:
    """Return the outcome of one row, with a reason when it is rejected or unknown."""
    problems = row.problems
    if reason and kind in _WITH_REASON:
        problems = (RowProblem(row.number, reason),)
    return RowOutcome(row.number, kind, row.wire.get("importCustomerId"), problems, row.original)


def tally(report: ImportReport, outcomes: Sequence[RowOutcome], requests: int) -> ImportReport:
    """Count outcomes and requests, and keep the first problems."""
    new = Counter[str](outcome.outcome for outcome in outcomes)
    counts: dict[str, Any] = {name: getattr(report, name) + new[name] for name in new}
    counts["requests"] = report.requests + requests
    counts["resumed"] = report.resumed + sum(outcome.resumed for outcome in outcomes)
    counts["problems"] = _first_problems(report, outcomes)
    return evolve(report, **counts)


def _first_problems(report: ImportReport, outcomes: Sequence[RowOutcome]) -> tuple[RowProblem, ...]:
    """Keep as many problems as a report holds, in the order of rows.

    Chunks end in any order, so a later chunk may bring problems of earlier rows. Once the report is
    full, it stays as it is.
    """
    new = [problem for outcome in outcomes for problem in outcome.problems]
    if not new or len(report.problems) >= PROBLEMS_KEPT:
        return report.problems
    in_order = sorted((*report.problems, *new), key=lambda problem: problem.number)
    return tuple(in_order[:PROBLEMS_KEPT])
