"""The worker empties an outbox without losing or doubling a change."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from timify_customers import TimifyCustomers
from timify_customers.sandbox import Sandbox

SCRIPT = Path(__file__).parents[2] / "examples" / "worker" / "worker.py"


@pytest.fixture
def outbox(worker: ModuleType, database: sqlite3.Connection) -> sqlite3.Connection:
    database.execute(worker.TABLE)
    return database


def states(database: sqlite3.Connection) -> list[tuple[str, str]]:
    return database.execute("SELECT key, state FROM outbox ORDER BY number").fetchall()


async def run_until_idle(worker: ModuleType, timify: Any, database: sqlite3.Connection) -> None:
    """Let the worker work until nothing is due."""
    stop = asyncio.Event()
    task = asyncio.create_task(worker.work(timify, database, stop, pause=0.01))
    for _ in range(500):
        await asyncio.sleep(0.01)
        if not worker.due(database):
            break
    stop.set()
    await task


async def test_changes_arrive_in_order(
    worker: ModuleType, timify: TimifyCustomers, timify_sandbox: Sandbox, outbox: sqlite3.Connection
) -> None:
    """The first change of a key creates the customer, the others update it, the last stands."""
    for key in ("a", "b"):
        for name in ("Ada", "Beth", "Cleo"):
            worker.put(outbox, key, {"firstName": name})
    assert [change.number for change in worker.due(outbox)] == [1, 4]  # one of each key at a time
    await run_until_idle(worker, timify, outbox)
    assert {state for _, state in states(outbox)} == {"done"}
    assert len(timify_sandbox.company().customers) == 2
    for key in ("a", "b"):
        assert (await timify.customers.get(external_id=key)).first_name == "Cleo"


async def test_a_lost_answer_makes_no_second_customer(
    worker: ModuleType, timify: TimifyCustomers, timify_sandbox: Sandbox, outbox: sqlite3.Connection
) -> None:
    """A create whose answer is lost is done once."""
    timify_sandbox.fail("create_customer", "cut_after")
    worker.put(outbox, "a", {"firstName": "Ada"})
    await run_until_idle(worker, timify, outbox)
    assert states(outbox) == [("a", "done")]
    assert len(timify_sandbox.company().customers) == 1


async def test_what_can_never_succeed_is_set_aside(
    worker: ModuleType, timify: TimifyCustomers, outbox: sqlite3.Connection
) -> None:
    """A field that does not exist is a problem of that row; the others go on."""
    worker.put(outbox, "a", {"fristName": "Ada"})
    worker.put(outbox, "b", {"firstName": "Beth"})
    await run_until_idle(worker, timify, outbox)
    assert states(outbox) == [("a", "set aside"), ("b", "done")]
    (problem,) = outbox.execute("SELECT problem FROM outbox WHERE key = 'a'").fetchone()
    assert "fristName" in problem


async def test_what_failed_is_tried_again_later(
    worker: ModuleType, timify: TimifyCustomers, timify_sandbox: Sandbox, outbox: sqlite3.Connection
) -> None:
    """A failure of the API leaves the row waiting, due after a pause."""
    timify_sandbox.fail("update_customer", status=500)
    worker.put(outbox, "a", {"firstName": "Ada"})
    await run_until_idle(worker, timify.with_options(retries=0), outbox)
    assert states(outbox) == [("a", "waiting")]
    assert worker.due(outbox) == []
    outbox.execute("UPDATE outbox SET due = 0")
    await run_until_idle(worker, timify, outbox)
    assert states(outbox) == [("a", "done")]


def test_a_signal_ends_it_with_all_that_was_taken_done(
    worker: ModuleType, timify_env: dict[str, str], timify_sandbox: Sandbox, tmp_path: Path
) -> None:
    """SIGTERM ends the program with code 0; what it has sent is marked as done."""
    path = tmp_path / "shop.sqlite"
    with closing(sqlite3.connect(path)) as database:
        database.execute(worker.TABLE)
        for number in range(20):
            worker.put(database, f"crm-{number}", {"firstName": "Ada"})
        database.commit()
        process = subprocess.Popen(
            [sys.executable, "-P", SCRIPT, path], env=os.environ | timify_env
        )
        for _ in range(600):
            if ("crm-0", "done") in states(database):
                break
            time.sleep(0.05)
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
        done = [key for key, state in states(database) if state == "done"]
    kept = {customer.external_id for customer in timify_sandbox.company().customers.values()}
    assert set(done) == kept
    assert done
