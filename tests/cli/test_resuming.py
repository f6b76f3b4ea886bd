"""An export that goes on: it counts what is there, and goes on with nothing else."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from cli.api import Api, cursor_of
from timify_customers.cli._shell import Meter


def stop_at(api: Api, page: int) -> None:
    """Let the API refuse a page; 0 for none."""
    api.before = lambda what: 403 if f"page={page}&" in f"{what}&" else None


def begun(api: Api, cli: Any, file: Path, *, page: int = 3) -> str:
    """Begin an export in pages of ten that ends before a page; return its cursor."""
    stop_at(api, page)
    failed = cli("export", file, "--page-size", 10)
    stop_at(api, 0)
    assert failed.exit_code == 3
    return cursor_of(failed.stderr)


def resume(cli: Any, file: Path, cursor: str, *options: object) -> Any:
    return cli("export", file, "--page-size", 10, "--cursor", cursor, *options)


@pytest.mark.parametrize("form", ["csv", "ndjson"])
def test_it_counts_what_the_file_has(api: Api, cli: Any, tmp_path: Path, form: str) -> None:
    """The customers that it reports are all in the file, not only those of the last run."""
    api.people(25, notes="a\r\nb\n")
    file = tmp_path / f"all.{form}"
    done = resume(cli, file, begun(api, cli, file))
    assert done.exit_code == 0
    assert done.stderr.startswith(f"25 customers in {file}")
    machine = resume(cli, file, begun(api, cli, file), "--json")
    assert json.loads(machine.stdout)["customers"] == 25


def test_progress_begins_with_what_the_file_has(
    api: Api, cli: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Progress goes on from the count of the file."""
    api.people(25)
    cursor = begun(api, cli, tmp_path / "all.csv")
    monkeypatch.setattr("timify_customers.cli._shell.LINE_SECONDS", 0.0)
    lines = resume(cli, tmp_path / "all.csv", cursor).stderr.splitlines()
    counts = [line.partition(" customers")[0] for line in lines]
    assert counts == [*(f"{number} of 25" for number in range(21, 26)), "25"]


def test_the_rate_is_that_of_this_run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What an earlier run read does not count for speed and time left: 500 of 1,000 in 10 s."""
    now = 0.0
    monkeypatch.setattr("timify_customers.cli._shell.time.monotonic", lambda: now)
    meter = Meter("customers", 2000, done=1000)
    for number in range(500):
        now = 10.0 if number == 499 else 0.0
        meter.step()
    assert capsys.readouterr().err == "1,500 of 2,000 customers, 50/s, 10 s left\n"


@pytest.mark.parametrize("form", ["csv", "ndjson"])
def test_a_file_of_another_export_is_refused(api: Api, cli: Any, tmp_path: Path, form: str) -> None:
    """A file that ends with another row than the cursor is told in a sentence, and both stay."""
    api.people(35)
    file, part = tmp_path / f"all.{form}", tmp_path / f"all.{form}.part"
    early = begun(api, cli, file, page=2)
    late = begun(api, cli, file, page=3)
    before = part.read_bytes()
    done = resume(cli, file, early)
    assert (done.exit_code, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert f"--cursor does not go on behind the last row of {part}" in done.stderr
    assert part.read_bytes() == before
    assert not file.exists()
    assert resume(cli, file, late).exit_code == 0


@pytest.mark.parametrize("form", ["csv", "ndjson"])
@pytest.mark.parametrize(
    "damage",
    [
        lambda data: data[:-1],
        lambda data: data[:-9],
        lambda data: data[: len(data) // 2],
        lambda data: data + data[-60:],
        lambda data: data + b'"\n',
        lambda data: b"",
    ],
    ids=["no end of line", "half a row", "half", "more", "a quote", "empty"],
)
def test_a_damaged_file_is_refused(
    api: Api, cli: Any, tmp_path: Path, form: str, damage: Any
) -> None:
    """A file that does not end in exactly the row of the cursor is not gone on with."""
    api.people(25)
    file, part = tmp_path / f"all.{form}", tmp_path / f"all.{form}.part"
    cursor = begun(api, cli, file)
    damaged = damage(part.read_bytes())
    part.write_bytes(damaged)
    done = resume(cli, file, cursor)
    assert (done.exit_code, done.stderr.count("\n")) == (2, 1)
    assert "leave out --cursor to start again" in done.stderr
    assert part.read_bytes() == damaged


def test_a_file_that_is_not_there_is_told(api: Api, cli: Any, tmp_path: Path) -> None:
    """A cursor without its file gets a sentence, not the name of an error."""
    api.people(25)
    cursor = begun(api, cli, tmp_path / "all.csv")
    done = resume(cli, tmp_path / "other.csv", cursor)
    assert done.exit_code == 2
    assert f"there is no {tmp_path / 'other.csv'}.part, which --cursor would go on" in done.stderr


def test_another_page_size_is_told_in_words_of_the_command_line(
    api: Api, cli: Any, tmp_path: Path
) -> None:
    """A cursor belongs to one page size, and the error names that option."""
    api.people(25)
    cursor = begun(api, cli, tmp_path / "all.csv")
    done = cli("export", tmp_path / "all.csv", "--page-size", 5, "--cursor", cursor)
    assert done.exit_code == 2
    assert done.stderr.startswith("error: --cursor belongs to another list")
    assert "--page-size" in done.stderr


def test_a_new_export_clears_an_old_part(api: Api, cli: Any, tmp_path: Path) -> None:
    """Once a new export is whole, what an earlier one left is gone; before that, it stays."""
    api.people(25)
    file, part = tmp_path / "all.csv", tmp_path / "all.csv.part"
    cursor = begun(api, cli, file)
    stop_at(api, 1)
    assert cli("export", file, "--page-size", 10).exit_code == 3
    assert part.exists()
    stop_at(api, 0)
    assert cli("export", file, "--page-size", 10).exit_code == 0
    assert list(tmp_path.iterdir()) == [file]
    assert resume(cli, file, cursor).exit_code == 2
    assert len(file.read_bytes().splitlines()) == 26
