"""Imports and exports that workers do."""

from __future__ import annotations

import asyncio
import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import attrs
import pytest
from support.operations import columns_of
from timify_customers import (
    ArgumentError,
    ArgumentTypeError,
    ImportInterruptedError,
    ImportReport,
    RowProblem,
    TimifyCustomers,
)
from timify_customers.sandbox import Sandbox
from timify_customers.workers import Jobs, SharedServerError, _reading, run_worker
from timify_customers.workers._streams import SEND_CHUNK, task_message
from workers.files import expected, rows, stored, write
from workers.running import until, working
from workers.server import KeptServer

UNREACHABLE = "redis://127.0.0.1:1/0"


def without_ids(problem: RowProblem) -> str:
    return re.sub("[0-9a-f-]{24,}", "an id", str(problem))


def imports(sandbox: Sandbox) -> list[list[str]]:
    """The keys of the rows of each import request."""
    return [
        [columns_of(row)["importCustomerId"] for row in request.json["customers"]]
        for request in list(sandbox.requests)
        if request.operation == "import_customers"
    ]


async def test_a_report_says_the_same_as_in_one_process(
    server: KeptServer, api: tuple[Sandbox, str], jobs: Jobs, tmp_path: Path
) -> None:
    """Good rows, invalid ones, repeated keys, rows without a key and rows that the API refuses: the
    same file has the same report, problem by problem.
    """
    sandbox, _ = api
    content = [{**row, "birthday": "1815-12-10"} for row in rows(400)]
    content[7]["birthday"] = "nonsense"
    content[130]["crm"] = content[3]["crm"]
    content[250]["crm"] = " "
    content[260]["externalId"] = content[5]["externalId"]  # the sandbox refuses it
    file = write(tmp_path / "crm.csv", content)
    async with working(server, api):
        job = await jobs.import_file(file, key="crm", chunk_size=50)
        report = await job.wait()
    alone = Sandbox()
    with alone.serve() as other_url:
        async with TimifyCustomers(
            alone.app_id, alone.app_secret, alone.company_id, base_url=other_url
        ) as timify:
            same = await timify.customers.import_many(
                [{name: text for name, text in row.items() if text} for row in content],
                key="crm",
                chunk_size=50,
            )
    assert not report.ok
    assert {it.number for it in report.problems} == {8, 131, 251, 261}
    assert attrs.evolve(report, problems=()) == attrs.evolve(same, problems=())
    assert [*map(without_ids, report.problems)] == [*map(without_ids, same.problems)]
    assert stored(sandbox) == stored(alone)


async def test_what_is_done_leaves_the_server(
    server: KeptServer, api: tuple[Sandbox, str], jobs: Jobs, tmp_path: Path
) -> None:
    """Acknowledged messages and sent rows are deleted; what is kept of a job is forgotten in
    time.
    """
    sandbox, _ = api
    content = write(tmp_path / "crm.csv", rows(300)).read_bytes()
    async with working(server, api):
        job = await jobs.import_file(content, form="csv", key="crm", chunk_size=50)
        await job.wait()
        with server.client() as client:
            for stream in client.keys("*:files") + client.keys("*:chunks"):
                assert client.xlen(stream) == 0
            kept = {key for key in client.keys("*") if b":job:" in key}
            assert [key.rpartition(b":")[2].decode() for key in kept] == [job.job_id]
            assert all(0 < client.ttl(key) <= 7 * 24 * 3600 for key in kept)
    assert stored(sandbox) == expected(300)


