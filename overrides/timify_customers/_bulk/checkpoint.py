"""What an import must remember of its rows, in SQLite: a temporary file, or the checkpoint that a
caller names.

Of each row it holds the number, hashes of its key and content, and the outcome; no personal data.
The hashes are keyed with a random salt that lies in the file: two files cannot be compared, and no
table made beforehand helps. But who has the file can try out keys and whole rows, so one that can
be guessed can be confirmed.

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
from typing import Final, Literal, TypeVar, cast

from .._base.errors import CheckpointError
from .._base.reports import OutcomeKind, RowOutcome
from .rows import Row

T = TypeVar("T")
Verdict = OutcomeKind | Literal["send", "duplicate"]
Stored = tuple[object, object, object, object, object]
"""A row as it stands in the file, which may be damaged: number, key, content, outcome and seal."""
Known = tuple[bytes, bytes, OutcomeKind | None]
"""Hash of the key, hash of the content, and the outcome once there is one."""
Admitted = list[tuple[Row, Verdict, int | None]]
"""Rows, what becomes of them, and the number of the row that has their key."""

_FORMAT: Final = 0x74696D32
"""SQLite's application_id of a checkpoint; changes with the tables."""
_TABLES: Final = (
    "CREATE TABLE meta (salt blob, fingerprint blob, seal blob)",
    "CREATE TABLE rows (number integer primary key, key blob unique, content blob, outcome, seal blob)",
)
"""As SQLite keeps them, so that they can be compared."""
_SALT_SIZE: Final = 32
_TAKEN: Final = frozenset({"created", "updated", "accepted"})
_NOTED: Final = _TAKEN | {"rejected", "invalid", None}
_SELECT: Final = "select number, key, content, outcome, seal from rows where"
_ADVICE: Final = "Name a new checkpoint: importing all rows again is safe by key"


def admit(
    number: int, key: bytes, content: bytes, holder: int | None, known: Known | None
) -> Verdict:
    """Decide whether a row is sent, is a duplicate, or has its outcome already.

    A checkpoint belongs to one input, whose rows have the same keys in the same places. What was
    taken must be as it was; a row that is still open, was invalid or was rejected may have been
    corrected.

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
    old_key, old_content, outcome = (
        known if known and known[2] != "invalid" else (key, content, None)
    )
    if (
        holder not in {None, number}
        or old_key != key
        or (old_content != content and outcome in _TAKEN)
    ):
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
        except sqlite3.Error as error:
            raise self._unusable(error) from None

    def _unusable(self, error: sqlite3.Error) -> CheckpointError:
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

    def _known(self, stored: Stored) -> Known:
        """Give a row that is whole. Raises CheckpointError for one that is damaged."""
        number, key, content, outcome, seal = stored
        if seal != self._seal(number, key, content) or outcome not in _NOTED:
            raise self._damaged()
        return cast("Known", (key, content, outcome))

    async def admit(self, rows: Sequence[Row]) -> Admitted:
        """Decide what becomes of rows that have keys, and note those that are new."""
        return await self.run(self._admit, rows) if rows else []

    def _admit(self, database: sqlite3.Connection, rows: Sequence[Row]) -> Admitted:
        span = rows[0].number, rows[-1].number
        stored: list[Stored] = database.execute(
            f"{_SELECT} number between ? and ?", span
        ).fetchall()
        known = {row[0]: self._known(row) for row in stored}
        result: Admitted = []
        for row in rows:
            key, content = (
                self.hash(str(row.key).encode()),
                self.hash(row.content if self._path else b""),
            )
            holder = self._holder(database, key)
            verdict = admit(row.number, key, content, holder, known.get(row.number))
            if verdict == "send":
                outcome, seal = (
                    "invalid" if row.problems else None,
                    self._seal(row.number, key, content),
                )
                values = row.number, key, content, outcome, seal
                database.execute("insert or replace into rows values (?, ?, ?, ?, ?)", values)
            result.append((row, verdict, holder))
        return result

    def _holder(self, database: sqlite3.Connection, key: bytes) -> int | None:
        """Find the number of the row that has a key.

        The seal shows when the index leads to another row.
        """
        stored = database.execute(f"{_SELECT} key = ?", (key,)).fetchone()
        if stored is None:
            return None
        self._known(stored)
        return cast("int", stored[0])

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


def _text(data: bytes) -> str:
    """Read a text, even one that is damaged: it fits nothing, and is found out by that."""
    return data.decode(errors="replace")


def _settle(database: sqlite3.Connection, known: Sequence[tuple[OutcomeKind, int]]) -> None:
    database.executemany("update rows set outcome = ? where number = ?", known)
