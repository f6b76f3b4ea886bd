"""Every operation against every fault: what becomes of the call, and how many requests it takes.

What is observed is written down in ``decisions.md``, for a person to judge. To write it anew::

    PYTHONPATH=tests python tests/calls/test_faults.py
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from attrs import field, frozen
from support.faults import FAULTS, ID, Case, FaultServer, fine, fine_and_close, haste, refuse
from support.operations import ENTRIES, OPERATIONS
from timify_customers import (
    AmbiguousWriteError,
    AttemptEvent,
    CallError,
    CallEvent,
    ImportInterruptedError,
    ImportReport,
    TimifyCustomers,
    TimifyError,
)

TABLE = Path(__file__).with_name("decisions.md")
FIRST, SECOND = "crm-0", "crm-1"


NEVER_DONE = {
    name for name in FAULTS if name.startswith(("connection refused", "401", "429", "503, "))
}
"""Faults after which a create may be sent again."""


@frozen
class Column:
    """Calls for which every fault means the same.

    ``before``: good answers that come before the fault.
    """

    calls: dict[str, Callable[[TimifyCustomers], Awaitable[Any]]]
    before: int = 0
    writes: bool = True
    options: dict[str, Any] = field(factory=dict)


def _column(prefix: str, *names: str) -> Column:
    chosen = [name for name in OPERATIONS if name.startswith(prefix) or name in names]
    return Column({name: OPERATIONS[name].call for name in chosen})


def _create(timify: TimifyCustomers) -> Awaitable[Any]:
    return timify.customers.create(ENTRIES, external_id=SECOND)


COLUMNS: dict[str, Column] = {
    "read": _column("list_", "get_customer", "get_customfield", "get_customfield_category"),
    "update": _column("update_"),
    "delete": _column("delete_"),
    "import": _column("import_"),
    "create": _column("create_"),
    "create with key, was done": Column({"create_customer": _create}),
    "create with key, was not": Column({"create_customer": _create}, writes=False),
    "the same, on_lost_answer=repeat": Column(
        {"create_customer": _create}, writes=False, options={"on_lost_answer": "repeat"}
    ),
    "change of key": Column(
        {
            "update_customer": lambda t: t.customers.update(
                ENTRIES, external_id=FIRST, new_external_id=SECOND
            )
        }
    ),
    "delete by key": Column(
        {"delete_customer": lambda t: t.customers.delete(external_id=FIRST)}, before=1
    ),
}
MODES = {"On the first attempt": 1, "On the first two requests": 2, "On every request": None}


@frozen
class Seen:
    """What became of one call.

    ``requests`` as the server saw them, ``attempts`` as the client counted them.
    """

    outcome: str
    attempts: int
    requests: list[str]
    error: BaseException | None

    def __str__(self) -> str:
        return f"{self.outcome} · {self.attempts}"


async def observe(name: str, column: Column, operation: str, times: int | None) -> Seen:
    """Make one call while a server fails in one way, some times or always."""
    case = FAULTS[name]
    refused = case.fault is refuse
    server = FaultServer(
        [fine_and_close if refused else fine] * column.before, writes=column.writes
    )
    if not refused:
        server.script += [case.fault] * (times or 0)
        server.default = fine if times else case.fault
    server.written[FIRST] = {"id": ID, "externalId": FIRST, "fields": []}
    attempts = 0

    def follow(event: AttemptEvent | CallEvent | None) -> None:
        nonlocal attempts
        attempts += isinstance(event, AttemptEvent)
        if refused and not isinstance(event, CallEvent) and attempts == column.before:
            server.refuse()
        if refused and attempts == column.before + (times or 99):
            server.admit()

    async with server, _client(server.url, case, column, follow) as timify:
        follow(None)
        try:
            outcome, error = _done(await column.calls[operation](timify)), None
        except TimifyError as caught:
            outcome, error = _word(caught), caught
    return Seen(outcome, attempts, [it.method for it in server.received], error)


def _client(url: str, case: Case, column: Column, hook: Any) -> TimifyCustomers:
    async def provider() -> str:
        return "token"

    return TimifyCustomers(
        access_token=provider,
        base_url=url,
        timeout=case.timeout,
        deadline=case.deadline,
        retries=2,
        on_event=hook,
        transport=httpx.AsyncHTTPTransport(verify=False),
        **column.options,
    )


def _done(result: object) -> str:
    if isinstance(result, ImportReport):
        return next((name for name in ("rejected", "unknown") if getattr(result, name)), "done")
    return "settled" if getattr(result, "settled", False) else "done"


def _word(error: BaseException) -> str:
    if isinstance(error, ImportInterruptedError):
        assert isinstance(error.__cause__, TimifyError)
        return _word(error.__cause__)
    if isinstance(error, AmbiguousWriteError):
        return "ambiguous, may repeat" if error.safe_to_repeat else "ambiguous"
    return type(error).__name__


async def observe_all() -> dict[str, dict[str, dict[str, list[Seen]]]]:
    """By mode, fault and column: what was seen of each operation of the column.

    The slow ones go first, among themselves, so that nobody's work makes an answer late.
    """
    patient = asyncio.Semaphore(32)
    result: dict[str, dict[str, dict[str, list[Seen]]]] = {}

    async def fill(cell: list[Seen], *args: Any) -> None:
        async with patient:
            cell.append(await observe(*args))

    for slow in (True, False):
        async with asyncio.TaskGroup() as group:
            for mode, name, title in itertools.product(MODES, FAULTS, COLUMNS):
                cell = result.setdefault(mode, {}).setdefault(name, {}).setdefault(title, [])
                if (name in {"stall", "drip"}) is slow:
                    for operation in list(COLUMNS[title].calls)[
                        : 1 if mode == "On the first two requests" else None
                    ]:
                        group.create_task(fill(cell, name, COLUMNS[title], operation, MODES[mode]))
    return result


def render(observed: dict[str, dict[str, dict[str, list[Seen]]]]) -> str:
    """Write the tables."""
    lines = [INTRODUCTION]
    lines += [f"- {title}: {', '.join(column.calls)}" for title, column in COLUMNS.items()]
    for mode, rows in observed.items():
        lines += [
            "",
            f"## {mode}",
            "",
            f"| fault | {' | '.join(COLUMNS)} |",
            "| --- " * (len(COLUMNS) + 1) + "|",
        ]
        for name, cells in rows.items():
            words = (" / ".join(sorted({str(seen) for seen in cell})) for cell in cells.values())
            lines.append(f"| {name} | {' | '.join(words)} |")
    return "\n".join([*lines, ""])


INTRODUCTION = """# What becomes of a call

