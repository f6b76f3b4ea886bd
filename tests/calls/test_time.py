"""How long calls wait: Retry-After, the gate after a 429, the retry quota, the deadline."""

from __future__ import annotations

import asyncio
import datetime
import email.utils
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from support.faults import FAULTS, ID, FaultServer, answer, close, fine, haste, refuse, stall
from support.operations import ENTRIES, OPERATIONS
from timify_customers import (
    AmbiguousWriteError,
    CallTimeoutError,
    ConnectError,
    ConnectionLostError,
    RateLimitError,
    ServerError,
    TimifyCustomers,
    TimifyError,
)
from timify_customers._calls import retry
from timify_customers._transport import connections


@pytest.fixture
async def server() -> AsyncIterator[FaultServer]:
    async with FaultServer() as running:
        yield running


@pytest.fixture
def hasty() -> Any:
    with haste():
        yield


def client(url: str, **options: Any) -> TimifyCustomers:
    return TimifyCustomers(access_token="x", base_url=url, **options)


def date(seconds: float, zone: str = "GMT") -> str:
    moment = datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=seconds)
    return email.utils.format_datetime(moment, usegmt=True).replace("GMT", zone)


# Retry-After, through the whole client.

OBEYED: dict[str, Callable[[], str]] = {
    "seconds": lambda: "retry-after: 1",
    "fraction": lambda: "retry-after: 0.4",
    "date": lambda: f"retry-after: {date(2)}",
    "date without zone": lambda: f"retry-after: {date(2, '-0000')}",
}
AT_ONCE = {
    "absent": "x: y",
    "zero": "retry-after: 0",
    "negative": "retry-after: -7",
    "past": "retry-after: Tue, 14 Nov 2023 22:13:30 GMT",
    "nonsense": "retry-after: when it is better",
    "empty": "retry-after: ",
    "not a number": "retry-after: nan",
}
BEYOND = {
    "seconds": "retry-after: 61",
    "huge": "retry-after: 99999999999999999999999",
    "infinite": "retry-after: inf",
    "date": "retry-after: Fri, 31 Dec 2100 23:59:59 GMT",
}


@pytest.mark.parametrize("status", [429, 503])
async def test_a_wait_that_is_named_is_kept(hasty: None, status: int) -> None:
    """In each of its forms, Retry-After is waited for before the next attempt, and not much
    longer.
    """

    async def waited(header: str) -> float:
        async with (
            FaultServer([answer(status, b"", header)]) as server,
            client(server.url) as timify,
        ):
            await timify.customers.create(ENTRIES)
        first, second = server.received
        return second.at - first.at

    waits = await asyncio.gather(*(waited(header()) for header in OBEYED.values()))
    assert all(0.35 < wait < 3.0 for wait in waits), dict(zip(OBEYED, waits, strict=True))


async def test_a_wrong_local_clock_makes_no_wait_longer(hasty: None) -> None:
    """A client whose clock is a day late waits until the date that is named, by the clock of the
    server.
    """
    headers = f"date: {date(86_400)}", f"retry-after: {date(86_401)}"
    async with FaultServer([answer(429, b"", *headers)]) as server, client(server.url) as timify:
        await timify.customers.create(ENTRIES)
    assert len(server.received) == 2


@pytest.mark.parametrize("name", AT_ONCE)
async def test_a_wait_that_means_nothing_is_backoff(
    server: FaultServer, hasty: None, name: str
) -> None:
    """Absent, negative, past and nonsense: the ordinary backoff."""
    server.script = [answer(429, b"", AT_ONCE[name])]
    async with client(server.url, deadline=5.0) as timify:
        await timify.customers.create(ENTRIES)
    assert len(server.received) == 2


@pytest.mark.parametrize("status", [429, 503, 500])
@pytest.mark.parametrize("name", BEYOND)
async def test_a_wait_beyond_the_cap_is_raised(server: FaultServer, name: str, status: int) -> None:
    """More than a minute: the call fails at once, and the error says how long was asked."""
    server.default = answer(status, b"", BEYOND[name])
    async with client(server.url, deadline=1000.0) as timify:
        with pytest.raises((RateLimitError, ServerError)) as caught:
            await timify.customers.get(ID)
    assert caught.value.retry_after is not None
    assert caught.value.retry_after > 60
    assert len(server.received) == 1


