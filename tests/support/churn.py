"""Many calls cancelled at random, on real sockets; and the event loops to do it on."""

from __future__ import annotations

import asyncio
import contextlib
import random
import sys
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from timify_customers import TimifyCustomers

from support.faults import ID, Exchange, FaultServer, fine, fine_and_close, response, stall

KINDS = ["plain", "debug"]
if sys.platform != "win32":
    KINDS.append("uvloop")
if sys.version_info >= (3, 12):
    KINDS.append("eager")


def run(kind: str, main: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Run on a loop of one kind: plain, in asyncio's debug mode, uvloop, or with eager tasks."""
    factory = None
    if kind == "uvloop":
        import uvloop

        factory = uvloop.new_event_loop
    with asyncio.Runner(debug=kind == "debug", loop_factory=factory) as runner:
        if kind == "eager":
            runner.get_loop().set_task_factory(asyncio.eager_task_factory)
        runner.run(main())


async def close_unannounced(exchange: Exchange) -> None:
    """Answer well, and close the connection without having said so."""
    await fine(exchange)
    exchange.writer.close()


async def stall_at_times(exchange: Exchange) -> None:
    """Stall two requests of ten, drip two, and close the connection after the others."""
    luck = random.random()
    if luck < 0.2:
        await stall(exchange)
    elif luck < 0.4:
        await exchange.send(response(200, b"{", length=9999))
        await stall(exchange)
    else:
        await fine_and_close(exchange)


async def churn(
    call: Callable[[], Awaitable[Any]], seconds: float, *, callers: int = 60, within: float = 0.05
) -> int:
    """Make calls from many tasks and cancel each at a random moment within so many seconds; gives
    their number.
    """
    loop = asyncio.get_running_loop()
    end, made = loop.time() + seconds, 0

    async def caller() -> None:
        nonlocal made
        while loop.time() < end:
            made += 1
            with contextlib.suppress(Exception):
                await asyncio.wait_for(call(), random.random() * within)

    await asyncio.gather(*(caller() for _ in range(callers)))
    return made


async def settled(timify: TimifyCustomers, seconds: float = 5.0) -> None:
    """Wait until nothing that was left behind is running any more, and assert that all of it is
    free.
    """
    caller = timify._scope.caller
    transport, sources = caller._transport, caller._caches
    left = {
        *transport._slots.closings,
        *(flight for source in sources for flight in source._flights),
    }
    if left:
        await asyncio.wait(left, timeout=seconds)
    await asyncio.sleep(0)
    assert not transport._exchanges
    assert not transport._slots.closings
    assert not transport._free._waiters
    assert not transport._free.locked()
    for slot in transport._slots.idle:
        pool = slot.client._transport._pool
        assert not pool._requests
        assert all(
            connection.is_idle() or connection.is_closed() for connection in pool.connections
        )
    assert not any(source._flights for source in sources)
    assert not timify.fields._definitions.ensuring.locked()


async def survivors(call: Callable[[], Awaitable[Any]], calls: int = 100) -> int:
    """Make concurrent calls; gives how many succeed."""
    results = await asyncio.gather(*(call() for _ in range(calls)), return_exceptions=True)
    return sum(not isinstance(result, BaseException) for result in results)


async def soak(default: Any, seconds: float, **options: Any) -> tuple[int, int]:
    """Churn a client of 20 connections; gives how many calls were begun, and how many of 100 later
    ones succeed.
    """
    async with (
        FaultServer(default=default) as server,
        TimifyCustomers(access_token="x", base_url=server.url, max_connections=20) as timify,
    ):
        churned = timify.with_options(**options)
        made = await churn(lambda: churned.customers.get(ID), seconds)
        await settled(timify, 10)
        server.default = fine_and_close
        return made, await survivors(lambda: timify.customers.get(ID))
