"""What a checkpoint keeps, and whom it refuses."""

# ruff: noqa: ASYNC220, ASYNC240 - small files, and a process that says at once that it is there

from __future__ import annotations

import asyncio
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from bulk.api import Api, client, keyed, no_waiting, plain, refuse
from hypothesis import given
from hypothesis import strategies as st
from timify_customers import CheckpointError, ImportInterruptedError
from timify_customers._bulk.checkpoint import Admission, RowRecord, admit

COMPANY = "5" * 24
PEOPLE = [
    {
        "key": f"crm-{number}",
        "firstName": f"Ottoline{number}",
        "email": f"ottoline{number}@example.com",
    }
    for number in range(20)
]


@pytest.fixture(autouse=True)
def _no_waiting() -> Iterator[None]:
    with no_waiting():
        yield


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "import.sqlite"


async def run(api: Api, rows: Any, path: Path, **options: Any) -> Any:
    async with client(api, company_id=options.pop("company_id", COMPANY)) as timify:
        return await timify.customers.import_many(
            rows, **{"key": "key", "chunk_size": 5, "concurrency": 2, "checkpoint": path} | options
        )


def stop_after(requests: int) -> Any:
    left = iter(range(requests))
    return lambda rows: (
        plain(rows) if next(left, None) is not None else httpx.Response(403, json={})
    )


async def test_a_second_run_goes_on_where_the_first_stopped(path: Path) -> None:
    """What was settled is not sent again and is counted as before; the rest is sent."""
    first, second, third = Api(stop_after(2)), Api(), Api()
    with pytest.raises(ImportInterruptedError, match="not sent again") as caught:
        await run(first, PEOPLE, path, concurrency=1)
    assert caught.value.report.accepted == 10
    report = await run(second, PEOPLE, path)
    assert (report.accepted, report.resumed, report.requests) == (20, 10, 2)
    assert sorted([*first.kept, *second.kept]) == sorted(row["key"] for row in PEOPLE)
    report = await run(third, PEOPLE, path)
    assert (report.accepted, report.resumed, third.requests) == (20, 20, [])


async def test_outcomes_are_kept_by_name(path: Path) -> None:
    """A rejected row stays rejected and is not sent again; an unknown one is sent again; an invalid
    one is checked.
    """

    def answer(rows: list[dict[str, Any]]) -> Any:
        if any(row["importCustomerId"] == "crm-7" for row in rows):
            return httpx.Response(500)
        return refuse("crm-3")(rows)

    rows = [*PEOPLE, {"key": "bad", "email": "no"}]
    report = await run(Api(answer), rows, path)
    assert (report.accepted, report.rejected, report.unknown, report.invalid) == (14, 1, 5, 1)
    api = Api()
    report = await run(api, rows, path)
    assert (report.accepted, report.rejected, report.invalid, report.resumed) == (19, 1, 1, 15)
    assert sorted(api.sent) == [f"crm-{number}" for number in range(5, 10)]
    assert "earlier run" in report.problems[0].reason


async def test_rows_that_were_wrong_may_be_corrected(path: Path) -> None:
    """Corrected rows that were invalid, rejected or open are sent; those that were taken must be as
    they were.
    """
    rows: list[dict[str, str]] = [
        *PEOPLE[:5],
        {"key": "", "firstName": "x"},
        {"key": "bad", "email": "no"},
    ]
    await run(Api(refuse("crm-3")), rows, path)
    better = [*rows[:3], {**rows[3], "firstName": "Otto"}, rows[4], {"key": "new"}, {"key": "bad"}]
    api = Api()
    report = await run(api, better, path)
    assert sorted(api.sent) == ["bad", "crm-3", "new"]
    assert report.accepted == 7
    with pytest.raises(CheckpointError, match="row 1 is not the row"):
        await run(Api(), [{**rows[0], "firstName": "Otto"}, *better[1:]], path)


OTHERS: dict[str, Any] = {
    "another first row": [{"key": "other"}, *PEOPLE[1:]],
    "all others": [*keyed(20)],
    "a row more in between": [*PEOPLE[:3], {"key": "more"}, *PEOPLE[3:]],
    "a row less": PEOPLE[1:],
    "another order": [PEOPLE[1], PEOPLE[0], *PEOPLE[2:]],
    "other values": [{**PEOPLE[0], "email": "x@example.com"}, *PEOPLE[1:]],
    "another column": [{**row, "birthday": None} for row in PEOPLE],
}


