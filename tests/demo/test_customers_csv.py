"""``examples/customers.csv``: reproducible, rich in what real files hold, and about nobody."""

import datetime
import re
import runpy
import subprocess
import sys
import unicodedata

import phonenumbers
import pytest
from demo.runs import EXAMPLES, INVALID, SOURCE, Row

MAKER = EXAMPLES / "make_customers.py"
RESERVED_DOMAINS = {"example.com", "example.org", "example.net"}
KEPT_FOR_FICTION = re.compile(
    r"""
      \+44 (20 7946 | 121 496 | 131 496 | 161 496 | 29 2018) 0 \d{3}   # Ofcom: numbers for drama
    | \+1 (212 | 312 | 415 | 206 | 617 | 416 | 604 | 514 | 403) 555 01 \d{2}   # the numbering plan
    | \+33 (19900 | 26191 | 35301 | 46571 | 53649) \d{4}   # Arcep: audiovisual works
    | \+49 (30 23125 | 69 90009 | 40 66969 | 221 4710 | 89 99998) \d{3}   # Bundesnetzagentur: films
    | \+61 [2378] 5550 \d{4}   # ACMA: fictitious numbers
    | \+46 70 17406 [1-9] \d   # PTS: 070-1740605 to 070-1740699
    """,
    re.VERBOSE,
)


@pytest.fixture(scope="module")
def good(rows: list[Row]) -> list[Row]:
    return [row for number, row in enumerate(rows, 1) if number not in INVALID]


def test_it_is_made_by_the_script(rows: list[Row]) -> None:
    """The script gives the committed bytes, with nothing but the standard library."""
    command = [sys.executable, "-I", "-S", "-W", "error", str(MAKER)]
    made = subprocess.run(command, capture_output=True, timeout=60, check=False)
    assert (made.returncode, made.stderr) == (0, b"")
    assert made.stdout == SOURCE.read_bytes()


def test_it_is_utf_8_with_plain_line_ends() -> None:
    """No byte order mark and no carriage return, so that any tool reads it."""
    content = SOURCE.read_bytes()
    assert content.decode("utf-8").startswith(
        "crm_id,salutation,firstName,lastName,email,mobilePhone,birthday,notes,"
    )
    assert b"\r" not in content


def test_it_is_large_enough(rows: list[Row], good: list[Row]) -> None:
    """1,200 people of at least a dozen countries, and the bad rows; keys are not used twice."""
    assert len(good) == 1200
    assert len(rows) == 1200 + len(INVALID)
    assert len({row["crm_id"] for row in good}) == 1200
    countries = runpy.run_path(str(MAKER))["COUNTRIES"]
    assert len(countries) >= 12
    assert sum(country.people for country in countries.values()) == 1200


def test_every_cell_has_its_column(rows: list[Row]) -> None:
    """No row has more or fewer cells than the header."""
    header = list(rows[0])
    assert all(list(row) == header and None not in row.values() for row in rows)


def test_email_addresses_lead_nowhere(rows: list[Row]) -> None:
    """Every domain in the file, in bad rows too, is one that RFC 2606 reserves for examples."""
    text = SOURCE.read_text(encoding="utf-8")
    assert set(re.findall(r"(?:@|\(at\))([\w.-]+)", text)) <= RESERVED_DOMAINS
    assert sum("@" in row["email"] for row in rows) > 1000


def test_phones_of_good_rows_are_valid_and_nobodys(good: list[Row]) -> None:
    """Each phone is valid in international form, and of a range that its country keeps free for
    fiction.
    """
    phones = [row["mobilePhone"] for row in good if row["mobilePhone"]]
    assert len(phones) > 400
    for phone in phones:
        assert phonenumbers.is_valid_number(phonenumbers.parse(phone)), phone
        assert KEPT_FOR_FICTION.fullmatch(re.sub(r"[^+0-9]", "", phone)), phone
    assert (
        len({phonenumbers.region_code_for_number(phonenumbers.parse(phone)) for phone in phones})
        == 7
    )


def test_birthdays_of_good_rows_are_past_days(good: list[Row]) -> None:
    """Each birthday is an ISO date of somebody between a child and very old."""
    birthdays = [datetime.date.fromisoformat(row["birthday"]) for row in good if row["birthday"]]
    assert len(birthdays) > 800
    assert datetime.date(1930, 1, 1) < min(birthdays) <= max(birthdays) < datetime.date(2010, 1, 1)


def test_names_are_of_many_scripts(good: list[Row]) -> None:
    """Names are written in Latin letters with accents, and in seven other scripts."""
    letters = {
        letter for row in good for letter in row["firstName"] + row["lastName"] if letter.isalpha()
    }
    scripts = {unicodedata.name(letter).split()[0] for letter in letters}
    assert {
        "LATIN",
        "GREEK",
        "CYRILLIC",
        "HEBREW",
        "ARABIC",
        "DEVANAGARI",
        "CJK",
        "HIRAGANA",
    } <= scripts
    assert set("ßéłİÅñã") <= letters


@pytest.mark.parametrize(
    "piece", [",", '"', "\n", "\n\n", "👩‍👩‍👧‍👦", "🇪🇺", "e\u0301", "=1+1", "<b>", "«"]
)
def test_notes_hold_what_breaks_careless_readers(good: list[Row], piece: str) -> None:
    """Notes hold separators, quotes, line breaks, joined emoji, combining accents, formulas and
    markup.
    """
    assert any(piece in row["notes"] for row in good)


def test_cells_may_be_empty(good: list[Row]) -> None:
    """Every column but key and names is empty somewhere and filled elsewhere."""
    for column in set(good[0]) - {"crm_id", "firstName", "lastName"}:
        assert {bool(row[column]) for row in good} == {True, False}, column
    assert all(row["crm_id"] and row["firstName"] and row["lastName"] for row in good)
