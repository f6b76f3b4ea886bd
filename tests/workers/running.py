"""A worker in the process of the test, and looks at its jobs."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from timify_customers.sandbox import Sandbox
from timify_customers.workers import Jobs, JobStatus, run_worker
from workers.server import KeptServer


@contextlib.asynccontextmanager
async def working(
    server: KeptServer, api: tuple[Sandbox, str], **options: Any
) -> AsyncIterator[None]:
    """A worker in this process."""
    sandbox, url = api
    stop = asyncio.Event()
    worker = asyncio.create_task(
        run_worker(
            server.url,
            sandbox.app_id,
            sandbox.app_secret,
            base_url=url,
            stop=stop,
            grace=2,
            **options,
        )
    )
    ended_early: list[bool] = []
    body = asyncio.current_task()
    assert body is not None

    def end_with_worker(_: object) -> None:
        if not stop.is_set():  # what waits for a worker that is gone would wait for ever
            ended_early.append(body.cancel())

    worker.add_done_callback(end_with_worker)
    try:
        async with asyncio.timeout(90):
            yield
    except asyncio.CancelledError:
        if ended_early:
            body.uncancel()
            await worker
        raise
    finally:
        stop.set()
        await ended(worker)


async def ended(worker: asyncio.Task[None]) -> None:
    """Wait for a worker that was told to stop; one that goes on is shown with all its tasks."""
    await asyncio.wait({worker}, timeout=20)
    if worker.done():
        return await worker
    tasks = "\n".join(str(task) for task in asyncio.all_tasks())
    worker.cancel()
    await asyncio.wait({worker}, timeout=10)
    pytest.fail(f"the worker does not end:\n{tasks}")


async def until(jobs: Jobs, job_id: str, enough: Callable[[JobStatus], bool]) -> JobStatus:
    """Look at a job until it is as it should be."""
    async with asyncio.timeout(20):
        while not enough(status := await jobs._server.look(job_id)):  # noqa: ASYNC110 - a worker does it
            await asyncio.sleep(0.02)
    return status
