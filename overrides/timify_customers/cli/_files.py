"""Files that commands write: exports, and lists of what is wrong with rows."""

from __future__ import annotations

import csv
import json
import secrets
import shutil
import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Final, Self, TextIO

from .. import ArgumentError, RowProblem
from ._shell import TEXT, say

SHOWN: Final = 20
"""Problems that are shown when no file takes them."""


class Target:
    """Where an export goes: stdout, or a file that appears when it is whole."""

    def __init__(self, file: Path | None) -> None:
        if file is not None and file.exists() and not file.is_file():
            raise ArgumentError(f"{file} is no regular file; leave FILE out for stdout")
        self._file = file and file.resolve()
        self._part = file and file.with_name(f"{file.name}.part")

    def check(self, header: list[str]) -> None:
        """Refuse to go on with a CSV file that has other columns."""
        if self._part is not None:
            with self._part.open(encoding="utf-8", newline="") as lines:
                if next(csv.reader(lines), []) != header:
                    raise ArgumentError(f"{self._part} has other columns than the custom fields of now: start anew")

    @contextmanager
    def open(self, resume: str | None, cursor: Callable[[], str | None]) -> Generator[TextIO]:
        """Give the stream to write to.

        When writing ends early and there is a cursor to go on from, what was written stays in ``FILE.part``, where an
        export with ``resume``, that cursor, goes on.
        """
        scratch = self._file and self._file.with_name(f".{self._file.name}.{secrets.token_hex(4)}")
        if resume and scratch and self._part:
            self._part.replace(scratch)
        try:
            with scratch.open("a", **TEXT) if scratch else nullcontext(sys.stdout) as out:
                yield out
            if scratch and self._file:
                if self._file.exists():
                    shutil.copymode(self._file, scratch)
                scratch.replace(self._file)
        except BaseException as error:
            if (at := cursor()) and not isinstance(error, BrokenPipeError):
                if scratch and self._part:
                    scratch.replace(self._part)
                say(f"To go on{f' with {self._part}' if self._part else ''}: the same command with --cursor {at}")
            if scratch:
                scratch.unlink(missing_ok=True)
            raise


class Problems:
    """Tells what is wrong with rows: all of it in a file of NDJSON, or the first of it on stderr."""

    def __init__(self, file: Path | None) -> None:
        self.count = 0
        self._file = file

    def __enter__(self) -> Self:
        self._out = self._file and self._file.open("w", **TEXT)
        return self

    def __exit__(self, *_: object) -> None:
        if self._out:
            self._out.close()
        if self.count > SHOWN:
            say(f"and {self.count - SHOWN:,} more" if self._out is None else f"{self.count:,} problems in {self._file}")

    def tell(self, outcome: str, problem: RowProblem, row: object = None) -> None:
        """Tell one problem of a row."""
        self.count += 1
        if self._out:
            line = {"row": problem.number, "outcome": outcome, "column": problem.column, "reason": problem.reason}
            self._out.write(json.dumps({**line, "data": row}, ensure_ascii=False, default=str) + "\n")
        elif self.count <= SHOWN:
            say(f"{outcome}: row {problem.number}: {problem.reason}")
