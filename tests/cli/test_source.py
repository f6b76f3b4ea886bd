"""Files as spreadsheets save them: encodings, delimiters, and the lines that rows are in."""

from __future__ import annotations

import codecs
import json
from pathlib import Path
from typing import Any

import pytest
from cli.api import Api
from timify_customers._files.lines import Lines

TABLE = "crm_id;firstName;notes\r\nk1;Zoë;Grüße, „du“\r\n"


def sent(api: Api) -> list[list[str]]:
    """The key and the values of each row that was sent."""
    return [
        [row["importCustomerId"], *(entry["value"] for entry in row.get("customfields", ()))]
        for chunk in api.imports()
        for row in chunk
    ]


@pytest.mark.parametrize(
    "data",
    [
        TABLE.encode(),
        codecs.BOM_UTF8 + TABLE.encode(),
        codecs.BOM_UTF16_LE + TABLE.replace(";", "\t").encode("utf-16-le"),
        codecs.BOM_UTF16_BE + TABLE.encode("utf-16-be"),
    ],
    ids=["utf-8", "utf-8 with mark", "utf-16 little, tabs", "utf-16 big"],
)
def test_encodings_are_found(api: Api, cli: Any, tmp_path: Path, data: bytes) -> None:
    """UTF-8 with and without byte order mark and UTF-16 with one need no option."""
    (tmp_path / "in.csv").write_bytes(data)
    done = cli("import", tmp_path / "in.csv", "--key", "crm_id")
    assert (done.exit_code, done.stderr) == (0, "")
    assert sent(api) == [["k1", "Zoë", "Grüße, „du“"]]


def test_a_byte_order_mark_is_no_part_of_a_name(api: Api, cli: Any, tmp_path: Path) -> None:
    """A file with one is read with --encoding utf-8 too."""
    (tmp_path / "in.csv").write_bytes(codecs.BOM_UTF8 + TABLE.encode())
    command = ("import", tmp_path / "in.csv", "--key", "crm_id", "--encoding", "utf8")
    assert cli(*command).exit_code == 0


