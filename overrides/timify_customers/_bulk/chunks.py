"""Decides the next requests for a chunk, which is halved until the bad rows are alone. Pure.

A chunk is a queue of parts, and the first part is the next request. A part that is refused is
replaced by its halves. An example: row 6 of a chunk of 8 is bad, and the API refuses every request
that holds it. ``12345678`` is a part. ``!`` marks a part that proves something: when it is taken,
the part after it holds a bad row::

    queue before     request    response    what follows
    12345678         12345678   refused     1234! 5678
    1234! 5678       1234       taken       so 5678 has the bad row: halved without being sent
    56! 78           56         refused     5! 6 78
    5! 6 78          5          taken       so 6 is the bad row, but it cannot be halved: it is sent
    6 78             6          refused     6 is rejected
    78               78         taken       the end

These are 6 requests. A single bad row costs at most 2·log2(n)+1 requests in a chunk of n rows, here
7.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final, Literal

from attrs import frozen

from .._base.errors import AmbiguousWriteError, ApiError
from .rows import Row

RequestOutcome = Literal["refused", "too large", "lost", "stop"]
"""What the error of a request means for its rows.

- ``refused``: at least one of them is bad.
- ``too large``: none of them is bad, but there are too many for one request.
- ``lost``: it is not known whether they were taken.
- ``stop``: none was taken, and any other request would fail too.
"""

_CONTENT_TOO_LARGE: Final = 413
"""RFC 9110, 15.5.14."""
_REFUSALS: Final = frozenset({400, _CONTENT_TOO_LARGE, 422})
_STOPS: Final = frozenset({401, 403, 404})


@frozen
class Part:
    """Rows of one request.

    ``proves``: the part after this one is the other half of a refused part, so if all rows of this
    one are taken, the other half holds a bad row.
    """

    rows: tuple[Row, ...]
    proves: bool = False


Queue = tuple[Part, ...]
"""Parts of a chunk that are still to be sent, in this order."""


def begin(rows: Collection[Row]) -> Queue:
    """Queue the rows of a chunk: those with a key together, and each of the others alone.

    A row without a key could be created twice. If it is alone in its request, it is never sent
    again because of another row.
    """
    together = tuple(row for row in rows if row.key is not None)
    alone = tuple(Part((row,)) for row in rows if row.key is None)
    return ((Part(together),) if together else ()) + alone


def refusal(error: Exception) -> ApiError | None:
    """Return the error if it is a refusal, or the refusal that followed a lost response.

    An example of the latter: the first attempt ends with 502, the second with 422. The call then
    raises an `AmbiguousWriteError`, as the first attempt may have been done. For rows with keys,
    which may be sent again, only the 422 counts.
    """
    if isinstance(error, AmbiguousWriteError) and error.safe_to_repeat:
        cause = error.__cause__
        if isinstance(cause, ApiError) and cause.status in _REFUSALS | _STOPS:
            return cause
        return None
    return error if isinstance(error, ApiError) else None


def classify(error: Exception, *, names_rows: bool) -> RequestOutcome:
    """Return what the error of a request means for its rows.

    Args:
        error: the error that ended the call.
        names_rows: whether the body of the response says which rows are bad. They are then refused
            whatever the status is; without names, only 400, 413 and 422 are about the rows.
    """
    refused = refusal(error)
    if refused is None:
        return "lost" if isinstance(error, AmbiguousWriteError) else "stop"
    about_rows = names_rows or refused.status in _REFUSALS
    if refused.status in _STOPS or not about_rows:
        return "stop"
    return "too large" if refused.status == _CONTENT_TOO_LARGE else "refused"


def after_success(queue: Queue, *, all_taken: bool) -> Queue:
    """Return what to send after the first part was taken.

    Args:
        queue: with the part that was sent.
        all_taken: whether all of its rows were taken. If the response names some as rejected, they
            may include the bad row, so this part proves nothing.
    """
    part, later_parts = queue[0], queue[1:]
    bad_row_is_next = part.proves and all_taken
    if bad_row_is_next and len(later_parts[0].rows) > 1:
        return _halves(later_parts[0], proves=True) + later_parts[1:]
    return later_parts


def after_refusal(
    queue: Queue, named: Collection[int], outcome: RequestOutcome
) -> tuple[tuple[Row, ...], Queue]:
    """Return the decided rows, and what to send after the first part was refused.

    - A row that was sent alone is decided.
    - The rows that the response names are decided, and the others are sent again as one part.
    - If the response names no row, none is decided, and the part is halved.

    Args:
        queue: with the part that was sent.
        named: places in this part, counted from 0.
        outcome: "refused" or "too large". A part that was too large proves nothing about its
            halves.
    """
    part, later_parts = queue[0], queue[1:]
    if len(part.rows) == 1:
        return part.rows, later_parts
    if not named:
        return (), _halves(part, proves=outcome == "refused") + later_parts
    decided = tuple(part.rows[place] for place in sorted(named))
    other_rows = tuple(row for place, row in enumerate(part.rows) if place not in named)
    return decided, ((Part(other_rows),) if other_rows else ()) + later_parts


def _halves(part: Part, *, proves: bool) -> Queue:
    middle = len(part.rows) // 2
    return Part(part.rows[:middle], proves), Part(part.rows[middle:])
