"""Reports the problems of an import's rows in an NDJSON file, or on stderr."""

from __future__ import annotations

import json
import math
from contextlib import suppress
from pathlib import Path
from typing import Final, Self

from .. import RowProblem
from .._files.lines import Lines
from ._durable import DurableRows
from ._shell import say
from ._words import in_words_of_the_command_line

SHOWN: Final = 20
"""How many problems are shown without a file for them."""
AT_ONCE: Final = 100
"""How many problems are written to their file at a time."""


class Problems:
    """Reports the problems of rows: all of them in an NDJSON file, or the first ones on stderr.

    If the file cannot take more, it keeps its whole lines, and the other problems go to stderr. The
    import goes on, as half an import is worse than a report in two places.
    """

    def __init__(self, file: Path | None, lines: Lines) -> None:
        self.count = 0
        self._lines = lines
        self._file = file
        self._out: DurableRows | None = None
        self._recent: list[str] = []
        """Problems since the last commit of the file, as stderr would show them."""
        self._shown: float = SHOWN

    def __enter__(self) -> Self:
        if self._file:
            self._out = DurableRows(self._file, empty=True)
        return self

    def __exit__(self, *_: object) -> None:
        self._save()
        if self._out:
            with suppress(OSError):  # all is on the disk
                self._out.close()
            if self.count > SHOWN:
                say(f"{self.count:,} problems in {self._file}")
        elif self.count > self._shown:
            say(f"and {self.count - SHOWN:,} more")

    def add(self, outcome: str, problem: RowProblem, row: object = None) -> None:
        """Report one problem of a row."""
        self.count += 1
        number, reason = self._lines.of(problem.number), reason_of(problem, self._lines)
        text = f"{outcome}: line {number}: {reason}"
        if self._out is None:
            if self.count <= self._shown:
                say(text)
            return
        entry = {
            "line": number,
            "row": problem.number,
            "outcome": outcome,
            "column": problem.column,
            "reason": reason,
            "data": row,
        }
        self._out.write(json.dumps(entry, ensure_ascii=False, default=str) + "\n")
        self._recent.append(text)
        if len(self._recent) == AT_ONCE:
            self._save()

    def _save(self) -> None:
        """Put recent problems on the disk; if that fails, show them and all later ones."""
        if self._out is None:
            return
        try:
            self._out.commit(None)
        except OSError as error:
            self._fall_back(self._out, error.strerror or str(error))
        self._recent.clear()

    def _fall_back(self, out: DurableRows, why: str) -> None:
        self._out, self._shown = None, math.inf
        saved = self.count - len(self._recent)
        state = (
            f"it has the first {saved:,} problems"
            if out.cut_back()
            else f"it is damaged behind {saved:,} problems"
        )
        say(f"warning: {self._file} is incomplete: {why}; {state}, the others are here", "yellow")
        for text in self._recent:
            say(text)


def reason_of(problem: RowProblem, lines: Lines) -> str:
    """Return what is wrong with a row, in terms of lines and options."""
    return lines.instead_of_rows(in_words_of_the_command_line(problem.reason))
