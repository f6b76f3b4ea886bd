"""``timify-customers export``."""

from __future__ import annotations

import csv
import json
import os
import re
import signal
from pathlib import Path
from typing import Any

import pytest
from cli.api import PHONE, Api, cursor_of
from timify_customers._customfields import definitions
from timify_customers.cli import _shell

DEFAULTS = [
    "salutation",
    "firstName",
    "lastName",
    "email",
    "mobilePhone",
    "landlinePhone",
    "birthday",
    "notes",
]
FIXED = ["id", "externalId", "createdAt", "updatedAt"]


def rows_of(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def refuse(text: str) -> Any:
    return lambda what: 403 if text in what else None


def test_csv_has_a_row_for_each_customer_by_field_names(api: Api, cli: Any, tmp_path: Path) -> None:
    """The columns are the fixed ones and all fields by name; what has no value is empty; a line on
    stderr sums up.
    """
    tier = api.company.add_field(label="Loyalty tier", type="TEXT").id
    made = api.company.create(
        {
            api.field("firstName"): "Zoë",
            api.field("mobilePhone"): PHONE,
            api.field("notes"): 'a "b",\r\nc\rd',
            tier: "gold",
        },
        external_id="crm-1",
    )
    done = cli("export", tmp_path / "all.csv")
    (row,) = rows_of(tmp_path / "all.csv")
    assert list(row) == [*FIXED, *DEFAULTS, "Loyalty tier"]
    assert (row["id"], row["externalId"], row["firstName"], row["lastName"]) == (
        made.id,
        "crm-1",
        "Zoë",
        "",
    )
    assert (row["mobilePhone"], row["notes"], row["Loyalty tier"]) == (
        "+442079460958",
        'a "b",\r\nc\rd',
        "gold",
    )
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", row["createdAt"])
    assert (done.exit_code, done.stdout) == (0, "")
    assert re.fullmatch(r"1 customers in .*all\.csv, \d+\.\d s\n", done.stderr)


def test_ndjson_has_an_object_for_each_customer(api: Api, cli: Any, tmp_path: Path) -> None:
    """A line holds the fixed columns and the values that the customer has, with its characters as
    they are.
    """
    api.people(3, notes="Grüße\u2028\x1b")
    assert cli("export", tmp_path / "all.ndjson").exit_code == 0
    lines = (tmp_path / "all.ndjson").read_bytes().split(b"\n")
    rows = [json.loads(line) for line in lines if line]
    assert [row["externalId"] for row in rows] == ["crm-0000", "crm-0001", "crm-0002"]
    assert list(rows[0]) == [*FIXED, "firstName", "notes"]
    assert rows[0]["notes"] == "Grüße\u2028\x1b"
    assert "Grüße".encode() in lines[0]


@pytest.mark.parametrize("form", ["csv", "ndjson"])
def test_stdout_gets_what_a_file_gets(api: Api, cli: Any, tmp_path: Path, form: str) -> None:
    """Without FILE, or with -, the same text goes to stdout, and nothing else does."""
    api.people(3, notes="é\r\nx")
    assert cli("export", tmp_path / f"all.{form}").exit_code == 0
    expected = (tmp_path / f"all.{form}").read_bytes()
    for arguments in ([], ["-"]):
        done = cli("export", *arguments, "--format", form)
        assert (done.stdout_bytes, done.stderr) == (expected, "")


def test_stdout_is_ndjson_unless_told(api: Api, cli: Any) -> None:
    """NDJSON can hold everything, so it is the format without a suffix."""
    api.people(1)
    assert json.loads(cli("export").stdout)["externalId"] == "crm-0000"


def test_a_name_that_would_not_come_back_is_the_id(api: Api, cli: Any) -> None:
    """Fields that share a label, or are named like a fixed column or another field's default id, go
    by their ids.
    """
    made = [
        api.company.add_field(label=label, type="TEXT")
        for label in ("Twin", "Twin", "createdAt", "email", "Fine")
    ]
    header = cli("export", "--format", "csv").stdout.splitlines()[0].split(",")
    assert header[len(FIXED) + len(DEFAULTS) :] == [*(field.id for field in made[:4]), "Fine"]


@pytest.mark.parametrize(
    ("wire", "shown"),
    [
        (PHONE, "+442079460958"),
        ('{"number":"2079460958","country":"GB"}', '{"number":"2079460958","country":"GB"}'),
        (PHONE.replace("GB", "US"), PHONE.replace("GB", "US")),
        ("{not json", "{not json"),
        ("020 7946 0958", "020 7946 0958"),
    ],
)
def test_a_phone_is_a_number_only_when_the_rest_follows_from_it(
    api: Api, cli: Any, wire: str, shown: str
) -> None:
    """A phone that an import would write otherwise is shown as the API holds it."""
    api.people(1, landlinePhone=wire)
    assert json.loads(cli("export").stdout)["landlinePhone"] == shown


def test_csv_says_which_values_it_leaves_out(
    api: Api, cli: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A value of a field that the company no longer has is a warning and exit code 1 in CSV, and
    kept in NDJSON.
    """
    api.people(2, notes="kept")
    notes, read = api.field("notes"), definitions.list_fields

    async def without(scope: Any) -> list[Any]:
        return [field for field in await read(scope) if field.id != notes]

    monkeypatch.setattr(definitions, "list_fields", without)
    done = cli("export", tmp_path / "all.csv", "--json")
    assert done.exit_code == 1
    assert f"CSV leaves out values of {notes}" in done.stderr
    assert json.loads(done.stdout) | {"seconds": 0} == {
        "file": str(tmp_path / "all.csv"),
        "customers": 2,
        "seconds": 0,
        "left_out": [notes],
    }
    whole = cli("export", tmp_path / "all.ndjson")
    assert whole.exit_code == 0
    assert '"kept"' in (tmp_path / "all.ndjson").read_text("utf-8")


@pytest.mark.parametrize("form", ["csv", "ndjson"])
def test_a_file_is_whole_or_as_it_was_and_an_export_goes_on(
    api: Api, cli: Any, tmp_path: Path, form: str
) -> None:
    """After a failure the old file stands, and the cursor completes the new one to what one run
    would have written.
    """
    api.people(25)
    whole, file = tmp_path / f"whole.{form}", tmp_path / f"all.{form}"
    assert cli("export", whole, "--page-size", 10).exit_code == 0
    file.write_text("before")
    api.before = refuse("page=3")
    failed = cli("export", file, "--page-size", 10)
    assert failed.exit_code == 3
    assert "HTTP 403" in failed.stderr
    assert file.read_text() == "before"
    assert f"To go on with {file}.part" in failed.stderr
    again = cli("export", file, "--page-size", 10, "--cursor", cursor_of(failed.stderr))
    assert (again.exit_code, cursor_of(again.stderr)) == (3, cursor_of(failed.stderr))
    api.before = lambda _: None
    done = cli("export", file, "--page-size", 10, "--cursor", cursor_of(again.stderr))
    assert done.exit_code == 0
    assert file.read_bytes() == whole.read_bytes()
    assert sorted(it.name for it in tmp_path.iterdir()) == sorted([file.name, whole.name])


def test_what_goes_on_with_other_columns_is_refused(api: Api, cli: Any, tmp_path: Path) -> None:
    """A CSV file that was begun with other fields is not continued, and stays."""
    api.people(25)
    api.before = refuse("page=2")
    cursor = cursor_of(cli("export", tmp_path / "all.csv", "--page-size", 10).stderr)
    api.before = lambda _: None
    api.company.add_field(label="New", type="TEXT")
    done = cli("export", tmp_path / "all.csv", "--page-size", 10, "--cursor", cursor)
    assert done.exit_code == 2
    assert "all.csv.part has other columns or another format" in done.stderr
    assert [it.name for it in tmp_path.iterdir()] == ["all.csv.part"]


def test_nothing_is_left_behind_by_what_never_began(api: Api, cli: Any, tmp_path: Path) -> None:
    """An export that failed before its first customer leaves no file and offers no cursor."""
    api.before = refuse("page=1")
    done = cli("export", tmp_path / "all.csv")
    assert done.exit_code == 3
    assert "--cursor" not in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_replaced_file_keeps_its_mode_and_its_link(api: Api, cli: Any, tmp_path: Path) -> None:
    """A private file stays private, and a link goes on to point where it did."""
    file, link = tmp_path / "all.csv", tmp_path / "link.csv"
    file.touch(0o600)
    link.symlink_to(file)
    assert cli("export", link).exit_code == 0
    assert link.is_symlink()
    assert (file.stat().st_mode & 0o777, len(rows_of(file))) == (0o600, 0)
    assert api.sandbox.requests


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["customers.xlsx"], "customers.xlsx is neither .csv nor .ndjson: give --format"),
        (["--format", "xml"], "--format must be csv or ndjson, not 'xml'"),
        (["--format", "csv", "--delimiter", ";;"], "--delimiter must be one character, or tab"),
        (["--excel"], "--excel and --delimiter are for CSV"),
        (["--delimiter", ";", "--format", "NDJSON"], "--excel and --delimiter are for CSV"),
        (["/dev/null", "--format", "csv"], "no regular file"),
        (["--json"], "--json tells of a FILE"),
        (["--on-shift", "hope"], "--on-shift must be warn, raise or rescan, not 'hope'"),
        (["--on-shift", "rescan", "--cursor", "x"], "leave out --cursor"),
        (["--page-size", "0"], "error: --page-size must be at least 1, not 0"),
        (["--cursor", "x"], "error: --cursor is not a cursor that a list returned"),
        (["nowhere/all.csv"], "No such file"),
    ],
)
def test_what_cannot_be_done_is_code_2(api: Api, cli: Any, arguments: list[str], says: str) -> None:
    """Wrong arguments are one line on stderr and code 2, before a customer is read."""
    done = cli("export", *arguments)
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr.startswith("error: ")
    assert says in done.stderr
    assert done.stderr.count("\n") == 1
    assert not [it for it in api.sandbox.requests if it.operation == "list_customers"]


@pytest.mark.parametrize(("how", "code"), [("warn", 1), ("raise", 3), ("rescan", 0)])
def test_a_list_that_changes_meanwhile(
    api: Api, cli: Any, tmp_path: Path, how: str, code: int
) -> None:
    """By default a change is a warning and code 1, so that scripts see it; raise fails, and rescan
    reads again.
    """
    api.people(25)

    def before(what: str) -> None:
        if "page=2" in what and len(api.company.customers) == 25:
            api.company.create({api.field("firstName"): "Aaa"})

    api.before = before
    done = cli("export", tmp_path / "all.csv", "--page-size", 10, "--on-shift", how)
    assert done.exit_code == code
    assert ("the list changed" in done.stderr) == (how != "rescan")
    assert "Warning" not in done.stderr
    if how == "rescan":
        assert {row["id"] for row in rows_of(tmp_path / "all.csv")} == set(api.company.customers)


def test_progress_in_a_pipe_is_lines(
    api: Api, cli: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where there is no terminal, progress is a plain line at times, with rate and time left."""
    api.people(3)
    monkeypatch.setattr(_shell, "LINE_SECONDS", 0.0)
    lines = cli("export", tmp_path / "all.csv").stderr.splitlines()
    assert len(lines) == 4
    assert all(re.fullmatch(r"\d of 3 customers, [\d,]+/s, \d+ s left", line) for line in lines[:3])


@pytest.mark.parametrize(
    "how", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP], ids=lambda it: it.name
)
def test_a_signal_says_how_to_go_on(
    api: Api, cli: Any, started: Any, tmp_path: Path, how: signal.Signals
) -> None:
    """Each ends with code 130 and the cursor, without traceback; with it, the file is completed."""
    api.people(25)
    cli("export", tmp_path / "whole.csv", "--page-size", 10)
    api.stall = "page=3"
    with started("export", tmp_path / "all.csv", "--page-size", 10) as process:
        assert api.stalled.wait(20)
        os.kill(process.pid, how)
        out, errors = process.communicate(timeout=20)
    assert (process.returncode, out) == (130, "")
    assert errors.endswith("stopped\n")
    assert "Traceback" not in errors
    api.stall = ""
    assert (
        cli(
            "export", tmp_path / "all.csv", "--page-size", 10, "--cursor", cursor_of(errors)
        ).exit_code
        == 0
    )
    assert (tmp_path / "all.csv").read_bytes() == (tmp_path / "whole.csv").read_bytes()


def test_customers_come_out_while_others_are_read(api: Api, started: Any) -> None:
    """An export into a pipe gives what it has when a page is late, and ends quietly when nobody
    listens any more.
    """
    api.people(600, notes="x" * 500)
    api.stall = "page=4"
    with started("export", "--page-size", 200) as process:
        assert json.loads(process.stdout.readline())["externalId"] == "crm-0000"
        process.stdout.close()
        api.stall = ""
        errors = process.stderr.read()
        assert (process.wait(20), errors) == (141, "")
