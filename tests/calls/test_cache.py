"""A value that is fetched once for all who need it: what becomes of it, and of those who wait."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

import pytest
from attrs import define, field
from timify_customers import CallError, CallTimeoutError, ClientStateError
from timify_customers._calls.cache import CachedValue, CacheState, RefreshingCache

# The decisions.


@pytest.mark.parametrize(
    ("now", "expected"),
    [(99, "use"), (100, "use and renew"), (199, "use and renew"), (200, "wait"), (300, "wait")],
)
def test_each_phase_begins_at_its_moment(now: float, expected: str) -> None:
    """The moments themselves belong to the phase that they begin."""
    value = CachedValue("x", refresh_at=100.0, stale_at=200.0, expires_at=300.0)
    assert CacheState(value).use(now) == expected


def test_the_wait_after_failures_doubles_up_to_320_seconds() -> None:
    """Failed renewals are tried again after 5 seconds, 10, and so on; after 320 in the end."""
    state, pauses = CacheState[str](), []
    for now in range(8):
        state = state.failed(float(now))
        pauses.append(state.next_renewal - now)
    assert pauses == [5.0, 10.0, 20.0, 40.0, 80.0, 160.0, 320.0, 320.0]


# The flight.


@define
class Waits:
    """Stands for ``asyncio.wait``: notes the timeouts that are asked for, and waits ``seconds``."""

    seconds: float | None
    timeouts: list[float | None] = field(factory=list)
    wait: Any = asyncio.wait

    async def __call__(self, tasks: Any, *, timeout: float | None = None) -> Any:  # noqa: ASYNC109
        self.timeouts.append(timeout)
        return await self.wait(tasks, timeout=self.seconds)


@define
class Flights:
    """Brings the values of a list, one by one, each when the ``landed`` of this object is set."""

    values: list[str]
    landed: asyncio.Event = field(factory=asyncio.Event)
    started: int = 0
    stubborn: bool = False

    async def __call__(self) -> CachedValue[str]:
        self.started += 1
        while not self.landed.is_set():
            with contextlib.suppress(*([asyncio.CancelledError] if self.stubborn else [])):
                await self.landed.wait()
        return CachedValue(self.values.pop(0))


def cache(flights: Flights) -> RefreshingCache[str]:
    return RefreshingCache("a token", flights, 60.0)


def aged(value: str, early: float, late: float, end: float) -> CachedValue[str]:
    """Return a value whose phases end at these moments, in seconds from now."""
    now = asyncio.get_running_loop().time()
    return CachedValue(value, refresh_at=now + early, stale_at=now + late, expires_at=now + end)


async def test_who_has_a_good_value_waits_half_of_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a value a call waits for as long as it has; with one that is still good, half as
    long.
    """
    waits = Waits(None)
    monkeypatch.setattr(asyncio, "wait", waits)
    flights = Flights(["one", "two"])
    flights.landed.set()
    tokens = cache(flights)
    assert (await tokens.get(10.0)).value == "one"
    tokens.replace(aged("old", -2, -1, 1000))
    assert (await tokens.get(10.0)).value == "two"
    assert waits.timeouts == [10.0, 5.0]


async def test_a_flight_that_is_outdated_serves_those_who_wait() -> None:
    """What was put in its place meanwhile stays; who waited for the flight gets what it brings."""
    flights = Flights(["flown"])
    tokens = cache(flights)
    waiting = asyncio.create_task(tokens.get(10.0))
    await asyncio.sleep(0)
    tokens.replace(CachedValue("put"))
    flights.landed.set()
    assert (await waiting).value == "flown"
    assert (await tokens.get(10.0)).value == "put"


async def test_a_value_is_dropped_only_by_whom_it_failed() -> None:
    """Dropping a value that another has replaced leaves the other alone."""
    flights = Flights(["new"])
    flights.landed.set()
    tokens, old, put = cache(flights), CachedValue("old"), CachedValue("put")
    tokens.replace(put)
    tokens.drop(old)
    assert await tokens.get(10.0) is put
    tokens.drop(put)
    assert tokens.cached is None
    assert (await tokens.get(10.0)).value == "new"


async def test_an_expired_value_is_not_at_hand() -> None:
    """What has reached its end is not shown as at hand; a moment before, it was."""
    tokens = cache(Flights([]))
    tokens.replace(aged("good", -2, -1, 1000))
    assert tokens.cached is not None
    tokens.replace(aged("ended", -2, -1, 0))
    assert tokens.cached is None


async def test_closing_ends_the_flights_and_the_waiting() -> None:
    """Whoever waits learns that the request was cancelled, and the value of which it was."""
    flights = Flights([])
    tokens = cache(flights)
    waiting = asyncio.create_task(tokens.get(10.0))
    await asyncio.sleep(0.01)
    await tokens.aclose()
    message = "^the request for a token was cancelled, as closing the client does$"
    with pytest.raises(ClientStateError, match=message):
        await waiting


async def test_closing_leaves_a_flight_behind_that_does_not_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A provider that will not be cancelled holds closing up for a second, and no longer."""
    flights = Flights(["flown"], stubborn=True)
    tokens = cache(flights)
    waiting = asyncio.create_task(tokens.get(10.0))
    await asyncio.sleep(0.01)
    waits = Waits(0.01)
    with monkeypatch.context() as patch:
        patch.setattr(asyncio, "wait", waits)
        await tokens.aclose()
    assert (waits.timeouts, waiting.done()) == ([1.0], False)
    flights.landed.set()
    assert (await waiting).value == "flown"


async def test_a_flight_that_is_late_is_a_timeout_and_flies_on() -> None:
    """Who runs out of time is told so, of what; the value is there for the next one to come."""
    flights = Flights(["late"])
    tokens = cache(flights)
    message = "^a token did not come within the call's deadline; nothing was sent$"
    with pytest.raises(CallTimeoutError, match=message):
        await tokens.get(0.01)
    flights.landed.set()
    assert (await tokens.get(10.0)).value == "late"
    assert flights.started == 1


async def test_each_who_waits_has_an_error_of_its_own() -> None:
    """A flight that fails gives everybody a copy, so that tracebacks do not grow together."""

    async def fetch() -> CachedValue[str]:
        raise CallError("no")

    tokens = RefreshingCache("a token", fetch, 60.0)
    one, other = await asyncio.gather(tokens.get(1), tokens.get(1), return_exceptions=True)
    assert isinstance(one, CallError)
    assert isinstance(other, CallError)
    assert one is not other


async def test_a_flight_that_takes_too_long_is_an_error_that_says_of_what() -> None:
    """A flight has ``patience`` seconds; what ends it names the value and the kind of trouble."""
    tokens = RefreshingCache("a token", Flights([]), 0.01)
    with pytest.raises(CallError, match=r"^a token cannot be had: TimeoutError$"):
        await tokens.get(10.0)
