"""Files that workers write, and the workers that die over a file."""

from __future__ import annotations

import asyncio
import stat
from pathlib import Path
from typing import Any

import pytest
from timify_customers import ImportInterruptedError, TimifyCustomers
from timify_customers.sandbox import Sandbox
from timify_customers.workers import Job, Jobs
from timify_customers.workers._exporting import Exporter
from timify_customers.workers._store import MOST_RUNS
from workers.files import rows, write
from workers.running import working
from workers.server import KeptServer


async def died(jobs: Jobs, job: Job, times: int) -> None:
    """Count that workers began the file of a job and died."""
    for number in range(times):
        await jobs._server.store.begin(job.job_id, "file", f"run {number}")


async def test_a_new_file_is_private_and_an_old_one_keeps_its_mode(
    server: KeptServer, api: tuple[Sandbox, str], jobs: Jobs, tmp_path: Path
) -> None:
    """It holds customers; who may read a file that is replaced is for its owner to say."""
    api[0].add_customers([{"firstName": "Ada"}])
    new, old = tmp_path / "new.csv", tmp_path / "old.csv"
    old.touch(mode=0o640)
    old.chmod(0o640)
    async with working(server, api):
        for path in (new, old):
            await (await jobs.export_company(path)).wait()
    assert [stat.S_IMODE(path.stat().st_mode) for path in (new, old)] == [0o600, 0o640]
    assert new.read_text("utf-8") == old.read_text("utf-8")
    assert "Ada" in new.read_text("utf-8")


async def test_what_a_dead_worker_wrote_is_removed(
    server: KeptServer, api: tuple[Sandbox, str], jobs: Jobs, tmp_path: Path
) -> None:
    """By the worker that takes the export over; what others keep there stays."""
    api[0].add_customers([{"firstName": "Ada"}])
    job = await jobs.export_company(tmp_path / "out.csv")
    (tmp_path / f".out.csv.{job.job_id}.killed").touch()
    (tmp_path / ".out.csv.other.killed").touch()
    await died(jobs, job, 1)
    async with working(server, api):
        await job.wait()
    assert {path.name for path in tmp_path.iterdir()} == {"out.csv", ".out.csv.other.killed"}  # noqa: ASYNC240


@pytest.mark.parametrize("kind", ["import", "export"])
async def test_a_file_that_ends_its_workers_is_given_up(
    server: KeptServer, api: tuple[Sandbox, str], jobs: Jobs, tmp_path: Path, kind: str
) -> None:
    """After five workers the job stops, says why, and leaves nothing unfinished behind."""
    sandbox, _ = api
    file = write(tmp_path / "crm.csv", rows(3))
    if kind == "import":
        job = await jobs.import_file(file, key="crm")
    else:
        job = await jobs.export_company(file)
        (tmp_path / f".crm.csv.{job.job_id}.killed").touch()
    await died(jobs, job, MOST_RUNS)
    before = file.read_bytes()
    async with working(server, api):
        with pytest.raises(ImportInterruptedError, match="its worker ended 5 times while it read"):
            await job.wait()
    assert not [it for it in list(sandbox.requests) if it.operation != "request_access_token"]
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == {file: before}  # noqa: ASYNC240


async def test_a_file_that_four_workers_did_not_survive_is_done(
    server: KeptServer, api: tuple[Sandbox, str], jobs: Jobs, tmp_path: Path
) -> None:
    """The fifth may still be the one."""
    job = await jobs.import_file(write(tmp_path / "crm.csv", rows(3)), key="crm")
    await died(jobs, job, MOST_RUNS - 1)
    async with working(server, api):
        assert (await job.wait()).accepted == 3


async def test_workers_that_are_told_to_stop_do_not_count(
    server: KeptServer, api: tuple[Sandbox, str], jobs: Jobs, tmp_path: Path
) -> None:
    """More of them than may die leave the file of a long import, and it is read to its end."""
    sandbox, _ = api
    sandbox.fail("list_customfields", "delay", seconds=0.2, times=None)
    job = await jobs.import_file(write(tmp_path / "crm.csv", rows(3)), key="crm")
    store = jobs._server.store
    attempts = 0
    for _ in range(MOST_RUNS + 1):
        async with working(server, api, lease=0.5):
            before = attempts
            while attempts == before:
                await asyncio.sleep(0.02)
                begun: Any = await store.client.hget(store.key(job.job_id, "starts"), "file")
                attempts = int((begun or b"0").split()[0])
    async with working(server, api, lease=0.5):
        assert (await job.wait()).accepted == 3


async def test_an_export_that_another_worker_took_over_writes_nothing(
    api: tuple[Sandbox, str], jobs: Jobs, tmp_path: Path
) -> None:
    """A worker that was only asleep finds its unfinished file gone, and leaves the job alone."""
    sandbox, url = api
    sandbox.add_customers([{"firstName": "Ada"}])
    job = await jobs.export_company(tmp_path / "out.csv")
    store = jobs._server.store
    record = await store.job(job.job_id)
    assert record is not None

    def take_over() -> bool:
        for unfinished in tmp_path.glob(".out.csv.*"):
            unfinished.unlink()
        return True

    async with TimifyCustomers(sandbox.app_id, sandbox.app_secret, base_url=url) as timify:
        assert not await Exporter(store, timify, record, take_over).write()
    assert not [*tmp_path.iterdir()]  # noqa: ASYNC240
    assert (await job.status()).state == "running"
