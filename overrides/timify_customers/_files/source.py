"""The file of an import: its encoding, delimiter, header and rows, and the lines of the rows."""

from __future__ import annotations

import codecs
import csv
import io
import json
import re
from collections.abc import Collection, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, TextIO

from .. import ArgumentError
from .choices import delimiter_of
from .lines import Lines

AUTO: Final = "auto"
DELIMITERS: Final = (";", "\t", ",")
"""The delimiters of CSV that are recognised when the user names none."""
HEAD: Final = 65_536
"""How many characters of a file are searched for its delimiter."""


class Source:
    """A file of rows, read in constant memory and as often as needed.

    Attributes:
        header: the names of the columns of CSV, without the ignored ones. NDJSON has none.
        lines: the line in which each row begins; complete after `check`.
    """

    def __init__(
        self,
        file: Path,
        form: str,
        *,
        delimiter: str = AUTO,
        encoding: str = AUTO,
        ignored: Collection[str] = (),
    ) -> None:
        """Look at the beginning of the file.

        Args:
            file: the file.
            form: ``csv`` or ``ndjson``.
            delimiter: one character, ``tab``, or ``auto``.
            encoding: one that Python knows, or ``auto``: UTF-8, or UTF-16 with byte order mark.
            ignored: names of columns to leave out.

        Raises:
            ArgumentError: the file does not have this format, encoding or delimiter.
            OSError: it cannot be read.
        """
        self._file = file
        self._form = form
        self._ignored = frozenset(ignored)
        self._guessed = encoding.lower() == AUTO
        self._encoding = _detect(file) if self._guessed else _known(encoding)
        self._delimiter = self._find_delimiter(delimiter) if form == "csv" else ""
        self.header = self._read_header() if form == "csv" else []
        self.lines = Lines()

    def require(self, key: str) -> None:
        """Check the names that options mention against the header.

        Raises:
            ArgumentError: there is no column ``key``, or no column with a name to be ignored.
        """
        if key in self._ignored:
            raise ArgumentError(f"--ignore-column cannot leave out {key!r}, the column of --key")
        if self._form != "csv":
            return
        for name in (key, *sorted(self._ignored)):
            if name not in self._all_columns:
                listed = ", ".join(map(repr, self._all_columns)) or "none"
                raise ArgumentError(f"{self._file} has no column {name!r}; its columns: {listed}")

    def check(self) -> int:
        """Read the whole file and count its rows, so that `rows` can yield them all later.

        Raises:
            ArgumentError: it is damaged; the message says in which line.
        """
        number = 0
        for number, (line, _) in enumerate(self._numbered(), 1):
            self.lines.add(number, line)
        return number

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield the rows without the ignored columns. Raises ArgumentError, as `check` does."""
        for _, row in self._numbered():
            yield {name: value for name, value in row.items() if name not in self._ignored}

    def _numbered(self) -> Iterator[tuple[int, dict[str, Any]]]:
        with self._text() as text:
            try:
                yield from _csv(text, self._delimiter) if self._form == "csv" else _ndjson(text)
            except UnicodeDecodeError:
                raise self._undecodable() from None
            except (csv.Error, RecursionError, ValueError) as error:
                raise ArgumentError(f"{self._file}: {error}") from None

    def _text(self) -> TextIO:
        newline = "" if self._form == "csv" else None
        return self._file.open(encoding=self._encoding, newline=newline)

    def _find_delimiter(self, delimiter: str) -> str:
        if delimiter.lower() != AUTO:
            return delimiter_of(delimiter)
        with self._text() as text:
            try:
                return self._guess_delimiter(text.read(HEAD))
            except UnicodeDecodeError:
                raise self._undecodable() from None

    def _guess_delimiter(self, head: str) -> str:
        """Return the delimiter that occurs most often in the header, outside of quotes."""
        unquoted = re.sub(r'"[^"]*("|$)', "", head)
        header = unquoted.lstrip("\r\n").partition("\n")[0].partition("\r")[0]
        counts = {char: header.count(char) for char in DELIMITERS}
        most = max(counts.values())
        best = [char for char, count in counts.items() if count == most]
        if not most:
            return ","
        if len(best) > 1:
            shown = " and ".join("tab" if char == "\t" else char for char in best)
            raise ArgumentError(
                f"{self._file}: {shown} may each be what separates its cells: give --delimiter"
            )
        return best[0]

    def _read_header(self) -> list[str]:
        with self._text() as text:
            try:
                names = _header(text, self._delimiter)
            except UnicodeDecodeError:
                raise self._undecodable() from None
            except (csv.Error, ValueError) as error:
                raise ArgumentError(f"{self._file}: {error}") from None
        self._all_columns = [name for name in names if name]
        return [name for name in self._all_columns if name not in self._ignored]

    def _undecodable(self) -> ArgumentError:
        line, column = _first_bad_place(self._file, self._encoding)
        name = self._encoding.removesuffix("-sig").upper()
        where = f"{self._file}, line {line}, column {column}: this is not text in {name}"
        hint = "; a file that Excel saved as plain CSV may need --encoding cp1252"
        return ArgumentError(where + (hint if self._guessed else ""))


def _detect(file: Path) -> str:
    """Return the encoding: UTF-16 if its byte order mark is there, else UTF-8.

    Raises:
        ArgumentError: NUL characters at the beginning show that it is neither of them.
    """
    with file.open("rb") as stream:
        start = stream.read(1024)
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if b"\0" in start:
        raise ArgumentError(
            f"{file} is no text file: save a workbook as CSV first; "
            "UTF-16 without byte order mark needs --encoding utf-16-le"
        )
    return "utf-8-sig"


def _known(encoding: str) -> str:
    """Return an encoding that the user named; UTF-8 with or without byte order mark."""
    try:
        "a".encode(encoding)  # refuses codecs such as hex, which codecs.lookup finds too
    except (LookupError, UnicodeError):
        raise ArgumentError(
            f"--encoding {encoding!r} is not known; known are utf-8, utf-16, cp1252 and many more"
        ) from None
    return "utf-8-sig" if codecs.lookup(encoding).name == "utf-8" else encoding


def _first_bad_place(file: Path, encoding: str) -> tuple[int, int]:
    """Return line and column, counted from 1, of the first bytes that cannot be decoded.

    The block with the error is decoded once more, byte by byte, so that the text before the error
    shows the place, whatever the encoding.
    """
    decoder = io.IncrementalNewlineDecoder(codecs.getincrementaldecoder(encoding)(), translate=True)
    line, column = 1, 1
    with file.open("rb") as stream:
        while block := stream.read(HEAD):
            state = decoder.getstate()
            try:
                text, failed = decoder.decode(block), False
            except UnicodeDecodeError:
                decoder.setstate(state)
                text, failed = _decodable(decoder, block), True
            if "\n" in text:
                line, column = line + text.count("\n"), 1
            column += len(text.rpartition("\n")[2])
            if failed:
                break
    return line, column


def _decodable(decoder: io.IncrementalNewlineDecoder, block: bytes) -> str:
    """Decode the bytes before the first error."""
    text = ""
    with suppress(UnicodeDecodeError):
        for place in range(len(block)):
            text += decoder.decode(block[place : place + 1])
    return text


def _records(text: TextIO, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Yield each record of CSV that is not blank, with the line in which it begins.

    A quoted cell may hold line breaks, so a record may span several lines.
    """
    csv.field_size_limit(2**31 - 1)
    records = csv.reader(text, delimiter=delimiter, strict=True)
    begin = 1
    try:
        for cells in records:
            if cells:
                yield begin, cells
            begin = records.line_num + 1
    except csv.Error as error:
        raise ValueError(f"the row that begins in line {begin} is damaged: {error}") from None


