"""What lies in the server: it counts once, belongs to its place, and is noticed when it is lost."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from timify_customers import (
    ArgumentError,
    ImportInterruptedError,
    ImportReport,
    RowOutcome,
    TimifyError,
)
from timify_customers.sandbox import Sandbox
from timify_customers.workers import Jobs
from timify_customers.workers._contents import BLOCK_SIZE
from timify_customers.workers._store import ChunkResult
from timify_customers.workers._streams import SEND_CHUNK, task_message
from workers.files import rows, write
from workers.running import working
from workers.server import KeptServer


async def test_an_outcome_counts_once(jobs: Jobs, tmp_path: Path) -> None:
    """Two workers that sent one chunk side by side, and both record what came of it, count once."""
    job = await jobs.import_file(tmp_path / "crm.csv", key="crm")
    store = jobs._server.store
    chunk: Any = [(1, {"crm": "a"})]
    assert await store.add(job.job_id, 0, chunk, b"message", rows_read=1, outcomes=()) == "added"
    assert await store.add(job.job_id, 0, chunk, b"message", rows_read=1, outcomes=()) == "there"
    for _ in range(2):
        await store.record(job.job_id, 0, ChunkResult([RowOutcome(1, "accepted")], 1, lost=0))
    assert (await job.status()).report == ImportReport(accepted=1, requests=1)


async def test_a_job_that_is_begun_again_is_begun_once(
    server: KeptServer, jobs: Jobs, tmp_path: Path
) -> None:
    """A client repeats a command whose answer was lost; the job is there once, as far as it is."""
    job = await jobs.import_file(write(tmp_path / "crm.csv", rows(10)), key="crm")
    store = jobs._server.store
    await store.client.hset(store.key(job.job_id), "produced", 7)
    again = task_message(SEND_CHUNK, job.job_id, 0)
    await store.begin_job(job.job_id, 0.0, again, {"state": "running", "produced": 0})
    with server.client() as client:
        assert client.xlen(store.files_stream) == 1
        assert client.hget(store.key(job.job_id), "produced") == b"7"


async def test_attempts_of_one_run_are_one_run(jobs: Jobs) -> None:
    """A command that is repeated, or an attempt after a fault, is no death of a worker."""
    store = jobs._server.store
    assert await store.begin("a-job", 3, "first") == (1, 1)
    assert await store.begin("a-job", 3, "first") == (2, 1)
    assert await store.begin("a-job", 3, "second") == (3, 2)
    assert await store.begin("a-job", 4, "second") == (1, 1)


async def test_a_worker_that_leaves_does_not_count(jobs: Jobs) -> None:
    """However many workers left a file in turn, and whether or not the command is repeated."""
    store = jobs._server.store
    assert await store.begin("a-job", "file", "died") == (1, 1)
    for number in range(9):
        assert await store.begin("a-job", "file", f"left {number}") == (number + 2, 2)
        for _ in range(2):
            await store.leave("a-job", "file", f"left {number}")


async def test_a_file_that_is_read_further_does_not_count(jobs: Jobs, tmp_path: Path) -> None:
    """Over a long import many workers may die; only those that got no further count."""
    job = await jobs.import_file(tmp_path / "crm.csv", key="crm")
    store = jobs._server.store
    chunk: Any = [(1, {"crm": "a"})]
    for run in ("first", "second"):
        await store.begin(job.job_id, "file", run)
    await store.add(job.job_id, 0, chunk, b"message", rows_read=1, outcomes=())
    assert await store.begin(job.job_id, "file", "third") == (1, 1)
    await store.add(job.job_id, 0, chunk, b"message", rows_read=1, outcomes=())  # there already
    assert await store.begin(job.job_id, "file", "fourth") == (2, 2)


async def test_a_file_is_handed_over_as_it_is(server: KeptServer, jobs: Jobs) -> None:
    """Handing over twice, as after a lost answer, keeps one copy; it is forgotten in time."""
    content = b"x" * (BLOCK_SIZE + 1)
    contents = jobs._server.store.contents
    for _ in range(2):
        await contents.hand_over("a-job", content)
    blocks = contents.blocks_of(content)
    read = [block async for block in contents.read("a-job", blocks, contents.digest_of(content))]
    assert b"".join(read) == content
    with server.client() as client:
        assert client.ttl(jobs._server.store.key("a-job", "file")) > 0


async def test_a_lost_part_of_a_file_is_an_error(jobs: Jobs) -> None:
    """A file of which the server lost a block is not read as a shorter one."""
    contents = jobs._server.store.contents
    await contents.hand_over("a-job", b"x" * (2 * BLOCK_SIZE))
    await jobs._server.store.client.hdel(jobs._server.store.key("a-job", "file"), "1")
    with pytest.raises(TimifyError, match=r"lost a part of the file .*2 of 2"):
        [block async for block in contents.read("a-job", 2, "")]


@pytest.mark.parametrize("change", ["swapped", "of another job", "cut"])
async def test_a_file_that_is_not_what_was_handed_over_is_not_read(
    server: KeptServer, api: tuple[Sandbox, str], jobs: Jobs, change: str
) -> None:
    """Blocks in another order or of another file, and a shorter one: no row of them is sent."""
    sandbox, _ = api
    lines = b"".join(b"crm-%07d,Ada\n" % number for number in range(2 * BLOCK_SIZE // 16))
    job = await jobs.import_file(b"crm,firstName\n" + lines, form="csv", key="crm")
    store = jobs._server.store
    blocks: Any = await store.client.hgetall(store.key(job.job_id, "file"))
    if change == "swapped":
        changed = {b"0": blocks[b"1"], b"1": blocks[b"0"]}
    elif change == "of another job":
        other = await jobs.import_file(b"crm,firstName\nx,Eve\n", form="csv", key="crm")
        changed = await store.client.hgetall(store.key(other.job_id, "file"))
        await other.cancel()
    else:
        changed = {b"1": store._seal.close(b"crm-1,Ada\n")}
    await store.client.hset(store.key(job.job_id, "file"), mapping=changed)
    async with working(server, api):
        with pytest.raises(ImportInterruptedError, match="does not have the file as it was handed"):
            await job.wait()
    assert not [it for it in list(sandbox.requests) if it.operation == "import_customers"]


async def test_a_chunk_belongs_to_its_job(jobs: Jobs, tmp_path: Path) -> None:
    """Rows that somebody moved to another job, or another number, are not those of a chunk."""
    store = jobs._server.store
    job, other = [await jobs.import_file(tmp_path / name, key="crm") for name in ("a.csv", "b.csv")]
    chunk: Any = [(1, {"crm": "a"})]
    await store.add(job.job_id, 0, chunk, b"message", rows_read=1, outcomes=())
    packed: Any = await store.client.hget(store.key(job.job_id, "chunks"), "0")
    await store.client.hset(store.key(job.job_id, "chunks"), "1", packed)
    await store.client.hset(store.key(other.job_id, "chunks"), "0", packed)
    for job_id, number, expected in ((job.job_id, 0, 1), (job.job_id, 1, 0), (other.job_id, 0, 0)):
        found = await store.chunk(job_id, number)
        assert found is not None
        assert (len(found.rows), found.is_wanted) == (expected, bool(expected))


async def test_a_record_belongs_to_its_job(jobs: Jobs, tmp_path: Path) -> None:
    """A record that somebody copied to another job is not that job's."""
    job = await jobs.import_file(tmp_path / "a.csv", key="crm")
    store = jobs._server.store
    fields: Any = await store.client.hgetall(store.key(job.job_id))
    await store.client.hset(store.key("another"), mapping=fields)
    assert await store.job("another") is None
    with pytest.raises(ArgumentError, match="there is no job"):
        await jobs.get("another").status()
