"""An import can be cancelled or left at any moment."""

from __future__ import annotations

import asyncio
import threading
import time
from pathlib import Path
from typing import Any

import httpx
import pytest
from bulk.api import Api, client, no_waiting, refuse
from support.churn import KINDS, run
from timify_customers import ImportRun, TimifyCustomers

ROWS = [
    {"key": f"k{number}", "firstName": "Ada", "externalId": f"x{number}"} for number in range(9)
]


class Flaky(Api):
    """Loses the first answer to each import, so that there are retries, halving and a read-back to
    be cancelled in.
    """

    def _respond(self, request: httpx.Request) -> httpx.Response:
        response = super()._respond(request)
        return (
            httpx.Response(502)
            if self.requests[-1:] == [[]] or len(self.requests) == 1
            else response
        )


def start(timify: TimifyCustomers, path: Path) -> ImportRun:
    return timify.customers.import_many(
        ROWS, key="key", chunk_size=3, concurrency=2, checkpoint=path, verify="externalId"
    )


async def leave(imports: ImportRun, count: int) -> None:
    seen = 0
    async for _ in imports:
        seen += 1
        if seen > count:
            break


def at_rest() -> bool:
    return not any(thread.name.startswith("timify-import") for thread in threading.enumerate())


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "debug"])
def test_cancelled_at_every_turn_of_the_loop(kind: str, tmp_path: Path) -> None:
    """After the n-th turn: no task or thread is left, nothing is sent any more, and a later run
    brings all rows.
    """

    async def main() -> None:
        steps, cancelled = 0, True
        while cancelled:
            path = tmp_path / f"{steps}.sqlite"
            api = Flaky(refuse("k4"), turns=2)
            async with client(api) as timify:
                before = asyncio.all_tasks()
                task = asyncio.ensure_future(start(timify, path))
                for _ in range(steps):
                    await asyncio.sleep(0)
                task.cancel()
                (result,) = await asyncio.gather(task, return_exceptions=True)
                cancelled = isinstance(result, asyncio.CancelledError)
                # What was sent already ends by itself; it is a matter of turns.
                for _ in range(20):
                    await asyncio.sleep(0)
                assert asyncio.all_tasks() == before
                sent = len(api.requests)
                await asyncio.sleep(0.002)
                assert len(api.requests) == sent
                report = await start(timify, path)
            assert (report.accepted, report.rejected, report.verified) == (8, 1, 8)
            steps += 1 + steps // 10
        assert steps > 30

    with no_waiting():
        run(kind, main)
    for _ in range(1000):
        if at_rest():
            return
        time.sleep(0.001)
    pytest.fail("a thread was left behind")


@pytest.mark.parametrize("count", range(len(ROWS)))
async def test_left_after_any_outcome(count: int, tmp_path: Path) -> None:
    """A loop that is left after the n-th outcome leaves nothing behind, and a later run brings the
    rest.
    """
    path = tmp_path / "x.sqlite"
    api = Api(refuse("k4"), turns=1)
    async with client(api) as timify:
        before = asyncio.all_tasks()
        await leave(start(timify, path), count)
        for _ in range(1000):
            await asyncio.sleep(0.001)
            if at_rest() and asyncio.all_tasks() == before:
                break
        assert asyncio.all_tasks() == before
        assert at_rest()
        report = await start(timify, path)
    assert (report.accepted, report.rejected) == (8, 1)


async def test_a_progress_callback_that_fails_ends_the_import() -> None:
    """Its error is raised as it is, and nothing is sent after."""

    def fail(report: Any) -> None:
        raise ZeroDivisionError

    api = Api()
    async with client(api) as timify:
        before = asyncio.all_tasks()
        with pytest.raises(ZeroDivisionError):
            await timify.customers.import_many(
                ROWS, key="key", chunk_size=1, concurrency=2, progress=fail
            )
        for _ in range(20):
            await asyncio.sleep(0)
        assert asyncio.all_tasks() == before
        assert len(api.requests) <= 2