def _header(text: TextIO, delimiter: str) -> list[str]:
    """Return the names of the columns, ``""`` for a column without a name."""
    _, names = next(_records(text, delimiter), (1, []))
    if repeated := {name for name in names if name and names.count(name) > 1}:
        raise ValueError(f"several columns have the name {', '.join(sorted(map(repr, repeated)))}")
    return names


def _csv(text: TextIO, delimiter: str) -> Iterator[tuple[int, dict[str, Any]]]:
    records = _records(text, delimiter)
    _, names = next(records, (1, []))
    for line, cells in records:
        if len(cells) != len(names):
            count = f"{len(cells)} cell{'' if len(cells) == 1 else 's'}"
            raise ValueError(f"line {line} has {count}, the header {len(names)}")
        if any(cell for name, cell in zip(names, cells, strict=True) if not name):
            raise ValueError(f"line {line} has a value in a column without a name")
        yield line, {name: cell for name, cell in zip(names, cells, strict=True) if name}


def _ndjson(text: TextIO) -> Iterator[tuple[int, dict[str, Any]]]:
    for number, line in enumerate(text, 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError as error:
            raise ValueError(f"line {number} is not JSON: {error}") from None
        if not isinstance(row, dict):
            raise ValueError(f"line {number} is no JSON object")  # noqa: TRY004 - data, not a call
        yield number, row
