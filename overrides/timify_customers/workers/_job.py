"""A job, as seen by the process that handed it over, or by any process with its id."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import AsyncIterator, Callable
from typing import Any, Final

from redis.asyncio import Redis
from redis.exceptions import RedisError

from .._base.errors import ArgumentError, ImportInterruptedError
from .._base.reports import ImportReport
from ._records import JobRecordError, JobStatus, as_text, status_of
from ._shared_server import check_reachable, unusable
from ._store import JobStore

LOOK_EVERY: Final = 0.5
"""Seconds between two looks at a job while waiting for it."""


class JobServer:
    """The server, as seen by processes that are not workers: its failure is a `TimifyError`."""

    def __init__(self, store: JobStore, server: str | Redis) -> None:
        self.store = store
        self._server, self._reached = server, False

    async def all(self) -> AsyncIterator[JobStatus]:
        """Look at all jobs that are not forgotten, the newest first.

        Jobs that another version of the SDK handed over, and that this one cannot read, are left
        out.

        Raises:
            SharedServerError: the server cannot be used.
        """
        names: Any = await self.run(self.store.client.zrange(self.store.index, 0, -1, desc=True))
        for name in names:
            job_id = name.decode() if isinstance(name, bytes) else name
            try:
                status = await self._status(job_id)
            except JobRecordError:
                continue
            if status:
                yield status

    async def look(self, job_id: str) -> JobStatus:
        """Look at one job. Raises the same errors as `Job.status`."""
        if status := await self._status(job_id):
            return status
        raise ArgumentError(
            f"there is no job {job_id!r}: it is of another app, secret or API, or was forgotten"
        )

    async def _status(self, job_id: str) -> JobStatus | None:
        store = self.store
        async with store.client.pipeline(transaction=True) as pipeline:
            pipeline.hgetall(store.key(job_id))
            pipeline.hlen(store.key(job_id, "chunks"))
            pipeline.zrange(store.key(job_id, "problems"), 0, -1)
            fields, outstanding, problems = await self.run(pipeline.execute())
        stored = {as_text(name): as_text(value) for name, value in fields.items()}
        record = store.record_of(job_id, stored.get("record", ""))
        if record is None:
            return None
        if "error" in stored:
            stored["error"] = store.text(stored["error"]) or ""
        all_problems = [problem for packed in problems if (problem := store.problem(packed))]
        return status_of(record, stored, outstanding, all_problems)

    async def run(self, work: Any) -> Any:
        """Await a command to the server.

        Raises:
            SharedServerError: the server cannot be used.
        """
        try:
            if not self._reached:  # otherwise the caller would wait for the retries
                await check_reachable(self._server)
                self._reached = True
            return await work
        except (RedisError, OSError) as error:
            raise unusable(error) from error
        finally:
            if inspect.iscoroutine(work):
                work.close()


class Job:
    """Work that was handed over. Any process that has its id can look at it and end it.

    Attributes:
        job_id: its id.
    """

    def __init__(self, server: JobServer, job_id: str) -> None:
        self._server = server
        self.job_id = job_id

    async def status(self) -> JobStatus:
        """Return the present status of the job.

        Raises:
            ArgumentError: there is no such job; jobs are forgotten a week after their last event.
            SharedServerError: the server cannot be used.
        """
        return await self._server.look(self.job_id)

    async def wait(self, *, progress: Callable[[JobStatus], object] | None = None) -> ImportReport:
        """Wait until the job is over, and return its report.

        Cancelling the wait does not end the job.

        Args:
            progress: called with the status of the job, twice a second.

        Raises:
            ImportInterruptedError: an error stopped it, or somebody cancelled it.
            SharedServerError: the server cannot be used.
        """
        while True:
            status = await self.status()
            if progress:
                progress(status)
            if status.is_over:
                return _report_of(status)
            await asyncio.sleep(LOOK_EVERY)

    async def cancel(self) -> None:
        """End the job. Chunks under way are finished, and no others are sent."""
        await self.status()
        await self._server.run(
            self._server.store.stop(self.job_id, "cancelled", "it was cancelled")
        )

    def __repr__(self) -> str:
        return f"<Job {self.job_id}>"


def _report_of(status: JobStatus) -> ImportReport:
    if status.state == "done":
        return status.report
    message = f"the {status.kind} {status.job_id} ended early: {status.error}. {status.report}"
    raise ImportInterruptedError(message, report=status.report, pending=())
