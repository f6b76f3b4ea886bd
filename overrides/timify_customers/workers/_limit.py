"""A limit on requests that processes share.

`limits` does the counting, with a moving window in the server. While the server is down, each
process keeps such a window by itself.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncGenerator
from types import TracebackType
from typing import Final, Literal, Self
from weakref import WeakValueDictionary

import limits
from limits.aio.storage import MemoryStorage, RedisStorage
from limits.aio.strategies import MovingWindowRateLimiter
from redis.asyncio import Redis

from .._base.checks import check_choice, check_text
from .._base.errors import ConfigurationError, RateLimitError
from ._shared_server import Server, ServerDownError

_LEAST_WAIT: Final = 0.001
"""The least seconds to wait, as a full window sometimes says that it opens now.

If it goes on saying so, each wait takes twice as long as the one before.
"""
_LONGEST_STEP: Final = 1.0
"""The most seconds that such a wait takes."""


class SharedLimit:
    """A gate that the requests of all processes pass: ``SharedLimit(url, "5/second")``.

    Use it as ``TimifyCustomers(..., limit=SharedLimit(...))``. Each attempt of a call waits until
    it may be sent, or raises `RateLimitError` if that would be after the call's deadline. A 429 to
    any process closes the gate for all companies and processes until the moment that the answer
    names (a minute at most), because it is not known whom the API limits.

    Requests of one company pass in order. Between companies the gate is fair: with
    ``per="company"`` each has a window of its own, and with ``per="app"`` they take turns, however
    many requests of one company are waiting.

    While the server is down, each process keeps to the limit by itself, and logs one warning. The
    window uses the clocks of the machines, so these must agree, for example by NTP.

    Close it when done: ``async with SharedLimit(...) as limit``, or `aclose`.
    """

    def __init__(
        self,
        server: str | Redis,
        limit: str,
        *,
        per: Literal["company", "app"] = "company",
        name: str = "app",
    ) -> None:
        """Check the settings, without connecting to the server.

        Args:
            server: URL of the server, such as ``redis://host:6379/0``, or a client of redis-py
                (``redis.asyncio.Redis``), which stays open.
            limit: requests in a period, as `limits` writes it: ``5/second``, ``100 per minute``,
                ``1000 per 10 minutes``.
            per: whether the limit applies to each company, or to all of them together.
            name: limits with the same name and server are the same limit. Apps that share a server
                need different names.

        Raises:
            ConfigurationError: a setting cannot work.
            ArgumentTypeError: a setting has the wrong type.
        """
        self._window = _parsed(limit)
        check_choice("per", per, ("company", "app"))
        self._per_company = per == "company"
        self._prefix = f"timify:limit:{check_text('name', name)}"
        self._server = Server(server, "each process keeps to the limit of requests by itself")
        self._shared: tuple[Redis, MovingWindowRateLimiter] | None = None
        self._alone = MovingWindowRateLimiter(MemoryStorage())
        self._closed_until = 0.0
        self._queues: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def acquire(self, company_id: str | None, remaining: float) -> None:
        """Wait until one request may be sent.

        Args:
            company_id: the company of the request, or None.
            remaining: seconds that the wait may take.

        Raises:
            RateLimitError: it would take longer; nothing was sent.
        """
        end = time.monotonic() + remaining
        company = company_id or "none"
        least = _LEAST_WAIT
        async with self._turn(company):
            while (opens_in := await self._take(company)) is not None:
                pause = max(opens_in, least)
                least = min(least * 2, _LONGEST_STEP)
                if pause >= end - time.monotonic():
                    raise RateLimitError(
                        f"the shared limit opens in {pause:.1f} s, beyond the call's deadline; "
                        "nothing was sent",
                        retry_after=pause,
                    )
                await asyncio.sleep(pause)

    async def pause(self, company_id: str | None, seconds: float) -> None:
        """Let no request pass for ``seconds``.

        Args:
            company_id: the company whose request met the 429, which makes no difference here.
            seconds: what its answer asked for.
        """
        del company_id
        self._closed_until = max(self._closed_until, time.monotonic() + seconds)
        with contextlib.suppress(ServerDownError):
            await self._server.run(lambda client: self._close_gate(client, seconds))

    @contextlib.asynccontextmanager
    async def _turn(self, company: str) -> AsyncGenerator[None, None]:
        """Wait for a turn within this process.

        A lock serves in the order of arrival. Only the first request of each company waits in the
        common queue, so that companies take turns there. An example: a1, a2, a3 and then b1 arrive.
        The common queue is a1, b1, then a2, then a3.
        """
        async with self._queue(f"company:{company}"):
            if self._per_company:
                yield
                return
            async with self._queue("all"):
                yield

    def _queue(self, name: str) -> asyncio.Lock:
        return self._queues.setdefault(name, asyncio.Lock())

    async def _take(self, company: str) -> float | None:
        """Take a place in the window; return None, or the seconds until there may be one."""
        if (pause := self._closed_until - time.monotonic()) > 0:
            return pause
        key = company if self._per_company else "all"
        try:
            return await self._server.run(lambda client: self._take_shared(client, key))
        except ServerDownError:
            return await self._take_in(self._alone, key)

    async def _take_shared(self, client: Redis, key: str) -> float | None:
        milliseconds: int = await client.pttl(self._gate)
        if milliseconds > 0:
            return milliseconds / 1000
        return await self._take_in(self._limiter(client), key)

    async def _take_in(self, limiter: MovingWindowRateLimiter, key: str) -> float | None:
        if await limiter.hit(self._window, key):
            return None
        stats = await limiter.get_window_stats(self._window, key)
        return stats.reset_time - time.time()

    def _limiter(self, client: Redis) -> MovingWindowRateLimiter:
        if self._shared is None or self._shared[0] is not client:
            storage = RedisStorage(
                "async+redis://",
                implementation="redispy",
                key_prefix=self._prefix,
                connection_pool=client.connection_pool,  # type: ignore[arg-type] # as documented
            )
            self._shared = client, MovingWindowRateLimiter(storage)
        return self._shared[1]

    @property
    def _gate(self) -> str:
        return f"{self._prefix}:closed"

    async def _close_gate(self, client: Redis, seconds: float) -> None:
        milliseconds = max(1, int(seconds * 1000))
        async with client.pipeline(transaction=True) as pipeline:
            pipeline.set(self._gate, 1, px=milliseconds, nx=True)
            pipeline.pexpire(self._gate, milliseconds, gt=True)  # never shorten the wait
            await pipeline.execute()

    async def aclose(self) -> None:
        """Close the connections to the server, unless they belong to a client that was passed in.

        The limit may be used again afterwards, and then connects again.
        """
        self._shared = None
        await self._server.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.aclose()

    def __repr__(self) -> str:
        return f"<SharedLimit {self._window} per {'company' if self._per_company else 'app'}>"


def _parsed(limit: str) -> limits.RateLimitItem:
    try:
        return limits.parse(check_text("limit", limit))
    except ValueError:
        raise ConfigurationError(
            f'limit must be requests in a time, such as "5/second", not {limit!r}'
        ) from None