async def test_a_wait_beyond_the_deadline_is_raised(server: FaultServer) -> None:
    """No sleep past the deadline: a wait that would end after it is not begun."""
    server.default, loop = answer(429, b"", "retry-after: 5"), asyncio.get_running_loop()
    async with client(server.url, deadline=1.0) as timify:
        began = loop.time()
        with pytest.raises(RateLimitError) as caught:
            await timify.customers.get(ID)
        assert loop.time() - began < 0.9
    assert caught.value.retry_after == 5.0


# The gate.


async def test_after_a_429_all_calls_wait_for_the_same_moment(server: FaultServer) -> None:
    """Calls of every view, lookups and writes alike, arrive only after the moment that one of them
    was told.
    """
    server.script = [answer(429, b"", "retry-after: 0.5")]
    async with client(server.url) as timify:
        first = asyncio.create_task(timify.customers.get(ID))
        while not timify._scope.caller._open_at:  # noqa: ASYNC110 - there is no event for it
            await asyncio.sleep(0.001)
        others = [example.call(timify.for_company("5" * 24)) for example in OPERATIONS.values()]
        await asyncio.gather(first, *others)
    told, *later = server.received
    assert len(later) == 18
    assert all(it.at - told.at >= 0.5 for it in later)


async def test_a_gate_beyond_the_deadline_is_an_error_at_once(server: FaultServer) -> None:
    """A call that could not wait for the moment fails at once, sends nothing, and says how long to
    wait.
    """
    server.script = [answer(429, b"", "retry-after: 30")]
    loop = asyncio.get_running_loop()
    async with client(server.url) as timify:
        with pytest.raises(RateLimitError):
            await timify.with_options(deadline=5).customers.get(ID)
        began = loop.time()
        with pytest.raises(RateLimitError, match="nothing was sent") as caught:
            await timify.with_options(deadline=5).customers.create(ENTRIES)
        assert loop.time() - began < 1.0
    assert len(server.received) == 1
    assert caught.value.retry_after == pytest.approx(30, abs=2)
    assert (caught.value.operation, caught.value.attempts) == ("create_customer", 0)


async def test_a_huge_retry_after_does_not_lock_the_client_for_good(server: FaultServer) -> None:
    """A wait beyond the cap holds the client's other calls for a minute at most."""
    server.script = [answer(429, b"", "retry-after: 1e9")]
    async with client(server.url) as timify:
        with pytest.raises(RateLimitError):
            await timify.customers.get(ID)
        with pytest.raises(RateLimitError, match="nothing was sent") as caught:
            await timify.with_options(deadline=5).customers.get(ID)
    assert caught.value.retry_after is not None
    assert 50 < caught.value.retry_after <= 60


