"""A damaged checkpoint is said to be damaged, or does no harm: no row is skipped, and no other
error is raised.
"""

# ruff: noqa: ASYNC240 - small files

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from attrs import frozen
from bulk.api import Api, client, keyed, no_waiting, plain
from hypothesis import example, given
from hypothesis import strategies as st
from timify_customers import CheckpointError, ImportInterruptedError

ROWS = 300
KEYS = [row["key"] for row in keyed(ROWS)]
TAKEN = KEYS[:150]


@pytest.fixture(autouse=True)
def _no_waiting() -> Iterator[None]:
    with no_waiting():
        yield


async def run(api: Api, path: Path) -> Any:
    async with client(api) as timify:
        return await timify.customers.import_many(
            keyed(ROWS), key="key", chunk_size=50, concurrency=1, checkpoint=path
        )


@frozen
class Files:
    """What an import leaves: its file after it stopped half-way, and the file with its log as a
    crash would.
    """

    whole: bytes
    main: bytes
    log: bytes


async def _leave(path: Path) -> Files:
    crashed: list[bytes] = []
    log = path.with_name(f"{path.name}-wal")

    def answer(rows: list[dict[str, Any]]) -> Any:
        if rows[0]["importCustomerId"] != KEYS[len(TAKEN)]:
            return plain(rows)
        crashed.extend((path.read_bytes(), log.read_bytes()))
        return httpx.Response(403)

    with pytest.raises(ImportInterruptedError):
        await run(Api(answer), path)
    return Files(path.read_bytes(), *crashed)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Files:
    return asyncio.run(_leave(tmp_path_factory.mktemp("left") / "import.sqlite"))


@pytest.fixture
def path(tmp_path: Path, files: Files) -> Path:
    """A checkpoint that is whole, to be damaged."""
    path = tmp_path / "import.sqlite"
    path.write_bytes(files.whole)
    return path


async def test_what_is_not_damaged_goes_on(path: Path) -> None:
    """The checkpoint that the other tests damage is good: what was taken is not sent again."""
    report = await run(api := Api(), path)
    assert (report.accepted, report.resumed) == (ROWS, len(TAKEN))
    assert api.sent == KEYS[len(TAKEN) :]


OTHER_COLUMNS = """
alter table rows rename to old;
create table rows (number, key blob, content blob, outcome, seal blob);
insert into rows select cast(number as text), key, content, outcome, seal from old;
drop table old;
"""
WRONG: dict[str, str] = {
    "no salt": "delete from meta",
    "two salts": "insert into meta select * from meta",
    "salt null": "update meta set salt = null",
    "salt text": "update meta set salt = 'salt'",
    "salt number": "update meta set salt = 7",
    "salt short": "update meta set salt = x'0011'",
    "salt long": "update meta set salt = zeroblob(65)",
    "another salt": "update meta set salt = randomblob(32)",
    "fingerprint null": "update meta set fingerprint = null",
    "fingerprint text": "update meta set fingerprint = 'crm'",
    "another fingerprint": "update meta set fingerprint = randomblob(16)",
    "no table of salts": "drop table meta",
    "no table of rows": "drop table rows",
    "no tables": "drop table rows; drop table meta",
    "salts with other columns": "alter table meta drop column seal",
    "rows with other columns": "alter table rows rename column key to name",
    "rows with a column more": "alter table rows add column more",
    "numbers as text": OTHER_COLUMNS,
    "an outcome that is none": "update rows set outcome = 'excepted' where number = 7",
    "an outcome that is never noted": "update rows set outcome = 'unknown' where number = 7",
    "an outcome that is a number": "update rows set outcome = 1 where number = 7",
    "an outcome that is a blob": "update rows set outcome = x'00' where number = 7",
    "an outcome that is no text": (
        "update rows set outcome = cast(x'ff80' as text) where number = 7"
    ),
    "another key": "update rows set key = randomblob(16) where number = 7",
    "no key": "update rows set key = null where number = 7",
    "a key as text": "update rows set key = 'key' where number = 7",
    "another content": "update rows set content = randomblob(16) where number = 7",
    "no content": "update rows set content = null where number = 7",
    "no seal": "update rows set seal = null where number = 7",
    "another number": "update rows set number = 1007 where number = 7",
    "an earlier number": (
        "delete from rows where number = 3; update rows set number = 3 where number = 150"
    ),
}


def alter(path: Path, script: str) -> None:
    database = sqlite3.connect(path)
    database.executescript(script)
    database.commit()
    database.close()


@pytest.mark.parametrize("script", WRONG.values(), ids=WRONG)
async def test_wrong_values_are_damage(path: Path, script: str) -> None:
    """Tables, columns, types, sizes and values that no import writes: an error that says so, and
    what to do.
    """
    alter(path, script)
    with pytest.raises(
        CheckpointError, match=r"damaged\. Name a new checkpoint: .* safe by key$"
    ) as caught:
        await run(api := Api(), path)
    assert str(path) in str(caught.value)
    assert not api.requests


def cut(share: float, more: int = 0) -> Callable[[bytes], bytes]:
    return lambda content: content[: int(len(content) * share) + more]