async def test_nothing_that_lies_in_the_server_can_be_read(
    server: KeptServer, jobs: Jobs, tmp_path: Path, api: tuple[Sandbox, str]
) -> None:
    """While rows, a file that was handed over and problems lie there, no text of theirs shows."""
    sandbox, _ = api
    sandbox.fail("import_customers", "stall", times=None)
    content = [{**row, "firstName": "Canary"} for row in rows(200)]
    content[1]["crm"] = content[0]["crm"] = "canary-key"
    file = write(tmp_path / "crm.csv", content)
    async with working(server, api):
        job = await jobs.import_file(file.read_bytes(), form="csv", key="crm", chunk_size=50)
        await until(jobs, job.job_id, lambda status: bool(status.report.problems))
        with server.client() as client:
            dump = b"".join(client.dump(key) or b"" for key in client.keys("*"))
            hashes = [
                client.hgetall(key) for key in client.keys("*") if client.type(key) == b"hash"
            ]
        sandbox.faults.clear()
        await job.cancel()
    everything = dump + repr(hashes).encode()
    assert b":chunks" not in everything
    for text in (b"Canary", b"canary-key", sandbox.app_secret.encode()):
        assert text not in everything


async def test_a_message_that_comes_twice_is_done_once(
    server: KeptServer, api: tuple[Sandbox, str], jobs: Jobs, tmp_path: Path
) -> None:
    """Each chunk is delivered three times: each row is sent once, and counted once."""
    sandbox, _ = api
    file = write(tmp_path / "crm.csv", rows(300))
    async with working(server, api):
        job = await jobs.import_file(file, key="crm", chunk_size=50)
        await job.wait()
        with server.client() as client:
            (stream,) = client.keys("*:chunks")
            for number in range(6):
                for _ in range(2):
                    client.xadd(stream, {"data": task_message(SEND_CHUNK, job.job_id, number)})
            while client.xlen(stream):  # noqa: ASYNC110 - a worker does it
                await asyncio.sleep(0.02)
        report = (await job.status()).report
    assert report == ImportReport(accepted=300, requests=6)
    assert Counter(key for request in imports(sandbox) for key in request) == Counter(
        row["crm"] for row in rows(300)
    )


async def _left_by_a_dead_worker(
    server: KeptServer, api: tuple[Sandbox, str], jobs: Jobs, file: Path, *, starts: int
) -> str:
    """Hand a file over whose only chunk was begun so often already."""
    job = await jobs.import_file(file, key="crm", chunk_size=50)
    for number in range(starts):
        await jobs._server.store.begin(job.job_id, 0, f"run {number}")
    async with working(server, api):
        await job.wait()
    return job.job_id


async def test_what_a_dead_worker_sent_is_read_back_before_it_is_sent_again(
    server: KeptServer, api: tuple[Sandbox, str], jobs: Jobs, tmp_path: Path
) -> None:
    """Of a chunk that was begun before, rows that customers show are accepted, and the others, one
    that was changed meanwhile among them, are sent.
    """
    sandbox, url = api
    sent = [
        {**row, "firstName": "changed"} if number == 4 else row
        for number, row in enumerate(rows(12))
    ]
    async with TimifyCustomers(sandbox.app_id, sandbox.app_secret, base_url=url) as timify:
        await timify.customers.import_many(sent, key="crm")
    file = write(tmp_path / "crm.csv", rows(20))
    job_id = await _left_by_a_dead_worker(server, api, jobs, file, starts=1)
    (_, again) = imports(sandbox)
    assert set(again) == {f"crm-{number}" for number in (4, *range(12, 20))}
    assert (await jobs._server.look(job_id)).report == ImportReport(accepted=20, requests=1)


async def test_a_chunk_that_was_never_begun_is_not_read_back(
    server: KeptServer, api: tuple[Sandbox, str], jobs: Jobs, tmp_path: Path
) -> None:
    """Reading back costs requests, and is for redelivered chunks alone."""
    sandbox, _ = api
    await _left_by_a_dead_worker(server, api, jobs, write(tmp_path / "crm.csv", rows(20)), starts=0)
    operations = Counter(request.operation for request in list(sandbox.requests))
    assert operations["list_customers"] == 0
    assert operations["import_customers"] == 1


async def test_a_chunk_that_ends_its_workers_is_given_up(
    server: KeptServer, api: tuple[Sandbox, str], jobs: Jobs, tmp_path: Path
) -> None:
    """A chunk that was begun five times is not sent again: its rows are unknown, and the report
    says why.
    """
    sandbox, _ = api
    file = write(tmp_path / "crm.csv", rows(20))
    job_id = await _left_by_a_dead_worker(server, api, jobs, file, starts=5)
    report = (await jobs._server.look(job_id)).report
    assert report.unknown == 20
    assert "its worker ended 5 times" in report.problems[0].reason
    assert not imports(sandbox)


