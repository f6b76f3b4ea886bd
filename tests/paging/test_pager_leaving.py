"""A loop over a list asks for one page ahead, and leaves nothing behind, however it ends."""

from __future__ import annotations

import asyncio
import contextlib
import gc
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from typing import Any

import pytest
from attrs import define, field
from support.churn import KINDS, run
from support.faults import FaultServer, answer, stall
from timify_customers import NotFoundError, Pager, TimifyCustomers

SIZE = 3


@define
class Source:
    """Pages without end. The first comes at once, others when ``gate`` is open; one may fail.

    Attributes:
        asked: the pages that were asked for.
        under_way: those that are being waited for.
        cancelled: those that were cancelled.
    """

    failing: int = 0
    gate: asyncio.Event = field(factory=asyncio.Event)
    asked: list[int] = field(factory=list)
    under_way: set[int] = field(factory=set)
    cancelled: list[int] = field(factory=list)

    async def fetch(self, page: int, size: int) -> tuple[dict[str, Any], list[Any]]:
        self.asked.append(page)
        self.under_way.add(page)
        try:
            if page > 1:
                await self.gate.wait()
            if page == self.failing:
                raise NotFoundError("gone")
        except asyncio.CancelledError:
            self.cancelled.append(page)
            raise
        finally:
            self.under_way.discard(page)
        rows = [{"id": f"{page}-{place}"} for place in range(size)]
        return {"data": rows}, rows

    def pager(self, **options: Any) -> Pager[Any]:
        return Pager(self.fetch, page_size=SIZE, **options)


async def leave_by_break(source: Source) -> None:
    async for _ in source.pager():
        await asyncio.sleep(0)
        break


async def leave_pages_by_break(source: Source) -> None:
    async for _ in source.pager().pages():
        await asyncio.sleep(0)
        break


async def leave_by_an_exception(source: Source) -> None:
    with contextlib.suppress(ZeroDivisionError):
        async for _ in source.pager():
            await asyncio.sleep(0)
            _ = 1 / 0


async def leave_by_cancellation(source: Source) -> None:
    async def loop() -> None:
        async for _ in source.pager():
            pass

    task = asyncio.create_task(loop())
    for _ in range(10):
        await asyncio.sleep(0)
    assert source.under_way == {2}
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
    assert task.cancelled()


async def leave_by_timeout(source: Source) -> None:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(0.01):
            async for _ in source.pager():
                pass


async def leave_a_collected_circle(source: Source) -> None:
    circle: dict[str, Any] = {"items": aiter(source.pager())}
    circle["self"] = circle
    await anext(circle["items"])
    await asyncio.sleep(0)
    del circle
    gc.collect()


WAYS = [
    leave_by_break,
    leave_pages_by_break,
    leave_by_an_exception,
    leave_by_cancellation,
    leave_by_timeout,
    leave_a_collected_circle,
]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("leave", WAYS, ids=lambda way: way.__name__)
@pytest.mark.parametrize("stay", [True, False], ids=["on", "at the end of the program"])
def test_a_loop_that_is_left_ends_its_request(
    kind: str, leave: Callable[[Source], Awaitable[None]], stay: bool
) -> None:
    """The page ahead is cancelled in the next turns of the event loop, and no task or complaint is
    left.
    """
    complaints: list[dict[str, Any]] = []

    async def main() -> None:
        asyncio.get_running_loop().set_exception_handler(
            lambda _, context: complaints.append(context)
        )
        before = asyncio.all_tasks()
        source = Source()
        await leave(source)
        if stay:
            for _ in range(5):
                await asyncio.sleep(0)
            assert source.cancelled == [2]
            assert asyncio.all_tasks() == before
        assert source.asked == [1, 2]

    run(kind, main)
    gc.collect()
    assert not complaints


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("iterate", [aiter, Pager.pages], ids=["items", "pages"])
def test_aclosing_waits_for_the_end(kind: str, iterate: Callable[[Pager[Any]], Any]) -> None:
    """Behind ``async with aclosing(...)`` nothing is under way any more, not even for a turn."""

    async def main() -> None:
        before, source = asyncio.all_tasks(), Source()
        async with aclosing(iterate(source.pager())) as loop:
            async for _ in loop:
                await asyncio.sleep(0)
                break
            assert source.under_way == {2}
        assert (source.under_way, source.cancelled) == (set(), [2])
        assert asyncio.all_tasks() == before

    run(kind, main)


async def test_one_page_ahead_and_no_more() -> None:
    """While a page is worked on, only the next is fetched, however long that takes; then the one
    behind it.
    """
    source = Source()
    source.gate.set()
    async with aclosing(aiter(source.pager())) as items:
        for number in range(1, 4):
            for _ in range(SIZE):
                await anext(items)
                for _ in range(20):
                    await asyncio.sleep(0)
                assert source.asked == list(range(1, number + 2))


async def test_a_failed_page_ahead_is_told_when_it_is_due() -> None:
    """The error of the next page comes behind the last item of this one; left before, it is never
    complained of.
    """
    complaints: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: complaints.append(context))
    source = Source(failing=2)
    source.gate.set()
    async with aclosing(aiter(source.pager())) as items:
        assert [(await anext(items))["id"] for _ in range(SIZE)] == ["1-0", "1-1", "1-2"]
        with pytest.raises(NotFoundError, match="gone"):
            await anext(items)
    async for _ in source.pager():
        for _ in range(5):
            await asyncio.sleep(0)
        break
    gc.collect()
    assert not complaints


async def test_two_loops_do_not_share_a_place() -> None:
    """Each loop over one pager reads anew, also beside another."""
    source = Source()
    source.gate.set()
    pager = source.pager()
    async with aclosing(aiter(pager)) as one, aclosing(aiter(pager)) as other:
        for number in range(2 * SIZE):
            ids = [(await anext(one))["id"], (await anext(other))["id"]]
            assert ids == [f"{number // SIZE + 1}-{number % SIZE}"] * 2
            assert pager.cursor is not None


async def test_a_page_that_is_retried_does_not_restart_the_list() -> None:
    """On a socket: two failures of the second page are repeats of that page; the first is asked for
    once.
    """
    rows = [{"id": f"{number:024}"} for number in range(3)]
    pages = [answer(200, {"data": rows[at : at + 2], "total": 3, "status": 1}) for at in (0, 2)]
    async with FaultServer(
        [pages[0], answer(429, b"", "retry-after: 0.01"), answer(503, b"", "retry-after: 0.01")]
    ) as server:
        server.default = pages[1]
        async with TimifyCustomers(access_token="t", base_url=server.url) as timify:
            ids = [customer.id async for customer in timify.customers.list(page_size=2)]
    assert ids == [row["id"] for row in rows]
    asked = [request.target.partition("?")[2] for request in server.received]
    assert asked == ["page=1&limit=2"] + ["page=2&limit=2"] * 3


async def test_a_loop_left_on_a_socket_leaves_no_task() -> None:
    """The page ahead hangs in the network; leaving the loop and closing the client leave nothing
    behind.
    """
    rows = [{"id": f"{number:024}"} for number in range(2)]
    before = asyncio.all_tasks()
    async with FaultServer([answer(200, {"data": rows, "total": 4, "status": 1}), stall]) as server:
        async with TimifyCustomers(access_token="t", base_url=server.url, timeout=0.5) as timify:
            async for _ in timify.customers.list(page_size=2):
                await asyncio.sleep(0.05)
                break
        assert len(server.received) == 2
    await asyncio.sleep(0.01)
    assert asyncio.all_tasks() == before
