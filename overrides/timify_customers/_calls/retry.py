"""What happens to a call after each attempt: pure decisions, without a clock or a network.

An attempt ends in a `Verdict`, from which `decide` makes an `Action`. The rules for verdicts:

* Never sent (refused, not connected in time, no free connection): nothing was done.
* 429, and 503 with Retry-After: counted as not done (RFC 6585 section 4, RFC 9110 section 15.6.4).
* Everything else after the first byte, 5xx, 408, 499 and every unknown failure: may have been done.
* An import by key and a PATCH may be repeated: an import is documented as an upsert, and PATCH sets
  values.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC
from enum import Enum
from typing import Final, Literal

from attrs import field, frozen

from .._base.errors import ApiError, CallError, ConnectError, NotFoundError, RateLimitError

BACKOFF_BASE: float = 0.25
"""Seconds: the first wait is drawn from 0 to this, and the range doubles with each attempt.

This is known as full jitter.
"""
BACKOFF_LIMIT: Final = 20.0
RETRY_AFTER_LIMIT: Final = 60.0
"""Seconds that a server may make a call wait.

Beyond this the call fails at once, and the error says how long the server asked for.
"""

QUOTA: Final = 500
"""Tokens of the retry quota. Its costs and refills, too, follow botocore's standard mode."""
_COST: Final = 5
_COST_TIMEOUT: Final = 10


class Repeat(Enum):
    """What a lost answer means for an operation."""

    SAFE = "safe"
    """Sending it again can do no harm."""
    SETTLE = "settle"
    """The key that was sent can show whether it was done."""
    DELETE = "delete"
    """As SAFE; a repeated deletion that finds nothing counts as done."""
    NEVER = "never"
    """Sending it again might do it twice, and nothing can show whether it was done."""


class AttemptOutcome(Enum):
    """How one attempt ended."""

    DONE = "done"
    NOT_DONE = "not done"
    LOST = "lost"
    REFUSED = "refused"
    UNAUTHORIZED = "unauthorized"


@frozen
class Verdict:
    """How one attempt ended, with its error, and the seconds that the server asked to wait.

    ``mismatched``: an answer came, but to another request.
    """

    outcome: AttemptOutcome
    error: CallError | None = None
    retry_after: float | None = None
    timed_out: bool = False
    mismatched: bool = False


@frozen
class Progress:
    """How far a call has come.

    ``lost``: an earlier attempt may have been done. ``mismatched``: an earlier answer was to
    another request.
    """

    attempts: int = 0
    renewed: bool = False
    lost: bool = False
    mismatched: bool = False

    def after_attempt(self) -> Progress:
        """Count an attempt."""
        return Progress(self.attempts + 1, self.renewed, self.lost, self.mismatched)

    def after_verdict(self, verdict: Verdict) -> Progress:
        """Record what an attempt leaves in doubt, which is nothing if it was done or refused."""
        lost = self.lost or verdict.outcome is AttemptOutcome.LOST
        mismatched = self.mismatched or verdict.mismatched
        if lost == self.lost and mismatched == self.mismatched:
            return self
        return Progress(self.attempts, self.renewed, lost, mismatched)


@frozen
class Limits:
    """What bounds a call: total attempts, seconds left, a renewable token, a sufficient quota."""

    attempts: int
    remaining: float
    renewable: bool = True
    affordable: bool = True


@frozen
class Action:
    """What to do next; ``delay`` is in seconds, before the next attempt."""

    do: Literal["return", "raise", "repeat", "renew", "settle"]
    delay: float = 0.0
    error: CallError | None = None


def decide(
    repeat: Repeat, verdict: Verdict, progress: Progress, limits: Limits, jitter: float
) -> Action:
    """Decide what to do after attempt number ``progress.attempts``.

    Args:
        repeat: what a lost answer means for this operation.
        verdict: how the attempt ended.
        progress: the earlier attempts, with this one counted.
        limits: what bounds the rest of the call.
        jitter: a random number in [0, 1).
    """
    if verdict.outcome is AttemptOutcome.DONE:
        return Action("return")
    if verdict.outcome is AttemptOutcome.UNAUTHORIZED and limits.renewable and not progress.renewed:
        return Action("renew")
    if verdict.outcome is AttemptOutcome.LOST and repeat in {Repeat.SETTLE, Repeat.NEVER}:
        return Action("settle" if repeat is Repeat.SETTLE else "raise", error=verdict.error)
    if verdict.outcome in {AttemptOutcome.REFUSED, AttemptOutcome.UNAUTHORIZED}:
        already_deleted = (
            repeat is Repeat.DELETE and progress.lost and isinstance(verdict.error, NotFoundError)
        )
        return Action("return" if already_deleted else "raise", error=verdict.error)
    delay = wait(verdict, progress.attempts, jitter)
    # The second attempt had a new connection, so its answer is what the server means to say.
    hopeless = verdict.mismatched and progress.mismatched
    spent = progress.attempts >= limits.attempts or not limits.affordable
    if hopeless or spent or delay is None or delay >= limits.remaining:
        return Action("raise", error=verdict.error)
    return Action("repeat", delay=delay, error=verdict.error)


