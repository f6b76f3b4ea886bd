"""The clock by which the calls of a client are timed, and by which they wait.

It is the event loop's clock. A client of a sandbox in the same process has the sandbox's clock
instead, so that no test waits for a retry.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import Final, Protocol


class Clock(Protocol):
    """Time in seconds since an arbitrary moment, which only goes forward."""

    def time(self) -> float:
        """Return the present moment."""
        ...

    async def wait(self, event: asyncio.Event, seconds: float) -> None:
        """Wait until the event is set, but at most ``seconds`` of this clock."""
        ...


class LoopClock:
    """The clock of the running event loop."""

    def time(self) -> float:
        """Return the present moment."""
        return asyncio.get_running_loop().time()

    async def wait(self, event: asyncio.Event, seconds: float) -> None:
        """Wait until the event is set, but at most ``seconds``."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await event.wait()


LOOP_CLOCK: Final = LoopClock()
