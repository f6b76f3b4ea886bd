"""``examples/demo.py`` as its users run it: what it prints, that it can be repeated and stopped."""

import os
import shutil
import socket
from pathlib import Path

import pytest
from demo.runs import (
    DEMO,
    EXAMPLES,
    INVALID,
    Finished,
    Row,
    finish,
    finish_on_terminal,
    interrupt,
    table,
    without_what_changes,
)
from rich.cells import cell_len

PERSON = "{firstName} {lastName}"


def test_it_succeeds_without_a_complaint(first_run: Finished) -> None:
    """The demo ends with exit code 0 and nothing on stderr."""
    assert (first_run.code, first_run.err) == (0, "")


def test_the_table_holds_the_true_figures(first_run: Finished, rows: list[Row]) -> None:
    """Each figure of the table follows from the file and from what the demo did."""
    facts = dict(table(first_run.out, "What happened"))
    by_key = {row["crm_id"]: row for row in reversed(rows)}
    updated, deleted = by_key["crm-0042"], by_key["crm-0815"]
    requests, seconds = facts.pop("Requests, time").split(", ")
    assert facts == {
        "Rows read": f"{len(rows):,}",
        "Accepted by the import": "1,200 in 13 chunks",
        "Invalid, not sent": f"{len(INVALID)}, see below",
        "Read again, page by page": "1,200",
        "Custom fields created": "Loyalty tier, Preferred language",
        "Updated": f"crm-0042 {PERSON.format_map(updated)} Loyalty tier "
        f"{updated['Loyalty tier']} -> platinum",
        "Deleted": f"crm-0815 {PERSON.format_map(deleted)}",
        "Customers": "0 at first, 1,200 after the import, 1,199 now",
    }
    # A token, 1 empty list, the fields twice, 2 new fields, the fields for the import, 13 chunks, 7
    # pages of 200, 3 for the update, 3 for the deletion, and 3 pages of 500: a full last page is
    # followed by a look at the next.
    assert int(requests) == 1 + 1 + 2 + 2 + 1 + 13 + 7 + 3 + 3 + 3
    assert 0 < float(seconds.removesuffix(" s")) < 60


def test_invalid_rows_are_named_with_the_reason(first_run: Finished, rows: list[Row]) -> None:
    """Every row that was not sent is listed by number, key and name, with all that is wrong with
    it.
    """
    listed = {
        int(number): cells for number, *cells in table(first_run.out, "Rows that were not sent")
    }
    assert listed.keys() == INVALID.keys()
    for number, (key, *reasons) in INVALID.items():
        shown_key, name, shown_reasons = listed[number]
        assert (shown_key, name) == (key, PERSON.format_map(rows[number - 1]))
        assert [reason for reason in reasons if reason not in shown_reasons] == []


def test_it_tells_how_far_it_is(first_run: Finished) -> None:
    """In a pipe, progress is plain lines without control codes, none wider than 80 columns."""
    for line in (
        "Importing: 400 of 1,208",
        "Importing: 1,208 of 1,208",
        "Reading page by page: 800 of 1,200",
    ):
        assert f"\n{line}\n" in first_run.out
    assert "\x1b" not in first_run.out
    assert max(map(cell_len, first_run.out.splitlines())) <= 80


def test_it_says_no_more_than_the_api_did(first_run: Finished) -> None:
    """The import's answer does not tell created from updated, so the demo calls rows accepted, and
    says why.
    """
    assert "What it made of each row, its answer does not say." in " ".join(first_run.out.split())
    assert "customers created" not in first_run.out.lower()


def test_a_second_run_does_the_same(first_run: Finished, tmp_path: Path) -> None:
    """A second run gives the same figures, and neither leaves a file behind."""
    before = sorted(path.name for path in EXAMPLES.iterdir())
    second = finish(tmp_path)
    assert second.code == 0
    assert without_what_changes(second.out) == without_what_changes(first_run.out)
    assert sorted(path.name for path in EXAMPLES.iterdir()) == before
    assert list(tmp_path.iterdir()) == []


def test_a_proxy_is_not_in_its_way(tmp_path: Path) -> None:
    """A proxy that the environment names is not asked for the sandbox, which is on this machine."""
    nobody = "http://127.0.0.1:9"
    ended = finish(
        tmp_path, HTTP_PROXY=nobody, http_proxy=nobody, ALL_PROXY=nobody, NO_PROXY="", no_proxy=""
    )
    assert (ended.code, ended.err) == (0, "")


def test_a_poor_terminal_is_enough(tmp_path: Path) -> None:
    """Where only ASCII can be shown, other letters become question marks, and the demo still
    succeeds.
    """
    ended = finish(tmp_path, PYTHONIOENCODING="ascii")
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.isascii()
    assert "J?n ??rsson" in ended.out


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "No such file or directory"),
        (b"", "customers.csv lacks the columns crm_id, firstName, lastName"),
        (b"crm_id,firstName,lastName\n1,\xff,\n", "can't decode byte 0xff"),
        (
            b"crm_id,firstName,lastName\n1,Ada,Lovelace\n",
            "no customer has the externalId 'crm-0042'",
        ),
    ],
)
def test_a_file_that_will_not_do_is_a_clear_failure(
    tmp_path: Path, content: bytes | None, message: str
) -> None:
    """Without the people that it is about, the demo ends with exit code 1 and one line that says
    why.
    """
    shutil.copy(DEMO, tmp_path)
    if content is not None:
        (tmp_path / "customers.csv").write_bytes(content)
    ended = finish(tmp_path, tmp_path / DEMO.name)
    assert ended.code == 1
    assert ended.err.startswith("The demo failed: ")
    assert message in ended.err
    assert len(ended.err.splitlines()) == 1


@pytest.mark.parametrize(
    "moment", ["The sandbox listens", "The company has", "Importing: 400", "Reading page by page"]
)
def test_ctrl_c_ends_it(tmp_path: Path, moment: str) -> None:
    """SIGINT at work: exit code 130, one friendly line, no traceback, no process left and nobody at
    the port.
    """
    ended, group = interrupt(tmp_path, moment)
    assert ended.code == 130
    assert ended.err == "Stopped by Ctrl-C. The sandbox is gone, with all that it held.\n"
    with pytest.raises(ProcessLookupError):
        os.killpg(group, 0)
    port = int(ended.out.partition("127.0.0.1:")[2].partition(".\n")[0])
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0


def test_on_a_terminal_it_draws_bars(tmp_path: Path) -> None:
    """On a terminal progress is a bar, drawn to its end, and the cursor that it hides is shown
    again.
    """
    code, shown = finish_on_terminal(tmp_path)
    assert code == 0
    for label, end in (("Importing", "1208/1208"), ("Reading page by page", "1200/1200")):
        assert label in shown
        assert end in shown
    assert shown.rindex("\x1b[?25h") > shown.rindex("\x1b[?25l")
    assert "Traceback" not in shown
