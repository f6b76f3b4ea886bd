"""Rows that are on the disk for sure, and the cursor that goes on right behind them."""

from __future__ import annotations

import errno
import io
import os
import stat
import sys
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, Final, Protocol

ENCODING: Final = ("utf-8", "backslashreplace")
"""How texts become bytes, in files and on stdout. What UTF-8 cannot hold is an escape of JSON."""


class Rows(Protocol):
    """Takes texts, and hands them on at a commit."""

    @property
    def cursor(self) -> str | None:
        """Goes on right behind the last commit; None when nothing can."""

    def write(self, text: str, /) -> object:
        """Take text that is to go out with the next commit."""

    def commit(self, cursor: str | None) -> None:
        """Hand on all that was taken; ``cursor`` goes on right behind it. Raises OSError."""


class DurableRows:
    """A file of whole rows and the cursor behind its last row, which agree whatever fails.

    Rows are collected in memory. `commit` puts them on the disk, and only then moves the boundary:
    the size of the file and the cursor. `cut_back` removes what a commit that failed left behind
    the boundary. With rows of ten bytes, and room for 35:

        two rows, commit("a")    20 bytes, boundary (20, "a")
        two rows, commit("b")    OSError "No space left on device": 35 bytes, half a row at the end
        cut_back()               20 bytes, and the cursor is "a"
    """

    def __init__(
        self,
        path: Path,
        cursor: str | None = None,
        *,
        name: Path | None = None,
        empty: bool = False,
    ) -> None:
        """Open a file to add rows to.

        Args:
            path: the file; it is made if it is not there.
            cursor: goes on behind the rows that it has.
            name: what errors call it, if not ``path``.
            empty: remove what it has.

        Raises:
            OSError: it cannot be opened.
        """
        self._name = name or path
        with naming(self._name):
            # Without a buffer: that would write once more, at closing, what could not be written.
            self._file = path.open("wb" if empty else "ab", buffering=0)
        self._boundary = (os.fstat(self._file.fileno()).st_size, cursor)
        self._collected = bytearray()

    @property
    def cursor(self) -> str | None:
        """Goes on right behind the last commit."""
        return self._boundary[1]

    def write(self, text: str, /) -> int:
        """Collect text for the next commit; return its length."""
        self._collected += text.encode(*ENCODING)
        return len(text)

    def commit(self, cursor: str | None) -> None:
        """Put what was collected on the disk, and move the boundary behind it.

        Raises:
            OSError: that failed; the boundary is where it was.
        """
        with naming(self._name):
            _write_all(self._file, self._collected)
            self._sync()
        size, _ = self._boundary
        self._boundary = (size + len(self._collected), cursor)
        self._collected = bytearray()

    def close(self) -> None:
        """Close the file, after a commit. Raises OSError."""
        with naming(self._name):
            self._file.close()

    def cut_back(self) -> bool:
        """Cut the file back to the boundary, and close it.

        Returns:
            False when that failed: the file may then end in half a row.
        """
        try:
            if not self._file.closed:
                self._file.truncate(self._boundary[0])
                self._sync()
        except OSError:
            return False
        finally:
            with suppress(OSError):
                self._file.close()
        return True

    def _sync(self) -> None:
        if stat.S_ISREG(
            os.fstat(self._file.fileno()).st_mode
        ):  # pipes and devices keep nothing, and refuse
            os.fsync(self._file.fileno())


class StdoutRows:
    """Stdout, and the cursor right behind the rows that it took.

    A commit that fails may have handed on half a row, which cannot be taken back: there is no
    cursor then.
    """

    def __init__(self, cursor: str | None = None) -> None:
        self.cursor = cursor
        self._collected = bytearray()

    def write(self, text: str, /) -> int:
        """Collect text for the next commit; return its length."""
        self._collected += text.encode(*ENCODING)
        return len(text)

    def commit(self, cursor: str | None) -> None:
        """Hand what was collected to whoever reads stdout. Raises OSError."""
        self.cursor = None
        to_stdout(self._collected)
        self.cursor = cursor
        self._collected = bytearray()


def to_stdout(data: bytes | bytearray) -> None:
    """Write to stdout all of it, at once. Raises OSError.

    Python's own text layer drops, without an error, what a disk that is nearly full does not take
    at once: under ``PYTHONUNBUFFERED``, which is usual in containers.
    """
    with naming("stdout"):
        sys.stdout.flush()
        _write_all(sys.stdout.buffer, data)
        sys.stdout.buffer.flush()


def _write_all(file: BinaryIO | io.FileIO, data: bytes | bytearray) -> None:
    """Write again and again what was not taken yet: without a buffer, a write may take a part."""
    rest = memoryview(data)
    while rest:
        taken = file.write(rest)
        if taken is None:
            raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN))
        rest = rest[taken:]


@contextmanager
def naming(file: object) -> Generator[None]:
    """Let errors of the disk name the file that the user knows, not one of ours, or none."""
    try:
        yield
    except OSError as error:
        error.filename, error.filename2 = str(file), None
        raise
