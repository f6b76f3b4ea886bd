"""A limit of requests for the processes of an app."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from timify_customers import ArgumentTypeError, ConfigurationError, RateLimitError, TimifyCustomers
from timify_customers.sandbox import Sandbox
from timify_customers.workers import SharedLimit
from workers.caller import WARM
from workers.processes import answered, callers
from workers.server import KeptServer

UNREACHABLE = "redis://127.0.0.1:1/0"
ONE, OTHER = "5a0db0c5a0db0c5a0db0c5a0", "5a0db0c5a0db0c5a0db0c5a1"


@pytest.fixture
def api() -> Iterator[tuple[Sandbox, str]]:
    sandbox = Sandbox()
    for company in (ONE, OTHER):
        sandbox.company(company)
    with sandbox.serve() as url:
        yield sandbox, url


def lists(sandbox: Sandbox) -> int:
    return Counter(request.operation for request in list(sandbox.requests))["list_customfields"]


@pytest.mark.parametrize("per", ["company", "app"])
def test_with_the_shared_limit_no_429_is_answered(
    server: KeptServer, api: tuple[Sandbox, str], per: str
) -> None:
    """Three processes at 80 % of what the API permits: each call is sent once, as no 429 comes."""
    sandbox, url = api
    sandbox.fail("list_customfields", "rate_limit", limit=50, seconds=2.0)
    limit = "40 per 2 seconds"
    with callers(server.url, url, [ONE] * 3, calls=30, limit=limit, per=per) as processes:
        assert answered(processes) == [30] * 3
    assert lists(sandbox) == 3 * (30 + WARM)


def test_without_it_some_are(server: KeptServer, api: tuple[Sandbox, str]) -> None:
    """The same processes without a limit meet 429s, and repeat."""
    sandbox, url = api
    sandbox.fail("list_customfields", "rate_limit", limit=50, seconds=2.0)
    with callers(server.url, url, [ONE] * 3, calls=30) as processes:
        answered(processes)
    assert lists(sandbox) > 90


def client(url: str, limit: SharedLimit, company: str = ONE, **options: Any) -> TimifyCustomers:
    sandbox = Sandbox()
    return TimifyCustomers(
        sandbox.app_id, sandbox.app_secret, company, base_url=url, limit=limit, **options
    )


async def test_a_429_closes_the_gate_for_everybody(
    server: KeptServer, api: tuple[Sandbox, str]
) -> None:
    """After a 429 in one process, no other sends before the moment that it names, for any
    company.
    """
    sandbox, url = api
    async with (
        SharedLimit(server.url, "1000/second") as here,
        SharedLimit(server.url, "1000/second") as there,
        client(url, here, retries=0) as one,
        client(url, there, OTHER) as other,
    ):
        await other.fields.list()
        sandbox.fail("list_customfields", "status", status=429, retry_after=1.5)
        with pytest.raises(RateLimitError):
            await one.fields.list()
        began = time.monotonic()
        await other.fields.list()
    assert 1.2 < time.monotonic() - began < 3.0


async def test_the_gate_never_opens_earlier_than_it_was_told(server: KeptServer) -> None:
    """A 429 with a short wait does not shorten the long one that another met."""
    async with (
        SharedLimit(server.url, "1000/second") as here,
        SharedLimit(server.url, "1000/second") as there,
    ):
        await here.pause(ONE, 1.0)
        await here.pause(ONE, 0.1)
        began = time.monotonic()
        await there.acquire(ONE, 10.0)
        assert 0.8 < time.monotonic() - began < 2.0
        await here.pause(ONE, 0.1)
        await here.pause(ONE, 1.0)
        began = time.monotonic()
        await there.acquire(ONE, 10.0)
        assert 0.8 < time.monotonic() - began < 2.0


async def test_companies_take_turns(server: KeptServer) -> None:
    """One limit for all: a company with a single request does not wait behind the forty of
    another.
    """
    order: list[str] = []

    async def pass_gate(limit: SharedLimit, company: str) -> None:
        await limit.acquire(company, 60.0)
        order.append(company)

    async with SharedLimit(server.url, "20/second", per="app") as limit:
        crowd = [asyncio.create_task(pass_gate(limit, ONE)) for _ in range(40)]
        await asyncio.sleep(0.1)
        await pass_gate(limit, OTHER)
        await asyncio.gather(*crowd)
    assert order.index(OTHER) < 25
    assert len(order) == 41


async def test_each_company_has_a_window_of_its_own(server: KeptServer) -> None:
    """With ``per="company"`` a company that has used its window up does not hold up another."""
    async with SharedLimit(server.url, "2/minute") as limit:
        for _ in range(2):
            await limit.acquire(ONE, 1.0)
        await limit.acquire(OTHER, 1.0)
        with pytest.raises(RateLimitError):
            await limit.acquire(ONE, 1.0)


async def test_the_deadline_is_kept(server: KeptServer, api: tuple[Sandbox, str]) -> None:
    """A call that could not be sent within its deadline fails at once, and sends nothing."""
    sandbox, url = api
    async with SharedLimit(server.url, "1/hour") as limit:
        await limit.acquire(ONE, 1.0)
        async with client(url, limit, deadline=5.0) as timify:
            began = time.monotonic()
            with pytest.raises(RateLimitError, match="nothing was sent") as caught:
                await timify.fields.list()
    assert time.monotonic() - began < 2.0
    assert caught.value.retry_after is not None
    assert caught.value.retry_after > 3000
    assert not lists(sandbox)


async def test_a_window_that_says_that_it_opens_now_is_not_asked_all_the_time(
    server: KeptServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each wait is longer than the one before, from 1 ms: 9 questions take half a second."""
    end = time.monotonic() + 0.5
    questions = 0

    async def opens_now(company: str) -> float | None:
        nonlocal questions
        questions += 1
        return 0.0 if time.monotonic() < end else None

    async with SharedLimit(server.url, "5/second") as limit:
        monkeypatch.setattr(limit, "_take", opens_now)
        await limit.acquire(ONE, 5.0)
    assert questions <= 11


