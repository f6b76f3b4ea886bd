"""A call can be cancelled at any moment without harm to the client or to other calls."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterator
from typing import Any
from unittest import mock

import anyio
import httpx
import pytest
from attrs import define, field, frozen
from support.churn import (
    KINDS,
    churn,
    close_unannounced,
    run,
    settled,
    soak,
    stall_at_times,
    survivors,
)
from support.faults import (
    FAULTS,
    ID,
    Fault,
    FaultServer,
    answer,
    close,
    fine,
    fine_and_close,
    haste,
    stall,
)
from support.operations import ENTRIES
from timify_customers import AmbiguousWriteError, TimifyCustomers
from timify_customers._calls.cache import CacheState

pytestmark = pytest.mark.usefixtures("either_library")

Call = Callable[[TimifyCustomers], Awaitable[Any]]


@pytest.fixture(autouse=True)
def _haste() -> Iterator[None]:
    with haste():
        yield


@frozen
class Scene:
    """A call, and the answers of the server on its way."""

    call: Call
    script: list[Fault]


def _get(timify: TimifyCustomers) -> Awaitable[Any]:
    return timify.customers.get(ID)


def _create(timify: TimifyCustomers) -> Awaitable[Any]:
    return timify.customers.create(ENTRIES, external_id="crm-1", on_lost_answer="repeat")


SCENES = {
    "cold, token first": Scene(_get, []),
    "refused token": Scene(_get, [answer(401)]),
    "throttled": Scene(_get, [answer(429, b"", "retry-after: 0.002")]),
    "backoff": Scene(_get, [answer(500), close]),
    "new connection each time": Scene(_get, [fine_and_close]),
    "settled by a lookup": Scene(_create, [close, answer(404), answer(404), fine]),
    "definitions first": Scene(lambda t: t.customers.create({}, external_id="crm-1"), []),
    "import": Scene(lambda t: t.customers.import_many([{"importCustomerId": "x"}]), [close]),
    "deletion by key": Scene(lambda t: t.customers.delete(external_id="crm-1"), [fine, close]),
    "list": Scene(lambda t: anext(t.customers.list().pages(), None), []),
}


async def step_and_cancel(call: Awaitable[Any], steps: int, how: str = "task") -> bool:
    """Let the loop turn so many times, then cancel; gives whether the call was cancelled in time.

    ``how``: asyncio cancels the task once; a scope of anyio goes on until the task has left it.
    """
    scope = anyio.CancelScope()

    async def scoped() -> Any:
        with scope:
            return await call

    task = asyncio.ensure_future(scoped() if how == "scope" else call)
    for _ in range(steps):
        await asyncio.sleep(0)
        if task.done():
            break
    if how == "scope":
        scope.cancel()
    else:
        task.cancel()
    results = await asyncio.gather(task, return_exceptions=True)
    return scope.cancelled_caught or isinstance(results[0], asyncio.CancelledError)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "debug"])
@pytest.mark.parametrize("how", ["task", "scope"])
@pytest.mark.parametrize("scene", SCENES.values(), ids=SCENES)
def test_cancelled_at_every_await(kind: str, scene: Scene, how: str) -> None:
    """On real sockets, after the n-th turn of the loop, until it is done: nothing leaks, and the
    next call works.
    """

    async def main() -> None:
        before = asyncio.all_tasks()
        async with (
            FaultServer() as server,
            TimifyCustomers("app", "secret", base_url=server.url, max_connections=2) as timify,
        ):
            steps, cancelled = 0, True
            while cancelled:
                timify._scope.caller._tokens._state = CacheState()
                timify._scope.caller._quota = type(timify._scope.caller._quota)()
                server.script, server.written = (
                    [*scene.script],
                    {"crm-1": {"id": ID, "externalId": "crm-1"}},
                )
                with contextlib.suppress(AmbiguousWriteError):
                    cancelled = await step_and_cancel(scene.call(timify), steps, how)
                await settled(timify)
                server.script.clear()
                await timify.customers.get(ID)
                # Coarser later on, where most turns only wait for the socket; without one all turns
                # are swept below.
                steps += 1 + steps // 6
        assert steps > 8
        await asyncio.sleep(0.01)
        assert asyncio.all_tasks() == before

    run(kind, main)


@define
class InProcess(httpx.AsyncBaseTransport):
    """Answers after some turns of the loop, what the script says."""

    script: list[int] = field(factory=list)
    turns: int = 3
    sent: int = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.sent += 1
        for _ in range(self.turns):
            await asyncio.sleep(0)
        if request.url.path.startswith("/v1/auth"):
            return httpx.Response(200, json={"accessToken": "x"})
        status = self.script.pop(0) if self.script else 200
        return httpx.Response(status, json={"data": {"id": ID, "externalId": ""}, "status": 1})


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("script", [[], [401], [500], [429], [404], [500, 404, 404]], ids=str)
@pytest.mark.parametrize("call", [_get, _create], ids=["get", "create"])
@pytest.mark.parametrize("how", ["task", "scope"])
def test_cancelled_at_every_turn_of_the_loop(
    kind: str, script: list[int], call: Call, how: str
) -> None:
    """The same without a socket, so that no turn is left out, and with a second call waiting behind
    it.
    """

    async def main() -> None:
        transport = InProcess()
        options = {"base_url": "http://127.0.0.1", "transport": transport, "max_connections": 1}
        async with TimifyCustomers("app", "secret", **options) as timify:
            steps, cancelled = 0, True
            while cancelled:
                timify._scope.caller._tokens._state = CacheState()
                transport.script[:] = script
                waiting = asyncio.ensure_future(timify.customers.get(ID))
                with contextlib.suppress(Exception):
                    cancelled = await step_and_cancel(call(timify), steps, how)
                await asyncio.gather(waiting, return_exceptions=True)
                await settled(timify)
                transport.script.clear()
                await timify.customers.get(ID)
                steps += 1
            assert steps > 5

    with mock.patch("timify_customers._calls.retry.BACKOFF_BASE", 0.0):
        run(kind, main)


@pytest.mark.parametrize("kind", KINDS)
def test_a_waiter_for_a_connection_is_released(kind: str) -> None:
    """Callers that wait for a free connection and are cancelled leave no trace; the others get
    their turn.
    """

    async def main() -> None:
        transport = InProcess(turns=20)
        options = {"base_url": "http://127.0.0.1", "transport": transport, "max_connections": 1}
        async with TimifyCustomers(access_token="x", **options) as timify:
            calls = [asyncio.ensure_future(timify.customers.get(ID)) for _ in range(30)]
            for turn in range(60):
                await asyncio.sleep(0)
                calls[turn % 30].cancel() if turn % 3 else None
            results = await asyncio.gather(*calls, return_exceptions=True)
            done = sum(not isinstance(it, BaseException) for it in results)
            assert 0 < done < 30
            await settled(timify)
            # What was sent beside those that are done was cancelled under way.
            assert done <= transport.sent <= 30
            assert await survivors(lambda: timify.customers.get(ID), 10) == 10

    run(kind, main)


async def test_a_cancelled_caller_gives_its_connection_back_at_once() -> None:
    """When a caller is gone, so is its exchange, even if the server stalls: its place is free for
    the next call.
    """
    server = FaultServer(default=stall)
    async with (
        server,
        TimifyCustomers(access_token="x", base_url=server.url, max_connections=1) as timify,
    ):
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(timify.customers.get(ID), 0.05)
        await asyncio.sleep(0)
        await settled(timify, 2.0)
        assert not timify._scope.caller._transport._slots.idle
        server.default = fine
        await timify.customers.get(ID)


@pytest.mark.parametrize("ending", ["cancelled", "deadline"])
async def test_what_was_not_sent_when_its_caller_ended_never_is(
    ending: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A create that ends while its connection is being made does not reach the server later."""
    connect = anyio.connect_tcp

    async def slowly(*args: Any, **options: Any) -> Any:
        await asyncio.sleep(0.3)
        return await connect(*args, **options)

    monkeypatch.setattr(anyio, "connect_tcp", slowly)
    async with (
        FaultServer() as server,
        TimifyCustomers(access_token="x", base_url=server.url) as timify,
    ):
        view = timify.with_options(deadline=0.1 if ending == "deadline" else 30.0)
        create = asyncio.ensure_future(view.customers.create(ENTRIES, external_id="crm-1"))
        await asyncio.sleep(0.05)
        if ending == "cancelled":
            create.cancel()
        (result,) = await asyncio.gather(create, return_exceptions=True)
        assert isinstance(result, BaseException)
        await asyncio.sleep(0.5)
        assert not server.received


