"""Commands other than ``export`` when their disk is full: what they were to write is whole, or said
to be missing.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest
from cli.api import Api
from timify_customers.cli import _durable

BAD = 250


def firsts(api: Api) -> list[str]:
    """The first names that the company holds."""
    return sorted(it.values[api.field("firstName")] for it in api.company.customers.values())


def rows(tmp_path: Path) -> Path:
    """Make 250 bad rows, and a good one behind each tenth."""
    lines = []
    for number in range(BAD):
        lines.append(f"b{number},{number},bad\r\n")
        if not number % 10:
            lines.append(f"g{number},{number:03d},a@example.com\r\n")
    file = tmp_path / "in.csv"
    file.write_text("crm_id,firstName,email\r\n" + "".join(lines), encoding="utf-8", newline="")
    return file


@pytest.mark.parametrize(("limit", "saved"), [(0, 0), (5_000, 0), (20_000, 100), (40_000, 200)])
def test_problems_that_their_file_cannot_take_are_shown(
    api: Api, limited: Any, tmp_path: Path, *, limit: int, saved: int
) -> None:
    """The import goes on to its end; the file has whole lines, stderr says so and has all the
    others.
    """
    file, problems = rows(tmp_path), tmp_path / "bad.ndjson"
    done = limited(limit, "import", file, "--key", "crm_id", "--problems", problems)
    assert done.returncode == 1
    assert firsts(api) == [f"{number:03d}" for number in range(0, BAD, 10)]
    assert "250 invalid" in done.stdout
    warning, *shown = done.stderr.splitlines()
    why = f"File too large; it has the first {saved} problems, the others are here"
    assert warning == f"warning: {problems} is incomplete: {why}"
    lines = [json.loads(line) for line in problems.read_text("utf-8").splitlines()]
    assert len(lines) == saved
    told = [line["line"] for line in lines] + [
        int(re.match(r"invalid: line (\d+): ", it)[1]) for it in shown
    ]
    assert told == sorted(told)
    assert len(set(told)) == len(told) == BAD


def test_problems_in_a_file_that_is_damaged_say_so(
    api: Api, cli: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When the disk does not sync, and not cut off either, it says up to where the file is good."""

    def fail(_: int) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(_durable.os, "fsync", fail)
    done = cli("import", rows(tmp_path), "--key", "crm_id", "--problems", tmp_path / "bad.ndjson")
    assert done.exit_code == 1
    assert "Input/output error; it is damaged behind 0 problems, the others are here" in done.stderr
    assert done.stderr.count("\n") == BAD + 1


def test_problems_go_into_a_pipe_too(api: Api, cli: Any, tmp_path: Path) -> None:
    """A device, which cannot be synced, is a file for problems like another."""
    done = cli("import", rows(tmp_path), "--key", "crm_id", "--problems", "/dev/null")
    assert (done.exit_code, done.stderr) == (1, "250 problems in /dev/null\n")


@pytest.mark.parametrize("limit", [0, 3_000, 12_000, 30_000, 50_000, 80_000, 150_000])
def test_a_checkpoint_on_a_full_disk_loses_no_row(
    api: Api, cli: Any, limited: Any, tmp_path: Path, limit: int
) -> None:
    """The import ends with code 2, a line that names the checkpoint, and how to go on; doing so
    sends all rows.
    """
    keys = [f"k{number:04d}" for number in range(1000)]
    file, checkpoint = tmp_path / "in.csv", tmp_path / "c.sqlite"
    file.write_text(
        "crm_id,firstName\r\n" + "".join(f"{key},{key}\r\n" for key in keys), newline=""
    )
    command = (
        "import",
        file,
        "--key",
        "crm_id",
        "--chunk-size",
        100,
        "--concurrency",
        1,
        "--checkpoint",
        checkpoint,
    )
    done = limited(limit, *command)
    assert (done.returncode, done.stdout) == (2, "")
    assert "Traceback" not in done.stderr
    assert f"the checkpoint {checkpoint} cannot be used: " in done.stderr.splitlines()[-1]
    assert bool(api.imports()) == ("to go on: the same command\n" in done.stderr)
    again = cli(*command)
    assert (again.exit_code, again.stderr) == (0, "")
    assert firsts(api) == keys


@pytest.mark.parametrize("limit", [0, 50, 700])
def test_definitions_are_saved_whole_or_not_at_all(
    api: Api, cli: Any, limited: Any, tmp_path: Path, limit: int
) -> None:
    """A full disk is code 2 and a line with file and reason; the old file stays, and nothing is
    beside it.
    """
    file = tmp_path / "fields.json"
    assert cli("fields", "save", file).exit_code == 0
    before = file.read_bytes()
    api.company.add_field(label="Newer", type="DATE")
    done = limited(limit, "fields", "save", file)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"error: the registry cannot be saved as {file}: File too large\n"
    assert file.read_bytes() == before
    assert list(tmp_path.iterdir()) == [file]


def test_a_recording_on_a_full_disk_is_complete_and_says_what_it_lacks(
    api: Api, limited: Any, tmp_path: Path
) -> None:
    """Exchanges that find no room are counted, with the reason and code 1; the file is HAR with the
    others.
    """
    api.people(1)
    program = [
        sys.executable,
        "-P",
        "-m",
        "timify_customers.cli",
        "get",
        "--external-id",
        "crm-0000",
    ]
    sizes = []
    for number, limit in enumerate((1_000_000, 60, 2_000, 3_500)):
        file = tmp_path / f"{number}.har"
        done = limited(limit, "record", "--to", file, "--", *program)
        if limit == 60:
            assert (done.returncode, file.exists()) == (2, False)
            assert (
                done.stderr
                == f"error: cannot record to {file}: File too large; name another file\n"
            )
            continue
        sizes.append(len(json.loads(file.read_text("ascii"))["log"]["entries"]))
        assert "Ada 0000" in done.stdout
        lacks = (
            f"warning: {file} lacks exchanges, {sizes[0] - sizes[-1]} in number: File too large\n"
        )
        assert (done.returncode, done.stderr.endswith(lacks)) == (
            (1, True) if number else (0, False)
        )
    assert sizes[0] > sizes[2] >= sizes[1]
