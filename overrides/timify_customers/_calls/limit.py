"""What holds requests back before they are sent, when a client is given it as ``limit``."""

from __future__ import annotations

from typing import Protocol, runtime_checkable


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
