"""What hooks and the log receive: one event for each attempt, and one for each call.

Events hold neither bodies nor secrets.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Literal

from attrs import frozen

from .._base.package import NAME

logger = logging.getLogger(NAME)


@frozen
class AttemptEvent:
    """One attempt.

    Attributes:
        operation: operationId of the document.
        company_id: as sent, or None.
        attempt: counted from 1.
        status: HTTP status, or None when no answer came.
        request_id: the server's id of the request, to quote to TIMIFY's support; or None.
        outcome: how the SDK judges the attempt; "lost" means that it may have been done.
        error: name of the exception class of the attempt's failure, or None.
        duration: seconds.
        delay: seconds until the next attempt, or None when there is none.
    """

    operation: str
    company_id: str | None
    attempt: int
    status: int | None
    request_id: str | None
    outcome: Literal["done", "not done", "lost", "refused", "unauthorized"]
    error: str | None
    duration: float
    delay: float | None


@frozen
class CallEvent:
    """One call with all its attempts.

    Attributes:
        operation: operationId of the document.
        company_id: as sent, or None.
        attempts: how many there were.
        error: name of the exception class that ended the call, or None.
        duration: seconds, pauses between attempts included.
    """

    operation: str
    company_id: str | None
    attempts: int
    error: str | None
    duration: float


Hook = Callable[[AttemptEvent | CallEvent], None]


def is_heard(hook: Hook | None) -> bool:
    """Return whether anybody listens to events, so that none is made in vain."""
    return hook is not None or logger.isEnabledFor(logging.INFO)


def report(event: AttemptEvent | CallEvent, hook: Hook | None) -> None:
    """Log an event and pass it to the hook. An error of the hook is logged and harms no call."""
    if isinstance(event, CallEvent):
        ended = event.error or "done"
        logger.debug(
            "%s: %s after %d attempts, %.3f s",
            event.operation,
            ended,
            event.attempts,
            event.duration,
        )
    elif event.delay is not None:
        why = f"{event.error}, HTTP {event.status}" if event.status else event.error
        again = "%s: attempt %d %s, again in %.2f s: %s"
        logger.info(again, event.operation, event.attempt, event.outcome, event.delay, why)
    if hook is None:
        return
    try:
        hook(event)
    except Exception:
        logger.exception("the on_event hook failed")
