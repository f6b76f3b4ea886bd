"""The clock that the calls of a client are measured by, and the way in which they wait.

It is that of the event loop. A client of a sandbox in the same process has the sandbox's instead,
so that no test waits for a retry.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import Final, Protocol


class Clock(Protocol):
    """Time in seconds, from a beginning of its own, that only goes forward."""

    def time(self) -> float:
        """Return the moment that it is now."""
        ...

    async def wait(self, event: asyncio.Event, seconds: float) -> None:
        """Wait until the event is set, and so many seconds of this clock at most."""
        ...


class LoopClock:
    """The clock of the event loop that runs."""

    def time(self) -> float:
        """Return the moment that it is now."""
        return asyncio.get_running_loop().time()

    async def wait(self, event: asyncio.Event, seconds: float) -> None:
        """Wait until the event is set, and so many seconds at most."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await event.wait()


LOOP_CLOCK: Final = LoopClock()
