"""``timify-customers import``."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path
from typing import Any

import pytest
from cli.api import PHONE, Api

ODD = 'a "b",\r\nc\rd\n;\t\'é\u2028=1+1'


def write(file: Path, text: str) -> Path:
    file.write_text(text, encoding="utf-8", newline="")
    return file


def firsts(api: Api) -> list[str]:
    """The first names that the company holds."""
    return sorted(it.values[api.field("firstName")] for it in api.company.customers.values())


@pytest.mark.parametrize("form", ["csv", "ndjson"])
def test_what_export_wrote_changes_nothing(api: Api, cli: Any, tmp_path: Path, form: str) -> None:
    """Export, import, export: the company holds what it held, and the files are the same byte for
    byte.
    """
    api.reset(clock=lambda: 1_700_000_000.0)
    twins = [api.company.add_field(label="Twin", type="TEXT").id for _ in range(2)]
    many = api.company.add_field(
        label="Many", type="SELECT", select_options=("a", "b", "c"), is_multiple=True
    ).id
    api.people(
        3,
        notes=ODD,
        birthday="1990-01-31",
        mobilePhone=PHONE,
        landlinePhone='{"number":"1","country":"GB"}',
    )
    api.company.create({api.field("firstName"): "Zoë", twins[1]: "second", many: ""})
    before, files = api.state(), [tmp_path / f"{name}.{form}" for name in ("one", "two")]
    assert cli("export", files[0]).exit_code == 0
    done = cli("import", files[0], "--key", "id")
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout.startswith("4 rows in 1 request")
    assert api.state() == before
    assert cli("export", files[1]).exit_code == 0
    assert files[1].read_bytes() == files[0].read_bytes()


def test_a_list_of_values_goes_both_ways(api: Api, cli: Any, tmp_path: Path) -> None:
    """A field of several values is a JSON list in a cell of CSV; a text that looks like one stays a
    text elsewhere.
    """
    many = api.company.add_field(label="Many", type="TEXT", is_multiple=True).id
    file = write(
        tmp_path / "in.csv", 'crm,Many,notes\r\n1,"[""a"",""b""]","[""a""]"\r\n2,[plain,[plain\r\n'
    )
    done = cli("import", file, "--key", "crm")
    assert (done.exit_code, done.stderr) == (0, "")
    ((first, second),) = api.imports()
    assert [entry.get("values") for entry in first["customfields"] if entry["id"] == many] == [
        ["a", "b"]
    ]
    assert [
        entry["value"] for entry in first["customfields"] if entry["id"] == api.field("notes")
    ] == ['["a"]']
    assert [entry.get("values") for entry in second["customfields"] if entry["id"] == many] == [
        ["[plain"]
    ]


def test_csv_as_people_save_it(api: Api, cli: Any, tmp_path: Path) -> None:
    """A byte order mark, quotes, line breaks in cells, blank lines and columns without name and
    value are no matter.
    """
    quoted = ODD.replace('"', '""')
    text = f'\ufeffcrm_id,firstName,notes,,\r\nk1,Zoë,"{quoted}",,\r\n\r\nk2,Bo,,,\r\n'
    done = cli("import", write(tmp_path / "in.csv", text), "--key", "crm_id")
    assert (done.exit_code, done.stderr) == (0, "")
    assert firsts(api) == ["Bo", "Zoë"]
    ((first, second),) = api.imports()
    assert [row["importCustomerId"] for row in (first, second)] == ["k1", "k2"]
    assert [entry["value"] for entry in first["customfields"]] == ["Zoë", ODD]
    assert [entry["value"] for entry in second["customfields"]] == ["Bo"]


def test_other_delimiters(api: Api, cli: Any, tmp_path: Path) -> None:
    """Spreadsheets of many countries write semicolons."""
    file = write(tmp_path / "in.csv", "crm_id;firstName\r\nk1;Zoë\r\n")
    assert cli("import", file, "--key", "crm_id", "--delimiter", ";").exit_code == 0
    assert firsts(api) == ["Zoë"]


@pytest.mark.parametrize(("flags", "notes"), [([], "old"), (["--clear"], "")])
def test_a_blank_cell_changes_nothing_unless_told(
    api: Api, cli: Any, tmp_path: Path, flags: list[str], notes: str
) -> None:
    """Blank cells of CSV are passed over; with --clear they clear the field."""
    (key,) = api.people(1, notes="old")
    file = write(tmp_path / "in.csv", f"id,firstName,notes\r\n{key},New,\r\n")
    assert cli("import", file, "--key", "id", *flags).exit_code == 0
    values = api.company.customers[key].values
    assert (values[api.field("firstName")], values[api.field("notes")]) == ("New", notes)


def test_ndjson_clears_what_it_names(api: Api, cli: Any, tmp_path: Path) -> None:
    """In NDJSON null and "" clear a field, and a key that is not there changes nothing."""
    (key,) = api.people(1, notes="old", lastName="Kept", email="a@example.com")
    file = write(
        tmp_path / "in.ndjson", json.dumps({"id": key, "notes": None, "email": ""}) + "\n\n"
    )
    assert cli("import", file, "--key", "id").exit_code == 0
    values = api.company.customers[key].values
    assert [values[api.field(name)] for name in ("notes", "email", "lastName")] == ["", "", "Kept"]


def test_bad_rows_are_told_and_the_others_are_sent(api: Api, cli: Any, tmp_path: Path) -> None:
    """Each bad row is a line on stderr with its number and reason; the report is on stdout; the
    code is 1.
    """
    file = write(
        tmp_path / "in.csv",
        "crm_id,firstName,email\r\nk1,A,bad\r\n,B,\r\nk3,C,c@example.com\r\nk3,D,\r\n",
    )
    done = cli("import", file, "--key", "crm_id")
    assert done.exit_code == 1
    assert sorted(line.split(":")[1] for line in done.stderr.splitlines()) == [
        " line 2",
        " line 3",
        " line 5",
    ]
    assert "is not an email address" in done.stderr
    assert "3 invalid" in done.stdout
    assert done.stdout.count("\n") == 1
    assert firsts(api) == ["C"]


def test_many_problems_are_counted_and_a_file_has_them_all(
    api: Api, cli: Any, tmp_path: Path
) -> None:
    """The first twenty are on stderr, and how many more; with --problems a file has each with its
    row.
    """
    file = write(
        tmp_path / "in.ndjson",
        "".join(json.dumps({"crm_id": "", "nope": n}) + "\n" for n in range(30)),
    )
    done = cli("import", file, "--key", "crm_id", "--json")
    assert done.exit_code == 1
    assert done.stderr.count("\n") == 21
    assert done.stderr.endswith("and 40 more\n")
    report = json.loads(done.stdout)
    assert (report["rows"], report["invalid"], len(report["problems"])) == (30, 30, 60)
    told = cli("import", file, "--key", "crm_id", "--problems", tmp_path / "p.ndjson")
    assert told.stderr == f"60 problems in {tmp_path / 'p.ndjson'}\n"
    lines = [json.loads(line) for line in (tmp_path / "p.ndjson").read_text("utf-8").splitlines()]
    assert len(lines) == 60
    assert lines[0].keys() == {"line", "row", "outcome", "column", "reason", "data"}
    assert (lines[0]["row"], lines[0]["outcome"], lines[0]["data"]) == (
        1,
        "invalid",
        {"crm_id": "", "nope": 0},
    )
    assert api.imports() == []


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("in.csv", "crm_id,notes\r\n1\r\n", "line 2 has 1 cell, the header 2"),
        ("in.csv", "crm_id,notes\r\n1,2,3\r\n", "line 2 has 3 cells, the header 2"),
        ("in.csv", "crm_id,\r\n1,lost\r\n", "line 2 has a value in a column without a name"),
        ("in.csv", 'crm_id,notes\r\n1,"cut', "unexpected end of data"),
        ("in.csv", "crm_id,notes,notes\r\n1,2,3\r\n", "several columns have the name 'notes'"),
        ("in.csv", "id,notes\r\n1,2\r\n", "no column 'crm_id'; its columns: 'id', 'notes'"),
        ("in.csv", "crm_id\r\n\udcff\r\n", "line 2, column 1: this is not text in UTF-8"),
        ("in.ndjson", '{"crm_id": "1"}\n{"crm_id": \n', "line 2 is not JSON"),
        ("in.ndjson", '{"crm_id": "1"}\n[1]\n', "line 2 is no JSON object"),
        ("in.ndjson", "[" * 100_000, "recursion"),
    ],
)
def test_a_file_that_is_not_what_it_should_be(
    api: Api, cli: Any, tmp_path: Path, *, name: str, text: str, says: str
) -> None:
    """A file that is damaged anywhere is refused with the line, code 2, before any row is sent."""
    (tmp_path / name).write_bytes(text.encode("utf-8", "surrogateescape"))
    done = cli("import", tmp_path / name, "--key", "crm_id")
    assert (done.exit_code, done.stdout) == (2, "")
    assert says in done.stderr
    assert done.stderr.count("\n") == 1
    assert api.imports() == []


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--key", "crm_id", "--delimiter", ";;"], "--delimiter must be one character, or tab"),
        (["--key", "crm_id", "--encoding", "klingon"], "--encoding 'klingon' is not known"),
        (["--key", "crm_id", "--encoding", "hex"], "--encoding 'hex' is not known"),
        (["--key", "crm_id", "--date-order", "DDD"], "--date-order must be DMY, MDY or YMD"),
        (
            ["--key", "crm_id", "--phone-region", "UK"],
            "--phone-region 'UK' is not known: use \"GB\"",
        ),
        (["--key", "crm_id", "--chunk-size", "0"], "--chunk-size must be at least 1"),
        (["--key", "crm_id", "--concurrency", "0"], "--concurrency must be at least 1"),
        (["--key", "crm_id", "--verify", "email"], "--verify 'email': no row carries it"),
        (["--key", "crm_id", "--problems", "nowhere/p.ndjson"], "No such file"),
        ([], "--key"),
    ],
)
def test_what_cannot_be_done_is_code_2(
    api: Api, cli: Any, tmp_path: Path, arguments: list[str], says: str
) -> None:
    """Wrong arguments are code 2, and nothing is sent."""
    file = write(tmp_path / "in.csv", "crm_id,firstName\r\nk1,Zoë\r\n")
    done = cli("import", file, *arguments)
    assert done.exit_code == 2
    assert says in done.stderr
    assert api.imports() == []


def test_progress_says_of_how_many(
    api: Api, cli: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rows were counted before the first is sent, so progress names their number."""
    monkeypatch.setattr("timify_customers.cli._shell.LINE_SECONDS", 0.0)
    file = write(tmp_path / "in.csv", "crm_id\r\nk1\r\nk2\r\nk3\r\n")
    lines = cli("import", file, "--key", "crm_id").stderr.splitlines()
    assert [line.partition(" rows")[0] for line in lines] == ["1 of 3", "2 of 3", "3 of 3"]


