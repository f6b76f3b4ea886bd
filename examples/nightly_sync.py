"""Keeps a table of customers in step with TIMIFY: run it every night.

``python nightly_sync.py customers.sqlite`` reads who changed since the last run, and goes on where
a run that broke off had stopped. Then it looks for customers who are gone. What is written
together is committed together, so a crash at any moment costs work, and never a change.
"""

import asyncio
import sqlite3
import sys
from collections.abc import Sequence
from contextlib import aclosing, closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final, NamedTuple

from timify_customers import (
    ArgumentError,
    Customer,
    FilterIgnoredError,
    ListChangedError,
    NotFoundError,
    Pager,
    TimifyCustomers,
)

TABLES: Final = """
CREATE TABLE IF NOT EXISTS customers (id TEXT PRIMARY KEY, key TEXT, name TEXT, email TEXT);
CREATE TABLE IF NOT EXISTS progress (one INTEGER PRIMARY KEY, since TEXT, began TEXT, cursor TEXT);
INSERT OR IGNORE INTO progress VALUES (1, NULL, NULL, NULL);
"""
OVERLAP: Final = timedelta(days=1)
"""How long before the last run to ask from: the API takes days, of a time zone not known."""
READINGS: Final = 3
"""How often a list that changes while it is read is begun again."""


class Progress(NamedTuple):
    """How far the table is: it has all changes up to ``since``.

    ``began`` is the day on which a run began that is not done, and ``cursor`` how far it came.
    """

    since: str | None
    began: str | None
    cursor: str | None


async def sync(timify: TimifyCustomers, database: sqlite3.Connection) -> tuple[int, int]:
    """Bring the table up to date; returns how many customers were written and how many removed."""
    database.executescript(TABLES)
    written = await take_changes(timify, database)
    return written, await remove_gone(timify, database)


async def take_changes(timify: TimifyCustomers, database: sqlite3.Connection) -> int:
    """Write who changed since the last run, page by page."""
    written = 0
    for _ in range(READINGS):
        try:
            written += await take_pages(changed(timify, progress(database)), database)
        except (ListChangedError, ArgumentError):  # rows moved, or the cursor is of another list
            save(database, [], progress(database)._replace(cursor=None))
        except FilterIgnoredError:  # so there is no short cut: read everybody
            save(database, [], Progress(None, None, None))
        else:
            finished = progress(database)
            save(database, [], Progress(finished.began, None, None))
            return written
    raise RuntimeError(f"the list changed during each of {READINGS} readings; run again later")


def changed(timify: TimifyCustomers, at: Progress) -> Pager[Customer]:
    """List who changed, from where the last run stopped."""
    if at.since is None:
        return timify.customers.list(cursor=at.cursor, on_shift="raise")
    day = date.fromisoformat(at.since) - OVERLAP
    return timify.customers.list(updated_since=day, cursor=at.cursor, on_shift="raise")


async def take_pages(pager: Pager[Customer], database: sqlite3.Connection) -> int:
    """Write each page together with the cursor behind it."""
    began = progress(database).began or datetime.now(UTC).date().isoformat()
    save(database, [], progress(database)._replace(began=began))
    written = 0
    async with aclosing(pager.pages()) as pages:
        async for page in pages:
            save(database, page.items, progress(database)._replace(cursor=pager.cursor))
            written += len(page.items)
    return written


async def remove_gone(timify: TimifyCustomers, database: sqlite3.Connection) -> int:
    """Remove who is gone. A list may miss somebody, so each is asked for before."""
    listed = {customer.id async for customer in timify.customers.list(on_shift="rescan")}
    stored = {row[0] for row in database.execute("SELECT id FROM customers")}
    gone = [customer_id for customer_id in stored - listed if await is_gone(timify, customer_id)]
    with database:
        database.executemany("DELETE FROM customers WHERE id = ?", [(gone_id,) for gone_id in gone])
    return len(gone)


async def is_gone(timify: TimifyCustomers, customer_id: str) -> bool:
    """Ask for one customer."""
    try:
        await timify.customers.get(customer_id)
    except NotFoundError:
        return True
    return False


def progress(database: sqlite3.Connection) -> Progress:
    """Read how far the table is."""
    return Progress(*database.execute("SELECT since, began, cursor FROM progress").fetchone())


def save(database: sqlite3.Connection, customers: Sequence[Customer], at: Progress) -> None:
    """Write customers and progress in one transaction."""
    rows = [
        (customer.id, customer.external_id, customer.full_name, customer.email)
        for customer in customers
    ]
    with database:
        database.executemany("REPLACE INTO customers VALUES (?, ?, ?, ?)", rows)
        database.execute("UPDATE progress SET since = ?, began = ?, cursor = ?", at)


async def main(path: Path) -> None:
    """Sync the table of a database file."""
    with closing(sqlite3.connect(path)) as database:
        async with TimifyCustomers.from_env() as timify:
            written, removed = await sync(timify, database)
    print(f"{written:,} written, {removed:,} removed")


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
