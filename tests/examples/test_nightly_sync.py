"""The nightly sync keeps a table in step, whatever happens between two runs."""

from __future__ import annotations

import datetime
import os
import sqlite3
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest
from timify_customers import ServerError, TimifyCustomers
from timify_customers.sandbox import Behaviour, Sandbox

SCRIPT = Path(__file__).parents[2] / "examples" / "nightly_sync.py"
YEAR = 365 * 24 * 3600


def names(database: sqlite3.Connection) -> list[str]:
    return [row[0] for row in database.execute("SELECT name FROM customers ORDER BY name")]


def listed(sandbox: Sandbox) -> list[dict[str, str]]:
    """The queries of the lists that were read since the last look."""
    queries = [dict(it.query) for it in sandbox.requests if it.operation == "list_customers"]
    sandbox.requests.clear()
    return queries


async def test_first_everybody_then_who_changed(
    nightly_sync: ModuleType,
    timify: TimifyCustomers,
    timify_sandbox: Sandbox,
    database: sqlite3.Connection,
) -> None:
    """The first run reads all; the next asks from the day before the first."""
    timify_sandbox.add_customers([{"firstName": "Ada"}, {"firstName": "Grace"}])
    assert await nightly_sync.sync(timify, database) == (2, 0)
    assert all("updated_since" not in query for query in listed(timify_sandbox))

    timify_sandbox.add_customers([{"firstName": "Mary"}])
    written, removed = await nightly_sync.sync(timify, database)
    assert (written, removed, names(database)) == (3, 0, ["Ada", "Grace", "Mary"])
    yesterday = datetime.datetime.now(datetime.UTC).date() - datetime.timedelta(days=1)
    assert listed(timify_sandbox)[0]["updated_since"] == yesterday.isoformat()


async def test_who_did_not_change_is_not_read_again(
    nightly_sync: ModuleType,
    timify: TimifyCustomers,
    timify_sandbox: Sandbox,
    database: sqlite3.Connection,
) -> None:
    """A customer who was last changed long ago is not among the changes."""
    timify_sandbox.add_customers([{"firstName": "Ada", "updatedAt": "2020-01-01T00:00:00Z"}])
    assert await nightly_sync.sync(timify, database) == (1, 0)
    timify_sandbox.add_customers([{"firstName": "Grace"}])
    assert await nightly_sync.sync(timify, database) == (1, 0)


async def test_a_run_that_broke_off_goes_on(
    nightly_sync: ModuleType,
    timify: TimifyCustomers,
    timify_sandbox: Sandbox,
    database: sqlite3.Connection,
) -> None:
    """After a failure on the second page, the next run begins there, and nobody is missing."""
    timify_sandbox.add_customers([{"firstName": f"Ada {number:03d}"} for number in range(30)])
    view = timify.with_options(page_size=10, retries=0)
    timify_sandbox.fail("list_customers", status=500, skip=1)
    with pytest.raises(ServerError):
        await nightly_sync.sync(view, database)
    assert len(names(database)) == 10
    listed(timify_sandbox)
    written, _ = await nightly_sync.sync(view, database)
    assert written == 20
    assert len(names(database)) == 30
    assert nightly_sync.progress(database).cursor is None


async def test_an_api_that_ignores_the_filter_is_read_whole(
    nightly_sync: ModuleType, database: sqlite3.Connection
) -> None:
    """When old rows come in spite of the filter, everybody is read, and nobody is missed."""
    sandbox = Sandbox(behaviour=Behaviour(ignored_filters="all"))
    sandbox.add_customers([{"firstName": "Ada", "updatedAt": "2020-01-01T00:00:00Z"}])
    async with sandbox.client() as timify:
        await nightly_sync.sync(timify, database)
        sandbox.add_customers([{"firstName": "Grace", "updatedAt": "2020-01-01T00:00:00Z"}])
        await nightly_sync.sync(timify, database)
    assert names(database) == ["Ada", "Grace"]


async def test_deletions_are_noticed_and_nobody_else_is_removed(
    nightly_sync: ModuleType,
    timify: TimifyCustomers,
    timify_sandbox: Sandbox,
    database: sqlite3.Connection,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Who is gone is removed; who is only missing from a list is asked for, and stays."""
    ada, _ = timify_sandbox.add_customers([{"firstName": "Ada"}, {"firstName": "Grace"}])
    await nightly_sync.sync(timify, database)
    await timify.customers.delete(ada.id)
    database.execute("INSERT INTO customers VALUES (?, '', 'Nobody', '')", ("0" * 24,))
    assert await nightly_sync.sync(timify, database) == (1, 2)
    assert names(database) == ["Grace"]

    async def there(*_: object) -> bool:
        return False

    monkeypatch.setattr(nightly_sync, "is_gone", there)
    timify_sandbox.company().customers.clear()
    assert (await nightly_sync.sync(timify, database))[1] == 0
    assert names(database) == ["Grace"]


async def test_a_list_that_never_rests_ends_the_run_with_a_sentence(
    nightly_sync: ModuleType, timify_sandbox: Sandbox, database: sqlite3.Connection
) -> None:
    """When each reading shows a sign of change, the run ends and the bookmark stays."""
    timify_sandbox.add_customers([{"firstName": f"Ada {number:03d}"} for number in range(30)])

    def somebody_comes(_: object) -> None:
        timify_sandbox.add_customers([{"firstName": "Zed"}])

    async with timify_sandbox.client(page_size=10, on_event=somebody_comes) as timify:
        with pytest.raises(RuntimeError, match="run again later"):
            await nightly_sync.sync(timify, database)
    assert nightly_sync.progress(database).since is None


def test_it_runs_as_a_program(
    timify_env: dict[str, str], timify_sandbox: Sandbox, tmp_path: Path
) -> None:
    """As its users start it: a file and the environment."""
    timify_sandbox.add_customers([{"firstName": "Ada"}])
    for expected in ("1 written, 0 removed\n", "1 written, 0 removed\n"):
        done = subprocess.run(
            [sys.executable, "-P", SCRIPT, tmp_path / "customers.sqlite"],
            env=os.environ | timify_env,
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
        assert done.stdout == expected