async def test_no_wait_at_the_gate_outlasts_the_deadline(
    server: FaultServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Jitter spreads the calls that wait at the gate, but never past the deadline of one."""
    monkeypatch.setattr("timify_customers._calls.caller.random.random", lambda: 100.0)
    async with client(server.url) as timify:
        timify._scope.caller._open_at = asyncio.get_running_loop().time() + 0.4
        await ends_in_time(timify.with_options(deadline=0.5).customers.get(ID))
    assert not server.received


async def test_clients_do_not_share_a_gate(server: FaultServer) -> None:
    """The gate is the client's: another client goes its way."""
    server.script = [answer(429, b"", "retry-after: 30")]
    async with client(server.url, deadline=5.0) as throttled, client(server.url) as free:
        with pytest.raises(RateLimitError):
            await throttled.customers.get(ID)
        await free.customers.get(ID)


# The quota.


async def test_an_outage_stops_retries_and_successes_bring_them_back(
    server: FaultServer, hasty: None
) -> None:
    """In an outage the requests of 300 calls come down to about one each; afterwards retries come
    back one by one.
    """
    server.default = answer(500)
    async with client(server.url) as timify:
        for _ in range(300):
            with pytest.raises(ServerError):
                await timify.customers.get(ID)
        # 500 tokens at 5 each: 100 retries in all.
        assert len(server.received) == 300 + 100
        server.script = [answer(500)]
        server.default = fine
        with pytest.raises(ServerError):
            await timify.customers.get(ID)
        for _ in range(5):
            await timify.customers.get(ID)
        server.script = [answer(500)]
        await timify.customers.get(ID)


async def test_an_outage_stops_repeated_creates_too(server: FaultServer, hasty: None) -> None:
    """With ``on_lost_answer="repeat"``, a create is not sent again when the quota is used up."""

    async def writes_fail(exchange: Any) -> None:
        await answer(500 if exchange.request.method == "POST" else 404)(exchange)

    server.default, server.writes = writes_fail, False
    async with client(server.url, on_lost_answer="repeat") as timify:
        timify._scope.caller._quota = retry.Quota(10)
        for key in ("crm-1", "crm-2"):
            with pytest.raises(AmbiguousWriteError) as caught:
                await timify.customers.create(ENTRIES, external_id=key)
        assert "quota" in str(caught.value)
    # Two retries in all, instead of four for each.
    assert sum(it.method == "POST" for it in server.received) == 4


async def test_settling_does_not_pay_from_the_quota(server: FaultServer, hasty: None) -> None:
    """A lookup that settles a lost create is repeated with an empty quota too, and leaves the quota
    as it is.
    """
    async with client(server.url) as timify:
        timify._scope.caller._quota = retry.Quota(0)
        server.script = [close, answer(500), answer(503), close, fine]
        ada = await timify.customers.create(ENTRIES, external_id="crm-1")
        assert ada.settled
        assert timify._scope.caller._quota.left == 0
    assert [it.method for it in server.received] == ["POST", "GET", "GET", "GET", "GET"]


async def test_a_time_out_costs_double(server: FaultServer, hasty: None) -> None:
    """Retries after a time-out take twice as much of the quota."""
    server.default = stall
    async with client(server.url, timeout=0.02) as timify:
        timify._scope.caller._quota = retry.Quota(60)
        results = await asyncio.gather(
            *(timify.customers.get(ID) for _ in range(10)), return_exceptions=True
        )
        assert all(isinstance(it, (CallTimeoutError, ConnectError)) for it in results)
        assert timify._scope.caller._quota.left < 10
    assert len(server.received) <= 10 + 6


async def test_views_share_the_quota(server: FaultServer, hasty: None) -> None:
    """What one view spends is gone for all: the outage is the same."""
    server.default = answer(500)
    async with client(server.url) as timify:
        timify._scope.caller._quota = retry.Quota(5)
        for view in (timify.for_company("5" * 24), timify.with_options(retries=9)):
            with pytest.raises(ServerError):
                await view.customers.get(ID)
    assert len(server.received) == 3


async def test_one_call_never_changes_another(server: FaultServer, hasty: None) -> None:
    """While reads are retried beside it, a create whose answer is lost is still sent exactly
    once.
    """

    async def by_method(exchange: Any) -> None:
        await (close if exchange.request.method == "POST" or len(server.received) % 3 else fine)(
            exchange
        )

    server.default = by_method
    async with client(server.url, retries=9) as timify:
        creates = [
            timify.customers.create([{"id": "n", "value": str(number)}]) for number in range(20)
        ]
        reads = [timify.customers.get(ID) for _ in range(20)]
        results = await asyncio.gather(*creates, *reads, return_exceptions=True)
    assert all(isinstance(it, AmbiguousWriteError) for it in results[:20])
    assert not any(isinstance(it, AmbiguousWriteError) for it in results[20:])
    assert all(
        isinstance(it, ConnectionLostError) for it in results[20:] if isinstance(it, Exception)
    )
    posted = [
        it.json()["customfields"][0]["value"] for it in server.received if it.method == "POST"
    ]
    assert sorted(posted, key=int) == [str(number) for number in range(20)]


# The deadline.


async def ends_in_time(call: Any, deadline: float = 0.5) -> BaseException:
    """Run a call to its error, and assert that the error came about when it had to."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    with pytest.raises(TimifyError) as caught:
        await call
    assert loop.time() - began < deadline + 1.0
    return caught.value


@pytest.mark.parametrize("part", ["api", "token"])
async def test_no_fault_outlasts_the_deadline(monkeypatch: pytest.MonkeyPatch, part: str) -> None:
    """Whatever the fault, of the API or of the token endpoint, a call with half a second ends in
    about that.
    """
    monkeypatch.setattr(connections, "CLOSE_GRACE", 0.1)
    few = asyncio.Semaphore(8)

    async def run(name: str) -> None:
        fault = FAULTS[name].fault
        options: dict[str, Any] = {"default": fault} if part == "api" else {"token": fault}
        async with few, FaultServer(**options) as server:
            if fault is refuse:
                server.refuse()
            await both(
                name,
                TimifyCustomers("app", "secret", base_url=server.url, deadline=0.5, retries=50),
            )

    async def both(name: str, client: TimifyCustomers) -> None:
        async with client as timify:
            await ends_in_time(timify.customers.get(ID))
            error = await ends_in_time(
                timify.customers.create(ENTRIES, external_id="crm-1", on_lost_answer="repeat")
            )
            assert part == "api" or not isinstance(error, AmbiguousWriteError), name

    await asyncio.gather(*map(run, FAULTS))


async def test_the_deadline_holds_for_the_wait_for_a_connection(server: FaultServer) -> None:
    """A call that gets no connection in time fails as never sent."""
    server.default = stall
    async with client(server.url, max_connections=1) as timify:
        busy = asyncio.create_task(timify.customers.get(ID))
        await asyncio.sleep(0.05)
        error = await ends_in_time(timify.with_options(deadline=0.3).customers.create(ENTRIES), 0.3)
        assert isinstance(error, ConnectError)
        assert "nothing was sent" in str(error)
        busy.cancel()
    assert len(server.received) == 1


@pytest.mark.parametrize("waiting", [1, 5])
async def test_the_deadline_holds_for_the_definitions(server: FaultServer, waiting: int) -> None:
    """A create by name that waits for the definitions, or for another call that fetches them, ends
    in time.
    """
    server.default = stall
    async with client(server.url) as timify:
        slow = [
            asyncio.create_task(timify.customers.create({"firstName": "x"}))
            for _ in range(waiting - 1)
        ]
        await asyncio.sleep(0)
        error = await ends_in_time(
            timify.with_options(deadline=0.3).customers.create({"firstName": "x"}), 0.3
        )
        assert isinstance(error, CallTimeoutError)
        for task in slow:
            task.cancel()
    assert all(it.method == "GET" for it in server.received)


async def test_the_deadline_is_one_for_all_parts(server: FaultServer) -> None:
    """Token, definitions, create and lookups together take one deadline, not one each."""

    async def slowly(exchange: Any) -> None:
        await asyncio.sleep(0.25)
        if exchange.request.method == "POST":
            exchange.writer.close()
        else:
            await fine(exchange)

    server.default = slowly
    async with client(server.url, deadline=0.6) as timify:
        error = await ends_in_time(timify.customers.create({}, external_id="crm-1"), 0.6)
    assert isinstance(error, AmbiguousWriteError)


async def test_each_chunk_of_an_import_has_its_deadline(server: FaultServer) -> None:
    """An import of many chunks is many calls; one that stalls ends with the deadline of its
    chunk.
    """
    server.script = [fine, fine]
    server.default = stall
    rows = [{"importCustomerId": str(number)} for number in range(6)]
    async with client(server.url, deadline=0.5) as timify:
        began = asyncio.get_running_loop().time()
        report = await timify.customers.import_many(rows, chunk_size=2)
        assert asyncio.get_running_loop().time() - began < 1.5
    assert (report.accepted, report.unknown) == (4, 2)


async def test_a_timeout_holds_for_each_step(server: FaultServer, hasty: None) -> None:
    """``timeout`` ends one attempt, and the next may succeed within the same deadline."""
    server.script = [stall]
    async with client(server.url, timeout=0.3) as timify:
        await timify.customers.get(ID)
    assert 0.25 < server.received[1].at - server.received[0].at < 3.0
