"""A limit that is shared with others: awaited before each attempt, told of each 429."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest
from attrs import define, field
from timify_customers import (
    ArgumentTypeError,
    CallError,
    ClientStateError,
    RateLimitError,
    TimifyCustomers,
)

ID = "624af9cbed7a899e0f233400"
COMPANY = "5a0db0c5a0db0c5a0db0c5a0"


@define
class Limit:
    """Notes what it is asked and told; ``opens`` holds requests back until it is set."""

    opens: asyncio.Event = field(factory=asyncio.Event)
    asked: list[tuple[str | None, float]] = field(factory=list)
    told: list[tuple[str | None, float]] = field(factory=list)

    async def acquire(self, company_id: str | None, remaining: float) -> None:
        self.asked.append((company_id, remaining))
        await self.opens.wait()

    async def pause(self, company_id: str | None, seconds: float) -> None:
        self.told.append((company_id, seconds))


@define
class Api(httpx.AsyncBaseTransport):
    """Answers with these statuses, then with 200."""

    statuses: list[int] = field(factory=list)
    requests: int = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.requests += 1
        if self.statuses:
            return httpx.Response(self.statuses.pop(0), headers={"retry-after": "0.2"}, json={})
        return httpx.Response(200, json={"data": {"id": ID}, "status": 1})


def client(api: Api, limit: Any, **options: Any) -> TimifyCustomers:
    return TimifyCustomers(
        access_token="x",
        company_id=COMPANY,
        base_url="http://127.0.0.1",
        transport=api,
        limit=limit,
        **options,
    )


async def test_each_attempt_passes_the_limit() -> None:
    """It is asked before each attempt, with the company and what is left of the deadline."""
    limit, api = Limit(), Api([503])
    limit.opens.set()
    async with client(api, limit, deadline=7.0) as timify:
        await timify.customers.get(ID)
    assert [company for company, _ in limit.asked] == [COMPANY, COMPANY]
    assert all(6.0 < remaining <= 7.0 for _, remaining in limit.asked)
    assert not limit.told


async def test_a_429_is_told_with_its_moment() -> None:
    """The seconds that a 429 asks for reach the limit, with the company that met it."""
    limit, api = Limit(), Api([429])
    limit.opens.set()
    async with client(api, limit) as timify:
        await timify.customers.get(ID)
    ((company, seconds),) = limit.told
    assert company == COMPANY
    assert 0.1 < seconds < 0.6


async def test_a_wait_ends_with_the_deadline_and_sends_nothing() -> None:
    """A limit that lets nothing pass ends the call at its deadline, as what it is."""
    limit, api = Limit(), Api()
    async with client(api, limit, deadline=0.1) as timify:
        with pytest.raises(RateLimitError, match="nothing was sent"):
            await timify.customers.get(ID)
    assert not api.requests


async def test_closing_the_client_ends_a_wait() -> None:
    """A call that waits for the limit ends when the client is closed, and sends nothing."""
    limit, api = Limit(), Api()
    timify = client(api, limit)
    call = asyncio.create_task(timify.customers.get(ID))
    while not limit.asked:  # noqa: ASYNC110 - there is no event for it
        await asyncio.sleep(0)
    await timify.aclose()
    with pytest.raises(ClientStateError):
        await asyncio.wait_for(call, 2)
    assert not api.requests


async def test_whatever_a_limit_raises_becomes_ours() -> None:
    """An error of a limit ends the call as one of the SDK's, and nothing is sent."""

    class Broken(Limit):
        async def acquire(self, company_id: str | None, remaining: float) -> None:
            raise OSError("gone")

    api = Api()
    async with client(api, Broken()) as timify:
        with pytest.raises(CallError, match="the shared limit failed: OSError"):
            await timify.customers.get(ID)
    assert not api.requests


def test_what_is_no_limit_is_refused() -> None:
    """A limit without its two methods is refused before anything is sent."""
    with pytest.raises(ArgumentTypeError, match="acquire and pause"):
        client(Api(), 5)


async def test_a_limit_that_cannot_be_told_changes_nothing(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A pause that fails is logged, and the call goes on to its second attempt."""

    class Deaf(Limit):
        async def pause(self, company_id: str | None, seconds: float) -> None:
            raise OSError("gone")

    limit = Deaf()
    limit.opens.set()
    async with client(Api([429]), limit) as timify:
        assert (await timify.customers.get(ID)).id == ID
    assert "could not be told of a 429 (OSError)" in caplog.text


async def test_a_limit_that_hangs_is_told_until_the_deadline() -> None:
    """A pause that never ends holds the call no longer than its deadline."""

    class Slow(Limit):
        async def pause(self, company_id: str | None, seconds: float) -> None:
            await asyncio.sleep(60)

    limit = Slow()
    limit.opens.set()
    async with asyncio.timeout(10), client(Api([429]), limit, deadline=0.3) as timify:
        with pytest.raises(CallError):
            await timify.customers.get(ID)
