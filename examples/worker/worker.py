"""Sends changes that a program wrote into an outbox: none is lost, and none makes two customers.

The program writes a row into the table ``outbox`` in the same transaction as its own data, by
`put`. ``python worker.py shop.sqlite`` sends the rows, several at a time, until it is stopped by
SIGTERM or Ctrl-C; what is under way is finished first. A row is done when TIMIFY has answered so. A
row that can never succeed is set aside with its problem; any other is tried again later.
"""

import asyncio
import json
import signal
import sqlite3
import sys
import time
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Final, NamedTuple

from timify_customers import (
    AmbiguousWriteError,
    ArgumentError,
    BadRequestError,
    ConflictError,
    NotFoundError,
    TimifyCustomers,
    TimifyError,
    UnprocessableError,
)

TABLE: Final = """
CREATE TABLE IF NOT EXISTS outbox (
    number INTEGER PRIMARY KEY, key TEXT NOT NULL, fields TEXT NOT NULL,
    due REAL NOT NULL DEFAULT 0, attempts INTEGER NOT NULL DEFAULT 0,
    state TEXT NOT NULL DEFAULT 'waiting', problem TEXT
)
"""
NEXT: Final = """
SELECT number, key, fields, attempts FROM outbox AS mine WHERE state = 'waiting' AND due <= ?
AND number = (SELECT min(number) FROM outbox WHERE key = mine.key AND state = 'waiting')
ORDER BY number LIMIT ?
"""
"""The oldest row of each key, since two changes of one customer must keep their order."""
AT_ONCE: Final = 8
HOPELESS: Final = (ArgumentError, BadRequestError, ConflictError, UnprocessableError)
LONGEST_PAUSE: Final = 3600.0  # seconds


class Change(NamedTuple):
    """A row of the outbox."""

    number: int
    key: str
    fields: str
    attempts: int


def put(database: sqlite3.Connection, key: str, fields: Mapping[str, str | None]) -> None:
    """Add a change of the customer with a key of yours; commit it together with your own data."""
    database.execute("INSERT INTO outbox (key, fields) VALUES (?, ?)", (key, json.dumps(fields)))


async def work(
    timify: TimifyCustomers, database: sqlite3.Connection, stop: asyncio.Event, pause: float = 1.0
) -> None:
    """Send what is due until `stop` is set; look again after `pause` seconds when nothing is."""
    while not stop.is_set():
        changes = due(database)
        async with asyncio.TaskGroup() as group:
            for change in changes:
                group.create_task(settle(timify, database, change))
        if not changes:
            await wait(stop, pause)


def due(database: sqlite3.Connection) -> list[Change]:
    """Read the next rows."""
    return [Change(*row) for row in database.execute(NEXT, (time.time(), AT_ONCE))]


async def settle(timify: TimifyCustomers, database: sqlite3.Connection, change: Change) -> None:
    """Send one change, and note what became of it."""
    try:
        await send(timify, change.key, json.loads(change.fields))
    except HOPELESS as error:
        note(database, change, "set aside", str(error))
    except AmbiguousWriteError as error:
        state = "waiting" if error.safe_to_repeat else "set aside"
        note(database, change, state, str(error))
    except TimifyError as error:
        note(database, change, "waiting", str(error))
    else:
        note(database, change, "done", None)


async def send(timify: TimifyCustomers, key: str, fields: Mapping[str, str | None]) -> None:
    """Update the customer, or create it when there is none."""
    try:
        await timify.customers.update(fields, external_id=key)
    except NotFoundError:
        await timify.customers.create(fields, external_id=key)


def note(database: sqlite3.Connection, change: Change, state: str, problem: str | None) -> None:
    """Write down what became of a change; one that waits is due later each time."""
    later = time.time() + min(2.0**change.attempts, LONGEST_PAUSE)
    with database:
        database.execute(
            "UPDATE outbox SET state = ?, problem = ?, attempts = attempts + 1, due = ? "
            "WHERE number = ?",
            (state, problem, later, change.number),
        )


async def wait(stop: asyncio.Event, seconds: float) -> None:
    """Wait, but not after `stop` is set."""
    try:
        async with asyncio.timeout(seconds):
            await stop.wait()
    except TimeoutError:
        return


async def main(path: Path) -> None:
    """Work on the outbox of a database file until SIGTERM or Ctrl-C."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    with closing(sqlite3.connect(path)) as database:
        database.execute(TABLE)
        async with TimifyCustomers.from_env() as timify:
            await work(timify, database, stop)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