@pytest.mark.parametrize("rows", OTHERS.values(), ids=OTHERS)
async def test_another_input_is_refused(path: Path, rows: Any) -> None:
    """Rows in other places or with other values than were imported stop before they are sent, with
    what to do.
    """
    await run(Api(), PEOPLE, path)
    api = Api()
    with pytest.raises(CheckpointError, match="another input, or the input was changed"):
        await run(api, rows, path)
    assert not api.requests


async def test_rows_may_be_added_at_the_end(path: Path) -> None:
    """A longer input that begins the same is the same input."""
    await run(Api(), PEOPLE[:15], path)
    report = await run(api := Api(), PEOPLE, path)
    assert (report.resumed, len(api.sent)) == (15, 5)


async def test_rows_that_are_gone_at_the_end_are_counted(path: Path) -> None:
    """An input that became shorter than what was sent of it is noticed, and is not in order."""
    await run(Api(), PEOPLE, path)
    report = await run(api := Api(), PEOPLE[:13], path)
    assert (report.resumed, report.absent, report.ok, len(api.sent)) == (13, 7, False, 0)
    assert str(report).endswith("13 accepted, 7 absent")
    whole = await run(Api(), PEOPLE, path)
    assert (whole.absent, whole.ok) == (0, True)


async def test_rows_that_were_never_sent_are_not_missed(path: Path) -> None:
    """Whoever takes out a row that was invalid has corrected the input."""
    await run(Api(), [*PEOPLE, {"key": "bad", "email": "nonsense"}], path)
    report = await run(Api(), PEOPLE, path)
    assert (report.absent, report.ok) == (0, True)


async def test_an_input_that_was_not_read_to_its_end_lacks_nothing(path: Path) -> None:
    """An import that stops early cannot know what comes behind."""

    def breaking_off() -> Iterator[dict[str, str]]:
        yield from PEOPLE[:5]
        raise OSError("the share is gone")

    await run(Api(), PEOPLE, path)
    with pytest.raises(ImportInterruptedError) as caught:
        await run(Api(), breaking_off(), path)
    assert (caught.value.report.resumed, caught.value.report.absent) == (5, 0)


@pytest.mark.parametrize(
    "options", [{"company_id": "6" * 24}, {"company_id": None}, {"key": "firstName"}], ids=str
)
async def test_another_company_or_key_is_refused(path: Path, options: dict[str, Any]) -> None:
    """A checkpoint is of one company and one key column."""
    await run(Api(), PEOPLE, path)
    api = Api()
    with pytest.raises(CheckpointError, match="another company or another key column"):
        await run(api, PEOPLE, path, **options)
    assert not api.requests


async def test_a_file_that_is_no_checkpoint_is_left_alone(path: Path) -> None:
    """A database of somebody else, a text, a folder: refused, unchanged, and nothing is sent."""
    path.write_text("name,email\nAda,ada@example.com\n" * 100)
    other = path.with_name("other.sqlite")
    with sqlite3.connect(other) as database:
        database.execute("create table people (name text)")
    database.close()
    before = path.read_bytes(), other.read_bytes()
    api = Api()
    for wrong in (path, other, path.parent, path.parent / "no" / "folder"):
        with pytest.raises(CheckpointError, match=r"cannot be used|not the checkpoint"):
            await run(api, PEOPLE, wrong)
    assert (path.read_bytes(), other.read_bytes()) == before
    assert not api.requests


async def test_one_import_at_a_time(path: Path) -> None:
    """While an import uses a checkpoint, another one is refused, and sends nothing; afterwards it
    may.
    """
    async with client(Api(), company_id=COMPANY) as timify:
        watched = aiter(
            timify.customers.import_many(PEOPLE, key="key", chunk_size=5, checkpoint=path)
        )
        await anext(watched)
        api = Api()
        with pytest.raises(CheckpointError, match="locked"):
            await run(api, PEOPLE, path)
        assert not api.requests
        await watched.aclose()
    await run(Api(), PEOPLE, path)


HOLD = """
import sqlite3, sys, time
from timify_customers._bulk.checkpoint import Store
store = Store(sys.argv[1], "5" * 24, "key")
store._database = store._open()
print("held", flush=True)
time.sleep(60)
"""