@pytest.mark.parametrize("status", [401, 403, 404])
async def test_an_error_that_no_other_chunk_would_escape_stops_the_import(
    server: KeptServer, api: tuple[Sandbox, str], jobs: Jobs, tmp_path: Path, status: int
) -> None:
    """The import stops, says why and how far it came, and sends nothing more."""
    sandbox, _ = api
    sandbox.fail("import_customers", "status", status=status, skip=2, times=None)
    file = write(tmp_path / "crm.csv", rows(1000))
    async with working(server, api, concurrency=1):
        job = await jobs.import_file(file, key="crm", chunk_size=50)
        with pytest.raises(ImportInterruptedError, match=f"HTTP {status}") as caught:
            await job.wait()
    assert caught.value.report.accepted == 100
    status_ = await job.status()
    assert (status_.state, status_.outstanding) == ("stopped", 0)
    assert len(imports(sandbox)) <= 4


async def test_an_api_that_is_gone_stops_the_import(
    server: KeptServer, api: tuple[Sandbox, str], jobs: Jobs, tmp_path: Path
) -> None:
    """Five requests in a row without an answer, whichever workers made them, stop the import."""
    sandbox, _ = api
    sandbox.fail("import_customers", "status", status=502, skip=3, times=None)
    file = write(tmp_path / "crm.csv", rows(600))
    async with working(server, api, concurrency=2):
        job = await jobs.import_file(file, key="crm", chunk_size=20)
        with pytest.raises(ImportInterruptedError) as caught:
            await asyncio.wait_for(job.wait(), 60)
    report = caught.value.report
    assert report.accepted == 60
    assert 100 <= report.unknown <= 140


async def test_an_import_can_be_cancelled(
    server: KeptServer, api: tuple[Sandbox, str], jobs: Jobs, tmp_path: Path
) -> None:
    """What is under way is finished and counted, nothing else is sent, and the job says so."""
    sandbox, _ = api
    sandbox.fail("import_customers", "delay", seconds=0.1, times=None)
    file = write(tmp_path / "crm.csv", rows(2000))
    async with working(server, api, concurrency=2):
        job = await jobs.import_file(file, key="crm", chunk_size=20)
        await until(jobs, job.job_id, lambda status: status.report.accepted > 0)
        await job.cancel()
        with pytest.raises(ImportInterruptedError, match="cancelled") as caught:
            await asyncio.wait_for(job.wait(), 10)
    accepted = caught.value.report.accepted
    assert 0 < accepted < 400
    assert sum(stored(sandbox).values()) == accepted == sum(map(len, imports(sandbox)))


async def test_a_reader_waits_for_chunks_to_be_done(
    server: KeptServer, api: tuple[Sandbox, str], jobs: Jobs, tmp_path: Path
) -> None:
    """However long the file is, the server never has more chunks of it than the window."""
    sandbox, _ = api
    sandbox.fail("import_customers", "stall", times=None)
    file = write(tmp_path / "crm.csv", rows(3000))
    async with working(server, api, concurrency=2):
        job = await jobs.import_file(file, key="crm", chunk_size=10)
        await until(jobs, job.job_id, lambda status: status.outstanding == _reading.WINDOW)
        await asyncio.sleep(0.5)
        status = await job.status()
        assert status.outstanding == _reading.WINDOW
        assert status.rows == 10 * _reading.WINDOW
        sandbox.faults.clear()
        await job.cancel()


