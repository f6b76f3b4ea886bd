"""The header of a file to import, which is checked before any row."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Any

import pytest
from cli.api import Api


def write(file: Path, text: str) -> Path:
    file.write_text(text, encoding="utf-8", newline="")
    return file


def firsts(api: Api) -> list[str]:
    """The first names that the company holds."""
    return sorted(it.values[api.field("firstName")] for it in api.company.customers.values())


def test_unknown_columns_are_one_error(api: Api, cli: Any, tmp_path: Path) -> None:
    """All of them stand in one line with their closest fields, and no row is looked at or sent."""
    twins = [api.company.add_field(label="Twin", type="TEXT").id for _ in range(2)]
    file = write(tmp_path / "crm.csv", "crm_id,firstNam,Shoe size,Twin,email\r\nk1,A,B,C,bad\r\n")
    done = cli("import", file, "--key", "crm_id", "--problems", tmp_path / "p.ndjson")
    assert (done.exit_code, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert "'firstNam' (closest: firstName" in done.stderr
    assert "'Shoe size', 'Twin' (one of the ids " + ", ".join(twins) + ")" in done.stderr
    assert "bad" not in done.stderr
    assert api.imports() == []
    assert not (tmp_path / "p.ndjson").exists()


def test_the_advice_of_the_error_is_good(api: Api, cli: Any, tmp_path: Path) -> None:
    """The options that the error names leave out exactly the columns that are unknown."""
    file = write(tmp_path / "crm.csv", "crm_id,It's odd,Shoe size,firstName\r\nk1,x,44,Ada\r\n")
    failed = cli("import", file, "--key", "crm_id")
    options = shlex.split(failed.stderr.partition("leave them out: ")[2])
    assert options == ["--ignore-column", "It's odd", "--ignore-column", "Shoe size"]
    done = cli("import", file, "--key", "crm_id", *options)
    assert (done.exit_code, done.stderr) == (0, "")
    assert firsts(api) == ["Ada"]


@pytest.mark.parametrize("name", ["external_id", "page_size"])
def test_a_column_that_is_called_like_an_option_stays_a_column(
    api: Api, cli: Any, tmp_path: Path, name: str
) -> None:
    """The advice names the column, not the option that Python's name of it would be."""
    file = write(tmp_path / "crm.csv", f"crm_id,{name},firstName\r\nk1,x,Ada\r\n")
    failed = cli("import", file, "--key", "crm_id")
    options = shlex.split(failed.stderr.partition("leave them out: ")[2])
    assert options == ["--ignore-column", name]
    assert cli("import", file, "--key", "crm_id", *options).exit_code == 0


def test_two_columns_of_one_field_are_refused(api: Api, cli: Any, tmp_path: Path) -> None:
    """The error names both, before any row is sent, and its advice is good."""
    file = write(tmp_path / "crm.csv", "crm_id,firstName,email,first_name\r\nk1,Ada,,Eve\r\n")
    failed = cli("import", file, "--key", "crm_id")
    assert (failed.exit_code, failed.stdout, failed.stderr.count("\n")) == (2, "", 1)
    assert "one custom field: 'firstName' and 'first_name'. Nothing was sent" in failed.stderr
    assert api.imports() == []
    options = shlex.split(failed.stderr.partition("such as by ")[2])
    assert options == ["--ignore-column", "first_name"]
    assert cli("import", file, "--key", "crm_id", *options).exit_code == 0
    assert firsts(api) == ["Ada"]


def test_known_columns_may_be_ignored_too(api: Api, cli: Any, tmp_path: Path) -> None:
    """A column that is ignored is not sent, in CSV and in NDJSON."""
    csv = write(tmp_path / "in.csv", "crm_id,firstName,notes\r\nk1,Ada,secret\r\n")
    ndjson = write(tmp_path / "in.ndjson", '{"crm_id": "k1", "firstName": "Ada", "notes": "s"}\n')
    for file in (csv, ndjson):
        done = cli("import", file, "--key", "crm_id", "--ignore-column", "notes")
        assert (done.exit_code, done.stderr) == (0, "")
    for ((row,),) in ([chunk] for chunk in api.imports()):
        assert [entry["id"] for entry in row["customfields"]] == [api.field("firstName")]


@pytest.mark.parametrize(
    ("ignored", "says"),
    [
        ("crm_id", "--ignore-column cannot leave out 'crm_id', the column of --key"),
        ("Notes", "has no column 'Notes'; its columns: 'crm_id', 'firstName'"),
    ],
)
def test_what_cannot_be_ignored(
    api: Api, cli: Any, tmp_path: Path, ignored: str, says: str
) -> None:
    """The key, and a column that the file does not have: more likely a slip than a wish."""
    file = write(tmp_path / "in.csv", "crm_id,firstName\r\nk1,Ada\r\n")
    done = cli("import", file, "--key", "crm_id", "--ignore-column", ignored)
    assert done.exit_code == 2
    assert says in done.stderr
    assert api.imports() == []


def test_names_that_the_library_takes_are_no_error(api: Api, cli: Any, tmp_path: Path) -> None:
    """Default ids in any case and Python spelling, labels, ids and the fixed columns all pass."""
    api.company.add_field(label="Straße", type="TEXT")
    header = (
        f"crm_id,id,externalId,createdAt,updatedAt,first_name,EMAIL,strasse,{api.field('notes')}"
    )
    file = write(tmp_path / "in.csv", f"{header}\r\nk1,,,,,Ada,a@example.com,Weg 1,x\r\n")
    done = cli("import", file, "--key", "crm_id")
    assert (done.exit_code, done.stderr) == (0, "")
