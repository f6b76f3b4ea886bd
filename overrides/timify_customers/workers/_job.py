"""A job as whoever handed it over, or knows its id, sees it."""

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
"""Seconds between two looks at a job that is waited for."""


class JobServer:
    """The server, for whoever is not a worker: its failure is an error of ours."""

    def __init__(self, store: JobStore, server: str | Redis) -> None:
        self.store = store
        self._server, self._reached = server, False

    async def all(self) -> AsyncIterator[JobStatus]:
        """Look at all jobs that are not forgotten, the newest first.

        Those that another version of the SDK handed over, with what this one does not know, are
        left out.

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
        """Look at one job. Raises as `Job.status`."""
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
        record = store.record_of(stored.get("record", ""))
        if record is None:
            return None
        if "error" in stored:
            stored["error"] = store.text(stored["error"]) or ""
        found = [problem for packed in problems if (problem := store.problem(packed))]
        return status_of(record, stored, outstanding, found)

    async def run(self, work: Any) -> Any:
        """Await a command of the server.

        Raises:
            SharedServerError: it cannot be used.
        """
        try:
            if not self._reached:  # or else the retries would be waited for
                await check_reachable(self._server)
                self._reached = True
            return await work
        except (RedisError, OSError) as error:
            raise unusable(error) from error
        finally:
            if inspect.iscoroutine(work):
                work.close()


class Job:
    """Work that was handed over. Whoever has its id can look at it, and end it.

    Attributes:
        job_id: its id.
    """

    def __init__(self, server: JobServer, job_id: str) -> None:
        self._server = server
        self.job_id = job_id

    async def status(self) -> JobStatus:
        """Look how it goes.

        Raises:
            ArgumentError: there is no such job; one is forgotten a week after its last event.
            SharedServerError: the server cannot be used.
        """
        return await self._server.look(self.job_id)

    async def wait(self, *, progress: Callable[[JobStatus], object] | None = None) -> ImportReport:
        """Wait until it is over, and return its report.

        Cancelling the wait does not end the job.

        Args:
            progress: called with how it stands, twice a second.

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
        """End it. Chunks that are under way are finished, and no other is sent."""
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
