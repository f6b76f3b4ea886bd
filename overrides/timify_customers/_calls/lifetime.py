"""Where and how long a client may be used: in one event loop and process, until it is closed."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import AsyncGenerator, Awaitable, Callable

from attrs import define, field

from .._base.errors import ClientStateError
from .clock import LOOP_CLOCK, Clock


def running_loop() -> asyncio.AbstractEventLoop:
    """Return the asyncio event loop that runs the current task.

    Raises:
        ClientStateError: there is none, as under trio, even where trio is a guest of asyncio.
    """
    try:
        task = asyncio.current_task()
    except RuntimeError:
        task = None
    if task is None:
        raise ClientStateError(
            "this package needs asyncio, and no asyncio event loop runs this code: call it from "
            "asyncio.run(), or from anyio.run() with the backend asyncio; trio cannot run it"
        )
    return asyncio.get_running_loop()


@define(eq=False)
class Lifetime:
    """The state of a client from its creation to its closing, shared by all of its views.

    Attributes:
        clock: the clock by which its calls are timed, and by which they wait.
    """

    clock: Clock = field(init=False, default=LOOP_CLOCK)
    _loop: asyncio.AbstractEventLoop | None = field(init=False, default=None)
    _process: int = field(init=False, factory=os.getpid)
    _closing: asyncio.Event = field(init=False, factory=asyncio.Event)
    _end: asyncio.Task[None] | None = field(init=False, default=None)
    _waits: set[asyncio.Timeout] = field(init=False, factory=set)

    def check_usable(self) -> None:
        """Refuse a call on a client that cannot make it.

        Raises:
            ClientStateError: the client is closed, belongs to another event loop or process, or is
                called where no asyncio event loop runs.
        """
        if self.closed:
            raise ClientStateError("this client is closed; make a new one")
        self._loop = self._check_place()

    def _check_place(self) -> asyncio.AbstractEventLoop:
        if os.getpid() != self._process:
            raise ClientStateError("this client was made before a fork; make one in each process")
        loop = running_loop()
        if self._loop not in {None, loop}:
            raise ClientStateError(
                "this client belongs to another event loop; make one in each loop"
            )
        return loop

    @property
    def closed(self) -> bool:
        """Whether closing has begun."""
        return self._closing.is_set()

    @property
    def forgotten(self) -> bool:
        """Whether the client was used but not closed, so that connections may be open."""
        return self._loop is not None and not self.closed and os.getpid() == self._process

    def now(self) -> float:
        """Return the present moment, in seconds of the client's clock."""
        return self.clock.time()

    async def pause(self, seconds: float) -> None:
        """Wait by the client's clock. Closing the client ends the wait, and with it the call.

        Raises:
            ClientStateError: the client was closed meanwhile.
        """
        await self.clock.wait(self._closing, seconds)
        self.check_usable()

    @contextlib.asynccontextmanager
    async def waiting(self, seconds: float) -> AsyncGenerator[None, None]:
        """Bound a wait for something outside the client: by ``seconds`` and the client's closing.

        Raises:
            ClientStateError: the client was closed meanwhile.
            TimeoutError: the seconds have passed.
        """
        try:
            async with asyncio.timeout(seconds) as wait:
                self._waits.add(wait)
                try:
                    yield
                finally:
                    self._waits.discard(wait)
        except TimeoutError:
            self.check_usable()
            raise

    def abandon(self) -> None:
        """Refuse further calls without closing anything, as the event loop may be gone.

        This is for a client without connections of its own, such as that of a sandbox in process.
        """
        self._closing.set()

    async def close(self, work: Callable[[], Awaitable[None]]) -> None:
        """Close the client by ``work``, and wait until that has ended.

        The work is a task of its own, so that cancelling a caller does not stop it, and all callers
        wait for the same end.
        """
        if self._end is None:
            self._check_place()
            self._closing.set()
            for wait in self._waits:
                if not wait.expired():
                    wait.reschedule(0.0)
            self._end = asyncio.ensure_future(work())
        await asyncio.shield(self._end)
