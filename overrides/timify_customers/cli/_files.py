"""Files that commands write: exports, and lists of what is wrong with rows."""

from __future__ import annotations

import csv
import json
import math
import secrets
import shutil
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final, Self

from .. import ArgumentError, RowProblem
from ._durable import DurableRows, Rows, StdoutRows, naming
from ._shell import say

SHOWN: Final = 20
"""Problems that are shown when no file takes them."""
AT_ONCE: Final = 100
"""Problems that go to their file together."""


class FileTarget:
    """A file that appears when it is whole."""

    def __init__(self, file: Path) -> None:
        if file.exists() and not file.is_file():
            raise ArgumentError(f"{file} is no regular file; leave FILE out for stdout")
        self._file = (
            file.resolve() if file.is_symlink() else file
        )  # a link goes on to point where it does
        self._part = self._file.with_name(f"{self._file.name}.part")

    def check(self, header: list[str]) -> None:
        """Refuse to go on with a CSV file that has other columns."""
        with self._part.open(encoding="utf-8", newline="") as lines:
            if next(csv.reader(lines), []) != header:
                raise ArgumentError(
                    f"{self._part} has other columns than the custom fields of now: start anew"
                )

    @contextmanager
    def open(self, resume: str | None) -> Generator[Rows]:
        """Give what takes the rows; what was not committed when the block ends is committed then.

        When writing ends early and there is a cursor to go on from, the rows in front of it stay in
        ``FILE.part``, where an export with ``resume``, that cursor, goes on.
        """
        scratch = self._file.with_name(f".{self._file.name}.{secrets.token_hex(4)}")
        rows = self._begin(scratch, resume)
        try:
            yield rows
            rows.commit(rows.cursor)
            rows.close()
            with naming(self._file):
                _put_in_place(scratch, self._file)
        except BaseException:
            if rows.cut_back() and rows.cursor:
                self._keep(scratch, rows.cursor)
            else:
                _give_up(scratch, resume)
            raise

    def _begin(self, scratch: Path, resume: str | None) -> DurableRows:
        if resume:
            self._part.replace(scratch)
        try:
            return DurableRows(scratch, resume, name=self._file)
        except OSError:
            if resume:
                self._keep(scratch, resume)
            raise

    def _keep(self, scratch: Path, cursor: str) -> None:
        """Name the rows ``FILE.part``, and say how to go on with them."""
        try:
            scratch.replace(self._part)
        except OSError:
            how = f", rename {scratch} to {self._part}; then"
        else:
            how = f" with {self._part}:"
        say(f"To go on{how} the same command with --cursor {cursor}")


def _put_in_place(scratch: Path, file: Path) -> None:
    if file.exists():
        shutil.copymode(file, scratch)
    scratch.replace(file)


def _give_up(scratch: Path, resume: str | None) -> None:
    """Remove what no cursor goes on from, and say how to start again."""
    left = f"; remove {scratch}, which may end in half a row"
    with suppress(OSError):
        scratch.unlink(missing_ok=True)
        left = ""
    say(f"Nothing was kept: {_again(resume)}{left}")


def _again(resume: str | None) -> str:
    return f"the same command{' without --cursor' if resume else ''} starts again"


class StdoutTarget:
    """Stdout, whose reader alone knows what is kept."""

    def check(self, header: list[str]) -> None:
        """Do nothing: what went to stdout before cannot be seen."""

    @contextmanager
    def open(self, resume: str | None) -> Generator[Rows]:
        """Give what takes the rows; what was not committed when the block ends is committed then.

        When writing ends early, the cursor goes on behind the last page that stdout took. After an
        error of stdout itself there is none: it may have taken half a row.
        """
        rows = StdoutRows(resume)
        try:
            yield rows
            rows.commit(rows.cursor)
        except BrokenPipeError:
            raise  # whoever read wanted no more
        except BaseException:
            if rows.cursor:
                say(
                    f"To go on, if all of stdout was kept: the same command with --cursor {rows.cursor}"
                )
            else:
                say(f"There is no cursor to go on from: {_again(resume)}")
            raise


class Problems:
    """Tells what is wrong with rows: all of it in a file of NDJSON, or the first of it on stderr.

    A file that cannot take more keeps its whole lines, and all that it lacks goes to stderr. The
    import goes on: a company that is half imported is worse than a report in two places.
    """

    def __init__(self, file: Path | None) -> None:
        self.count = 0
        self._file = file
        self._out: DurableRows | None = None
        self._recent: list[str] = []
        """Problems that were handed to the file since its last commit, as stderr would show them.
        """
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

    def tell(self, outcome: str, problem: RowProblem, row: object = None) -> None:
        """Tell one problem of a row."""
        self.count += 1
        text = f"{outcome}: row {problem.number}: {problem.reason}"
        if self._out is None:
            if self.count <= self._shown:
                say(text)
            return
        line = {
            "row": problem.number,
            "outcome": outcome,
            "column": problem.column,
            "reason": problem.reason,
        }
        self._out.write(json.dumps({**line, "data": row}, ensure_ascii=False, default=str) + "\n")
        self._recent.append(text)
        if len(self._recent) == AT_ONCE:
            self._save()

    def _save(self) -> None:
        """Put what was told on the disk; when that fails, show it, and all that comes later."""
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
        has = (
            f"it has the first {saved:,} problems"
            if out.cut_back()
            else f"it is damaged behind {saved:,} problems"
        )
        say(f"warning: {self._file} is incomplete: {why}; {has}, the others are here", "yellow")
        for text in self._recent:
            say(text)
