"""What an import reports of its rows: values, without a way to get more of them.

`_bulk` makes them. They lie here because an error carries a report.
"""

from __future__ import annotations

from typing import Final, Literal

from attrs import field, frozen

OutcomeKind = Literal["created", "updated", "accepted", "rejected", "unknown", "invalid", "valid"]
"""What became of a row. Each row has exactly one:

- ``invalid``: it is wrong, so it was not sent.
- ``created``, ``updated``, ``rejected``: the API's answer says so of this row by name, or is to a
  request of this row alone.
- ``accepted``: it was in a request that was answered with success, and the answer says no more.
- ``unknown``: no answer came, or one that counts failures without naming each row. The row may have
  been imported.
- ``valid``: a dry run found nothing wrong with it.
"""
PROBLEMS_KEPT: Final = 1000
"""Problems that a report holds. Iterating over the import yields all of them."""

_OUTCOMES: Final = ("created", "updated", "accepted", "valid", "rejected", "unknown", "invalid")
"""In the order in which a report is written out."""
_AFTERWARDS: Final = ("verified", "mismatched", "missing", "absent")
_BAD: Final = ("rejected", "unknown", "invalid", "mismatched", "missing", "absent")


@frozen
class RowProblem:
    """What is wrong with a row.

    Attributes:
        number: of the row; the first is 1.
        reason: in words.
        column: the one that is wrong, or None when the row as a whole is.
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
        number: of the row; the first is 1.
        outcome: see `OutcomeKind`.
        key: the row's ``importCustomerId``, or None when it has none.
        problems: why it is ``invalid``, ``rejected`` or ``unknown``; empty otherwise.
        row: what the caller gave.
        resumed: the outcome is that of an earlier run, from the checkpoint: the row was not sent
            again.
    """

    number: int
    outcome: OutcomeKind
    key: str | None = None
    problems: tuple[RowProblem, ...] = ()
    row: object = field(default=None, repr=False)
    resumed: bool = False


@frozen(kw_only=True)
class ImportReport:
    """How many rows had each `OutcomeKind`; of constant size, however many rows there were.

    Attributes:
        resumed: rows, among those counted by outcome, that have their outcome from an earlier run,
            by the checkpoint. They were not sent again.
        requests: import requests that were made; one that had to be repeated counts once.
        verified: rows that were read back as they were sent.
        mismatched: rows that were read back with another value in some column.
        missing: rows that were sent, but not found when all customers were read.
        absent: rows that the checkpoint has behind the last row that there is now. An earlier run
            sent them, so the input has become shorter. They have no outcome here.
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
