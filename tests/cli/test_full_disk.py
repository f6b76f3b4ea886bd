"""``timify-customers export`` when the disk is full, the share goes away, or stdout fails: nobody
is lost.
"""

from __future__ import annotations

import errno
import io
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cli.api import Api, cursor_of

PEOPLE = 2000
PAGE = 500
"""Rows in one request, unless the user says otherwise."""

LIMITS: dict[str, Callable[[list[int]], int]] = {
    "first row or header": lambda ends: ends[0] // 2,
    "first page": lambda ends: ends[10] + 1,
    "edge of a page": lambda ends: ends[2 * PAGE],
    "within a row": lambda ends: ends[2 * PAGE] + 7,
    "edge of a row": lambda ends: ends[3 * PAGE + 77],
    "last byte": lambda ends: ends[PEOPLE] - 1,
}
"""Where the disk ends, by the places where rows end; the first is the end of the header, or of the
first row.
"""


def ends_of(text: bytes, form: str) -> list[int]:
    """Where each row ends; in front the end of CSV's header, or of NDJSON's first row."""
    ends = [it.end() for it in re.finditer(rb"\n", text)]
    return ends if form == "csv" else [ends[0], *ends]


def whole(cli: Any, file: Path, *options: object) -> bytes:
    """What an undisturbed export writes."""
    assert cli("export", file, *options).exit_code == 0
    text = file.read_bytes()
    file.unlink()
    return text


def refuse(text: str) -> Any:
    return lambda what: 403 if text in what else None


