"""What an import must remember about its rows, in SQLite.

The database is a temporary file, or the checkpoint that a caller names. For each row it holds the
number, hashes of key and content, and the outcome; no personal data. The hashes are keyed with a
random salt that is in the file, so that two files cannot be compared, and no precomputed table
helps. But anybody who has the file can try out keys and whole rows, and so confirm a guess.

A checkpoint is locked while it is used, and the lock ends with the process. What was committed
outlives the process; after a power failure the last outcomes may be missing, and their rows are
sent again.

A damaged checkpoint must neither make an import skip a row nor accuse the input of having changed.
SQLite's own check covers the structure of a file, not the values in it. So each row, and the salt,
has a seal: a hash of its values. If a bit in the hash of a key is flipped, the seal no longer fits,
which shows that the row is damaged and not of another input. The seal does not cover the outcome,
which changes later; a flipped bit cannot turn one outcome into another.
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from hashlib import blake2b
from typing import Final, Literal, NamedTuple, TypeVar, cast

from .._base.errors import CheckpointError
from .._base.reports import OutcomeKind, RowOutcome
from .rows import Row

T = TypeVar("T")
Admission = OutcomeKind | Literal["send", "duplicate"]
"""What happens to a row that was read: one of these, or the outcome that it already has."""
StoredRow = tuple[object, object, object, object, object]
"""A row as the file has it, possibly damaged: number, key, content, outcome and seal."""


class RowRecord(NamedTuple):
    """What a run recorded about a row: hashes of key and content, and its outcome, if any yet."""

    key: bytes
    content: bytes
    outcome: OutcomeKind | None


class Admitted(NamedTuple):
    """A row, what happens to it, and the number of the row that has its key."""

    row: Row
    admission: Admission
    holder: int | None = None


_FORMAT: Final = 0x74696D32
"""SQLite's application_id of a checkpoint, which changes with the tables."""
_TABLES: Final = (
    "CREATE TABLE meta (salt blob, fingerprint blob, seal blob)",
    (
        "CREATE TABLE rows "
        "(number integer primary key, key blob unique, content blob, outcome, seal blob)"
    ),
)
"""Exactly as SQLite stores them, so that they can be compared."""
_SALT_SIZE: Final = 32
_TAKEN: Final = frozenset({"created", "updated", "accepted"})
_RECORDED: Final = _TAKEN | {"rejected", "invalid", None}
_SELECT: Final = "select number, key, content, outcome, seal from rows where"
_ADVICE: Final = "Name a new checkpoint: importing all rows again is safe by key"


def admit(
    number: int, key: bytes, content: bytes, holder: int | None, record: RowRecord | None
) -> Admission:
    """Decide whether a row is sent, is a duplicate, or has its outcome already.

    A checkpoint belongs to one input, whose rows have the same keys in the same places. A row that
    was taken must not have changed. A row without an outcome, and one that was invalid or rejected,
    may have been corrected. Examples, where the checkpoint has row 2 with key b and content B::

        row 2 is now    outcome in the checkpoint   what happens to it
        b, B            accepted                    accepted: it is not sent again
        b, B            none                        sent: no response to it was recorded
        b, other        rejected                    sent: it was corrected
        b, other        accepted                    CheckpointError: it was taken with content B
        c, B            accepted                    CheckpointError: row 2 had another key
        c, B            invalid                     sent: it was never sent, so its key may change

    Args:
        number: the number of the row.
        key: hash of its key.
        content: hash of the row.
        holder: the number of the row that has the key in the store, or None.
        record: the record that the store has for this number, or None.

    Raises:
        CheckpointError: the checkpoint belongs to another input.
    """
    if holder is not None and holder < number:
        return "duplicate"
    if holder is not None and holder > number:
        raise _of_another_input(number)
    if record is None or record.outcome == "invalid":
        return "send"
    corrected = record.content != content
    if record.key != key or (corrected and record.outcome in _TAKEN):
        raise _of_another_input(number)
    if record.outcome is None or corrected:
        return "send"
    return record.outcome


def _of_another_input(number: int) -> CheckpointError:
    return CheckpointError(
        f"row {number} is not the row that the checkpoint has there: the checkpoint is of another "
        "input, or the input was changed. Name a new checkpoint to import it from its start"
    )


