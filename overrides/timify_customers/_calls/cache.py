"""A value that is fetched when first needed, kept, and renewed before it expires.

The access token and each company's custom field definitions are such values. All callers that need
a missing one wait for the same request, the flight. Decisions are pure, in `CacheState`;
`RefreshingCache` is the shell around them.
"""

from __future__ import annotations

import asyncio
import copy
import math
from collections.abc import Awaitable, Callable
from typing import Final, Generic, Literal, TypeVar

from attrs import evolve, frozen

from .._base.errors import CallError, CallTimeoutError, ClientStateError, TimifyError
from .clock import LOOP_CLOCK

T = TypeVar("T")

RENEWAL_BACKOFF: Final = 5.0
"""Seconds before the renewal of a value that is still good is tried again after it failed.

They double with each failure.
"""


@frozen
class CachedValue(Generic[T]):
    """A value, and the moments (seconds of the cache's clock) at which the phases of its life end.

    An example, a token of 100 seconds issued at 0: until ``refresh_at`` (75, say) it is used;
    until ``stale_at`` (95) it is used and renewed in the background; until ``expires_at`` (100)
    calls wait for a new one, and use this one only when the renewal fails.
    """

    value: T
    refresh_at: float = math.inf
    stale_at: float = math.inf
    expires_at: float = math.inf


@frozen
class CacheState(Generic[T]):
    """The cached value and, after failed renewals, the moment of the next one."""

    cached: CachedValue[T] | None = None
    failures: int = 0
    next_renewal: float = 0.0

    def failed(self, now: float) -> CacheState[T]:
        """Record a failed renewal, so that the next one waits while the value is still good."""
        delay = RENEWAL_BACKOFF * 2.0 ** min(self.failures, 6)
        return evolve(self, failures=self.failures + 1, next_renewal=now + delay)

    def use(self, now: float) -> Literal["use", "use and renew", "wait"]:
        """Decide what a caller that needs the value at ``now`` does with the cached one."""
        if self.cached is None or now >= self.cached.expires_at:
            return "wait"
        if now < max(self.cached.refresh_at, self.next_renewal):
            return "use"
        return "wait" if now >= self.cached.stale_at else "use and renew"


class RefreshingCache(Generic[T]):
    """Holds the value and lets one flight at a time renew it.

    A flight is a task of its own, so that the call that started it can be cancelled without harm to
    the others that wait.
    """

    def __init__(
        self,
        name: str,
        fetch: Callable[[], Awaitable[CachedValue[T]]],
        patience: float,
        now: Callable[[], float] = LOOP_CLOCK.time,
    ) -> None:
        """Make an empty cache.

        Args:
            name: what the value is, for messages.
            fetch: returns a new value.
            patience: seconds that one flight may take.
            now: returns the present moment, by the clock of the values' moments.
        """
        self._name = name
        self._fetch = fetch
        self._patience = patience
        self._now = now
        self._state = CacheState[T]()
        self._flight: asyncio.Task[CachedValue[T] | TimifyError] | None = None
        self._flights: set[asyncio.Task[CachedValue[T] | TimifyError]] = set()

    @property
    def cached(self) -> CachedValue[T] | None:
        """The value, if it is cached and still good; without waiting for anything."""
        cached = self._state.cached
        if cached is None or self._now() >= cached.expires_at:
            return None
        return cached

    async def get(self, remaining: float) -> CachedValue[T]:
        """Return the value, in at most ``remaining`` seconds.

        Raises:
            CallTimeoutError: no value came in time.
            TimifyError: the error that ended the flight.
        """
        need = self._state.use(self._now())
        if need == "wait" or self._state.cached is None:
            return await self._join(remaining)
        if need == "use and renew":
            self._start()
        return self._state.cached

    async def _join(self, remaining: float) -> CachedValue[T]:
        flight = self._start()
        # A caller whose value is still good keeps half of its time for using it.
        await asyncio.wait({flight}, timeout=remaining / 2 if self.cached else remaining)
        result = None if not flight.done() or flight.cancelled() else flight.result()
        if isinstance(result, CachedValue):
            return result
        if (cached := self.cached) is not None:
            return cached
        if isinstance(result, TimifyError):
            raise copy.copy(result)
        if flight.done():
            raise ClientStateError(
                f"the request for {self._name} was cancelled, as closing the client does"
            )
        raise CallTimeoutError(
            f"{self._name} did not come within the call's deadline; nothing was sent"
        )

    def drop(self, value: CachedValue[T]) -> None:
        """Forget a value that proved bad, unless a newer one has already replaced it."""
        if self._state.cached is value:
            self._state = evolve(self._state, cached=None)

    def replace(self, value: CachedValue[T] | None) -> None:
        """Replace the cached value by this one, or by nothing.

        The result of a flight under way is older, and goes only to the callers that wait for it.
        """
        self._state = CacheState(value)
        self._flight = None

    def _start(self) -> asyncio.Task[CachedValue[T] | TimifyError]:
        if self._flight is None or self._flight.done():
            self._flight = asyncio.create_task(self._renew())
            self._flights.add(self._flight)
            self._flight.add_done_callback(self._flights.discard)
        return self._flight

    async def _renew(self) -> CachedValue[T] | TimifyError:
        try:
            async with asyncio.timeout(self._patience):
                result = await self._fetch()
        except TimifyError as error:
            return self._failed(error)
        except Exception as error:  # noqa: BLE001 - a user's provider may raise anything
            return self._failed(CallError(f"{self._name} cannot be had: {type(error).__name__}"))
        if asyncio.current_task() is self._flight:
            self._state = CacheState(result)
        return result

    def _failed(self, error: TimifyError) -> TimifyError:
        self._state = self._state.failed(self._now())
        return error

    async def aclose(self) -> None:
        """Cancel the flights under way, and leave behind any that cannot be cancelled."""
        flights = set(self._flights)
        for flight in flights:
            flight.cancel()
        if flights:
            await asyncio.wait(flights, timeout=1.0)
