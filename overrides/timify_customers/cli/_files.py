"""The target of an export: a file, or stdout."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path

from .. import ArgumentError
from .._files.tables import Columns, Layout
from ._durable import DurableRows, Rows, StdoutRows, naming
from ._resuming import count_customers
from ._shell import say


class FileTarget:
    """A file that appears only when it is complete."""

    def __init__(self, file: Path) -> None:
        if file.exists() and not file.is_file():
            raise ArgumentError(f"{file} is no regular file; leave FILE out for stdout")
        self._file = file.resolve() if file.is_symlink() else file  # so that a link is not replaced
        self._part = self._file.with_name(f"{self._file.name}.part")

    def resume(self, cursor: str, layout: Layout, columns: Columns) -> int:
        """Return the number of customers in ``FILE.part``, which an export is to continue.

        Raises:
            ArgumentError: there is no such file, or the cursor does not continue after its end.
        """
        return count_customers(self._part, cursor, layout, columns)

    @contextmanager
    def open(self, resume: str | None) -> Generator[Rows]:
        """Yield what takes the rows; what is not committed when the block ends is committed then.

        If writing ends early and there is a cursor to continue from, the rows before it stay in
        ``FILE.part``, which an export continues when ``resume`` is that cursor.
        """
        scratch = self._file.with_name(f".{self._file.name}.{secrets.token_hex(4)}")
        rows = self._begin(scratch, resume)
        try:
            yield rows
            rows.commit(rows.cursor)
            rows.close()
            with naming(self._file):
                _put_in_place(scratch, self._file)
            with suppress(OSError):
                self._part.unlink(missing_ok=True)  # left by an earlier export
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
        """Rename the file to ``FILE.part``, and tell the user how to continue it."""
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
    """Remove a file that no cursor continues, and tell the user how to start again."""
    remark = f"; remove {scratch}, which may end in half a row"
    with suppress(OSError):
        scratch.unlink(missing_ok=True)
        remark = ""
    say(f"Nothing was kept: {_again(resume)}{remark}")


def _again(resume: str | None) -> str:
    return f"the same command{' without --cursor' if resume else ''} starts again"


class StdoutTarget:
    """Stdout, where only the reader knows what was kept."""

    def resume(self, cursor: str, layout: Layout, columns: Columns) -> int:  # noqa: ARG002
        """Return 0, as earlier output to stdout cannot be seen."""
        return 0

    @contextmanager
    def open(self, resume: str | None) -> Generator[Rows]:
        """Yield what takes the rows; what is not committed when the block ends is committed then.

        If writing ends early, the cursor continues after the last page that stdout took. After an
        error of stdout itself there is none, as it may have taken half a row.
        """
        rows = StdoutRows(resume)
        try:
            yield rows
            rows.commit(rows.cursor)
        except BrokenPipeError:
            raise  # the reader has closed the pipe
        except BaseException:
            if rows.cursor:
                how = f"the same command with --cursor {rows.cursor}"
                say(f"To go on, if all of stdout was kept: {how}")
            else:
                say(f"There is no cursor to go on from: {_again(resume)}")
            raise