async def test_one_process_at_a_time_and_a_crash_frees_it(path: Path) -> None:
    """A checkpoint that another process has is refused, until that process is killed."""
    await run(Api(), PEOPLE[:5], path)
    with subprocess.Popen(
        [sys.executable, "-P", "-c", HOLD, str(path)], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline().strip() == "held"
        with pytest.raises(CheckpointError, match="locked"):
            await run(Api(), PEOPLE, path)
        process.kill()
    report = await run(Api(), PEOPLE, path)
    assert (report.accepted, report.resumed) == (20, 5)


async def test_the_file_holds_no_personal_data(path: Path) -> None:
    """Neither keys nor values nor reasons are in the file, before it is closed or after."""
    seen: list[bytes] = []

    def look(_: object) -> None:
        seen.extend(file.read_bytes() for file in path.parent.iterdir())

    def answer(rows: list[dict[str, Any]]) -> Any:
        return {
            "errors": [{"index": 0, "message": f"{rows[0]['importCustomerId']} is a bad Ottoline"}]
        }

    await run(Api(answer), PEOPLE, path, progress=look)
    seen.append(path.read_bytes())
    assert len(seen) >= 5
    assert not any(
        word in content
        for content in seen
        for word in (b"crm-", b"ttoline", b"example.com", COMPANY.encode())
    )
    assert [file.name for file in path.parent.iterdir()] == [path.name]


async def test_a_cancelled_import_can_be_taken_up(path: Path) -> None:
    """Cancelling frees the file at once, and what was settled stays settled."""
    api = Api(turns=20)
    task = asyncio.ensure_future(run(api, PEOPLE * 1, path))
    while len(api.kept) < 10:  # noqa: ASYNC110 - the transport has no event for it
        await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    again = Api()
    report = await run(again, PEOPLE, path)
    assert report.accepted == 20
    assert len(again.sent) == 20 - report.resumed


async def test_a_checkpoint_that_fails_under_way_stops_the_import(path: Path) -> None:
    """When an outcome cannot be noted, nothing more is sent, and the report still has it."""
    async with client(Api(), company_id=COMPANY) as timify:
        imports = timify.customers.import_many(
            PEOPLE, key="key", chunk_size=5, concurrency=1, checkpoint=path
        )
        watched = aiter(imports)
        for _ in range(5):
            await anext(watched)
        await imports._engine._store.run(
            lambda database: database.execute("drop table rows") and None
        )
        with pytest.raises(ImportInterruptedError, match="no such table") as caught:
            async for _ in watched:
                pass
    assert isinstance(caught.value.__cause__, CheckpointError)
    assert caught.value.report.accepted == 5
    assert caught.value.pending == (6, 7, 8, 9, 10)


WORKED: dict[str, tuple[bytes, bytes, str | None, Admission | None]] = {
    "as it was, accepted": (b"b", b"B", "accepted", "accepted"),
    "as it was, open": (b"b", b"B", None, "send"),
    "corrected, rejected": (b"b", b"other", "rejected", "send"),
    "changed, accepted": (b"b", b"other", "accepted", None),
    "another key, accepted": (b"c", b"B", "accepted", None),
    "another key, invalid": (b"c", b"B", "invalid", "send"),
}


@pytest.mark.parametrize(("key", "content", "outcome", "admission"), WORKED.values(), ids=WORKED)
def test_the_worked_examples(
    key: bytes, content: bytes, outcome: Any, admission: Admission | None
) -> None:
    """What becomes of row 2, where the checkpoint has key b and content B, is as `admit` says."""
    record = RowRecord(b"b", b"B", outcome)
    if admission is None:
        with pytest.raises(CheckpointError, match="row 2 is not the row"):
            admit(2, key, content, None, record)
    else:
        assert admit(2, key, content, None, record) == admission


hashes = st.sampled_from([b"a", b"b"])
outcomes = st.sampled_from([None, "accepted", "created", "updated", "rejected", "invalid"])


@given(
    hashes,
    hashes,
    st.none() | st.integers(1, 3),
    st.none() | st.builds(RowRecord, hashes, hashes, outcomes),
)
def test_no_row_that_was_taken_is_sent_again(
    key: bytes, content: bytes, holder: int | None, record: RowRecord | None
) -> None:
    """Whatever the store has: a row that was taken is never sent, and only rows that are there have
    outcomes.
    """
    try:
        admission = admit(2, key, content, holder, record)
    except CheckpointError:
        assert record is not None or holder == 3
        return
    if admission == "send":
        assert record is None or record.outcome not in {"accepted", "created", "updated"}
        assert holder in {None, 2}
    elif admission == "duplicate":
        assert holder == 1
    else:
        assert record == (key, content, admission)
