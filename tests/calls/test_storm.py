"""The storm: thousands of writes against the sandbox, with 30 % faults; a third lose the answer
after the write.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from attrs import define, field
from support.faults import haste
from timify_customers import (
    AmbiguousWriteError,
    BodyError,
    CallError,
    ConflictError,
    Customer,
    TimifyCustomers,
)
from timify_customers._calls import retry
from timify_customers._calls.retry import Quota
from timify_customers.sandbox import Sandbox

CALLS, FEW, AT_ONCE, FAULTY = 2000, 400, 64, 0.3
BEFORE: list[Callable[[], httpx.Response]] = []


def _raise(error: Exception) -> httpx.Response:
    raise error


BEFORE += [
    lambda: _raise(httpx.ConnectError("refused")),
    lambda: _raise(httpx.ReadError("reset before the request was read")),
    lambda: httpx.Response(429, headers={"retry-after": "0.001"}),
    lambda: httpx.Response(503, headers={"retry-after": "0.001"}),
    lambda: httpx.Response(502, text="<html>"),
]
AFTER: list[Callable[[], httpx.Response]] = [
    lambda: _raise(httpx.ReadError("reset in the answer")),
    lambda: _raise(httpx.ReadTimeout("stalled")),
    lambda: httpx.Response(504, text="<html>"),
    lambda: httpx.Response(200, content=b'{"data": {"id'),
]


@define
class Weather(httpx.AsyncBaseTransport):
    """Hands requests to the sandbox; fails on some before it, and on half as many after it has done
    its work.

    Attributes:
        hidden: how many lookups of a key see nothing after a write, for each key.
        blind: whether lookups ignore the key and give some customer.
    """

    sandbox: Sandbox
    hidden: int = 0
    blind: bool = False
    luck: random.Random = field(factory=lambda: random.Random(1815))
    looked: Counter[str] = field(factory=Counter)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await asyncio.sleep(0)
        if request.url.path == "/v1/auth/token":
            return await self._sandbox(request)
        luck = self.luck.random()
        if luck < FAULTY * 2 / 3:
            return self.luck.choice(BEFORE)()
        response = (
            await self._lookup(request)
            if request.url.query == b"external=1"
            else await self._sandbox(request)
        )
        return self.luck.choice(AFTER)() if luck < FAULTY else response

    async def _lookup(self, request: httpx.Request) -> httpx.Response:
        key = request.url.path.rpartition("/")[2]
        if request.method == "GET" and self.looked[key] < self.hidden:
            self.looked[key] += 1
            return httpx.Response(404, json={"status": 0, "message": "not yet"})
        if request.method == "GET" and self.blind:
            some = self.luck.choice([*self.sandbox.company().customers.values()])
            request = httpx.Request(
                "GET",
                request.url.copy_with(path=f"/v1/customers/{some.id}", query=None),
                headers=request.headers,
            )
        return await self._sandbox(request)

    async def _sandbox(self, request: httpx.Request) -> httpx.Response:
        return await httpx.ASGITransport(app=self.sandbox.app).handle_async_request(request)


@pytest.fixture(autouse=True)
def _haste(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(retry, "QUOTA", 10**6)
    with haste():
        yield


async def storm(
    weather: Weather, call: Callable[[TimifyCustomers, int], Any], calls: int = CALLS, **more: Any
) -> list[Any]:
    """Make the calls, 64 at a time; gives what each came to."""
    sandbox, free = weather.sandbox, asyncio.Semaphore(AT_ONCE)
    options = {
        "base_url": "http://127.0.0.1",
        "transport": weather,
        "max_connections": AT_ONCE,
        "retries": 9,
        **more,
    }
    async with TimifyCustomers(
        sandbox.app_id, sandbox.app_secret, sandbox.company_id, **options
    ) as timify:
        timify._scope.caller._quota = Quota(
            10**6
        )  # its end is chance: at 30 % faults it just about lasts

        async def one(number: int) -> Any:
            async with free:
                try:
                    return await call(timify, number)
                except CallError as error:
                    return error

        return await asyncio.gather(*map(one, range(calls)))


def _create(timify: TimifyCustomers, number: int) -> Any:
    return timify.customers.create(
        {"firstName": "Ada", "notes": f"number {number}"}, external_id=f"crm-{number}"
    )


def _number(customer: Customer) -> str:
    return next(it.value or "" for it in customer.fields or () if it.default_id == "notes")


def figures(name: str, results: list[Any], sandbox: Sandbox) -> Counter[str]:
    """Count how the calls ended; shown with ``pytest -rP`` or ``-s``."""
    counts = Counter(
        type(it).__name__
        if isinstance(it, CallError)
        else "settled"
        if getattr(it, "settled", 0)
        else "answered"
        for it in results
    )
    print(f"\nstorm, {name}: {dict(counts)}, {len(sandbox.company().customers)} customers")  # noqa: T201
    return counts


def check_open(results: list[Any], calls: int) -> None:
    """The few writes that met a fault on each of their ten attempts say so, and that sending them
    again is safe.
    """
    assert len(results) <= calls / 100
    assert all(isinstance(it, CallError) for it in results)
    assert all(it.safe_to_repeat for it in results if isinstance(it, AmbiguousWriteError))


def check_creates(results: list[Any], sandbox: Sandbox) -> None:
    """No key was written twice, and every customer that was returned is the one that this call
    created.
    """
    keys = Counter(it.external_id for it in sandbox.company().customers.values())
    assert max(keys.values()) == 1
    for number, result in enumerate(results):
        assert isinstance(result, (Customer, AmbiguousWriteError)), result
        if isinstance(result, Customer):
            assert (result.external_id, _number(result)) == (f"crm-{number}", f"number {number}")
            assert sandbox.company().customers[result.id].external_id == f"crm-{number}"


@pytest.mark.parametrize(
    ("unique", "calls"), [(False, CALLS), (True, FEW)], ids=["keys may repeat", "unique keys"]
)
async def test_no_create_is_done_twice(unique: bool, calls: int) -> None:
    """2,000 keyed creates: no duplicate, and each ends with its customer or an
    AmbiguousWriteError.
    """
    sandbox = Sandbox(unique_external_ids=unique)
    results = await storm(Weather(sandbox), _create, calls)
    counts = figures(
        f"by default, {'unique keys' if unique else 'keys may repeat'}", results, sandbox
    )
    check_creates(results, sandbox)
    assert counts["answered"] > calls * 0.7
    assert counts["settled"] > calls * 0.05
    assert counts["AmbiguousWriteError"] > calls * 0.05


async def test_with_repeat_every_customer_is_created_once() -> None:
    """``on_lost_answer="repeat"`` on an API that shows writes at once: exactly 2,000 customers,
    each returned.

    With ten attempts one call of 2,000 would meet a fault on each of them in one run of eighty
    (0.3 ** 10 * 2,000 is 0.012), so calls have thirty.
    """
    sandbox = Sandbox(unique_external_ids=False)
    results = await storm(Weather(sandbox), _create, on_lost_answer="repeat", retries=29)
    counts = figures('on_lost_answer="repeat"', results, sandbox)
    check_creates(results, sandbox)
    assert len(sandbox.company().customers) == CALLS
    assert counts["AmbiguousWriteError"] == 0


@pytest.mark.parametrize(("hidden", "calls"), [(1, CALLS), (9, 100)], ids=["late", "never"])
async def test_writes_that_show_late_are_not_repeated(hidden: int, calls: int) -> None:
    """An API that shows a write after some lookups, or never, with keys that may repeat: still no
    duplicate.
    """
    sandbox = Sandbox(unique_external_ids=False)
    results = await storm(Weather(sandbox, hidden=hidden), _create, calls)
    counts = figures(f"writes show after {hidden} lookups", results, sandbox)
    check_creates(results, sandbox)
    assert (counts["settled"] == 0) is (hidden == 9)


async def test_lookups_that_ignore_the_key_return_no_stranger() -> None:
    """An API that ignores ``?external=1``: no duplicate, and no call gets somebody else's
    customer.
    """
    sandbox = Sandbox(unique_external_ids=False)
    results = await storm(Weather(sandbox, blind=True), _create)
    figures("lookups ignore the key", results, sandbox)
    check_creates(results, sandbox)


@pytest.mark.parametrize(("values", "calls"), [("other", CALLS), ("more", FEW)])
async def test_keys_taken_before_return_no_stranger(values: str, calls: int) -> None:
    """Every key is taken, by other values or by the same and one more: no call returns the customer
    that was there.
    """
    sandbox = Sandbox(unique_external_ids=False)
    home = sandbox.company()
    first, notes, last = (
        home.default_field(name).id for name in ("firstName", "notes", "lastName")
    )
    strangers = set()
    for number in range(calls):
        own = (
            {first: "Eve"}
            if values == "other"
            else {first: "Ada", notes: f"number {number}", last: "Older"}
        )
        strangers.add(home.create(own, external_id=f"crm-{number}").id)
    results = await storm(Weather(sandbox), _create, calls)
    figures(f"keys taken before by {values} values", results, sandbox)
    assert not [it for it in results if isinstance(it, Customer) and it.id in strangers]
    made = Counter(it.external_id for it in home.customers.values() if it.id not in strangers)
    assert max(made.values()) == 1
    for result in results:
        if isinstance(result, AmbiguousWriteError) and result.seen is not None:
            assert result.seen.id in strangers


async def test_keys_taken_before_where_keys_are_unique() -> None:
    """Every key is taken, and the API refuses a second one: each call is a ConflictError or open;
    nothing is added.
    """
    sandbox = Sandbox()
    await _fill(sandbox, FEW)
    results = await storm(Weather(sandbox), _create, FEW)
    figures("keys taken before, unique keys", results, sandbox)
    assert {type(it) for it in results} == {ConflictError, AmbiguousWriteError}
    assert len(sandbox.company().customers) == FEW


async def test_updates_are_done() -> None:
    """2,000 updates by key: all but the unluckiest are done, and done to the customer that has the
    key.
    """
    sandbox = Sandbox()
    await _fill(sandbox)
    results = await storm(
        Weather(sandbox),
        lambda t, number: t.customers.update(
            {"notes": f"number {number}"}, external_id=f"crm-{number}"
        ),
    )
    figures("updates", results, sandbox)
    check_open([it for it in results if not isinstance(it, Customer)], CALLS)
    done = {number for number, result in enumerate(results) if isinstance(result, Customer)}
    assert all(_number(results[number]) == f"number {number}" for number in done)
    notes = sandbox.company().default_field("notes").id
    held = {it.external_id: it.values.get(notes) for it in sandbox.company().customers.values()}
    assert len(held) == CALLS
    assert all(held[f"crm-{number}"] == f"number {number}" for number in done)


@pytest.mark.parametrize("blind", [False, True], ids=["sighted", "blind"])
async def test_changes_of_key_are_done_or_open(blind: bool) -> None:
    """Updates that change their own key: each returns its own customer under the new key, or is
    open.
    """
    sandbox = Sandbox()
    ids = await _fill(sandbox, FEW)
    results = await storm(
        Weather(sandbox, blind=blind),
        lambda t, number: t.customers.update(
            {}, external_id=f"crm-{number}", new_external_id=f"new-{number}"
        ),
        FEW,
    )
    counts = figures(f"changes of key, {'blind' if blind else 'sighted'} lookups", results, sandbox)
    assert (counts["settled"] == 0) is blind
    for number, result in enumerate(results):
        assert isinstance(result, (Customer, AmbiguousWriteError))
        if isinstance(result, Customer):
            assert (result.id, result.external_id) == (ids[number], f"new-{number}")
            assert sandbox.company().customers[result.id].external_id == f"new-{number}"


@pytest.mark.parametrize(
    ("blind", "calls"), [(False, CALLS), (True, FEW)], ids=["sighted", "blind"]
)
async def test_deletions_hit_who_is_meant(blind: bool, calls: int) -> None:
    """2,000 deletions by key of every second customer: those that were answered are gone, and
    nobody else is.
    """
    sandbox = Sandbox()
    await _fill(sandbox, 2 * calls)
    results = await storm(
        Weather(sandbox, blind=blind),
        lambda t, number: t.customers.delete(external_id=f"crm-{2 * number}"),
        calls,
    )
    figures(f"deletions, {'blind' if blind else 'sighted'} lookups", results, sandbox)
    left = {it.external_id for it in sandbox.company().customers.values()}
    if blind:  # but for the few whose lookup gives the right customer by chance
        gone = {f"crm-{2 * number}" for number, result in enumerate(results) if result is None}
        refused = [it for it in results if isinstance(it, BodyError)]
        assert len(refused) > calls / 2
        check_open([it for it in results if it is not None and it not in refused], calls)
        assert left == {f"crm-{number}" for number in range(2 * calls)} - gone
        assert len(gone) < calls / 10
    else:
        check_open([it for it in results if it is not None], calls)
        assert left >= {f"crm-{2 * number + 1}" for number in range(calls)}
        assert not left & {
            f"crm-{2 * number}" for number, result in enumerate(results) if result is None
        }


async def test_creates_without_key_are_sent_once() -> None:
    """Creates without a key: none is done twice, and what is answered was done."""
    sandbox = Sandbox()
    results = await storm(
        Weather(sandbox),
        lambda t, number: t.customers.create({"firstName": "Ada", "notes": f"number {number}"}),
        FEW,
    )
    figures("creates without a key", results, sandbox)
    notes = sandbox.company().default_field("notes").id
    made = Counter(it.values[notes] for it in sandbox.company().customers.values())
    assert max(made.values()) == 1
    for number, result in enumerate(results):
        assert isinstance(result, (Customer, AmbiguousWriteError))
        if isinstance(result, Customer):
            assert made[f"number {number}"] == 1


async def test_imports_by_key_are_done_once() -> None:
    """Rows imported by key in small chunks through the storm are each there once."""
    sandbox = Sandbox()
    rows = [
        {"importCustomerId": f"crm-{number}", "notes": f"number {number}"}
        for number in range(CALLS)
    ]
    options: Any = {"base_url": "http://127.0.0.1", "transport": Weather(sandbox), "retries": 9}
    async with TimifyCustomers(
        sandbox.app_id, sandbox.app_secret, sandbox.company_id, **options
    ) as timify:
        report = await timify.customers.import_many(rows, chunk_size=20)
    assert report.accepted == CALLS
    notes = sandbox.company().default_field("notes").id
    assert Counter(it.values[notes] for it in sandbox.company().customers.values()) == Counter(
        it["notes"] for it in rows
    )


async def _fill(sandbox: Sandbox, number: int = CALLS) -> list[str]:
    home = sandbox.company()
    first = home.default_field("firstName").id
    return [home.create({first: "Ada"}, external_id=f"crm-{number}").id for number in range(number)]
