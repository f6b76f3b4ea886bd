"""``timify-customers export`` for Excel, and with other delimiters."""

from __future__ import annotations

import codecs
import csv
import io
from pathlib import Path
from typing import Any

import pytest
from cli.api import PHONE, Api, cursor_of


@pytest.mark.parametrize(
    ("options", "mark", "delimiter"),
    [
        (["--excel"], codecs.BOM_UTF8, ";"),
        (["--excel", "--delimiter", ","], codecs.BOM_UTF8, ","),
        (["--delimiter", "tab"], b"", "\t"),
        ([], b"", ","),
    ],
    ids=["excel", "excel with commas", "tabs", "plain"],
)
def test_how_a_file_begins_and_what_separates_its_cells(
    api: Api, cli: Any, tmp_path: Path, *, options: list[str], mark: bytes, delimiter: str
) -> None:
    """--excel writes one byte order mark, and semicolons unless --delimiter says otherwise."""
    api.people(2, notes='Grüße; a, "b"\r\nc\td', mobilePhone=PHONE)
    for target in ([tmp_path / "all.csv"], ["--format", "csv"]):
        done = cli("export", *target, *options)
        data = (tmp_path / "all.csv").read_bytes() if target[0] != "--format" else done.stdout_bytes
        assert data.startswith(mark + b"id" + delimiter.encode() + b"externalId")
        assert data.count(codecs.BOM_UTF8) == len(mark) // 3
        text = io.StringIO(data.decode("utf-8-sig"), newline="")
        rows = list(csv.DictReader(text, delimiter=delimiter))
        assert [row["notes"] for row in rows] == ['Grüße; a, "b"\r\nc\td'] * 2


def test_what_excel_opens_goes_back(api: Api, cli: Any, tmp_path: Path) -> None:
    """An export for Excel is imported without an option, and changes nothing."""
    api.reset(clock=lambda: 1_700_000_000.0)
    api.people(3, notes="Grüße, a;b", mobilePhone=PHONE)
    before = api.state()
    assert cli("export", tmp_path / "all.csv", "--excel").exit_code == 0
    done = cli("import", tmp_path / "all.csv", "--key", "id")
    assert (done.exit_code, done.stderr) == (0, "")
    assert api.state() == before


def test_an_export_for_excel_goes_on(api: Api, cli: Any, tmp_path: Path) -> None:
    """A resumed one has one header and one byte order mark; without --excel it is refused."""
    api.people(25)
    whole, file = tmp_path / "whole.csv", tmp_path / "all.csv"
    cli("export", whole, "--page-size", 10, "--excel")
    api.before = lambda what: 403 if "page=3" in what else None
    command = ("export", file, "--page-size", 10)
    cursor = cursor_of(cli(*command, "--excel").stderr)
    api.before = lambda _: None
    for options in ([], ["--delimiter", ";"], ["--excel", "--delimiter", ","]):
        done = cli(*command, "--cursor", cursor, *options)
        assert done.exit_code == 2
        assert "has other columns or another format than this export would write" in done.stderr
    assert cli(*command, "--cursor", cursor, "--excel").exit_code == 0
    assert file.read_bytes() == whole.read_bytes()
