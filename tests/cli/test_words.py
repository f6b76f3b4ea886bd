"""Messages speak of options as people type them, never as Python names them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from cli.api import PHONE, Api
from timify_customers import InvalidValueError
from timify_customers._base.settings import Formats
from timify_customers._customfields.codecs import encode
from timify_customers._files.lines import Lines
from timify_customers.cli._words import OPTIONS, in_words_of_the_command_line


def test_bad_dates_and_phones_name_the_options(api: Api, cli: Any, tmp_path: Path) -> None:
    """Rows that need --phone-region or --date-order say so, on stderr, in the file and in JSON."""
    file, problems = tmp_path / "in.csv", tmp_path / "p.ndjson"
    file.write_text("crm_id,birthday,mobilePhone\nk1,10/12/1990,020 7946 0958\n", encoding="utf-8")
    command = ("import", file, "--key", "crm_id")
    shown = cli(*command).stderr
    report = json.loads(cli(*command, "--problems", problems, "--json").stdout)
    reasons = "".join(entry["reason"] for entry in report["problems"])
    for text in (shown, problems.read_text("utf-8"), reasons):
        assert "--phone-region" in text
        assert "--date-order" in text
        for word in ("phone_region", "date_order", "formats", "Formats"):
            assert word not in text


@pytest.mark.parametrize(("order", "region"), [("DMY", "GB"), ("dmy", "gb"), ("Dmy", "Gb")])
def test_any_case_is_accepted(api: Api, cli: Any, tmp_path: Path, order: str, region: str) -> None:
    """--date-order and --phone-region mean the same in capitals and small letters."""
    file = tmp_path / "in.csv"
    file.write_text("crm_id,birthday,mobilePhone\nk1,10/12/1990,020 7946 0958\n", encoding="utf-8")
    options = ("--date-order", order, "--phone-region", region)
    done = cli("import", file, "--key", "crm_id", *options)
    assert (done.exit_code, done.stderr) == (0, "")
    ((row,),) = api.imports()
    assert [entry["value"] for entry in row["customfields"]] == ["1990-12-10", PHONE]


def test_other_words_in_any_case(api: Api, cli: Any, tmp_path: Path) -> None:
    """So do --format, --on-shift, --delimiter and --encoding."""
    api.people(1)
    file = tmp_path / "all.txt"
    assert cli("export", file, "--format", "CSV", "--on-shift", "Raise").exit_code == 0
    options = ("--format", "Csv", "--delimiter", "AUTO", "--encoding", "UTF-8")
    assert cli("import", file, "--key", "id", *options).exit_code == 0


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        ("page_size must be at least 1, not 0", "--page-size must be at least 1, not 0"),
        ("write it so, or give formats with a date_order", "write it so, or give --date-order"),
        ("or give formats a phone_region", "or give --phone-region"),
        ("give Formats(phone_region=, other=True)", "give --phone-region"),
        ("external_id must not be empty", "--external-id must not be empty"),
        ("verify='email': no row carries it", "--verify 'email': no row carries it"),
        ("cursor belongs to another list", "--cursor belongs to another list"),
        (
            "company_id must be 24 hexadecimal digits, not 'x'",
            "TIMIFY_COMPANY_ID must be 24 hexadecimal digits, not 'x'",
        ),
        ("the API's page_size", "the API's --page-size"),
        ("'notes': 'my page_size' is long", "'notes': 'my page_size' is long"),
        ("'it\\'s page_size': x", "'it\\'s page_size': x"),
        ("the checkpoint c cannot be used", "the checkpoint c cannot be used"),
    ],
)
def test_names_of_options_are_translated(text: str, spoken: str) -> None:
    """Names of options change, and quoted data and plain English words do not."""
    assert in_words_of_the_command_line(text) == spoken


@pytest.mark.parametrize(
    ("kind", "value", "option"),
    [("DATE", "10/12/1990", "--date-order"), ("PHONE", "020 7946 0958", "--phone-region")],
)
def test_what_the_library_says_is_translated(kind: str, value: str, option: str) -> None:
    """The library's present sentences on dates and phones are among those that are understood."""
    with pytest.raises(InvalidValueError) as caught:
        encode("x", {"id": "1", "type": kind}, value, Formats())
    spoken = in_words_of_the_command_line(str(caught.value))
    assert option in spoken
    assert not any(name in spoken for name in (*OPTIONS, "ormats"))


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        ("row 3 has the same key 'row 1'", "line 4 has the same key 'row 1'"),
        (
            "stopped at rows 1 to 3, after 2 accepted rows",
            "stopped at lines 2 to 4, after 2 accepted rows",
        ),
        ("Rows after 3 were not read", "Lines after 4 were not read"),
        ("stopped after row 2", "stopped after line 3"),
        ("arrow 3, rows: 3", "arrow 3, rows: 3"),
    ],
)
def test_rows_become_lines(text: str, spoken: str) -> None:
    """Numbers of rows in the library's sentences become those of lines; quoted data stays."""
    lines = Lines()
    for row in (1, 2, 3):
        lines.add(row, row + 1)
    assert lines.instead_of_rows(text) == spoken


@pytest.mark.parametrize(
    ("variable", "value"),
    [("TIMIFY_COMPANY_ID", "our company"), ("TIMIFY_BASE_URL", "http://api.timify.invalid")],
)
def test_settings_go_by_their_variables(
    api: Api, cli: Any, monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    """What is wrong in the environment is called by the variable, without arguments of Python."""
    monkeypatch.setenv(variable, value)
    done = cli("fields", "list")
    assert (done.exit_code, done.stderr.count("\n")) == (2, 1)
    assert done.stderr.startswith(f"error: {variable} must be ")
    assert not any(name in done.stderr for name in ("base_url", "company_id", "allow_http", "--"))
    assert not api.sandbox.requests


@pytest.mark.parametrize(
    ("unset", "says"),
    [
        (["APP_ID"], "set TIMIFY_APP_ID, or TIMIFY_ACCESS_TOKEN"),
        (
            ["APP_ID", "APP_SECRET"],
            "set TIMIFY_APP_ID and TIMIFY_APP_SECRET, or TIMIFY_ACCESS_TOKEN",
        ),
    ],
)
def test_missing_credentials_are_variables(
    api: Api, cli: Any, monkeypatch: pytest.MonkeyPatch, unset: list[str], says: str
) -> None:
    """What is missing is said in variables to set, and an access token is enough."""
    for name in unset:
        monkeypatch.delenv(f"TIMIFY_{name}")
    assert cli("fields", "list").stderr == f"error: {says}\n"
    for name in ("APP_ID", "APP_SECRET"):
        monkeypatch.delenv(f"TIMIFY_{name}", raising=False)
    monkeypatch.setenv("TIMIFY_ACCESS_TOKEN", "some-token")
    assert cli("fields", "list").exit_code == 3  # the sandbox refuses it
