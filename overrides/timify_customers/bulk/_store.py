"""What an import must remember of its rows, in SQLite: a temporary file, or the checkpoint that a caller names.

Of each row it holds the number, hashes of its key and content, and the outcome; no personal data. The hashes are keyed
with a random salt that lies in the file: two files cannot be compared, and no table made beforehand helps. But who has
the file can try out keys and whole rows, so one that can be guessed can be confirmed.

A checkpoint is locked while it is used, and the lock ends with the process. What was committed outlives the process;
after a power failure the last outcomes may be missing, and their rows are sent again.
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from hashlib import blake2b
from typing import Any, Final, Literal, TypeVar

from .._errors import CheckpointError
from .._import import Outcome, RowOutcome
from ._rows import Row

T = TypeVar("T")
Verdict = Outcome | Literal["send", "duplicate"]
Known = tuple[bytes, bytes, Outcome | None]
"""Hash of the key, hash of the content, and the outcome once there is one."""
Admitted = list[tuple[Row, Verdict, int | None]]
"""Rows, what becomes of them, and the number of the row that has their key."""

_FORMAT: Final = 0x74696D31
"""SQLite's application_id of a checkpoint; changes with the tables."""
_TAKEN: Final = frozenset({"created", "updated", "accepted"})


def admit(number: int, key: bytes, content: bytes, holder: int | None, known: Known | None) -> Verdict:
    """Decide whether a row is sent, is a duplicate, or has its outcome already.

    A checkpoint belongs to one input, whose rows have the same keys in the same places. What was taken must be as it
    was; a row that is still open, was invalid or was rejected may have been corrected.

    Args:
        number: the row's.
        key: hash of its key.
        content: hash of the row.
        holder: the number under which the store has the key.
        known: what the store has under the row's own number.

    Raises:
        CheckpointError: the checkpoint is of another input.
    """
    if holder is not None and holder < number:
        return "duplicate"
    old_key, old_content, outcome = known if known and known[2] != "invalid" else (key, content, None)
    if holder not in {None, number} or old_key != key or (old_content != content and outcome in _TAKEN):
        raise CheckpointError(
            f"row {number} is not the row that the checkpoint has there: the checkpoint is of another input, or the "
            "input was changed. Name a new checkpoint to import it from its start"
        )
    return outcome if outcome and old_content == content else "send"


class Store:
    """The database, and the one thread that uses it."""

    def __init__(self, path: str | os.PathLike[str] | None, *fingerprint: object) -> None:
        self._path = path
        self._fingerprint = repr(fingerprint).encode()
        self._salt = os.urandom(32)
        self._database: sqlite3.Connection | None = None
        self._thread = ThreadPoolExecutor(1, "timify-import")

    async def run(self, work: Callable[..., T], *args: object) -> T:
        """Do work on the database in its thread, and commit. No cursor may come out of it: it would end elsewhere."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._committed, work, args)

    def _committed(self, work: Callable[..., T], args: tuple[object, ...]) -> T:
        try:
            self._database = self._database or self._open()
            with self._database:
                return work(self._database, *args)
        except sqlite3.Error as error:
            where = f"checkpoint {self._path}" if self._path else "import's temporary file"
            raise CheckpointError(f"the {where} cannot be used: {error}") from None

    def _open(self) -> sqlite3.Connection:
        database = sqlite3.connect(self._path or "", timeout=0)
        try:
            database.execute("pragma locking_mode = exclusive")
            database.execute("begin exclusive")
            self._prepare(database)
            database.commit()
            database.execute(f"pragma journal_mode = {'wal' if self._path else 'off'}")
            database.execute("pragma synchronous = normal")
        except BaseException:
            database.close()
            raise
        return database

    def _prepare(self, database: sqlite3.Connection) -> None:
        (kind,) = database.execute("pragma application_id").fetchone()
        if kind == _FORMAT:
            self._salt, fingerprint = database.execute("select salt, fingerprint from meta").fetchone()
            if fingerprint != self.hash(self._fingerprint):
                raise CheckpointError(f"the checkpoint {self._path} is of another company or another key column")
        elif database.execute("select 1 from sqlite_master").fetchone():
            raise CheckpointError(f"{self._path} is a database, but not the checkpoint of an import")
        else:
            database.execute(f"pragma application_id = {_FORMAT}")
            database.execute("create table meta (salt blob, fingerprint blob)")
            database.execute("create table rows (number integer primary key, key blob unique, content blob, outcome)")
            database.execute("insert into meta values (?, ?)", (self._salt, self.hash(self._fingerprint)))

    def hash(self, data: bytes) -> bytes:
        """Hash a value with the salt."""
        return blake2b(data, key=self._salt, digest_size=16).digest()

    async def admit(self, rows: Sequence[Row]) -> Admitted:
        """Decide what becomes of rows that have keys, and note those that are new."""
        return await self.run(self._admit, rows) if rows else []

    def _admit(self, database: sqlite3.Connection, rows: Sequence[Row]) -> Admitted:
        query, span = "select * from rows where number between ? and ?", (rows[0].number, rows[-1].number)
        known: dict[int, Any] = {number: values for number, *values in database.execute(query, span)}
        result: Admitted = []
        for row in rows:
            key, content = self.hash(str(row.key).encode()), self.hash(row.content if self._path else b"")
            (holder,) = database.execute("select number from rows where key = ?", (key,)).fetchone() or (None,)
            verdict = admit(row.number, key, content, holder, known.get(row.number))
            if verdict == "send":
                values = (row.number, key, content, "invalid" if row.problems else None)
                database.execute("insert or replace into rows values (?, ?, ?, ?)", values)
            result.append((row, verdict, holder))
        return result

    async def settle(self, outcomes: Sequence[RowOutcome]) -> None:
        """Note outcomes for a later run. A row of which nothing is known stays open."""
        known = [(it.outcome, it.number) for it in outcomes if it.outcome != "unknown"]
        if self._path and known:
            await self.run(_settle, known)

    async def close(self) -> None:
        """Give the file free after the work that is under way; who is cancelled meanwhile waits for it all the same."""
        closing = asyncio.wrap_future(self._thread.submit(self._close))
        self._thread.shutdown(wait=False)
        try:
            await asyncio.wait({closing})
        except asyncio.CancelledError:
            await asyncio.wait({closing})
            raise

    def _close(self) -> None:
        if self._database:
            self._database.close()


def _settle(database: sqlite3.Connection, known: Sequence[tuple[Outcome, int]]) -> None:
    database.executemany("update rows set outcome = ? where number = ?", known)
