"""The clock of clients in the same process: the sandbox's, which their pauses move forward."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from ._model import MovableClock

_TURNS: Final = 10
"""Turns of the event loop after which no task is about to send a request."""
_LOOK: Final = 0.001
"""Seconds between two checks whether a request under way has ended."""


class SharedClock:
    """The sandbox's clock, by which clients wait.

    A pause takes no real time: the clock is moved forward to its end. That must not cut short
    anything else, so it is done only if nothing else would happen until then: no request is under
    way, and no other pause ends earlier. An example of three calls, at second 0 of the clock::

        A waits until 30    B waits until 20    C has sent a request
        the clock is not moved, as the answer to C may come at any moment
        C has its answer; the clock moves to 20, and B sends its request again
        B has its answer; the clock moves to 30, and A sends its request again

    A request that the sandbox stalls or delays takes real time, and so do concurrent pauses.
    """

    def __init__(self, clock: MovableClock) -> None:
        self._clock = clock
        self._under_way = 0
        self._ends: list[float] = []

    def time(self) -> float:
        """Return the time of the sandbox, in seconds since the epoch."""
        return self._clock()

    @contextmanager
    def exchange(self) -> Iterator[None]:
        """Keep the clock from being moved forward while a request is under way."""
        self._under_way += 1
        try:
            yield
        finally:
            self._under_way -= 1

    async def wait(self, event: asyncio.Event, seconds: float) -> None:
        """Wait until the event is set, but at most ``seconds`` of the sandbox's time."""
        end = self.time() + seconds
        self._ends.append(end)
        try:
            await self._wait_until(end, event)
        finally:
            self._ends.remove(end)

    async def _wait_until(self, end: float, event: asyncio.Event) -> None:
        quiet = 0
        while not event.is_set() and (remaining := end - self.time()) > 0:
            await asyncio.sleep(_LOOK if self._under_way else 0)
            quiet = 0 if self._under_way or end > min(self._ends) else quiet + 1
            if quiet > _TURNS:
                self._clock.advance(remaining)
