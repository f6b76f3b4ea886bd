"""Rows that are safely on the disk, and the cursor that continues right after them."""

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
"""How texts become bytes, in files and on stdout. What UTF-8 cannot encode is a JSON escape."""


class Rows(Protocol):
    """Collects texts, and passes them on with a commit."""

    @property
    def cursor(self) -> str | None:
        """The cursor that continues right after the last commit, or None if there is none."""

    def write(self, text: str, /) -> object:
        """Collect text for the next commit."""

    def commit(self, cursor: str | None) -> None:
        """Pass on all collected text, which ``cursor`` continues. Raises OSError."""


class DurableRows:
    """A file of whole rows and the cursor after its last row, which agree whatever fails.

    Rows are collected in memory. `commit` puts them on the disk, and only then moves the boundary,
    which is the size of the file and the cursor. `cut_back` removes whatever a failed commit left
    after the boundary. An example, with rows of ten bytes, and room for 35:

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
            path: the file, which is made if it does not exist.
            cursor: continues after the rows that the file has.
            name: the name of the file in errors; by default ``path``.
            empty: remove the content of the file.

        Raises:
            OSError: it cannot be opened.
        """
        self._name = name or path
        with naming(self._name):
            # No buffer: at closing, it would write again what could not be written.
            self._file = path.open("wb" if empty else "ab", buffering=0)
        self._boundary = (os.fstat(self._file.fileno()).st_size, cursor)
        self._collected = bytearray()

    @property
    def cursor(self) -> str | None:
        """The cursor that continues right after the last commit."""
        return self._boundary[1]

    def write(self, text: str, /) -> int:
        """Collect text for the next commit; return its length."""
        self._collected += text.encode(*ENCODING)
        return len(text)

    def commit(self, cursor: str | None) -> None:
        """Put the collected text on the disk, and move the boundary after it.

        Raises:
            OSError: that failed; the boundary has not moved.
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
            False if that failed; the file may then end in half a row.
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
        ):  # pipes and devices cannot be synced
            os.fsync(self._file.fileno())


class StdoutRows:
    """Stdout, and the cursor right after the rows that it took.

    A failed commit may have written half a row, which cannot be undone, so there is no cursor then.
    """

    def __init__(self, cursor: str | None = None) -> None:
        self.cursor = cursor
        self._collected = bytearray()

    def write(self, text: str, /) -> int:
        """Collect text for the next commit; return its length."""
        self._collected += text.encode(*ENCODING)
        return len(text)

    def commit(self, cursor: str | None) -> None:
        """Write the collected text to stdout. Raises OSError."""
        self.cursor = None
        to_stdout(self._collected)
        self.cursor = cursor
        self._collected = bytearray()


def to_stdout(data: bytes | bytearray) -> None:
    """Write all of the data to stdout. Raises OSError.

    Under ``PYTHONUNBUFFERED``, which is usual in containers, Python's own text layer silently drops
    whatever a nearly full disk does not take in one write.
    """
    with naming("stdout"):
        sys.stdout.flush()
        _write_all(sys.stdout.buffer, data)
        sys.stdout.buffer.flush()


def _write_all(file: BinaryIO | io.FileIO, data: bytes | bytearray) -> None:
    """Write until everything is written, as an unbuffered write may take only a part."""
    remaining = memoryview(data)
    while remaining:
        written = file.write(remaining)
        if written is None:
            raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN))
        remaining = remaining[written:]


@contextmanager
def naming(file: object) -> Generator[None]:
    """Let errors of the disk name the file that the user knows, instead of a temporary one."""
    try:
        yield
    except OSError as error:
        error.filename, error.filename2 = str(file), None
        raise