@pytest.mark.parametrize(
    ("content", "options", "reason"),
    [
        ("crm,firstName\na,Ada\n", {"key": "id"}, "no column 'id'"),
        ("crm,first\na,Ada\n", {"key": "crm"}, "closest: firstName"),
        ("crm,firstName\na\n", {"key": "crm"}, "line 2 has 1 cell"),
    ],
)
async def test_a_file_that_cannot_be_imported_says_why(  # noqa: PLR0917
    server: KeptServer,
    api: tuple[Sandbox, str],
    jobs: Jobs,
    tmp_path: Path,
    content: str,
    options: Any,
    reason: str,
) -> None:
    """The reason of a worker that cannot use the file reaches whoever waits."""
    sandbox, _ = api
    file = tmp_path / "crm.csv"
    file.write_text(content, "utf-8")
    async with working(server, api):
        job = await jobs.import_file(file, **options)
        with pytest.raises(ImportInterruptedError, match=reason):
            await job.wait()
    assert not imports(sandbox)


async def test_a_file_that_a_worker_does_not_see_is_named(
    server: KeptServer, api: tuple[Sandbox, str], jobs: Jobs, tmp_path: Path
) -> None:
    """A path that is wrong where the worker runs stops the job with that path."""
    async with working(server, api):
        job = await jobs.import_file(tmp_path / "elsewhere.csv", key="crm")
        with pytest.raises(ImportInterruptedError, match=r"elsewhere\.csv"):
            await job.wait()


async def test_a_file_that_was_changed_meanwhile_is_not_mixed(
    server: KeptServer, api: tuple[Sandbox, str], jobs: Jobs, tmp_path: Path
) -> None:
    """A reader that takes over from a dead one, and finds another file, stops the job."""
    file = write(tmp_path / "crm.csv", rows(100))
    job = await jobs.import_file(file, key="crm")
    await jobs._server.store.is_same_file(job.job_id, "what the first reader saw")
    async with working(server, api):
        with pytest.raises(ImportInterruptedError, match="was changed while"):
            await job.wait()


async def test_a_reader_that_takes_over_adds_no_chunk_twice(
    server: KeptServer, api: tuple[Sandbox, str], jobs: Jobs, tmp_path: Path
) -> None:
    """The file is read again from its start, and what the first reader had added stays as it is."""
    sandbox, url = api
    file = write(tmp_path / "crm.csv", rows(300))
    job = await jobs.import_file(file, key="crm", chunk_size=10)
    record = await jobs._server.store.job(job.job_id)
    assert record is not None
    turns = iter([True] * 12)
    async with TimifyCustomers(sandbox.app_id, sandbox.app_secret, base_url=url) as timify:
        dying = _reading.FileReader(jobs._server.store, timify, record, lambda: next(turns, False))
        assert not await dying.read()
    assert (await job.status()).outstanding == 12
    async with working(server, api):
        assert (await job.wait()).accepted == 300
    assert Counter(key for request in imports(sandbox) for key in request) == Counter(
        row["crm"] for row in rows(300)
    )


async def test_a_file_that_was_read_is_not_read_again(
    server: KeptServer, api: tuple[Sandbox, str], jobs: Jobs, tmp_path: Path
) -> None:
    """When its task comes again, the content that was handed over is gone, and the job goes on."""
    sandbox, url = api
    content = write(tmp_path / "crm.csv", rows(30)).read_bytes()
    job = await jobs.import_file(content, form="csv", key="crm", chunk_size=10)
    record = await jobs._server.store.job(job.job_id)
    assert record is not None
    async with TimifyCustomers(sandbox.app_id, sandbox.app_secret, base_url=url) as timify:
        reader = _reading.FileReader(jobs._server.store, timify, record, lambda: True)
        assert await reader.read()
    async with working(server, api):
        assert (await job.wait()).accepted == 30