def test_a_dry_run_sends_nothing(api: Api, cli: Any, tmp_path: Path) -> None:
    """--dry-run checks all rows, and says which are valid."""
    file = write(tmp_path / "in.csv", "crm_id,email\r\nk1,a@example.com\r\nk2,bad\r\n")
    done = cli("import", file, "--key", "crm_id", "--dry-run", "--json")
    assert done.exit_code == 1
    assert [json.loads(done.stdout)[name] for name in ("valid", "invalid", "requests")] == [1, 1, 0]
    assert api.imports() == []


def test_dates_and_phones_as_people_write_them(api: Api, cli: Any, tmp_path: Path) -> None:
    """--date-order and --phone-region say how to understand them; without, they are bad rows."""
    file = write(
        tmp_path / "in.csv", "crm_id,birthday,mobilePhone\r\nk1,10/12/1990,020 7946 0958\r\n"
    )
    assert cli("import", file, "--key", "crm_id").exit_code == 1
    done = cli("import", file, "--key", "crm_id", "--date-order", "DMY", "--phone-region", "GB")
    assert (done.exit_code, done.stderr) == (0, "")
    ((row,),) = api.imports()
    assert [entry["value"] for entry in row["customfields"]] == ["1990-12-10", PHONE]


def test_what_the_api_refuses_is_code_3_or_1(api: Api, cli: Any, tmp_path: Path) -> None:
    """403 ends the import with code 3, how far it came, and how to go on; a row that is refused
    alone is code 1.
    """
    file = write(tmp_path / "in.ndjson", "".join(f'{{"crm_id": "k{n}"}}\n' for n in range(30)))
    api.before = lambda what: 403 if "/import" in what and len(api.imports()) == 2 else None
    done = cli("import", file, "--key", "crm_id", "--chunk-size", 10, "--concurrency", 1)
    assert (done.exit_code, done.stdout) == (3, "")
    assert "20 rows" in done.stderr
    assert "to go on: the same command, which sends every row again" in done.stderr
    assert "HTTP 403" in done.stderr
    api.before = lambda _: None
    file = write(tmp_path / "in.csv", f"crm_id,id\r\nok,\r\nbad,{'0' * 24}\r\n")
    done = cli("import", file, "--key", "crm_id")
    assert done.exit_code == 1
    assert "rejected: line 3" in done.stderr


