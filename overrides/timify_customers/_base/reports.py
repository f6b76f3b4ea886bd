"""What an import says of its rows.

Its engine is the sub-package `bulk`, loaded by the first import.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Generator
from typing import TYPE_CHECKING, Any, Final, Literal

from attrs import field, frozen

if TYPE_CHECKING:
    from .._bulk.engine import Engine

Outcome = Literal["created", "updated", "accepted", "rejected", "unknown", "invalid", "valid"]
"""What became of a row, each row of one of these.

``invalid``: wrong, so not sent. ``created``, ``updated``, ``rejected``: the API's answer names the
row, or is to a request of this row alone. ``accepted``: it was in a request that was answered with
success, which is all that the answer says. ``unknown``: no answer came, or one that tells of
failures without naming each row, so it may have been done. ``valid``: a dry run found nothing wrong
with it.
"""
PROBLEMS_KEPT: Final = 1000
"""Problems that a report holds; the handle's iteration gives them all."""

_COUNTS: Final = ("created", "updated", "accepted", "valid", "rejected", "unknown", "invalid")
_READ_BACK: Final = ("verified", "mismatched", "missing")


@frozen
class RowProblem:
    """What is wrong with a row: its number (the first row is 1), the reason, and the column if it is of one."""

    number: int
    reason: str
    column: str | None = None

    def __str__(self) -> str:
        return f"row {self.number}{'' if self.column is None else f', column {self.column!r}'}: {self.reason}"


@frozen
class RowOutcome:
    """What became of one row. ``resumed``: the checkpoint knew it, and it was not sent again."""

    number: int
    outcome: Outcome
    key: str | None = None
    problems: tuple[RowProblem, ...] = ()
    row: object = field(default=None, repr=False)
    resumed: bool = False


@frozen(kw_only=True)
class ImportReport:
    """How many rows had each `Outcome`; of constant size, however many rows there were.

    Attributes:
        resumed: rows counted above that the checkpoint knew, so that they were not sent again.
        requests: import requests that were made; one that had to be repeated counts once.
        verified: rows read back as they were sent; ``mismatched`` ones were read otherwise,
            ``missing`` not at all.
        problems: the first 1,000 problems of rows.
    """

    created: int = 0
    updated: int = 0
    accepted: int = 0
    rejected: int = 0
    unknown: int = 0
    invalid: int = 0
    valid: int = 0
    resumed: int = 0
    requests: int = 0
    verified: int = 0
    mismatched: int = 0
    missing: int = 0
    problems: tuple[RowProblem, ...] = field(default=(), repr=False)

    @property
    def rows(self) -> int:
        """Rows that have an outcome."""
        return sum(getattr(self, name) for name in _COUNTS)

    @property
    def ok(self) -> bool:
        """Whether there is nothing to act on: no row rejected, unknown, invalid, mismatched or missing."""
        return not (
            self.rejected or self.unknown or self.invalid or self.mismatched or self.missing
        )

    def __str__(self) -> str:
        counts = [
            f"{number:,} {name}"
            for name in (*_COUNTS, *_READ_BACK)
            if (number := getattr(self, name))
        ]
        known = f" ({self.resumed:,} by an earlier run)" if self.resumed else ""
        return f"{self.rows:,} rows{known} in {self.requests:,} requests: {', '.join(counts) or 'nothing to do'}"


class ImportRun:
    """An import. It begins when it is awaited, which gives its report, or iterated, which gives
    each row's outcome.

    ``report = await run``, or ``async for outcome in run``. Leaving the loop or cancelling the task
    ends the import, and nothing is sent after; ``run.report`` says at any time how far it came.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @property
    def report(self) -> ImportReport:
        """What became of the rows so far."""
        return self._engine.report

    def __aiter__(self) -> AsyncIterator[RowOutcome]:
        return self._engine.outcomes()

    def __await__(self) -> Generator[Any, None, ImportReport]:
        return self._finish().__await__()

    async def _finish(self) -> ImportReport:
        async with contextlib.aclosing(self._engine.outcomes()) as outcomes:
            async for _ in outcomes:
                pass
        return self.report
