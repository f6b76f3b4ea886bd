"""What an import reports about its rows, as plain values.

`_bulk` makes them. They are defined here because an error carries a report.
"""

from __future__ import annotations

from typing import Final, Literal

from attrs import field, frozen

OutcomeKind = Literal["created", "updated", "accepted", "rejected", "unknown", "invalid", "valid"]
"""What became of a row. Each row has exactly one:

- ``invalid``: something is wrong with it, so it was not sent.
- ``created``, ``updated``, ``rejected``: the API's answer says so and names this row, or answers a
  request with this row alone.
- ``accepted``: the answer to its request reports success, and says nothing more about the row.
- ``unknown``: no answer came, or one that counts failures without naming each row. The row may have
  been imported.
- ``valid``: a dry run found nothing wrong with it.
"""
PROBLEMS_KEPT: Final = 1000
"""How many problems a report holds. Iterating over the import yields all of them."""

_OUTCOMES: Final = ("created", "updated", "accepted", "valid", "rejected", "unknown", "invalid")
"""In the order in which a report is written out."""
_AFTERWARDS: Final = ("verified", "mismatched", "missing", "absent")
_BAD: Final = ("rejected", "unknown", "invalid", "mismatched", "missing", "absent")


@frozen
class RowProblem:
    """What is wrong with a row.

    Attributes:
        number: the row's number, counted from 1.
        reason: what is wrong, in words.
        column: the column that is wrong, or None when the row as a whole is.
    """

    number: int
    reason: str
    column: str | None = None

    def __str__(self) -> str:
        column = "" if self.column is None else f", column {self.column!r}"
        return f"row {self.number}{column}: {self.reason}"


@frozen
class RowOutcome:
    """What became of one row.

    Attributes:
        number: the row's number, counted from 1.
        outcome: see `OutcomeKind`.
        key: the row's ``importCustomerId``, or None when it has none.
        problems: why it is ``invalid``, ``rejected`` or ``unknown``; empty otherwise.
        row: the row as the caller passed it.
        resumed: True when the outcome is that of an earlier run, read from the checkpoint; the row
            was not sent again.
    """

    number: int
    outcome: OutcomeKind
    key: str | None = None
    problems: tuple[RowProblem, ...] = ()
    row: object = field(default=None, repr=False)
    resumed: bool = False


@frozen(kw_only=True)
class ImportReport:
    """How many rows had each `OutcomeKind`. Its size is constant, however many rows there were.

    Attributes:
        resumed: how many of the rows counted by outcome have it from an earlier run, read from the
            checkpoint. They were not sent again.
        requests: import requests that were made; one that had to be repeated counts once.
        verified: rows that were read back as they were sent.
        mismatched: rows that were read back with another value in some column.
        missing: rows that were sent, but not found when all customers were read.
        absent: rows that the checkpoint has after the last row of this input. An earlier run sent
            them, so the input has become shorter. They have no outcome here.
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
    absent: int = 0
    problems: tuple[RowProblem, ...] = field(default=(), repr=False)

    @property
    def rows(self) -> int:
        """Rows that have an outcome."""
        return sum(getattr(self, name) for name in _OUTCOMES)

    @property
    def ok(self) -> bool:
        """Whether there is nothing to act on.

        False when a row is rejected, unknown, invalid, mismatched, missing or absent.
        """
        return not any(getattr(self, name) for name in _BAD)

    def __str__(self) -> str:
        resumed = f" ({self.resumed:,} by an earlier run)" if self.resumed else ""
        counts = ", ".join(self._counts()) or "nothing to do"
        return f"{self.rows:,} rows{resumed} in {self.requests:,} requests: {counts}"

    def _counts(self) -> list[str]:
        numbers = {name: getattr(self, name) for name in (*_OUTCOMES, *_AFTERWARDS)}
        return [f"{number:,} {name}" for name, number in numbers.items() if number]
