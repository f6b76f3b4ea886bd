"""The ``limit`` of a client, which holds requests back before they are sent."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from .._base.errors import ArgumentTypeError, CallError, RateLimitError, TimifyError
from .._transport.events import logger
from .lifetime import Lifetime


@runtime_checkable
class RequestLimit(Protocol):
    """A limit on requests that clients share, in other processes too.

    `timify_customers.workers.SharedLimit` is one. The client awaits `acquire` before each attempt
    of a call, and reports each 429 by `pause`.
    """

    async def acquire(self, company_id: str | None, remaining: float) -> None:
        """Wait until one request may be sent.

        Args:
            company_id: the company of the request, or None.
            remaining: seconds that the call has left, after which the client ends the wait.

        Raises:
            RateLimitError: the wait would be longer than ``remaining``.
        """
        ...

    async def pause(self, company_id: str | None, seconds: float) -> None:
        """Let no request pass for ``seconds``, after a 429 to a request of this company."""
        ...


def check_limit(limit: object) -> None:
    """Refuse anything but None or a limit."""
    if limit is not None and not isinstance(limit, RequestLimit):
        raise ArgumentTypeError("limit must have the methods acquire and pause: a RequestLimit")


async def pass_limit(
    limit: RequestLimit, lifetime: Lifetime, company_id: str | None, remaining: float
) -> None:
    """Wait for a limit until the call's deadline or the closing of the client.

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
    """Report a 429 to a limit, within the remaining time of the call.

    A limit that fails or hangs here does not affect the call: the client's own gate holds anyway,
    and its error would replace one that says whether a write may have been done.
    """
    try:
        async with lifetime.waiting(remaining):
            await limit.pause(company_id, seconds)
    except Exception as error:  # noqa: BLE001 - a user's limit may raise anything
        logger.warning("the shared limit could not be told of a 429 (%s)", type(error).__name__)
