"""A client in the same process waits by the sandbox's clock: a test of retries takes no time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from timify_customers import (
    AmbiguousWriteError,
    CallTimeoutError,
    ClientStateError,
    RateLimitError,
    ServerError,
    TimifyCustomers,
)
from timify_customers.sandbox import Sandbox
from timify_customers.sandbox._model import MovableClock
from timify_customers.sandbox._waiting import SharedClock

ADA = "a" * 24


@pytest.fixture
def sandbox() -> Sandbox:
    sandbox = Sandbox()
    sandbox.add_customers([{"id": ADA, "firstName": "Ada", "externalId": "crm-1"}])
    return sandbox


@contextmanager
def passing(sandbox: Sandbox, least: float, most: float, real: float = 5.0) -> Iterator[None]:
    """So many seconds pass for the sandbox, and fewer than ``real`` for whoever runs the test."""
    moment, began = sandbox.clock(), time.monotonic()
    yield
    assert least <= sandbox.clock() - moment < most
    assert time.monotonic() - began < real


async def test_a_retry_after_takes_no_time(sandbox: Sandbox) -> None:
    """The call ends at once, and for the sandbox as much time has passed as it asked for."""
    sandbox.fail("get_customer", status=429, retry_after=30)
    async with sandbox.client() as timify:
        with passing(sandbox, 30, 40):
            assert (await timify.customers.get(ADA)).first_name == "Ada"


async def test_backoff_takes_no_time(sandbox: Sandbox) -> None:
    """Nor do the pauses that the client chooses itself, and those before it looks for a write."""
    sandbox.fail("get_customer", status=500, times=None)
    sandbox.fail("create_customer", "cut_after")
    async with sandbox.client(retries=12, deadline=600) as timify:
        with passing(sandbox, 1, 600), pytest.raises(ServerError):
            await timify.customers.get(ADA)
        with passing(sandbox, 0, 600), pytest.raises(AmbiguousWriteError):
            await timify.customers.create({"firstName": "Eve"}, external_id="crm-2")
    assert sum(it.operation == "get_customer" for it in sandbox.requests) >= 13


async def test_a_deadline_counts_the_time_that_passed_so(sandbox: Sandbox) -> None:
    """A call whose pauses go beyond its deadline ends as it would in real time."""
    sandbox.fail("get_customer", status=503, retry_after=50, times=None)
    async with sandbox.client(retries=99) as timify:
        with passing(sandbox, 100, 120), pytest.raises(ServerError):
            await timify.customers.get(ADA)
        with passing(sandbox, 0, 5), pytest.raises(ServerError):
            await timify.with_options(deadline=40).customers.get(ADA)


async def test_a_clock_that_a_test_moves_counts_too(sandbox: Sandbox) -> None:
    """A call under way finds its deadline passed when the test has moved the clock beyond it."""
    sandbox.fail("get_customer", "delay", seconds=0.2)
    sandbox.fail("get_customer", status=500, skip=1)
    async with sandbox.client() as timify:
        call = asyncio.create_task(timify.customers.upsert({"firstName": "A"}, external_id="crm-1"))
        await asyncio.sleep(0.05)
        sandbox.clock.advance(1000)
        with pytest.raises(CallTimeoutError):
            await call
    sandbox.faults.clear()


async def test_calls_side_by_side_wait_for_the_same_time(sandbox: Sandbox) -> None:
    """After a 429 all calls wait for one moment, and not one behind the other."""
    sandbox.fail("get_customer", status=429, retry_after=30)
    async with sandbox.client() as timify:
        with passing(sandbox, 30, 40):
            await asyncio.gather(*(timify.customers.get(ADA) for _ in range(20)))


async def test_a_rate_limit_of_the_sandbox_is_kept(sandbox: Sandbox) -> None:
    """The sandbox counts requests by the clock that the client waits by."""
    sandbox.fail("get_customer", "rate_limit", limit=5, seconds=10)
    async with sandbox.client(retries=20, deadline=300) as timify:
        with passing(sandbox, 10, 300):
            for _ in range(20):
                await timify.customers.get(ADA)


async def test_tokens_age_by_the_same_clock(sandbox: Sandbox) -> None:
    """A token that has expired meanwhile is renewed before it is used, as in real time."""
    async with sandbox.client() as timify:
        await timify.customers.get(ADA)
        sandbox.clock.advance(sandbox.tokens.lifetime)
        await timify.customers.get(ADA)
    assert [it.operation for it in sandbox.requests] == ["create_token", "get_customer"] * 2


async def test_who_waits_for_an_answer_loses_no_time(sandbox: Sandbox) -> None:
    """While a request is under way the clock is not moved on, so pauses beside it are real."""
    sandbox.fail("get_customer", "delay", seconds=0.3)
    sandbox.fail("list_customers", status=429, retry_after=0.1)
    async with sandbox.client() as timify:
        await timify.fields.list()
        with passing(sandbox, 0.3, 1.0, real=1.0):
            slow = asyncio.create_task(timify.customers.get(ADA))
            await asyncio.sleep(0.01)
            began = time.monotonic()
            await timify.customers.list()
            assert time.monotonic() - began >= 0.1
            await slow


async def test_closing_ends_a_pause(sandbox: Sandbox) -> None:
    """Whoever waits when the client is closed has the error of a closed client."""
    sandbox.fail("get_customer", "stall")
    sandbox.fail("list_customers", status=503, retry_after=50)
    async with sandbox.client() as timify:
        stuck = asyncio.create_task(timify.customers.get(ADA))
        await asyncio.sleep(0.05)
        waiting = asyncio.create_task(anext(aiter(timify.customers.list())))
        await asyncio.sleep(0.05)
    with pytest.raises(ClientStateError):
        await waiting
    stuck.cancel()
    await asyncio.gather(stuck, return_exceptions=True)


async def test_a_client_of_ones_own_waits_in_real_time(sandbox: Sandbox) -> None:
    """Through the transport alone, for tests of what happens while a client waits."""
    sandbox.fail("get_customer", status=429, retry_after=0.3)
    sandbox.fail("get_customer", status=429, retry_after=30)
    options = {"company_id": sandbox.company_id, "base_url": "http://127.0.0.1"}
    async with TimifyCustomers(
        sandbox.app_id, sandbox.app_secret, transport=sandbox.transport(), **options
    ) as timify:
        began = time.monotonic()
        with passing(sandbox, 0.3, 2.0), pytest.raises(TimeoutError):
            async with asyncio.timeout(1.2):
                await timify.customers.get(ADA)
        assert time.monotonic() - began >= 0.3


async def test_a_frozen_clock_is_moved_by_pauses_alone() -> None:
    """A sandbox that is given a clock that stands still serves a client all the same."""
    sandbox = Sandbox(clock=lambda: 1_700_000_000.0)
    sandbox.add_customers([{"id": ADA}])
    sandbox.fail("get_customer", status=429, retry_after=30)
    async with sandbox.client() as timify:
        await timify.customers.get(ADA)
    assert 1_700_000_030 <= sandbox.clock() < 1_700_000_040


async def test_pauses_end_in_the_order_of_their_ends() -> None:
    """The clock moves to the earliest end, and what follows that comes before the next."""
    clock = SharedClock(MovableClock(lambda: 0.0))
    order: list[tuple[str, float]] = []
    never = asyncio.Event()

    async def pause(name: str, *seconds: float) -> None:
        for each in seconds:
            await clock.wait(never, each)
            order.append((name, round(clock.time(), 3)))

    await asyncio.gather(pause("a", 30, 5), pause("b", 20, 11), pause("c", 60))
    assert order == [("b", 20.0), ("a", 30.0), ("b", 31.0), ("a", 35.0), ("c", 60.0)]


async def test_an_event_ends_a_pause() -> None:
    """The rest of it does not pass."""
    clock = SharedClock(MovableClock(lambda: 0.0))
    event = asyncio.Event()
    with clock.exchange():
        pause = asyncio.create_task(clock.wait(event, 30))
        await asyncio.sleep(0.01)
        assert not pause.done()
        event.set()
        await pause
    assert clock.time() == 0.0


async def test_a_cancelled_pause_holds_nobody_up() -> None:
    """Of it nothing is left that another pause would wait for."""
    clock = SharedClock(MovableClock(lambda: 0.0))
    never = asyncio.Event()
    with clock.exchange():
        first = asyncio.create_task(clock.wait(never, 1))
        await asyncio.sleep(0)
        first.cancel()
        await asyncio.gather(first, return_exceptions=True)
    async with asyncio.timeout(5):
        await clock.wait(never, 30)
    assert clock.time() == pytest.approx(30)


async def test_a_retry_after_beyond_a_minute_is_still_refused(sandbox: Sandbox) -> None:
    """That waiting takes no time does not change what a client is ready to wait for."""
    sandbox.fail("get_customer", status=429, retry_after=61)
    async with sandbox.client() as timify:
        with passing(sandbox, 0, 5), pytest.raises(RateLimitError):
            await timify.customers.get(ADA)
