"""The line of a file in which each row begins."""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import Final

QUOTED: Final = r"""(?<!\w)(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")"""
"""Quoted data in a message, which stays as it is. An apostrophe within a word is not a quote."""
_ROWS = re.compile(rf"{QUOTED}|\b([Rr])(ow|ows|ows after) (\d+)(?: to (\d+))?\b")


class Lines:
    """The lines in which rows begin, both counted from 1.

    Only the rows where the distance between the two changes are kept, so that most files take next
    to no memory, however long they are. An example, where the second row has a cell of two lines:

        line 1    header
        line 2    row 1      distance 1, kept for row 1
        line 3    row 2      distance 1
        line 5    row 3      distance 2, kept for row 3
    """

    def __init__(self) -> None:
        self._rows: list[int] = []
        self._distances: list[int] = []

    def add(self, row: int, line: int) -> None:
        """Record the line in which the next row begins."""
        distance = line - row
        if not self._distances or self._distances[-1] != distance:
            self._rows.append(row)
            self._distances.append(distance)

    def of(self, row: int) -> int:
        """Return the line in which a row begins."""
        place = bisect_right(self._rows, row) - 1
        return row + self._distances[place] if place >= 0 else row

    def instead_of_rows(self, text: str) -> str:
        """Replace row numbers in a text, such as ``row 3 has the same key``, by line numbers."""
        return _ROWS.sub(self._line, text)

    def _line(self, match: re.Match[str]) -> str:
        letter, noun, first_row, last_row = match.groups()
        if letter is None:
            return match[0]  # quoted
        words = ("L" if letter == "R" else "l") + noun.replace("ow", "ine", 1)
        to = f" to {self.of(int(last_row))}" if last_row else ""
        return f"{words} {self.of(int(first_row))}{to}"
