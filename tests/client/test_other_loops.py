"""Under trio, and where no event loop runs: a clear error in place of one of asyncio's."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from typing import Any

import pytest
import trio
from support.operations import OPERATIONS
from timify_customers import ClientStateError, TimifyCustomers

Use = Callable[[TimifyCustomers], Awaitable[Any]]


async def _enter(timify: TimifyCustomers) -> None:
    async with timify:
        pass


async def _iterate(timify: TimifyCustomers) -> None:
    async with aclosing(timify.customers.list().pages()) as pages:
        await anext(pages)


async def _outcomes(timify: TimifyCustomers) -> None:
    async for _ in timify.customers.import_many([{"importCustomerId": "1"}]):
        pass


async def _dry_run(timify: TimifyCustomers) -> None:
    await timify.customers.import_many([{"firstName": "Ada"}], allow_keyless=True, dry_run=True)


async def _first_page(timify: TimifyCustomers) -> None:
    await timify.customers.list()


USES: dict[str, Use] = {
    **{name: example.call for name, example in OPERATIONS.items()},
    "async with": _enter,
    "aclose": lambda t: t.aclose(),
    "request": lambda t: t.request("GET", "/v1/services"),
    "create by name": lambda t: t.customers.create({"firstName": "Ada"}),
    "create with a key": lambda t: t.customers.create({"firstName": "Ada"}, external_id="1"),
    "upsert": lambda t: t.customers.upsert({"firstName": "Ada"}, external_id="1"),
    "exists": lambda t: t.customers.exists(external_id="1"),
    "get many": lambda t: t.customers.get_many(ids=["5" * 24]),
    "first page": _first_page,
    "pages": _iterate,
    "outcomes": _outcomes,
    "dry run": _dry_run,
    "registry": lambda t: t.fields.registry(),
    "ensure fields": lambda t: t.fields.ensure(["Tier"]),
    "ensure categories": lambda t: t.categories.ensure(["VIP"]),
}


def client() -> TimifyCustomers:
    return TimifyCustomers("app", "secret", base_url="http://127.0.0.1:1")


@pytest.mark.parametrize("name", USES)
def test_trio_is_told_what_is_needed(name: str) -> None:
    """Every awaitable, and ``async with``, says under trio that asyncio is needed; nothing is left
    behind that would warn.
    """

    async def use() -> None:
        with pytest.raises(ClientStateError, match=r"needs asyncio.*trio"):
            await USES[name](client())

    trio.run(use)


@pytest.mark.parametrize("name", USES)
def test_no_event_loop_is_told_what_is_needed(name: str) -> None:
    """The same where somebody steps through a coroutine without any event loop."""

    async def use() -> None:
        await USES[name](client())

    coroutine = use()
    with pytest.raises(ClientStateError, match=r"asyncio\.run\(\)"):
        coroutine.send(None)


def test_trio_as_a_guest_of_asyncio_is_told_too() -> None:
    """There an asyncio loop runs, but not the task that calls."""
    outcomes: list[object] = []

    async def use() -> None:
        try:
            await client().customers.get("5" * 24)
        except ClientStateError as error:
            outcomes.append(error)

    async def host() -> None:
        loop = asyncio.get_running_loop()
        done = asyncio.Event()
        trio.lowlevel.start_guest_run(
            use,
            run_sync_soon_threadsafe=loop.call_soon_threadsafe,
            done_callback=lambda _: done.set(),
        )
        await done.wait()

    asyncio.run(host())
    (error,) = outcomes
    assert "needs asyncio" in str(error)


def test_a_client_that_was_refused_under_trio_works_in_asyncio() -> None:
    """The attempt leaves no trace: it can still be used, and closed."""
    timify = client()

    async def refused() -> None:
        with pytest.raises(ClientStateError):
            await timify.aclose()

    async def works() -> None:
        async with timify:
            pass

    trio.run(refused)
    asyncio.run(works())