def wait(verdict: Verdict, attempts: int, jitter: float) -> float | None:
    """Return the seconds before the next attempt: what the server asked for, or full jitter.

    None means longer than a call may wait.
    """
    if verdict.retry_after is None:
        return backoff(attempts, jitter)
    if verdict.retry_after > RETRY_AFTER_LIMIT:
        return None
    return verdict.retry_after + jitter * BACKOFF_BASE


def backoff(attempts: int, jitter: float) -> float:
    """Return the full jitter: the share ``jitter`` of a range that doubles with each attempt."""
    return jitter * min(BACKOFF_LIMIT, BACKOFF_BASE * 2.0 ** min(attempts - 1, 16))


_LOST_STATUSES: Final = frozenset({303, 408, 499})


def judge_status(status: int, error: ApiError, retry_after: float | None) -> Verdict:
    """Judge an answer whose HTTP status reports a failure."""
    if status == 401:  # noqa: PLR2004
        return Verdict(AttemptOutcome.UNAUTHORIZED, error)
    if isinstance(error, RateLimitError) or (status == 503 and retry_after is not None):  # noqa: PLR2004
        return Verdict(AttemptOutcome.NOT_DONE, error, retry_after)
    if status >= 500 or status in _LOST_STATUSES:  # noqa: PLR2004
        return Verdict(AttemptOutcome.LOST, error, retry_after)
    return Verdict(AttemptOutcome.REFUSED, error)


def judge_failure(error: CallError, *, timed_out: bool) -> Verdict:
    """Judge an attempt without an answer."""
    return Verdict(
        AttemptOutcome.NOT_DONE if isinstance(error, ConnectError) else AttemptOutcome.LOST,
        error,
        timed_out=timed_out,
    )


def parse_retry_after(headers: Mapping[str, str], now: float) -> float | None:
    """Return the seconds to wait by ``Retry-After`` (RFC 9110 section 10.2.3), or None.

    Seconds may have a fraction. A date in the past or a negative number is 0. Nonsense counts as
    absent, and a number too large to represent is infinity.

    A date is compared with the answer's own ``Date`` (RFC 9110 section 6.6.1), because both come
    from one clock. With a local clock that is a day late, ``Date: ...22:13:20`` and ``Retry-After:
    ...22:13:22`` still mean 2 seconds.

    Args:
        headers: lower-case names.
        now: seconds since the epoch by the local clock, for an answer without a valid ``Date``.
    """
    text = headers.get("retry-after", "")
    seconds = _number(text)
    if seconds is None and (until := _moment(text)) is not None:
        answered = _moment(headers.get("date", ""))
        seconds = until - (now if answered is None else answered)
    return None if seconds is None else max(0.0, seconds)


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return None if math.isnan(number) else number


def _moment(text: str) -> float | None:
    """Read an HTTP date as seconds since the epoch; return None for any other text."""
    if not text:
        return None
    import email.utils  # noqa: PLC0415 - brings much, and few answers ask for a wait

    try:
        moment = email.utils.parsedate_to_datetime(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


@frozen
class Quota:
    """The retries that a client may still make.

    An outage empties the quota and successes refill it. Clients never share one.
    """

    left: int = field(default=QUOTA)

    def spend(self, *, timed_out: bool) -> tuple[Quota, int]:
        """Pay for one retry. Return the rest and the cost, which is 0 if too little is left."""
        cost = _COST_TIMEOUT if timed_out else _COST
        return (self, 0) if cost > self.left else (Quota(self.left - cost), cost)

    def affords(self, *, timed_out: bool) -> bool:
        """Return whether the quota suffices for one retry."""
        return self.spend(timed_out=timed_out)[1] > 0

    def refill(self, spent: int) -> Quota:
        """Return the cost of a call's last retry to the quota, or 1 for a call without a retry."""
        return Quota(min(QUOTA, self.left + (spent or 1)))
