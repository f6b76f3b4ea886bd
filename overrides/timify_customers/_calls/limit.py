"""What holds requests back before they are sent, when a client is given it as ``limit``."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from .._base.errors import ArgumentTypeError, CallError, RateLimitError, TimifyError
from .._transport.events import logger
from .lifetime import Lifetime


@runtime_checkable
class RequestLimit(Protocol):
    """A limit of requests that clients share, also those of other processes.

    `timify_customers.workers.SharedLimit` is one. The client awaits `acquire` before each attempt
    of a call, and tells it of each 429 by `pause`.
    """

    async def acquire(self, company_id: str | None, remaining: float) -> None:
        """Return as soon as one request may be sent.

        Args:
            company_id: the company that the request is for, or None.
            remaining: seconds that the call has left. The client ends the wait after them.

        Raises:
            RateLimitError: the wait would be longer than that.
        """
        ...

    async def pause(self, company_id: str | None, seconds: float) -> None:
        """Let no request pass for so many seconds, as a 429 to this company's request asked."""
        ...


def check_limit(limit: object) -> None:
    """Refuse what is neither None nor a limit."""
    if limit is not None and not isinstance(limit, RequestLimit):
        raise ArgumentTypeError("limit must have the methods acquire and pause: a RequestLimit")


async def pass_limit(
    limit: RequestLimit, lifetime: Lifetime, company_id: str | None, remaining: float
) -> None:
    """Wait for a limit, until the call's deadline or the closing of the client.

    Raises:
        RateLimitError: no request may be sent before the deadline.
        ClientStateError: the client was closed meanwhile.
        CallError: the limit failed.
    """
    try:
        async with lifetime.waiting(remaining):
            await limit.acquire(company_id, remaining)
    except TimeoutError:
        raise RateLimitError(
            "the shared limit let no request pass within the call's deadline; nothing was sent"
        ) from None
    except TimifyError:
        raise
    except Exception as error:
        raise CallError(f"the shared limit failed: {type(error).__name__}") from error


async def tell_limit(
    limit: RequestLimit,
    lifetime: Lifetime,
    company_id: str | None,
    seconds: float,
    remaining: float,
) -> None:
    """Tell a limit of a 429, in what is left of the call.

    A limit that fails or hangs here changes nothing of the call: its own gate holds anyway, and an
    error in place of the call's would say nothing of a write that may have been done.
    """
    try:
        async with lifetime.waiting(remaining):
            await limit.pause(company_id, seconds)
    except Exception as error:  # noqa: BLE001 - of whoever made the limit
        logger.warning("the shared limit could not be told of a 429 (%s)", type(error).__name__)