async def test_a_server_that_lost_chunks_gets_them_again(
    server: KeptServer, api: tuple[Sandbox, str], jobs: Jobs, tmp_path: Path
) -> None:
    """When Redis comes back with less than a reader added, the reader adds it again."""
    sandbox, url = api
    file = write(tmp_path / "crm.csv", rows(100))
    job = await jobs.import_file(file, key="crm", chunk_size=10)
    record = await jobs._server.store.job(job.job_id)
    assert record is not None
    asked = 0

    def lose() -> bool:
        nonlocal asked
        asked += 1
        if asked == 6:
            with server.client() as client:
                client.hset(jobs._server.store.key(job.job_id), "produced", 2)
                client.hdel(jobs._server.store.key(job.job_id, "chunks"), "2", "3", "4")
        return True

    async with TimifyCustomers(sandbox.app_id, sandbox.app_secret, base_url=url) as timify:
        assert await _reading.FileReader(jobs._server.store, timify, record, lose).read()
    assert (await job.status()).outstanding == 10
    async with working(server, api):
        assert (await job.wait()).accepted == 100
    assert stored(sandbox) == expected(100)


async def test_an_export_is_whole_or_not_there(
    server: KeptServer, api: tuple[Sandbox, str], jobs: Jobs, tmp_path: Path
) -> None:
    """All customers are written, in a file that appears at the end; what was exported is imported
    again unchanged.
    """
    sandbox, _ = api
    sandbox.add_customers(
        {"firstName": row["firstName"], "externalId": row["externalId"]} for row in rows(1200)
    )
    before = stored(sandbox)
    target = tmp_path / "out.ndjson"
    async with working(server, api):
        job = await jobs.export_company(target)
        await job.wait()
        status = await job.status()
        lines = [json.loads(line) for line in target.read_text("utf-8").splitlines()]
        assert (status.rows, len(lines)) == (1200, 1200)
        again = await jobs.import_file(target, key="id")
        assert (await again.wait()).accepted == 1200
        sandbox.fail("list_customers", "status", status=403)
        failing = await jobs.export_company(tmp_path / "none.csv")
        with pytest.raises(ImportInterruptedError, match="403"):
            await failing.wait()
    assert stored(sandbox) == before
    assert set(tmp_path.glob("*")) == {target}  # noqa: ASYNC240


async def test_jobs_are_listed_the_newest_first(jobs: Jobs, tmp_path: Path) -> None:
    """All jobs of the app are there, with what they are about."""
    first = await jobs.import_file(tmp_path / "a.csv", key="crm", total=7)
    second = await jobs.export_company(tmp_path / "b.csv", company_id="5a0db0c5a0db0c5a0db0c5a1")
    listed = [status async for status in jobs.list()]
    assert [status.job_id for status in listed] == [second.job_id, first.job_id]
    assert [(it.kind, it.file, it.total, it.state) for it in listed] == [
        ("export", "b.csv", None, "running"),
        ("import", "a.csv", 7, "running"),
    ]


async def test_another_app_sees_no_job(server: KeptServer, jobs: Jobs, tmp_path: Path) -> None:
    """Jobs belong to the app's secret: with another one there are none, and none can be ended."""
    job = await jobs.import_file(tmp_path / "a.csv", key="crm")
    async with Jobs(server.url, "other-app", "other-secret") as others:
        assert [status async for status in others.list()] == []
        with pytest.raises(ArgumentError, match="there is no job"):
            await others.get(job.job_id).cancel()
    assert (await job.status()).state == "running"


async def test_a_job_that_somebody_else_wrote_is_not_done(
    server: KeptServer, api: tuple[Sandbox, str], jobs: Jobs, tmp_path: Path
) -> None:
    """Who can write into the server cannot make a worker read or write a file: what is not sealed
    with the app's secret is passed over.
    """
    sandbox, _ = api
    file = write(tmp_path / "crm.csv", rows(10))
    job = await jobs.import_file(file, key="crm")
    record = await jobs._server.store.job(job.job_id)
    assert record is not None
    with server.client() as client:
        key = jobs._server.store.key(job.job_id)
        assert b"crm.csv" not in (client.hget(key, "record") or b"")
        client.hset(key, "record", record.to_json())
        async with working(server, api):
            while client.xlen(jobs._server.store.files_stream):  # noqa: ASYNC110 - a worker does it
                await asyncio.sleep(0.02)
    assert not imports(sandbox)
    with pytest.raises(ArgumentError, match="there is no job"):
        await job.status()


