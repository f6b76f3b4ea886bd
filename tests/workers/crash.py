"""Imports by workers that are killed, from a server that is killed too."""

from __future__ import annotations

import asyncio
import contextlib
import random
import resource
import subprocess
import sys
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

from attrs import define, field
from timify_customers import ImportReport
from timify_customers.sandbox import Sandbox
from timify_customers.workers import Job, Jobs
from workers.server import KeptServer

WORKER = Path(__file__).with_name("worker.py")
LEASE = 3.0
"""Seconds; short, so that the test is."""


@define
class Crew:
    """Worker processes, of which one is killed at times and replaced."""

    redis: str
    api: str
    processes: list[subprocess.Popen[bytes]] = field(factory=list)
    most_memory: float = 0.0
    """MB that a worker was seen to have resident; 0 where the system does not tell."""

    def look(self) -> None:
        for process in self.processes:
            with contextlib.suppress(OSError, IndexError, ValueError):
                pages = int(Path(f"/proc/{process.pid}/statm").read_text("ascii").split()[1])
                self.most_memory = max(self.most_memory, pages * resource.getpagesize() / 1e6)

    def hire(self) -> None:
        command = [sys.executable, "-P", str(WORKER), self.redis, self.api, str(LEASE)]
        self.processes.append(subprocess.Popen(command, stderr=subprocess.DEVNULL))

    def kill_one(self) -> None:
        process = self.processes.pop(0)
        process.kill()
        process.wait()

    def end(self) -> None:
        while self.processes:
            self.kill_one()


@contextlib.asynccontextmanager
async def crew(redis: str, api: str, size: int) -> AsyncIterator[Crew]:
    hired = Crew(redis, api)
    try:
        for _ in range(size):
            hired.hire()
        yield hired
    finally:
        hired.end()


async def accepted(jobs: Sequence[Job]) -> int:
    """Return how many rows have an outcome, of all jobs."""
    return sum([(await job.status()).report.rows for job in jobs])


async def import_through_crashes(
    sandbox: Sandbox,
    api: str,
    server: KeptServer,
    files: dict[str, Path],
    *,
    count: int,
    workers: int,
    kills: int,
    seed: int,
) -> tuple[list[ImportReport], float]:
    """Import a file for each company; kill so many workers, and the server once, on the way.

    Args:
        sandbox: serves the API.
        api: its address.
        server: keeps the jobs.
        files: by company.
        count: rows of all files.
        workers: processes at one time.
        kills: how many of them are killed, and replaced, each after a random share of the rows.
        seed: of these shares.

    Returns:
        The reports, and the most memory that a worker had, in MB.
    """
    luck = random.Random(seed)
    moments = sorted(luck.uniform(0.1, 0.9) * count for _ in range(kills))
    restart = count / 2
    async with (
        Jobs(server.url, sandbox.app_id, sandbox.app_secret, base_url=api) as jobs,
        crew(server.url, api, workers) as hired,
    ):
        started = [
            await jobs.import_file(file, key="crm", company_id=company, chunk_size=100)
            for company, file in files.items()
        ]
        waits = [asyncio.create_task(job.wait()) for job in started]
        while not all(wait.done() for wait in waits):
            done = await accepted(started)
            if moments and done >= moments[0]:
                moments.pop(0)
                hired.kill_one()
                hired.hire()
            if done >= restart:
                restart = count * 2
                await asyncio.to_thread(server.kill)
                await asyncio.sleep(1)
                await asyncio.to_thread(server.start)
            hired.look()
            await asyncio.sleep(0.05)
        assert not moments
        assert restart > count
        return [await wait for wait in waits], hired.most_memory