Observed of every operation over a real socket, with `retries=2` and an access token that can be renewed; a test fails
when a cell is no longer true. A cell says how the call ended and how many requests it made, lookups included:

- `done`
- `settled`: the answer was lost, and a lookup by external id found what was sent
- `ambiguous`: `AmbiguousWriteError`; "may repeat" when it has `safe_to_repeat`
- `rejected`, `unknown`: the import came to its end, with this outcome of its one row
- else the class of the error

"Was done" and "was not" say whether the server did what the lost request asked. A drip is a body that never ends: only
the deadline ends it. The second table was made with the first operation of each column, the others with all.

The columns and their operations:
"""  # noqa: E501 - the text of the table


@pytest.fixture(scope="module", params=["httpx", "httpx2"])
def observed(request: pytest.FixtureRequest) -> dict[str, dict[str, dict[str, list[Seen]]]]:
    with haste(), pytest.MonkeyPatch.context() as patch:
        patch.setenv("TIMIFY_HTTP", request.param)
        return asyncio.run(observe_all())


def test_every_operation_meets_every_fault_as_the_table_says(observed: Any) -> None:
    """17 operations and 5 variants, 39 faults, three lengths of trouble: each cell is as it was
    reviewed.
    """
    assert render(observed).splitlines() == TABLE.read_text("utf-8").splitlines()


def _each(observed: Any) -> Iterator[tuple[str, str, str, Seen]]:
    for mode, rows in observed.items():
        for name, cells in rows.items():
            for title, cell in cells.items():
                yield from ((mode, name, title, seen) for seen in cell)


def test_no_create_is_sent_twice_unless_it_was_not_done(observed: Any) -> None:
    """Whatever the table says: a create goes out once, except after faults that say "not done", or
    when asked to.
    """
    for mode, name, title, seen in _each(observed):
        if title.startswith("create") and name not in NEVER_DONE:
            assert seen.requests.count("POST") <= 1, (mode, name, title)


def test_no_lost_write_is_reported_as_anything_else(observed: Any) -> None:
    """A write that a fault leaves open ends done, settled, ambiguous or unknown; a read is never
    ambiguous.
    """
    clear = {
        *NEVER_DONE,
        "302 to elsewhere",
        "302 to no address",
        "200, a failure in the envelope",
        "400",
        "403",
        "404",
        "409",
        "422",
    }
    for mode, name, title, seen in _each(observed):
        if title == "read":
            assert not isinstance(seen.error, AmbiguousWriteError), (mode, name)
        elif name not in clear:
            assert seen.outcome.startswith(("done", "settled", "ambiguous", "unknown")), (
                mode,
                name,
                title,
                seen,
            )


def test_every_error_says_what_was_called_and_how_often(observed: Any) -> None:
    """Each error of a call is a CallError with operation and attempts, whatever the fault."""
    for mode, name, title, seen in _each(observed):
        error = (
            seen.error.__cause__ if isinstance(seen.error, ImportInterruptedError) else seen.error
        )
        if error is not None:
            assert isinstance(error, CallError), (mode, name, title)
            assert error.operation in OPERATIONS
            assert 1 <= error.attempts <= seen.attempts, (mode, name, title)


if __name__ == "__main__":
    with haste():
        TABLE.write_text(render(asyncio.run(observe_all())), "utf-8")