@pytest.mark.parametrize("name", ["drip", "stall"])
async def test_an_exchange_past_its_deadline_is_ended(name: str) -> None:
    """A body that drips for ever holds its connection no longer than its call lasts."""
    server = FaultServer(default=FAULTS[name].fault)
    async with (
        server,
        TimifyCustomers(access_token="x", base_url=server.url, deadline=0.1) as timify,
    ):
        await asyncio.gather(*(timify.customers.get(ID) for _ in range(40)), return_exceptions=True)
        await settled(timify, 2.0)
        server.default = fine
        assert await survivors(lambda: timify.with_options(deadline=30).customers.get(ID), 40) == 40


@pytest.mark.parametrize("kind", KINDS)
def test_a_small_pool_survives_cancellation_at_random(kind: str) -> None:
    """A pool of 3, 30 callers cancelled at random, connections that close without a word: then all
    calls succeed.
    """

    async def main() -> None:
        async with (
            FaultServer(default=close_unannounced) as server,
            TimifyCustomers("app", "secret", base_url=server.url, max_connections=3) as timify,
        ):
            assert await churn(lambda: timify.customers.get(ID), 1.0, callers=30, within=0.02) >= 30
            await settled(timify)
            assert await survivors(lambda: timify.customers.get(ID), 30) == 30

    run(kind, main)


@pytest.mark.parametrize("kind", KINDS)
def test_the_pool_survives_cancellation(kind: str) -> None:
    """The soak in short: 20 connections, 60 callers cancelled within 50 ms; afterwards 100 of 100
    calls succeed.
    """

    async def main() -> None:
        made, alive = await soak(fine_and_close, 1.2)
        assert made > 100
        assert alive == 100

    run(kind, main)


@pytest.mark.parametrize("kind", KINDS)
def test_deadlines_stalls_and_cancellation_together(kind: str) -> None:
    """Stalls, drips, and deadlines that end them by force while calls are cancelled: then 100 of
    100 calls succeed.
    """

    async def main() -> None:
        _, alive = await soak(stall_at_times, 1.5, deadline=0.03, timeout=0.5)
        assert alive == 100

    run(kind, main)
