"""Which requests to make next for a chunk: it is halved until the bad rows are alone. Pure.

A row that is bad by itself costs at most 2·log2(n)+1 requests in a chunk of n rows: when the first
half of a refused part is taken, the bad row is in the second, which is then halved without being
sent whole.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final, Literal

from attrs import frozen

from .._base.errors import AmbiguousWriteError, ApiError
from .rows import Row

Verdict = Literal["refused", "too large", "lost", "stop"]

_REFUSALS: Final = frozenset({400, 413, 422})
_STOPS: Final = frozenset({401, 403, 404})


@frozen
class Part:
    """Rows of one request. ``proves``: when they are taken, a row of the part after them is bad."""

    rows: tuple[Row, ...]
    proves: bool = False


Todo = tuple[Part, ...]
"""Parts of a chunk that are still to be sent, in this order."""


def begin(rows: Collection[Row]) -> Todo:
    """Send rows that may be sent twice together, and each other by itself: none of these is ever sent again."""
    together = tuple(row for row in rows if row.key is not None)
    alone = tuple(Part((row,)) for row in rows if row.key is None)
    return ((Part(together),) if together else ()) + alone


def refusal(error: Exception) -> ApiError | None:
    """Give the refusal that an error is, or that came after answers to the same request were lost."""
    if isinstance(error, AmbiguousWriteError) and error.safe_to_repeat:
        cause = error.__cause__
        return cause if isinstance(cause, ApiError) and cause.status in _REFUSALS | _STOPS else None
    return error if isinstance(error, ApiError) else None


def judge(error: Exception, *, names_rows: bool) -> Verdict:
    """Say what the error of a request means for its rows; ``names_rows``: its body says which are bad."""
    refused = refusal(error)
    if refused is None:
        return "lost" if isinstance(error, AmbiguousWriteError) else "stop"
    if refused.status in _STOPS or not (names_rows or refused.status in _REFUSALS):
        return "stop"
    return "too large" if refused.status == 413 else "refused"  # noqa: PLR2004 - Content Too Large (RFC 9110, 15.5.14)


def after_success(todo: Todo, *, whole: bool) -> Todo:
    """Drop the first part, which was taken; as a ``whole``, or with rows of it named as rejected."""
    done, rest = todo[0], todo[1:]
    proven = done.proves and whole and len(rest[0].rows) > 1
    return _halves(rest[0], proves=True) + rest[1:] if proven else rest


def after_refusal(
    todo: Todo, named: Collection[int], verdict: Verdict
) -> tuple[tuple[Row, ...], Todo]:
    """Give the rows whose outcome is known, and what to send next; ``named``: places in the first part."""
    part, rest = todo[0], todo[1:]
    if len(part.rows) == 1:
        return part.rows, rest
    if named:
        left = tuple(row for position, row in enumerate(part.rows) if position not in named)
        return tuple(part.rows[position] for position in sorted(named)), (
            (Part(left),) if left else ()
        ) + rest
    return (), _halves(part, proves=verdict == "refused") + rest


def _halves(part: Part, *, proves: bool) -> Todo:
    middle = len(part.rows) // 2
    return Part(part.rows[:middle], proves), Part(part.rows[middle:])