@pytest.mark.parametrize("form", ["csv", "ndjson"])
def test_other_encodings_are_named(api: Api, cli: Any, tmp_path: Path, form: str) -> None:
    """A file in neither is refused with line, column and --encoding cp1252, which then reads it."""
    text = {
        "csv": 'crm_id,firstName,notes\r\nk0,A,"1\r\n2"\r\nk1,Zoë,x\r\n',
        "ndjson": '\n\n{"crm_id": "k0"}\n{"crm_id": "k1", "firstName": "Zoë", "notes": "x"}\n',
    }[form]
    file = tmp_path / f"in.{form}"
    file.write_bytes(text.encode("cp1252"))
    done = cli("import", file, "--key", "crm_id")
    assert (done.exit_code, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    line = next(n for n, it in enumerate(text.splitlines(), 1) if "ë" in it)
    column = text.splitlines()[line - 1].index("ë") + 1
    assert f"{file}, line {line}, column {column}: this is not text in UTF-8" in done.stderr
    assert "--encoding cp1252" in done.stderr
    for word in ("codec", "0xeb", "position", "utf-8-sig"):
        assert word not in done.stderr
    assert api.imports() == []
    assert cli("import", file, "--key", "crm_id", "--encoding", "cp1252").exit_code == 0
    assert sent(api)[-1] == ["k1", "Zoë", "x"]


@pytest.mark.parametrize(
    ("encoding", "data", "line", "column"),
    [
        ("auto", b"crm_id\r\n" + b"\xc3\xa9" * 70_000 + b"\xff\r\n", 2, 70_001),
        ("auto", b"crm_id\r" + b"ab\r\n" * 40_000 + b"a\xc3", 40_002, 2),
        ("utf-16", codecs.BOM_UTF16_LE + "crm_id\nab".encode("utf-16-le") + b"\x00\xdc", 2, 3),
        ("cp1252", b"crm_id\r\nabc\x81\r\n", 2, 4),
        ("shift_jis", b"crm_id\n" + b"\x82\xa0" * 40_000 + b"\xff\n", 2, 40_001),
        ("ascii", b"\xffcrm_id\r\n", 1, 1),
    ],
    ids=["second block", "cut at the end", "utf-16", "cp1252", "cut by a block", "header"],
)
def test_the_place_of_a_bad_byte(
    api: Api, cli: Any, tmp_path: Path, *, encoding: str, data: bytes, line: int, column: int
) -> None:
    """Line and column are those an editor shows, in every encoding and however far into a file."""
    (tmp_path / "in.csv").write_bytes(data)
    done = cli("import", tmp_path / "in.csv", "--key", "crm_id", "--encoding", encoding)
    assert done.exit_code == 2
    assert f"line {line}, column {column}: this is not text in" in done.stderr
    assert ("--encoding cp1252" in done.stderr) == (encoding == "auto")
    assert api.imports() == []


@pytest.mark.parametrize("data", [b"PK\x03\x04\x14\x00\x06", "crm_id\n".encode("utf-16-le")])
def test_what_is_no_text_is_told(api: Api, cli: Any, tmp_path: Path, data: bytes) -> None:
    """A workbook, and UTF-16 without its mark, are told from a header with odd names."""
    (tmp_path / "in.csv").write_bytes(data)
    done = cli("import", tmp_path / "in.csv", "--key", "crm_id")
    assert done.exit_code == 2
    assert "is no text file: save a workbook as CSV first" in done.stderr
    assert "--encoding utf-16-le" in done.stderr
    assert api.imports() == []


@pytest.mark.parametrize(
    "header",
    [
        "crm_id{0}firstName{0}notes",
        '"crm_id"{0}"firstName"{0}"notes"',
        '\r\n"crm_id"{0}firstName{0}notes',
    ],
)
@pytest.mark.parametrize("delimiter", [";", "\t", ","])
def test_delimiters_are_found(
    api: Api, cli: Any, tmp_path: Path, delimiter: str, header: str
) -> None:
    """Semicolon, tab and comma need no option, whatever stands in quotes and in other lines."""
    others = "".join({";", "\t", ","} - {delimiter}) * 9
    text = f'{header}\r\nk1{{0}}Zoë{{0}}"{others}"\r\n'.format(delimiter)
    (tmp_path / "in.csv").write_text(text, encoding="utf-8", newline="")
    done = cli("import", tmp_path / "in.csv", "--key", "crm_id")
    assert (done.exit_code, done.stderr) == (0, "")
    assert sent(api) == [["k1", "Zoë", others]]


def test_quoted_names_do_not_count(api: Api, cli: Any, tmp_path: Path) -> None:
    """Delimiters within a quoted name of the header are no sign."""
    text = '"crm;id;""a"";b";"x",firstName\r\n'.replace('";"x"', ' x"') + "k1,Zoë\r\n"
    (tmp_path / "in.csv").write_text(text, encoding="utf-8", newline="")
    assert cli("import", tmp_path / "in.csv", "--key", 'crm;id;"a";b x').exit_code == 0
    assert sent(api) == [["k1", "Zoë"]]


def test_a_delimiter_is_not_guessed(api: Api, cli: Any, tmp_path: Path) -> None:
    """A header that has as many of one as of another is refused; with --delimiter it is read."""
    text = "crm_id;first,name\r\nk1;Zoë\r\n"
    (tmp_path / "in.csv").write_text(text, encoding="utf-8", newline="")
    command = ("import", tmp_path / "in.csv", "--key", "crm_id")
    done = cli(*command)
    assert done.exit_code == 2
    assert "; and , may each be what separates its cells: give --delimiter" in done.stderr
    ignored = ("--ignore-column", "first,name")
    assert cli(*command, "--delimiter", ";", *ignored).exit_code == 0


@pytest.mark.parametrize("word", ["tab", "TAB", r"\t", "\t"])
def test_a_tab_has_a_name(api: Api, cli: Any, tmp_path: Path, word: str) -> None:
    """A tab is hard to type in a shell, so its name is enough."""
    (tmp_path / "in.csv").write_text("crm_id\tfirstName\nk1\tA;,\n", encoding="utf-8")
    done = cli("import", tmp_path / "in.csv", "--key", "crm_id", "--delimiter", word)
    assert (done.exit_code, sent(api)) == (0, [["k1", "A;,"]])


def test_rows_are_called_by_their_line(api: Api, cli: Any, tmp_path: Path) -> None:
    """Each problem has the line in which its row begins, whatever line breaks come before."""
    text = (
        'crm_id,email,"no\r\ntes"\r\n'  # lines 1 and 2
        'k1,bad,"a\r\nb\r\n\r\nc"\r\n'  # lines 3 to 6
        "\r\n"
        'k2,a@example.com,"x\ny"\r\n'  # lines 8 and 9
        "k1,,\r\n"  # line 10: the key of line 3 again
        ",,\r\n"  # line 11
    )
    file, problems = tmp_path / "in.csv", tmp_path / "p.ndjson"
    file.write_text(text, encoding="utf-8", newline="")
    command = ("import", file, "--key", "crm_id", "--ignore-column", "no\r\ntes")
    done = cli(*command)
    shown = [line.split(": ")[1] for line in done.stderr.splitlines()]
    assert sorted(shown) == ["line 10", "line 11", "line 3"]
    assert "line 10: line 3 has the same key 'k1'" in done.stderr
    told = cli(*command, "--problems", problems, "--json")
    entries = [json.loads(line) for line in problems.read_text("utf-8").splitlines()]
    places = {(entry["line"], entry["row"]) for entry in entries}
    assert places == {(3, 1), (10, 3), (11, 4)}
    found = json.loads(told.stdout)["problems"]
    assert {(entry["line"], entry["number"]) for entry in found} == places
    assert any(entry["reason"].startswith("line 3 has the same key") for entry in found)


def test_lines_of_ndjson(api: Api, cli: Any, tmp_path: Path) -> None:
    """Blank lines count in NDJSON too."""
    file = tmp_path / "in.ndjson"
    file.write_text('\n{"crm_id": "k1"}\n\n\n{"crm_id": ""}\n', encoding="utf-8")
    assert "invalid: line 5: " in cli("import", file, "--key", "crm_id").stderr


def test_an_import_that_stops_speaks_of_lines(api: Api, cli: Any, tmp_path: Path) -> None:
    """How far it came is said in lines of the file."""
    text = 'crm_id,notes\r\nk0,"a\r\nb"\r\n' + "".join(f"k{n},\r\n" for n in range(1, 30))
    (tmp_path / "in.csv").write_text(text, encoding="utf-8", newline="")
    api.before = lambda what: 403 if "/import" in what and api.imports() else None
    size = ("--chunk-size", 10, "--concurrency", 1)
    done = cli("import", tmp_path / "in.csv", "--key", "crm_id", *size)
    assert done.exit_code == 3
    assert "stopped at lines 13 to 22, after 10 accepted rows" in done.stderr
    assert "Lines after 22 were not read" in done.stderr


def test_damage_is_told_with_the_line_where_the_row_begins(
    api: Api, cli: Any, tmp_path: Path
) -> None:
    """A quote that is never closed is found at its beginning, not at the end of the file."""
    text = 'crm_id,notes\r\nk1,fine\r\nk2,"open\r\nk3,x\r\nk4,y\r\n'
    (tmp_path / "in.csv").write_text(text, encoding="utf-8", newline="")
    done = cli("import", tmp_path / "in.csv", "--key", "crm_id")
    assert done.exit_code == 2
    assert "the row that begins in line 3 is damaged" in done.stderr
    assert api.imports() == []


def test_lines_take_memory_only_where_distances_change() -> None:
    """A million rows of one line each are one entry; each row's line is what was noted."""
    lines, noted = Lines(), {}
    for row in range(1, 1001):
        noted[row] = row + 1 + row // 100
        lines.add(row, noted[row])
    assert {row: lines.of(row) for row in noted} == noted
    assert len(lines._rows) == 11
