"""Checks that a file is the one that an export was writing when it printed a cursor."""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, TextIO

from .. import ArgumentError
from .._files.tables import FIXED, Columns, Layout
from .._paging.scan import fingerprint
from ._durable import ENCODING

_ID = FIXED.index("id")


def count_customers(part: Path, cursor: str, layout: Layout, columns: Columns) -> int:
    """Return the number of customers in a file that an export is to continue.

    A cursor ends with a fingerprint of the id that was read last (see `Pager.cursor`). The file is
    the right one if its last row has that id, so nothing else needs to be stored.

    Args:
        part: the file.
        cursor: the cursor, as it was printed.
        layout: the layout of this export.
        columns: the columns of the company.

    Raises:
        ArgumentError: it is another file, or has another layout.
        OSError: it cannot be read.
    """
    advice = "leave out --cursor to start again"
    if not part.is_file():
        raise ArgumentError(f"there is no {part}, which --cursor would go on with: {advice}")
    with part.open("rb") as file:
        beginning = layout.beginning(columns).encode(*ENCODING)
        if file.read(len(beginning)) != beginning:
            raise ArgumentError(
                f"{part} has other columns or another format than this export would write: {advice}"
            )
        count, last_id = _scan(file, layout)
    if fingerprint(last_id) != cursor.rpartition("-")[2]:
        raise ArgumentError(
            f"--cursor does not go on behind the last row of {part}: one of them is of another "
            f"export. Give the cursor that was printed with this file, or {advice}"
        )
    return count


def _scan(file: BinaryIO, layout: Layout) -> tuple[int, str]:
    """Count rows, and return the id of the last one, or ``""`` if the file ends in half a row."""
    count, last_id = 0, ""
    if not _ends_a_line(file):
        return count, last_id
    with io.TextIOWrapper(file, encoding="utf-8", newline="") as text:
        try:
            for identity in _ids(text, layout):
                count, last_id = count + 1, identity
        except (ValueError, LookupError, TypeError, csv.Error):
            return count, ""
    return count, last_id


def _ends_a_line(file: BinaryIO) -> bool:
    """Return whether the rest of a file ends in a line break."""
    begin = file.tell()
    end = file.seek(0, os.SEEK_END)
    file.seek(max(begin, end - 1))
    ending = file.read()
    file.seek(begin)
    return ending == b"\n"


def _ids(text: TextIO, layout: Layout) -> Iterator[str]:
    if layout.form == "ndjson":
        for line in text:
            yield str(json.loads(line)["id"])
        return
    csv.field_size_limit(2**31 - 1)
    for cells in csv.reader(text, delimiter=layout.delimiter, strict=True):
        yield cells[_ID]
