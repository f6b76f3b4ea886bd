"""Which requests to make next for a chunk: it is halved until the bad rows are alone. Pure.

A chunk is a queue of parts, and the first part is the next request. A part that is refused is
replaced by its halves. An example: row 6 of a chunk of 8 is bad, and the API refuses every request
that holds it. ``12345678`` is a part, ``!`` marks one that proves: when it is taken, the part
behind it holds a bad row::

    queue before     request    response    what follows
    12345678         12345678   refused     1234! 5678
    1234! 5678       1234       taken       so 5678 has the bad row: halved without being sent
    56! 78           56         refused     5! 6 78
    5! 6 78          5          taken       so 6 is the bad row, but it cannot be halved: it is sent
    6 78             6          refused     6 is rejected
    78               78         taken       the end

These are 6 requests. A row that is bad by itself costs at most 2·log2(n)+1 requests in a chunk of n
rows, here 7.
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
- ``too large``: none is bad, there are too many for one request.
- ``lost``: it is not known whether they were taken.
- ``stop``: none was taken, and no other request would fare better.
"""

_CONTENT_TOO_LARGE: Final = 413
"""RFC 9110, 15.5.14."""
_REFUSALS: Final = frozenset({400, _CONTENT_TOO_LARGE, 422})
_STOPS: Final = frozenset({401, 403, 404})


@frozen
class Part:
    """Rows of one request.

    ``proves``: the part behind this one is the other half of what was refused, so when all rows of
    this one are taken, a bad row is there.
    """

    rows: tuple[Row, ...]
    proves: bool = False


Queue = tuple[Part, ...]
"""Parts of a chunk that are still to be sent, in this order."""


def begin(rows: Collection[Row]) -> Queue:
    """Queue the rows of a chunk: those with a key together, each of the others by itself.

    A row without a key could be created twice. Alone in its request, it is never sent again because
    of another row.
    """
    together = tuple(row for row in rows if row.key is not None)
    alone = tuple(Part((row,)) for row in rows if row.key is None)
    return ((Part(together),) if together else ()) + alone


def refusal(error: Exception) -> ApiError | None:
    """Return the refusal that an error is, or that came after a lost response to the same request.

    An example of the latter: the first attempt ends with 502, the second with 422. For the call
    this is an `AmbiguousWriteError`, as the first may have been done. For rows with keys, which may
    be sent again, the 422 is all that counts.
    """
    if isinstance(error, AmbiguousWriteError) and error.safe_to_repeat:
        cause = error.__cause__
        if isinstance(cause, ApiError) and cause.status in _REFUSALS | _STOPS:
            return cause
        return None
    return error if isinstance(error, ApiError) else None


def classify(error: Exception, *, names_rows: bool) -> RequestOutcome:
    """Say what the error of a request means for its rows.

    Args:
        error: what ended the call.
        names_rows: whether the body of the response says which rows are bad. Then they are refused,
            whatever the status; without names only 400, 413 and 422 speak of the content.
    """
    refused = refusal(error)
    if refused is None:
        return "lost" if isinstance(error, AmbiguousWriteError) else "stop"
    about_rows = names_rows or refused.status in _REFUSALS
    if refused.status in _STOPS or not about_rows:
        return "stop"
    return "too large" if refused.status == _CONTENT_TOO_LARGE else "refused"


def after_success(queue: Queue, *, whole: bool) -> Queue:
    """Return what to send after the first part was taken.

    Args:
        queue: with the part that was sent.
        whole: whether all of its rows were taken. When the response names some as rejected, the bad
            row that this part was to prove may be among them, and nothing is proven.
    """
    sent, rest = queue[0], queue[1:]
    bad_row_is_next = sent.proves and whole
    if bad_row_is_next and len(rest[0].rows) > 1:
        return _halves(rest[0], proves=True) + rest[1:]
    return rest


def after_refusal(
    queue: Queue, named: Collection[int], outcome: RequestOutcome
) -> tuple[tuple[Row, ...], Queue]:
    """Return the rows that are decided, and what to send after the first part was refused.

    - A row that was sent alone is decided.
    - The rows that the response names are decided, and the others are sent again as one part.
    - When it names none, no row is decided, and the part is halved.

    Args:
        queue: with the part that was sent.
        named: places in this part, counted from 0.
        outcome: "refused" or "too large". A part that was too large proves nothing of its halves.
    """
    sent, rest = queue[0], queue[1:]
    if len(sent.rows) == 1:
        return sent.rows, rest
    if not named:
        return (), _halves(sent, proves=outcome == "refused") + rest
    decided = tuple(sent.rows[place] for place in sorted(named))
    others = tuple(row for place, row in enumerate(sent.rows) if place not in named)
    return decided, ((Part(others),) if others else ()) + rest


def _halves(part: Part, *, proves: bool) -> Queue:
    middle = len(part.rows) // 2
    return Part(part.rows[:middle], proves), Part(part.rows[middle:])
