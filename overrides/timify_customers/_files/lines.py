"""Which line of a file each row begins in."""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import Final

QUOTED: Final = r"""(?<!\w)(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")"""
"""Data in a message, which is not ours to change; an apostrophe within a word begins none."""
_ROWS = re.compile(rf"{QUOTED}|\b([Rr])(ow|ows|ows after) (\d+)(?: to (\d+))?\b")


class Lines:
    """The lines that rows begin in, both counted from 1.

    Only places where the distance between the two changes are kept, so that most files take next to
    no memory, however long they are. An example, where the second row has a cell of two lines:

        line 1    header
        line 2    row 1      distance 1, kept for row 1
        line 3    row 2      distance 1
        line 5    row 3      distance 2, kept for row 3
    """

    def __init__(self) -> None:
        self._rows: list[int] = []
        self._distances: list[int] = []

    def add(self, row: int, line: int) -> None:
        """Note where the next row begins."""
        distance = line - row
        if not self._distances or self._distances[-1] != distance:
            self._rows.append(row)
            self._distances.append(distance)

    def of(self, row: int) -> int:
        """Return the line of a row."""
        place = bisect_right(self._rows, row) - 1
        return row + self._distances[place] if place >= 0 else row

    def instead_of_rows(self, text: str) -> str:
        """Let a text of the library speak of lines: ``row 3 has the same key``."""
        return _ROWS.sub(self._line, text)

    def _line(self, match: re.Match[str]) -> str:
        letter, noun, first, last = match.groups()
        if letter is None:
            return match[0]  # quoted
        words = ("L" if letter == "R" else "l") + noun.replace("ow", "ine", 1)
        to = f" to {self.of(int(last))}" if last else ""
        return f"{words} {self.of(int(first))}{to}"