def garbage(first: int, last: int) -> Callable[[bytes], bytes]:
    """Overwrite pages, counted from 1."""
    return lambda content: (
        content[: 4096 * (first - 1)] + b"\xa5" * 4096 * (last - first + 1) + content[4096 * last :]
    )


BROKEN: dict[str, Callable[[bytes], bytes]] = {
    "cut in the middle": cut(0.5),
    "without its last bytes": cut(1, -40),
    "without its last page": cut(1, -4096),
    "one page": cut(0, 4096),
    "a piece of a page": cut(0, 1000),
    "a piece of its head": cut(0, 50),
    "its first page garbage": garbage(1, 1),
    "its second page garbage": garbage(2, 2),
    "pages in the middle garbage": garbage(4, 6),
    "its last page garbage": lambda content: content[:-4096] + b"\xa5" * 4096,
    "all zeros": lambda content: bytes(len(content)),
}


@pytest.mark.parametrize("damage", BROKEN.values(), ids=BROKEN)
async def test_a_broken_file_is_damaged(
    path: Path, files: Files, damage: Callable[[bytes], bytes]
) -> None:
    """A file cut short or overwritten: nothing is sent; the error names it and says what to do."""
    path.write_bytes(damage(files.whole))
    with pytest.raises(CheckpointError, match=r"damaged.*\. Name a new checkpoint") as caught:
        await run(api := Api(), path)
    assert str(path) in str(caught.value)
    assert not api.requests


async def test_damage_behind_the_first_rows_is_noticed_before_they_are_sent(tmp_path: Path) -> None:
    """The file is checked as a whole when it is opened, not page by page between requests."""
    path, first = tmp_path / "import.sqlite", KEYS[0]
    lost = Api(
        lambda rows: httpx.Response(500) if rows[0]["importCustomerId"] == first else plain(rows)
    )
    assert (await run(lost, path)).unknown == 50
    database = sqlite3.connect(path)
    ((seal,),) = database.execute("select seal from rows where number = ?", (ROWS,)).fetchall()
    database.close()
    content = path.read_bytes()
    page = content.index(seal) // 4096 + 1
    path.write_bytes(garbage(page, page)(content))
    with pytest.raises(CheckpointError, match="damaged"):
        await run(api := Api(), path)
    assert not api.requests


async def test_an_empty_file_is_a_new_checkpoint(path: Path) -> None:
    """A file cut to nothing knows nothing: every row is sent again."""
    path.write_bytes(b"")
    report = await run(api := Api(), path)
    assert (report.accepted, report.resumed) == (ROWS, 0)
    assert api.sent == KEYS


LOGS: dict[str, Callable[[bytes], bytes]] = {
    "garbage": lambda log: b"\xa5" * len(log),
    "garbage behind its head": lambda log: log[:32] + b"\xa5" * (len(log) - 32),
    "cut": lambda log: log[: len(log) // 2],
    "empty": lambda _: b"",
}


@pytest.mark.parametrize("damage", LOGS.values(), ids=LOGS)
async def test_a_damaged_log_loses_outcomes_and_no_row(
    path: Path, files: Files, damage: Callable[[bytes], bytes]
) -> None:
    """After a crash SQLite takes from its log what is whole; rows whose outcome is lost are sent
    again.
    """
    path.write_bytes(files.main)
    log = path.with_name(f"{path.name}-wal")
    log.write_bytes(damage(files.log))
    report = await run(api := Api(), path)
    assert report.accepted == ROWS
    assert {*KEYS} - {*api.sent} <= {*TAKEN}


async def holds(path: Path) -> None:
    """Import all rows with a checkpoint that may be damaged, and hold what happens against the
    promise.
    """
    api = Api()
    try:
        report = await run(api, path)
    except (CheckpointError, ImportInterruptedError) as error:
        cause = error if isinstance(error, CheckpointError) else error.__cause__
        assert isinstance(cause, CheckpointError)
        assert str(path) in str(cause)
        assert "another" not in str(cause)
    else:
        assert report.accepted == ROWS
        assert {*KEYS} - {*api.sent} <= {*TAKEN}


spots = st.lists(
    st.tuples(st.floats(0, 1, exclude_max=True), st.binary(min_size=1, max_size=64)),
    min_size=1,
    max_size=5,
)


@given(spots=spots, left=st.just(1.0) | st.floats(0, 1), logged=st.booleans())
@example(spots=[(0.0, b"\x00")], left=1.0, logged=False)
async def test_no_damage_of_any_kind_skips_a_row(
    files: Files,
    tmp_path_factory: pytest.TempPathFactory,
    spots: list[tuple[float, bytes]],
    left: float,
    logged: bool,
) -> None:
    """Bytes overwritten anywhere in the file or its log, or cut at any place: an error that names
    the file, or none.
    """
    folder = tmp_path_factory.mktemp("damaged")
    path = folder / "import.sqlite"
    content = bytearray(files.log if logged else files.whole)
    for share, wrong in spots:
        at = int(share * len(content))
        content[at : at + len(wrong)] = wrong
    del content[int(left * len(content)) :]
    path.write_bytes(files.main if logged else content)
    if logged:
        path.with_name(f"{path.name}-wal").write_bytes(content)
    await holds(path)
    shutil.rmtree(folder)
