"""What an import must remember of its rows, in SQLite.

The database is a temporary file, or the checkpoint that a caller names. Of each row it holds the
number, hashes of its key and content, and the outcome; no personal data. The hashes are keyed with
a random salt that lies in the file: two files cannot be compared, and no table made beforehand
helps. But whoever has the file can try out keys and whole rows, and so confirm one that can be
guessed.

A checkpoint is locked while it is used, and the lock ends with the process. What was committed
outlives the process; after a power failure the last outcomes may be missing, and their rows are
sent again.

A damaged checkpoint must neither make an import skip a row nor accuse the input of having changed.
SQLite's own check sees the structure of a file, not the values in it. So each row, and the salt,
has a seal: a hash of what stands there. When a bit in the hash of a key is flipped, the seal does
not fit: this is damage, and not a row of another input. The outcome changes later and is not under
the seal; a flipped bit makes no other outcome of a word.
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
"""What becomes of a row that was read: the outcome that it has already, or one of these."""
StoredRow = tuple[object, object, object, object, object]
"""A row as it stands in the file, which may be damaged: number, key, content, outcome and seal."""


class RowRecord(NamedTuple):
    """What a run noted of a row: hashes of its key and content, and the outcome once it has one."""

    key: bytes
    content: bytes
    outcome: OutcomeKind | None


class Admitted(NamedTuple):
    """A row, what becomes of it, and the number of the row that has its key."""

    row: Row
    admission: Admission
    holder: int | None = None


_FORMAT: Final = 0x74696D32
"""SQLite's application_id of a checkpoint; changes with the tables."""
_TABLES: Final = (
    "CREATE TABLE meta (salt blob, fingerprint blob, seal blob)",
    (
        "CREATE TABLE rows "
        "(number integer primary key, key blob unique, content blob, outcome, seal blob)"
    ),
)
"""Word for word as SQLite keeps them, so that they can be compared."""
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
    was taken must be as it was. One that is still open, was invalid or was rejected may have been
    corrected. Examples, where the checkpoint has row 2 with key b and content B::

        row 2 is now    outcome in the checkpoint   what becomes of it
        b, B            accepted                    accepted: it is not sent again
        b, B            none                        sent: no response to it was noted
        b, other        rejected                    sent: it was corrected
        b, other        accepted                    CheckpointError: it was taken with content B
        c, B            accepted                    CheckpointError: row 2 had another key
        c, B            invalid                     sent: it was never sent, so its key may change

    Args:
        number: the row's.
        key: hash of its key.
        content: hash of the row.
        holder: the number under which the store has the key.
        record: what the store has under the row's own number.

    Raises:
        CheckpointError: the checkpoint is of another input.
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

        No cursor may come out of it: it would end elsewhere.
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
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # the rest of it are details
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
            what = "is a database, but not the checkpoint of an import, or a damaged one"
            raise CheckpointError(f"{self._path} {what}. {_ADVICE}")
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
        """Go on with the salt of a checkpoint that is whole, and of this company and key column."""
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
        """Hash what stands in the file side by side, of whatever types it is."""
        return self.hash(repr(values).encode())[:8]

    def _whole(self, stored: StoredRow) -> RowRecord:
        """Return the record of a row. Raises CheckpointError for one that is damaged."""
        number, key, content, outcome, seal = stored
        if seal != self._seal(number, key, content) or outcome not in _RECORDED:
            raise self._damaged()
        return RowRecord(
            cast("bytes", key), cast("bytes", content), cast("OutcomeKind | None", outcome)
        )

    async def admit(self, rows: Sequence[Row]) -> list[Admitted]:
        """Decide what becomes of rows that have keys, and record those that are new."""
        return await self.run(self._admit, rows) if rows else []

    def _admit(self, database: sqlite3.Connection, rows: Sequence[Row]) -> list[Admitted]:
        records = self._records(database, rows[0].number, rows[-1].number)
        return [self._admit_one(database, row, records.get(row.number)) for row in rows]

    def _records(
        self, database: sqlite3.Connection, first: int, last: int
    ) -> dict[object, RowRecord]:
        query = f"{_SELECT} number between ? and ?"
        stored: list[StoredRow] = database.execute(query, (first, last)).fetchall()
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
        """Find the number of the row that has a key.

        The seal shows when the index leads to another row.
        """
        stored = database.execute(f"{_SELECT} key = ?", (key,)).fetchone()
        if stored is None:
            return None
        self._whole(stored)
        return cast("int", stored[0])

    async def absent(self, last_row: int) -> int:
        """Count the rows of a checkpoint that an earlier run sent, and that this run no longer has.

        Args:
            last_row: number of the last row that there is. Rows behind it are absent, but for those
                that were invalid: they were never sent, so nobody need miss them.
        """
        return await self.run(_absent, last_row) if self._path else 0

    async def record(self, outcomes: Sequence[RowOutcome]) -> None:
        """Note outcomes for a later run. A row whose outcome is unknown stays open."""
        certain = [
            (outcome.outcome, outcome.number)
            for outcome in outcomes
            if outcome.outcome != "unknown"
        ]
        if self._path and certain:
            await self.run(_record, certain)

    async def close(self) -> None:
        """Free the file, after the work that is under way.

        A task that is cancelled meanwhile waits for it all the same.
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
    """Read a text, even one that is damaged: it fits nothing, and is found out by that."""
    return data.decode(errors="replace")


def _absent(database: sqlite3.Connection, last_row: int) -> int:
    query = "select count(*) from rows where number > ? and outcome is not 'invalid'"
    (count,) = database.execute(query, (last_row,)).fetchone()
    return int(count)


def _record(database: sqlite3.Connection, outcomes: Sequence[tuple[OutcomeKind, int]]) -> None:
    database.executemany("update rows set outcome = ? where number = ?", outcomes)