@pytest.mark.parametrize("where", LIMITS)
@pytest.mark.parametrize("form", ["csv", "ndjson"])
def test_a_full_disk_loses_nobody(
    api: Api, cli: Any, limited: Any, tmp_path: Path, *, form: str, where: str
) -> None:
    """Wherever the disk ends, the cursor is that of the last whole page in FILE.part, or there is
    neither.
    """
    api.people(PEOPLE, notes="é\r\nx")
    file, part = tmp_path / f"all.{form}", tmp_path / f"all.{form}.part"
    expected = whole(cli, file)
    ends = [
        it
        for number, it in enumerate(ends_of(expected.replace(b"\r\nx", b"--x"), form))
        if not number % PAGE
    ]
    limit = LIMITS[where](ends_of(expected.replace(b"\r\nx", b"--x"), form))
    done = limited(limit, "export", file)
    assert (done.returncode, done.stdout) == (2, "")
    advice, error = done.stderr.splitlines()
    assert error == f"error: {file}: File too large"
    kept = max(it for it in [0, *ends[1:]] if it <= limit)
    if not kept:
        assert advice == "Nothing was kept: the same command starts again"
        assert list(tmp_path.iterdir()) == []
        assert whole(cli, file) == expected
        return
    assert advice.startswith(f"To go on with {part}: the same command with --cursor ")
    assert part.read_bytes() == expected[:kept]
    assert cli("export", file, "--cursor", cursor_of(advice)).exit_code == 0
    assert file.read_bytes() == expected
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.parametrize("form", ["csv", "ndjson"])
def test_a_disk_that_is_full_again_and_again(
    api: Api, cli: Any, limited: Any, tmp_path: Path, form: str
) -> None:
    """Going on under a limit, even one that leaves no room at all, keeps what there was, and a
    cursor that fits.
    """
    api.people(PEOPLE)
    file = tmp_path / f"all.{form}"
    expected = whole(cli, file)
    ends = ends_of(expected, form)
    done, kept = limited(ends[PAGE] + 1, "export", file), [ends[PAGE]]
    for limit in (ends[PAGE] + 1, ends[PAGE] // 2, ends[3 * PAGE] + 1):
        done = limited(limit, "export", file, "--cursor", cursor_of(done.stderr))
        assert done.returncode == 2
        kept.append((tmp_path / f"all.{form}.part").stat().st_size)
    assert kept == [ends[PAGE]] * 3 + [ends[3 * PAGE]]
    assert cli("export", file, "--cursor", cursor_of(done.stderr)).exit_code == 0
    assert file.read_bytes() == expected


class Share:
    """A network share that goes away: from a certain call on, or for one call, it fails.

    Attributes:
        calls: what was called.
        failing: says of what was called so far whether the last of it fails.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.calls: list[str] = []
        self.failing: Callable[[list[str]], bool] = lambda _: False
        share, replace, unlink, sync = self, Path.replace, Path.unlink, os.fsync

        class File(io.FileIO):
            def write(self, data: Any) -> int:
                if share.fails("write"):
                    super().write(data[:7])
                    share.fail()
                return super().write(data)

            def truncate(self, size: int | None = None) -> int:
                share.call("truncate")
                return super().truncate(size)

            def close(self) -> None:
                if self.closed:
                    return
                super().close()
                share.call("close")

        def _open(path: Path, mode: str = "r", buffering: int = -1, **options: Any) -> Any:
            if buffering == 0:
                return File(path, mode)
            return open(path, mode, buffering, **options)  # noqa: PTH123

        monkeypatch.setattr(Path, "open", _open)
        monkeypatch.setattr(
            Path,
            "replace",
            lambda path, to: (self.call(f"replace {Path(to).suffix}"), replace(path, to)),
        )
        monkeypatch.setattr(
            Path, "unlink", lambda path, **how: (self.call("unlink"), unlink(path, **how))
        )
        monkeypatch.setattr(os, "fsync", lambda number: (self.call("fsync"), sync(number)))

    def fails(self, what: str) -> bool:
        self.calls.append(what)
        return self.failing(self.calls)

    def call(self, what: str) -> None:
        if self.fails(what):
            self.fail()

    def fail(self) -> None:
        raise OSError(errno.ESTALE, "Stale file handle")


@pytest.fixture
def share(monkeypatch: pytest.MonkeyPatch) -> Share:
    return Share(monkeypatch)


@pytest.mark.parametrize(
    ("what", "time", "pages"),
    [("write", 3, 2), ("fsync", 2, 1), ("close", 1, 3), ("replace", 1, 3)],
)
@pytest.mark.parametrize("form", ["csv", "ndjson"])
def test_a_share_that_fails_once(
    api: Api, cli: Any, share: Share, tmp_path: Path, *, form: str, what: str, time: int, pages: int
) -> None:
    """An error at writing, syncing, closing or renaming keeps the pages that are on the disk, with
    their cursor.
    """
    api.people(25)
    file, part = tmp_path / f"all.{form}", tmp_path / f"all.{form}.part"
    expected = whole(cli, file, "--page-size", 10)
    share.calls.clear()
    share.failing = lambda calls: (
        calls[-1].startswith(what) and sum(it.startswith(what) for it in calls) == time
    )
    done = cli("export", file, "--page-size", 10)
    assert done.exit_code == 2
    assert done.stderr.endswith(f"error: {file}: Stale file handle\n")
    share.failing = lambda _: False
    assert part.read_bytes() == expected[: ends_of(expected, form)[min(10 * pages, 25)]]
    assert cli("export", file, "--page-size", 10, "--cursor", cursor_of(done.stderr)).exit_code == 0
    assert file.read_bytes() == expected
    assert list(tmp_path.iterdir()) == [file]


def test_rows_that_cannot_be_renamed_are_named(
    api: Api, cli: Any, share: Share, tmp_path: Path
) -> None:
    """When FILE.part cannot be made either, the rows stay where they are, and it says what to
    rename.
    """
    api.people(25)
    file = tmp_path / "all.csv"
    expected = whole(cli, file, "--page-size", 10)
    share.failing = lambda calls: calls[-1].startswith("replace")
    done = cli("export", file, "--page-size", 10)
    assert done.exit_code == 2
    found = re.search(
        r"To go on, rename (\S+) to (\S+); then the same command with --cursor", done.stderr
    )
    assert found, done.stderr
    share.failing = lambda _: False
    Path(found[1]).replace(found[2])
    assert cli("export", file, "--page-size", 10, "--cursor", cursor_of(done.stderr)).exit_code == 0
    assert file.read_bytes() == expected


def test_a_share_that_stays_away_gets_no_cursor(
    api: Api, cli: Any, share: Share, tmp_path: Path
) -> None:
    """When half a row cannot be cut off, no cursor is claimed, and it says to start again and what
    to remove.
    """
    api.people(25)
    share.failing = lambda calls: calls.count("write") >= 3
    done = cli("export", tmp_path / "all.csv", "--page-size", 10)
    (left,) = tmp_path.iterdir()
    advice = f"the same command starts again; remove {left}, which may end in half a row"
    assert (done.exit_code, done.stderr.splitlines()) == (
        2,
        [f"Nothing was kept: {advice}", f"error: {tmp_path / 'all.csv'}: Stale file handle"],
    )


def test_a_share_that_is_away_when_an_export_goes_on(
    api: Api, cli: Any, share: Share, tmp_path: Path
) -> None:
    """A file that cannot be opened to go on stays, and so does its cursor."""
    api.people(25)
    api.before = refuse("page=3")
    done = cli("export", tmp_path / "all.csv", "--page-size", 10)
    api.before = lambda _: None
    before = (tmp_path / "all.csv.part").read_bytes()
    (tmp_path / "all.csv.part").chmod(0o600)
    opened = Path.open

    def fail(path: Path, *how: Any, **options: Any) -> Any:
        if options.get("buffering") == 0:
            share.fail()
        return opened(path, *how, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Path, "open", fail)
        again = cli(
            "export", tmp_path / "all.csv", "--page-size", 10, "--cursor", cursor_of(done.stderr)
        )
    assert (again.exit_code, cursor_of(again.stderr)) == (2, cursor_of(done.stderr))
    assert (tmp_path / "all.csv.part").read_bytes() == before


@pytest.mark.parametrize("form", ["csv", "ndjson"])
def test_rows_reach_the_disk_before_the_file_appears(
    api: Api, cli: Any, share: Share, tmp_path: Path, form: str
) -> None:
    """Each page is synced once, and the last of it before the file is renamed into place."""
    api.people(25)
    share.calls.clear()
    cli("export", tmp_path / f"all.{form}", "--page-size", 10)
    assert share.calls == ["write", "fsync"] * 3 + ["fsync", "close", f"replace .{form}", "unlink"]


@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize("form", ["csv", "ndjson"])
def test_stdout_that_is_full_gets_no_cursor(
    api: Api,
    cli: Any,
    limited: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    *,
    form: str,
    unbuffered: str,
) -> None:
    """Half a row that went to stdout cannot be taken back: it names stdout, and says to start
    again, with code 2.
    """
    api.people(PEOPLE)
    size = len(cli("export", "--format", form).stdout_bytes)
    monkeypatch.setenv("PYTHONUNBUFFERED", unbuffered)
    with (tmp_path / "out").open("wb") as out:
        done = limited(size - 7, "export", "--format", form, stdout=out)
    assert (done.returncode, done.stderr.splitlines()) == (
        2,
        [
            "There is no cursor to go on from: the same command starts again",
            "error: stdout: File too large",
        ],
    )


@pytest.mark.parametrize("form", ["csv", "ndjson"])
def test_stdout_goes_on_behind_what_it_took(api: Api, cli: Any, form: str) -> None:
    """After a failure of the API the cursor is that of the last page that stdout took: two parts
    are the whole.
    """
    api.people(25)
    command = ("export", "--format", form, "--page-size", 10)
    expected = cli(*command).stdout_bytes
    api.before = refuse("page=3")
    failed = cli(*command)
    assert failed.exit_code == 3
    assert "To go on, if all of stdout was kept: the same command with --cursor " in failed.stderr
    api.before = lambda _: None
    done = cli(*command, "--cursor", cursor_of(failed.stderr))
    assert failed.stdout_bytes + done.stdout_bytes == expected


def test_a_reader_that_goes_away_gets_no_cursor(api: Api, started: Any) -> None:
    """What a reader has kept of a pipe that it closed is not known: code 141, and no cursor."""
    api.people(PEOPLE, notes="x" * 500)
    with started("export", "--page-size", 200) as process:
        process.stdout.read(100_000)
        process.stdout.close()
        assert (process.stderr.read(), process.wait(20)) == ("", 141)


@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize("how", [[], ["--json"]])
def test_a_result_that_stdout_cannot_take_is_code_2(
    api: Api,
    limited: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    *,
    how: list[str],
    unbuffered: str,
) -> None:
    """It is one line that names stdout, buffered or not."""
    monkeypatch.setenv("PYTHONUNBUFFERED", unbuffered)
    with (tmp_path / "out").open("wb") as out:
        done = limited(10, "fields", "list", *how, stdout=out)
    assert (done.returncode, done.stderr) == (2, "error: stdout: File too large\n")
