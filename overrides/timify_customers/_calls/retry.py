"""What becomes of a call after each attempt: pure decisions, without a clock or a network.

An attempt ends in a `Verdict`; `decide` makes an `Action` of it. What a verdict rests on:

* Never sent (refused, not connected in time, no free connection): nothing was done.
* 429, and 503 with Retry-After: counted as not done (RFC 6585 section 4, RFC 9110 section 15.6.4).
* Everything else after the first byte, 5xx, 408, 499 and every failure that is not known: may have
  been done.
* Importing by key and PATCH may be repeated: an import is documented as an upsert, and PATCH sets
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

Beyond this the call fails at once and says how long was asked.
"""

QUOTA: Final = 500
"""Tokens of the retry quota, the costs and refills below: botocore's standard retry mode."""
_COST: Final = 5
_COST_TIMEOUT: Final = 10


class Repeat(Enum):
    """What a lost answer means for an operation."""

    SAFE = "safe"
    """Sending again cannot do harm."""
    SETTLE = "settle"
    """Whether it was done can be found out by the key that was sent."""
    DELETE = "delete"
    """As SAFE, and a repetition that finds nothing has succeeded."""
    NEVER = "never"
    """Sending again might do it twice, and there is no way to find out."""


class AttemptOutcome(Enum):
    """How one attempt ended."""

    DONE = "done"
    NOT_DONE = "not done"
    LOST = "lost"
    REFUSED = "refused"
    UNAUTHORIZED = "unauthorized"


@frozen
class Verdict:
    """How one attempt ended, the error that it would be, and the seconds that the server asks for.

    ``mismatched``: an answer came, and it was to another question.
    """

    outcome: AttemptOutcome
    error: CallError | None = None
    retry_after: float | None = None
    timed_out: bool = False
    mismatched: bool = False


@frozen
class Progress:
    """What a call knows of itself.

    ``lost``: an earlier attempt may have been done. ``mismatched``: an earlier answer was to
    another question.
    """

    attempts: int = 0
    renewed: bool = False
    lost: bool = False
    mismatched: bool = False

    def after_attempt(self) -> Progress:
        """Count an attempt."""
        return Progress(self.attempts + 1, self.renewed, self.lost, self.mismatched)

    def after_verdict(self, verdict: Verdict) -> Progress:
        """Note what an attempt leaves open. One that was done, or refused, leaves nothing."""
        lost = self.lost or verdict.outcome is AttemptOutcome.LOST
        mismatched = self.mismatched or verdict.mismatched
        if lost == self.lost and mismatched == self.mismatched:
            return self
        return Progress(self.attempts, self.renewed, lost, mismatched)


@frozen
class Limits:
    """What bounds a call: attempts in all, seconds left, a token to renew, a quota to pay from."""

    attempts: int
    remaining: float
    renewable: bool = True
    affordable: bool = True


@frozen
class Action:
    """What to do next; ``delay`` seconds before a repetition."""

    do: Literal["return", "raise", "repeat", "renew", "settle"]
    delay: float = 0.0
    error: CallError | None = None


def decide(
    repeat: Repeat, verdict: Verdict, progress: Progress, limits: Limits, jitter: float
) -> Action:
    """Say what to do after attempt number ``progress.attempts``.

    Args:
        repeat: what a lost answer means for this operation.
        verdict: how the attempt ended.
        progress: what came before, this attempt counted.
        limits: what is left.
        jitter: a random number in [0, 1).
    """
    if verdict.outcome is AttemptOutcome.DONE:
        return Action("return")
    if verdict.outcome is AttemptOutcome.UNAUTHORIZED and limits.renewable and not progress.renewed:
        return Action("renew")
    if verdict.outcome is AttemptOutcome.LOST and repeat in {Repeat.SETTLE, Repeat.NEVER}:
        return Action("settle" if repeat is Repeat.SETTLE else "raise", error=verdict.error)
    if verdict.outcome in {AttemptOutcome.REFUSED, AttemptOutcome.UNAUTHORIZED}:
        gone = (
            repeat is Repeat.DELETE and progress.lost and isinstance(verdict.error, NotFoundError)
        )
        return Action("return" if gone else "raise", error=verdict.error)
    delay = wait(verdict, progress.attempts, jitter)
    # The second attempt had a connection of its own: what it brought is what the server means.
    hopeless = verdict.mismatched and progress.mismatched
    spent = progress.attempts >= limits.attempts or not limits.affordable
    if hopeless or spent or delay is None or delay >= limits.remaining:
        return Action("raise", error=verdict.error)
    return Action("repeat", delay=delay, error=verdict.error)


def wait(verdict: Verdict, attempts: int, jitter: float) -> float | None:
    """Seconds before the next attempt: what the server asked for, or full jitter.

    None: longer than a call should.
    """
    if verdict.retry_after is None:
        return backoff(attempts, jitter)
    if verdict.retry_after > RETRY_AFTER_LIMIT:
        return None
    return verdict.retry_after + jitter * BACKOFF_BASE


def backoff(attempts: int, jitter: float) -> float:
    """Full jitter: a share ``jitter`` of a range that doubles with each attempt."""
    return jitter * min(BACKOFF_LIMIT, BACKOFF_BASE * 2.0 ** min(attempts - 1, 16))


_LOST_STATUSES: Final = frozenset({303, 408, 499})


def judge_status(status: int, error: ApiError, retry_after: float | None) -> Verdict:
    """Judge an answer that is an error by its HTTP status."""
    if status == 401:  # noqa: PLR2004
        return Verdict(AttemptOutcome.UNAUTHORIZED, error)
    if isinstance(error, RateLimitError) or (status == 503 and retry_after is not None):  # noqa: PLR2004
        return Verdict(AttemptOutcome.NOT_DONE, error, retry_after)
    if status >= 500 or status in _LOST_STATUSES:  # noqa: PLR2004
        return Verdict(AttemptOutcome.LOST, error, retry_after)
    return Verdict(AttemptOutcome.REFUSED, error)


def judge_failure(error: CallError, *, timed_out: bool) -> Verdict:
    """Judge an attempt that brought no answer."""
    return Verdict(
        AttemptOutcome.NOT_DONE if isinstance(error, ConnectError) else AttemptOutcome.LOST,
        error,
        timed_out=timed_out,
    )


def parse_retry_after(headers: Mapping[str, str], now: float) -> float | None:
    """Seconds to wait from ``Retry-After`` (RFC 9110 section 10.2.3), or None.

    Seconds may have a fraction. A date in the past or a negative number is 0. Nonsense counts as
    absent; what is beyond any number is infinity.

    A date is held against the answer's own ``Date`` (RFC 9110 section 6.6.1), because both come
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
    """Read an HTTP date as seconds since the epoch; None when it is none."""
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
    """Retries that a client may still make.

    An outage empties it, successes refill it; never shared between clients.
    """

    left: int = field(default=QUOTA)

    def spend(self, *, timed_out: bool) -> tuple[Quota, int]:
        """Take the cost of one retry; the cost is 0 when the quota does not reach."""
        cost = _COST_TIMEOUT if timed_out else _COST
        return (self, 0) if cost > self.left else (Quota(self.left - cost), cost)

    def affords(self, *, timed_out: bool) -> bool:
        """Say whether the quota reaches for one retry."""
        return self.spend(timed_out=timed_out)[1] > 0

    def refill(self, spent: int) -> Quota:
        """Give back what a call's last retry cost, or 1 for a call that needed none."""
        return Quota(min(QUOTA, self.left + (spent or 1)))
