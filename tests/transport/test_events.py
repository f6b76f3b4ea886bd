"""What a hook and the log are told."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from typing import Any

import attrs
import pytest
from support.faults import FAULTS, ID, FaultServer, answer, close, haste
from support.operations import ENTRIES, OPERATIONS
from timify_customers import (
    AmbiguousWriteError,
    AttemptEvent,
    CallEvent,
    ClientStateError,
    NotFoundError,
    TimifyCustomers,
    TimifyError,
)

Events = list[AttemptEvent | CallEvent]


@pytest.fixture
async def server() -> AsyncIterator[FaultServer]:
    with haste():
        async with FaultServer() as running:
            yield running


def client(server: FaultServer, hook: Any, **options: Any) -> TimifyCustomers:
    return TimifyCustomers(access_token="x", base_url=server.url, on_event=hook, **options)


async def test_one_record_for_each_attempt_and_one_for_the_call(server: FaultServer) -> None:
    """A call of three attempts: two lost with their delays, one done, and the call with all of
    them.
    """
    events: Events = []
    server.script = [answer(500, {"message": "private"}), close]
    async with client(server, events.append, company_id="5" * 24) as timify:
        await timify.customers.get(ID)
    first, second, third, call = events
    assert isinstance(first, AttemptEvent)
    assert isinstance(second, AttemptEvent)
    assert isinstance(third, AttemptEvent)
    assert isinstance(call, CallEvent)
    assert [(it.attempt, it.status, it.outcome, it.error) for it in (first, second, third)] == [
        (1, 500, "lost", "ServerError"),
        (2, None, "lost", "ConnectionLostError"),
        (3, 200, "done", None),
    ]
    assert first.delay is not None
    assert second.delay is not None
    assert third.delay is None
    assert (call.operation, call.company_id, call.attempts, call.error) == (
        "get_customer",
        "5" * 24,
        3,
        None,
    )
    assert call.duration >= first.duration + second.duration + third.duration


@pytest.mark.parametrize(
    ("name", "outcome"),
    [("401", "unauthorized"), ("404", "refused"), ("429", "not done"), ("stall", "lost")],
)
async def test_outcomes_are_told_in_a_word(server: FaultServer, name: str, outcome: str) -> None:
    """Each way in which an attempt can end has its word."""
    events: Events = []
    server.default = FAULTS[name].fault
    async with client(server, events.append, retries=0, timeout=0.1) as timify:
        with pytest.raises(TimifyError):
            await timify.customers.get(ID)
    assert isinstance(events[0], AttemptEvent)
    assert events[0].outcome == outcome
    assert events[-1].error is not None


@pytest.mark.parametrize("name", OPERATIONS)
async def test_every_operation_is_told_by_its_name(server: FaultServer, name: str) -> None:
    """Each of the 17 operations has one call record under its operationId, and the token request
    its own.
    """
    events: Events = []
    async with TimifyCustomers(
        "app", "secret", base_url=server.url, on_event=events.append
    ) as timify:
        await OPERATIONS[name].call(timify)
    assert [it.operation for it in events if isinstance(it, CallEvent)] == ["create_token", name]


async def test_attempts_have_status_and_request_id(server: FaultServer) -> None:
    """Of each answer that came, also of one that could not be read; None where none came."""
    events: Events = []
    server.script = [
        answer(500, b"", "x-amzn-requestid: r-1"),
        answer(200, b"", "x-amzn-requestid: r-2", "content-encoding: br"),
        answer(200, b"<html>", "x-request-id: r-3"),
        close,
    ]
    async with client(server, events.append) as timify:
        await timify.customers.get(ID)
    attempts = [(it.status, it.request_id) for it in events if isinstance(it, AttemptEvent)]
    assert attempts == [(500, "r-1"), (200, "r-2"), (200, "r-3"), (None, None), (200, None)]


async def test_the_call_tells_how_it_ended(server: FaultServer) -> None:
    """Errors by their class, an answer that was lost, and a cancelled call."""
    events: Events = []
    server.script = [answer(404), close, answer(404), answer(404)]
    async with client(server, events.append) as timify:
        with pytest.raises(NotFoundError):
            await timify.customers.get(ID)
        with pytest.raises(AmbiguousWriteError):
            await timify.customers.create(ENTRIES, external_id="crm-1")
        call = asyncio.create_task(timify.customers.get(ID))
        await asyncio.sleep(0)
        call.cancel()
        await asyncio.gather(call, return_exceptions=True)
    ends = [it.error for it in events if isinstance(it, CallEvent)]
    assert ends == [
        "NotFoundError",
        "ConnectionLostError",
        "NotFoundError",
        "NotFoundError",
        "cancelled",
    ]


async def test_records_are_frozen_and_hold_no_body(server: FaultServer) -> None:
    """No hook can change what another sees, and nothing of what was sent or answered is in
    there.
    """
    events: Events = []
    server.script = [answer(500, {"message": "private answer"}), answer(500, b"<html>private page")]
    async with client(server, events.append) as timify:
        await timify.customers.update(
            [{"id": "x", "value": "private value"}], external_id="private-key"
        )
    assert len(events) == 4
    for event in events:
        assert "private" not in repr(event)
        for name in attrs.asdict(event):
            with pytest.raises(attrs.exceptions.FrozenInstanceError):
                setattr(event, name, None)


@pytest.mark.parametrize(
    "trouble", [ValueError("x"), KeyError(), ClientStateError("x"), AssertionError()], ids=repr
)
async def test_a_hook_that_raises_harms_nothing(
    server: FaultServer, trouble: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    """The call goes on, in success and failure, and the log tells of the hook."""

    def hook(_: object) -> None:
        raise trouble

    server.script = [answer(500)]
    async with client(server, hook) as timify:
        assert (await timify.customers.get(ID)).id == ID
        server.script = [answer(404)]
        with pytest.raises(NotFoundError):
            await timify.customers.get(ID)
    assert "the on_event hook failed" in caplog.text


async def test_the_log_has_a_line_for_each_call_and_repetition(
    server: FaultServer, caplog: pytest.LogCaptureFixture
) -> None:
    """DEBUG for a call, INFO for a repetition, without bodies, keys or values."""
    caplog.set_level(logging.DEBUG, logger="timify_customers")
    server.script = [answer(429, {"message": "private"}), close]
    async with client(server, None) as timify:
        await timify.customers.update([{"id": "x", "value": "private"}], external_id="private")
    records = [it for it in caplog.records if it.name == "timify_customers"]
    assert [it.levelname for it in records] == ["INFO", "INFO", "DEBUG"]
    lines = [it.getMessage() for it in records]
    assert lines[0].startswith("update_customer: attempt 1 not done, again in 0.")
    assert lines[0].endswith("s: RateLimitError, HTTP 429")
    assert lines[1].endswith("s: ConnectionLostError")
    assert lines[2].startswith("update_customer: done after 3 attempts, ")
    assert "private" not in "".join(lines)


async def test_the_log_is_silent_by_default(
    server: FaultServer, caplog: pytest.LogCaptureFixture
) -> None:
    """At WARNING nothing is logged of calls that succeed in the end or fail."""
    server.script = [answer(500), answer(429), answer(404)]
    async with client(server, None) as timify:
        with pytest.raises(NotFoundError):
            await timify.customers.get(ID)
    assert not [
        it
        for it in caplog.records
        if it.name == "timify_customers" and it.levelno >= logging.WARNING
    ]