async def test_without_the_server_the_process_keeps_the_limit(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """When Redis cannot be reached, the limit holds within the process, with one warning."""
    async with SharedLimit(UNREACHABLE, "10/second") as limit:
        began = time.monotonic()
        await asyncio.gather(*(limit.acquire(ONE, 30.0) for _ in range(25)))
        assert 1.9 < time.monotonic() - began < 6.0
        await limit.pause(ONE, 0.5)
        began = time.monotonic()
        await limit.acquire(ONE, 30.0)
        assert time.monotonic() - began > 0.4
    (record,) = [record for record in caplog.records if record.name == "timify_customers.workers"]
    assert "keeps to the limit of requests by itself" in record.getMessage()


async def test_it_is_shared_again_when_the_server_is_back(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that was restarted counts for all processes again."""
    monkeypatch.setattr("timify_customers.workers._shared_server.PROBE_AFTER", 0.1)
    kept = KeptServer(tmp_path_factory.mktemp("again"))
    with kept.running():
        async with (
            SharedLimit(kept.url, "1/hour") as here,
            SharedLimit(kept.url, "1/hour") as there,
        ):
            with pytest.raises(RateLimitError):
                await asyncio.gather(here.acquire(ONE, 1.0), there.acquire(ONE, 1.0))
            await asyncio.to_thread(kept.kill)
            await here.acquire(ONE, 1.0)  # alone now
            await asyncio.to_thread(kept.start)
            await asyncio.sleep(0.2)
            with pytest.raises(RateLimitError):
                await here.acquire(OTHER, 1.0) or await there.acquire(OTHER, 1.0)


def test_it_may_be_used_in_one_loop_after_another(server: KeptServer) -> None:
    """A limit that was made once serves several event loops, one after the other."""
    limit = SharedLimit(server.url, "100/second")

    async def use() -> None:
        async with limit:
            await asyncio.gather(*(limit.acquire(ONE, 5.0) for _ in range(5)))

    asyncio.run(use())
    asyncio.run(use())


@pytest.mark.parametrize("limit", ["", "often", "5", "5/fortnight"])
def test_what_is_no_limit_is_refused(limit: str) -> None:
    """A limit that cannot be read is refused before anything is sent, with an example."""
    with pytest.raises(ConfigurationError, match="5/second"):
        SharedLimit(UNREACHABLE, limit)


def test_settings_are_checked() -> None:
    """Whom it is for must be one of the two, and its name a text."""
    wrong: Any = "process"
    with pytest.raises(ConfigurationError, match="per must be"):
        SharedLimit(UNREACHABLE, "5/second", per=wrong)
    with pytest.raises(ArgumentTypeError):
        SharedLimit(UNREACHABLE, "5/second", name=None)  # type: ignore[arg-type]