async def test_a_server_that_is_not_there_is_an_error_of_ours(tmp_path: Path) -> None:
    """Neither handing over nor working begins without a server; the error says what to look at."""
    with pytest.raises(SharedServerError, match="see that it runs"):
        await run_worker(UNREACHABLE, "app", "secret")
    async with Jobs(UNREACHABLE, "app", "secret") as jobs:
        with pytest.raises(SharedServerError, match="see that it runs"):
            await jobs.import_file(tmp_path / "a.csv", key="crm")


@pytest.mark.parametrize(
    ("file", "options", "error"),
    [
        ("a.csv", {"key": ""}, ArgumentError),
        ("a.csv", {"key": "crm", "chunk_size": 0}, ArgumentError),
        ("a.csv", {"key": "crm", "company_id": "no"}, ArgumentError),
        ("a.txt", {"key": "crm"}, ArgumentError),
        (b"crm\na\n", {"key": "crm"}, ArgumentError),
        (b"x" * (32 * 1024 * 1024 + 1), {"key": "crm", "form": "csv"}, ArgumentError),
        (5, {"key": "crm"}, ArgumentTypeError),
    ],
)
async def test_bad_arguments_hand_nothing_over(
    server: KeptServer, jobs: Jobs, file: Any, options: Any, error: type[Exception]
) -> None:
    """What is wrong with an import is said at once, before anything lies in the server."""
    with pytest.raises((error, ValueError)):
        await jobs.import_file(file, **options)
    with server.client() as client:
        assert client.keys("*") == []


async def test_messages_and_records_of_others_harm_nobody(
    server: KeptServer, api: tuple[Sandbox, str], jobs: Jobs, tmp_path: Path
) -> None:
    """What names no task is dropped; a job of a newer version is stopped with words, and left out
    of the list; other jobs go on.
    """
    sandbox, _ = api
    file = write(tmp_path / "crm.csv", rows(20))
    store = jobs._server.store
    newer = await jobs.import_file(file, key="crm")
    record = await store.job(newer.job_id)
    assert record is not None
    text = record.to_json().replace('"blocks"', '"surprise": 1, "blocks"')
    await store.client.hset(store.key(newer.job_id), "record", store._sealed_text(text))
    with server.client() as client:
        for stream in (store.files_stream, store.chunks_stream):
            client.xadd(stream, {"x": "y"})
            client.xadd(stream, {"data": b"nonsense"})
            client.xadd(stream, {"data": b'{"task_name": []}'})
    async with working(server, api):
        job = await jobs.import_file(file, key="crm")
        report = await job.wait()
        async with asyncio.timeout(20):
            while await store.is_running(newer.job_id):  # noqa: ASYNC110 - a worker does it
                await asyncio.sleep(0.02)
        assert [status.job_id async for status in jobs.list()] == [job.job_id]
    assert report.ok
    assert len(stored(sandbox)) == 20


async def test_a_chunk_under_way_is_not_given_away_by_a_worker_that_stops(
    server: KeptServer, api: tuple[Sandbox, str], jobs: Jobs, tmp_path: Path
) -> None:
    """A worker that was told to stop keeps its claim until the chunk is done: it is sent once."""
    sandbox, _ = api
    sandbox.fail("import_customers", "delay", seconds=2.5)
    file = write(tmp_path / "crm.csv", rows(10))
    stop = asyncio.Event()
    credentials = (server.url, sandbox.app_id, sandbox.app_secret)
    options = {"base_url": api[1], "lease": 0.8}
    first = asyncio.create_task(run_worker(*credentials, stop=stop, grace=20, **options))
    job = await jobs.import_file(file, key="crm")
    async with asyncio.timeout(20):
        while not imports(sandbox):  # noqa: ASYNC110 - a worker does it
            await asyncio.sleep(0.02)
    stop.set()
    async with working(server, api, lease=0.8):
        report = await asyncio.wait_for(job.wait(), 30)
        await asyncio.wait_for(first, 20)
    assert report.ok
    assert len(imports(sandbox)) == 1
