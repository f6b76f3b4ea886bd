"""A value that is fetched when first needed, kept, renewed ahead of its end, and fetched by one
flight for everybody.

The access token and each company's custom field definitions are such values. Pure decisions in
`State`, a thin shell in `Source`.
"""

from __future__ import annotations

import asyncio
import copy
import math
from collections.abc import Awaitable, Callable
from typing import Final, Generic, Literal, TypeVar

from attrs import evolve, frozen

from .._base.errors import CallError, CallTimeoutError, ClientStateError, TimifyError

T = TypeVar("T")

RENEWAL_BACKOFF: Final = 5.0
"""Seconds before a failed renewal of a value that is still good is tried again; doubled with each failure."""


@frozen
class Held(Generic[T]):
    """A value with the moments (seconds of the loop's clock) that end the phases of its life.

    Until ``early`` it is used, until ``late`` it is used and renewed in the background, until
    ``expires`` it is used only when its renewal fails.
    """

    value: T
    early: float = math.inf
    late: float = math.inf
    expires: float = math.inf


@frozen
class State(Generic[T]):
    """The value at hand, and after failed renewals the moment of the next one."""

    held: Held[T] | None = None
    failures: int = 0
    next_renewal: float = 0.0

    def failed(self, now: float) -> State[T]:
        """Note a renewal that failed, so that the next one waits while the value is good."""
        delay = RENEWAL_BACKOFF * 2.0 ** min(self.failures, 6)
        return evolve(self, failures=self.failures + 1, next_renewal=now + delay)

    def judge(self, now: float) -> Literal["use", "use and renew", "wait"]:
        """Say what who needs the value does at ``now``."""
        if self.held is None or now >= self.held.expires:
            return "wait"
        if now < max(self.held.early, self.next_renewal):
            return "use"
        return "wait" if now >= self.held.late else "use and renew"


class Source(Generic[T]):
    """Holds the value and lets one flight at a time renew it.

    A flight is a task of its own, so that whoever started it can be cancelled without harm to those
    who wait.
    """

    def __init__(self, what: str, fetch: Callable[[], Awaitable[Held[T]]], patience: float) -> None:
        """Make a source of ``what`` (for messages); ``patience``: seconds that one flight may take."""
        self._what = what
        self._fetch = fetch
        self._patience = patience
        self._state = State[T]()
        self._flight: asyncio.Task[Held[T] | TimifyError] | None = None
        self._flights: set[asyncio.Task[Held[T] | TimifyError]] = set()

    @property
    def held(self) -> Held[T] | None:
        """What is at hand and still good, without waiting for anything."""
        held = self._state.held
        return (
            held if held is not None and asyncio.get_running_loop().time() < held.expires else None
        )

    async def get(self, remaining: float) -> Held[T]:
        """Give the value, in at most ``remaining`` seconds.

        Raises:
            CallTimeoutError: none came in time.
            TimifyError: what ended the flight.
        """
        need = self._state.judge(asyncio.get_running_loop().time())
        if need == "wait" or self._state.held is None:
            return await self._join(remaining)
        if need == "use and renew":
            self._start()
        return self._state.held

    async def _join(self, remaining: float) -> Held[T]:
        flight = self._start()
        # Whoever has a value that is still good leaves time to use it.
        await asyncio.wait({flight}, timeout=remaining / 2 if self.held else remaining)
        result = None if not flight.done() or flight.cancelled() else flight.result()
        if held := result if isinstance(result, Held) else self.held:
            return held
        if isinstance(result, TimifyError):
            raise copy.copy(result)
        if flight.done():
            raise ClientStateError(
                f"the request for {self._what} was cancelled, as closing the client does"
            )
        raise CallTimeoutError(
            f"{self._what} did not come within the call's deadline; nothing was sent"
        )

    def drop(self, held: Held[T]) -> None:
        """Forget a value that proved bad, unless a newer one has taken its place."""
        if self._state.held is held:
            self._state = evolve(self._state, held=None)

    def put(self, held: Held[T] | None) -> None:
        """Hold this from now on, or nothing; what a flight under way brings is older, and goes to its waiters only."""
        self._state, self._flight = State(held), None

    def _start(self) -> asyncio.Task[Held[T] | TimifyError]:
        if self._flight is None or self._flight.done():
            self._flight = asyncio.create_task(self._renew())
            self._flights.add(self._flight)
            self._flight.add_done_callback(self._flights.discard)
        return self._flight

    async def _renew(self) -> Held[T] | TimifyError:
        try:
            async with asyncio.timeout(self._patience):
                result = await self._fetch()
        except TimifyError as error:
            return self._failed(error)
        except Exception as error:  # noqa: BLE001 - a user's provider may raise anything; every waiter hears of it
            return self._failed(CallError(f"{self._what} cannot be had: {type(error).__name__}"))
        if asyncio.current_task() is self._flight:
            self._state = State(result)
        return result

    def _failed(self, error: TimifyError) -> TimifyError:
        self._state = self._state.failed(asyncio.get_running_loop().time())
        return error

    async def aclose(self) -> None:
        """End the flights that are under way; one that does not let itself be ended is left behind."""
        for flight in (flights := set(self._flights)):
            flight.cancel()
        if flights:
            await asyncio.wait(flights, timeout=1.0)