def test_reading_back(api: Api, cli: Any, tmp_path: Path) -> None:
    """--verify reads the customers again and says which rows they show."""
    file = write(tmp_path / "in.csv", "crm_id,externalId,firstName\r\nk1,e1,Zoë\r\n")
    done = cli("import", file, "--key", "crm_id", "--verify", "externalId", "--json")
    assert done.exit_code == 0
    assert json.loads(done.stdout)["verified"] == 1


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_an_import_goes_on_from_its_checkpoint(
    api: Api, cli: Any, started: Any, tmp_path: Path, how: signal.Signals
) -> None:
    """After SIGTERM, which says so, or kill -9, the same command sends what is not settled, and no
    row is lost.
    """
    rows = [f"k{number:02d}" for number in range(50)]
    file = write(
        tmp_path / "in.csv", "crm_id,firstName\r\n" + "".join(f"{key},{key}\r\n" for key in rows)
    )
    command = (
        "import",
        file,
        "--key",
        "crm_id",
        "--chunk-size",
        10,
        "--concurrency",
        1,
        "--checkpoint",
        tmp_path / "c",
    )
    api.before = lambda what: (
        setattr(api, "stall", "/import") if "/import" in what and len(api.imports()) == 1 else None
    )
    with started(*command) as process:
        assert api.stalled.wait(20)
        os.kill(process.pid, how)
        out, errors = process.communicate(timeout=20)
    assert (process.returncode, out) == (130 if how is signal.SIGTERM else -signal.SIGKILL, "")
    if how is signal.SIGTERM:
        assert "to go on: the same command\nstopped\n" in errors
    api.stall, api.before, sent = "", lambda _: None, len(api.imports())
    done = cli(*command, "--json")
    assert done.exit_code == 0
    report = json.loads(done.stdout)
    assert (report["rows"], report["resumed"]) == (50, 20)
    assert firsts(api) == rows
    assert (
        sorted(row["importCustomerId"] for rows in api.imports()[sent:] for row in rows)
        == rows[20:]
    )