class Store:
    """The database, and the one thread that uses it."""

    def __init__(self, path: str | os.PathLike[str] | None, *fingerprint: object) -> None:
        self._path = path
        self._fingerprint = repr(fingerprint).encode()
        self._salt = os.urandom(_SALT_SIZE)
        self._database: sqlite3.Connection | None = None
        self._thread = ThreadPoolExecutor(1, "timify-import")

    async def run(self, work: Callable[..., T], *args: object) -> T:
        """Do work on the database in its thread, and commit.

        The work must not return a cursor, which would be closed in another thread.
        """
        return await asyncio.get_running_loop().run_in_executor(
            self._thread, self._committed, work, args
        )

    def _committed(self, work: Callable[..., T], args: tuple[object, ...]) -> T:
        try:
            self._database = self._database or self._open()
            with self._database:
                return work(self._database, *args)
        except (sqlite3.Error, UnicodeDecodeError) as error:
            raise self._unusable(error) from None

    def _unusable(self, error: sqlite3.Error | UnicodeDecodeError) -> CheckpointError:
        if isinstance(error, UnicodeDecodeError):
            return self._damaged()
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # the higher bits are details
        if code == sqlite3.SQLITE_CORRUPT:
            return self._damaged()
        if code == sqlite3.SQLITE_NOTADB:
            return CheckpointError(
                f"{self._path} is not the checkpoint of an import, or a damaged one. {_ADVICE}"
            )
        return CheckpointError(f"the {self._name} cannot be used: {error}")

    def _damaged(self) -> CheckpointError:
        return CheckpointError(f"the {self._name} is damaged. {_ADVICE}")

    @property
    def _name(self) -> str:
        return f"checkpoint {self._path}" if self._path else "import's temporary file"

    def _open(self) -> sqlite3.Connection:
        database = sqlite3.connect(self._path or "", timeout=0)
        database.text_factory = _text
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
            self._recall(database)
        elif database.execute("select 1 from sqlite_master").fetchone():
            problem = "is a database, but not the checkpoint of an import, or a damaged one"
            raise CheckpointError(f"{self._path} {problem}. {_ADVICE}")
        else:
            self._create(database)

    def _create(self, database: sqlite3.Connection) -> None:
        database.execute(f"pragma application_id = {_FORMAT}")
        for table in _TABLES:
            database.execute(table)
        fingerprint = self.hash(self._fingerprint)
        meta = self._salt, fingerprint, self._seal(fingerprint)
        database.execute("insert into meta values (?, ?, ?)", meta)

    def _recall(self, database: sqlite3.Connection) -> None:
        """Read the salt of a checkpoint, if it is intact and of this company and key column."""
        if database.execute("pragma quick_check(1)").fetchone() != ("ok",):
            raise self._damaged()
        tables = database.execute(
            "select sql from sqlite_master where sql is not null order by name"
        ).fetchall()
        if tables != [(table,) for table in _TABLES]:
            raise self._damaged()
        meta = database.execute("select * from meta").fetchall()
        salt, fingerprint, seal = meta[0] if len(meta) == 1 else (None, None, None)
        if not isinstance(salt, bytes) or len(salt) != _SALT_SIZE:
            raise self._damaged()
        self._salt = salt
        if seal != self._seal(fingerprint):
            raise self._damaged()
        if fingerprint != self.hash(self._fingerprint):
            raise CheckpointError(
                f"the checkpoint {self._path} is of another company or another key column"
            )

    def hash(self, data: bytes) -> bytes:
        """Hash a value with the salt."""
        return blake2b(data, key=self._salt, digest_size=16).digest()

    def _seal(self, *values: object) -> bytes:
        """Hash values that are stored together, whatever their types."""
        return self.hash(repr(values).encode())[:8]

    def _whole(self, stored: StoredRow) -> RowRecord:
        """Return the record of a row. Raises CheckpointError if it is damaged."""
        number, key, content, outcome, seal = stored
        if seal != self._seal(number, key, content) or outcome not in _RECORDED:
            raise self._damaged()
        return RowRecord(
            cast("bytes", key), cast("bytes", content), cast("OutcomeKind | None", outcome)
        )

    async def admit(self, rows: Sequence[Row]) -> list[Admitted]:
        """Decide what happens to rows that have keys, and record the new ones."""
        return await self.run(self._admit, rows) if rows else []

    def _admit(self, database: sqlite3.Connection, rows: Sequence[Row]) -> list[Admitted]:
        records = self._records(database, rows[0].number, rows[-1].number)
        return [self._admit_one(database, row, records.get(row.number)) for row in rows]

    def _records(
        self, database: sqlite3.Connection, first_row: int, last_row: int
    ) -> dict[object, RowRecord]:
        query = f"{_SELECT} number between ? and ?"
        stored: list[StoredRow] = database.execute(query, (first_row, last_row)).fetchall()
        return {row[0]: self._whole(row) for row in stored}

    def _admit_one(
        self, database: sqlite3.Connection, row: Row, record: RowRecord | None
    ) -> Admitted:
        key = self.hash(str(row.key).encode())
        content = self.hash(row.content if self._path else b"")
        holder = self._holder(database, key)
        admission = admit(row.number, key, content, holder, record)
        if admission == "send":
            outcome = "invalid" if row.problems else None
            values = row.number, key, content, outcome, self._seal(row.number, key, content)
            database.execute("insert or replace into rows values (?, ?, ?, ?, ?)", values)
        return Admitted(row, admission, holder)

    def _holder(self, database: sqlite3.Connection, key: bytes) -> int | None:
        """Return the number of the row that has a key, or None.

        The seal reveals an index that leads to the wrong row.
        """
        stored = database.execute(f"{_SELECT} key = ?", (key,)).fetchone()
        if stored is None:
            return None
        self._whole(stored)
        return cast("int", stored[0])

    async def absent(self, last_row: int) -> int:
        """Count the rows of a checkpoint that an earlier run sent, and that this run no longer has.

        Args:
            last_row: number of the last row of this run. Rows after it are absent, except those
                that were invalid, which were never sent.
        """
        return await self.run(_absent, last_row) if self._path else 0

    async def record(self, outcomes: Sequence[RowOutcome]) -> None:
        """Record outcomes for a later run. A row whose outcome is unknown stays without one."""
        certain = [
            (outcome.outcome, outcome.number)
            for outcome in outcomes
            if outcome.outcome != "unknown"
        ]
        if self._path and certain:
            await self.run(_record, certain)

    async def close(self) -> None:
        """Close the file after the work that is under way.

        A task that is cancelled meanwhile still waits for that.
        """
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


def _text(data: bytes) -> str:
    """Decode a text even if it is damaged, in which case its seal will not fit."""
    return data.decode(errors="replace")


def _absent(database: sqlite3.Connection, last_row: int) -> int:
    query = "select count(*) from rows where number > ? and outcome is not 'invalid'"
    (count,) = database.execute(query, (last_row,)).fetchone()
    return int(count)


def _record(database: sqlite3.Connection, outcomes: Sequence[tuple[OutcomeKind, int]]) -> None:
    database.executemany("update rows set outcome = ? where number = ?", outcomes)
