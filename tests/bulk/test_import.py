"""The import, over an API in process that answers as each test says."""

from __future__ import annotations

import asyncio
import gc
import inspect
import math
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any, get_type_hints

import httpx
import pytest
from bulk.api import Api, client, keyed, no_waiting, plain, refuse
from hypothesis import given
from hypothesis import strategies as st
from timify_customers import (
    AccessDeniedError,
    AmbiguousWriteError,
    ArgumentError,
    ArgumentTypeError,
    AuthenticationError,
    ClientStateError,
    ConnectError,
    ImportInterruptedError,
    ImportReport,
    ImportRun,
    RateLimitError,
    RowOutcome,
    TimifyError,
)
from timify_customers._bulk import sending
from timify_customers._bulk.rows import Row
from timify_customers._resources.customers import Customers


@pytest.fixture(autouse=True)
def _no_waiting() -> Iterator[None]:
    with no_waiting():
        yield


async def watch(run: Any) -> dict[int, RowOutcome]:
    """Run an import to its end; return the outcome of each row, by number."""
    outcomes = [outcome async for outcome in run]
    assert len({outcome.number for outcome in outcomes}) == len(outcomes) == run.report.rows
    return {outcome.number: outcome for outcome in outcomes}


async def until(holds: Callable[[], bool]) -> None:
    """Let the loop turn until something holds, for ten seconds at most."""
    for _ in range(10_000):
        if holds():
            return
        await asyncio.sleep(0.001)
    pytest.fail("it never came about")


# Rows.


async def test_columns_become_what_they_are() -> None:
    """Key, id and external id are what they say, every other column is a custom field by name."""
    api = Api()
    row = {"crm": "k1", "id": "5" * 24, "externalId": "x", "firstName": "Ada", "birthday": None}
    async with client(api) as timify:
        await timify.customers.import_many([row], key="crm")
        await timify.customers.import_many([{"externalId": "x"}], key="externalId")
    values = [{"id": "f-firstName", "value": "Ada"}, {"id": "f-birthday", "value": ""}]
    sent = {"importCustomerId": "k1", "id": "5" * 24, "externalId": "x", "customfields": values}
    assert api.requests == [[sent], [{"importCustomerId": "x", "externalId": "x"}]]


INVALID: dict[str, tuple[Any, list[tuple[str | None, str]]]] = {
    "no mapping": (["k"], [(None, "a row is a mapping, not list")]),
    "no key": ({"firstName": "x"}, [("key", "the row has no key: 'key' must be a string")]),
    "blank key": ({"key": " "}, [("key", "not blank")]),
    "key of another type": ({"key": 7}, [("key", "must be a string")]),
    "key that cannot be sent": ({"key": "\ud800"}, [("key", "surrogate")]),
    "id": ({"key": "k", "id": ".."}, [("id", "must not be '..'")]),
    "external id": ({"key": "k", "externalId": 5}, [("externalId", "must be a string, not int")]),
    "unknown field": ({"key": "k", "nickname": "x"}, [("nickname", "nickname")]),
    "extra cells": ({"key": "k", None: ["x"]}, [("None", "named by a string")]),
    "all at once": (
        {"email": "no", "birthday": "1815-13-01", "id": 5},
        [
            ("key", "no key"),
            ("id", "a string"),
            ("email", "'no' is not an email"),
            ("birthday", "not a date"),
        ],
    ),
}


@pytest.mark.parametrize(("row", "problems"), INVALID.values(), ids=INVALID)
async def test_a_row_that_is_not_valid_is_not_sent(
    row: Any, problems: list[tuple[str | None, str]]
) -> None:
    """Everything that is wrong with a row is said at once, with its number, column and reason; the
    rest goes on.
    """
    api = Api()
    async with client(api) as timify:
        outcomes = await watch(
            run := timify.customers.import_many([{"key": "a"}, row, {"key": "b"}], key="key")
        )
    assert [outcomes[number].outcome for number in (1, 2, 3)] == ["accepted", "invalid", "accepted"]
    assert api.sent == ["a", "b"]
    assert outcomes[2].row is row
    assert run.report.problems == outcomes[2].problems
    for problem, (column, reason) in zip(outcomes[2].problems, problems, strict=True):
        assert (problem.number, problem.column) == (2, column)
        assert reason in problem.reason
        assert str(problem).startswith("row 2")


@pytest.mark.parametrize("key", ["importCustomerId", "id", "externalId", "crm"])
@pytest.mark.parametrize("value", [None, "", " "])
async def test_the_key_is_required_whatever_its_column_is_called(
    key: str, value: str | None
) -> None:
    """A row without a value in the key column is not sent, unless that is allowed."""
    api = Api()
    rows: list[dict[str, Any]] = [{"firstName": "Ada"}, {key: value, "firstName": "Eve"}]
    async with client(api) as timify:
        report = await timify.customers.import_many(rows, key=key)
    assert (report.invalid, report.accepted, api.requests) == (2, 0, [])
    assert {problem.column for problem in report.problems} == {key}


async def test_two_rows_with_one_key_are_reported() -> None:
    """The second is invalid and names the first, even one that is invalid or in another chunk."""
    api = Api()
    rows = [{"key": "a"}, {"key": "b", "email": "no"}, {"key": "c"}, {"key": "b"}, {"key": "a"}]
    async with client(api) as timify:
        outcomes = await watch(timify.customers.import_many(rows, key="key", chunk_size=2))
    assert {number for number, outcome in outcomes.items() if outcome.outcome == "invalid"} == {
        2,
        4,
        5,
    }
    assert str(outcomes[5].problems[0]) == "row 5, column 'key': row 1 has the same key 'a'"
    assert sorted(api.sent) == ["a", "c"]


async def test_rows_without_key_are_sent_alone_and_once() -> None:
    """Allowed by the caller, they share no request, and a lost answer is not repeated: the row is
    unknown.
    """
    api = Api(
        lambda rows: httpx.Response(500) if "importCustomerId" not in rows[0] else plain(rows)
    )
    rows = [
        {"key": "a"},
        {"firstName": "x"},
        {"firstName": "y"},
        {"key": "b"},
        {"id": "5" * 24},
        {"id": "5" * 24},
    ]
    async with client(api) as timify:
        outcomes = await watch(timify.customers.import_many(rows, key="key", allow_keyless=True))
    assert [outcomes[number].outcome for number in range(1, 7)] == [
        "accepted",
        "unknown",
        "unknown",
        "accepted",
        "accepted",
        "invalid",
    ]
    assert sorted(map(len, api.requests)) == [1, 1, 3]


async def sources(kind: str) -> Any:
    async def generate() -> AsyncIterator[dict[str, str]]:
        for row in keyed(7):
            await asyncio.sleep(0)
            yield row

    return {"list": [*keyed(7)], "iterator": keyed(7), "tuple": (*keyed(7),), "async": generate()}[
        kind
    ]


@pytest.mark.parametrize("kind", ["list", "iterator", "tuple", "async"])
async def test_rows_come_from_any_iterable(kind: str) -> None:
    """Lists, iterators and async iterators give the same import."""
    api = Api()
    async with client(api) as timify:
        report = await timify.customers.import_many(await sources(kind), key="key", chunk_size=3)
    assert (report.accepted, report.requests, sorted(api.sent)) == (
        7,
        3,
        [f"k{number}" for number in range(7)],
    )


async def test_no_rows_are_no_requests() -> None:
    """An import of nothing succeeds and sends nothing."""
    api = Api()
    async with client(api) as timify:
        report = await timify.customers.import_many([])
    assert (report, api.requests) == (ImportReport(), [])
    assert report.ok


@pytest.mark.parametrize("bad", [ValueError("torn file"), KeyError("x")], ids=["value", "key"])
async def test_rows_that_cannot_be_read_stop_the_import(bad: Exception) -> None:
    """An error of whoever makes the rows ends the import, and says which rows were read and not
    sent.
    """

    def rows() -> Iterator[dict[str, str]]:
        yield from keyed(5)
        raise bad

    api = Api()
    async with client(api) as timify:
        with pytest.raises(ImportInterruptedError, match="rows 5 to 5, after 4 accepted") as caught:
            await timify.customers.import_many(rows(), key="key", chunk_size=2, concurrency=1)
    assert (caught.value.__cause__, caught.value.pending, len(api.sent)) == (bad, (5,), 4)


# Flow.


async def test_rows_are_read_only_as_they_can_be_sent() -> None:
    """While no request is answered, no more rows are read than fit into the requests under way."""
    read = 0

    def rows() -> Iterator[dict[str, str]]:
        nonlocal read
        for row in keyed(100):
            read += 1
            yield row

    api = Api(turns=10**6)
    async with client(api) as timify:
        task = asyncio.ensure_future(
            timify.customers.import_many(rows(), key="key", chunk_size=5, concurrency=3)
        )
        await until(lambda: api.under_way == 3)
        await asyncio.sleep(0.02)
        assert read == 15
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_nothing_is_read_or_sent_while_nobody_takes_outcomes() -> None:
    """A slow reader slows the import: what is under way is answered, and then nothing is sent."""
    api = Api()
    async with client(api) as timify:
        run = aiter(
            timify.customers.import_many(keyed(100), key="key", chunk_size=5, concurrency=2)
        )
        await anext(run)
        await asyncio.sleep(0.1)
        assert len(api.requests) <= 3
        await run.aclose()


@pytest.mark.parametrize("concurrency", [1, 2, 5])
async def test_chunks_are_sent_side_by_side(concurrency: int) -> None:
    """As many requests are under way as asked for, and no more."""
    api = Api(turns=5000)
    async with client(api) as timify:
        await timify.customers.import_many(
            keyed(200), key="key", chunk_size=10, concurrency=concurrency
        )
    assert (api.most, len(api.requests)) == (concurrency, 20)


async def test_progress_is_told_after_each_chunk() -> None:
    """The callback gets the report as it grows, the last time with all rows."""
    seen: list[ImportReport] = []
    async with client(Api()) as timify:
        report = await timify.customers.import_many(
            keyed(10), key="key", chunk_size=3, progress=seen.append
        )
    assert [report.rows for report in seen] == sorted(report.rows for report in seen)
    assert seen[-1] == report
    assert len(seen) >= 4


async def test_the_loop_is_not_held_while_rows_are_checked() -> None:
    """Others of the loop get their turn several times while one chunk of a blocking iterable is
    read.
    """
    turns = 0

    async def others() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    async with client(Api()) as timify:
        task = asyncio.create_task(others())
        await timify.customers.import_many(keyed(1000), key="key", chunk_size=1000)
        task.cancel()
    assert turns > 1000 / 25


async def test_a_report_does_not_grow_with_the_rows() -> None:
    """Problems are kept up to a thousand; counts and the stream of outcomes have them all."""
    async with client(Api()) as timify:
        outcomes = await watch(run := timify.customers.import_many([{}] * 3000, key="key"))
    assert (run.report.invalid, len(run.report.problems), len(outcomes)) == (3000, 1000, 3000)


async def test_an_import_runs_once() -> None:
    """Awaiting after watching gives the report; one that was left cannot be taken up again."""
    async with client(Api()) as timify:
        run = timify.customers.import_many(keyed(10), key="key", chunk_size=5)
        await watch(run)
        assert await run is run.report
        left = timify.customers.import_many(keyed(10), key="key", chunk_size=5)
        async for _ in left:
            break
        with pytest.raises(ClientStateError, match="begun already"):
            await left


async def test_leaving_the_loop_ends_the_import() -> None:
    """After a break no task is left, and nothing is sent any more."""
    api = Api(turns=5)
    async with client(api) as timify:
        before = asyncio.all_tasks()
        async for _ in timify.customers.import_many(keyed(1000), key="key", chunk_size=2):
            break
        gc.collect()
        await until(lambda: asyncio.all_tasks() == before)
        sent = len(api.requests)
        await asyncio.sleep(0.02)
        assert len(api.requests) == sent < 20


WRONG: dict[str, tuple[dict[str, Any], type[TimifyError]]] = {
    "chunk_size": ({"chunk_size": 0}, ArgumentError),
    "concurrency": ({"concurrency": 0}, ArgumentError),
    "concurrency type": ({"concurrency": "4"}, ArgumentTypeError),
    "key": ({"key": ""}, ArgumentError),
    "verify": ({"verify": ""}, ArgumentError),
    "verify type": ({"verify": 5}, ArgumentTypeError),
    "checkpoint": ({"checkpoint": ""}, ArgumentError),
    "checkpoint type": ({"checkpoint": 5}, ArgumentTypeError),
    "checkpoint with NUL": ({"checkpoint": "a\0b"}, ArgumentError),
    "checkpoint path with NUL": ({"checkpoint": Path("a\0b")}, ArgumentError),
    "checkpoint of a dry run with NUL": ({"checkpoint": "\0", "dry_run": True}, ArgumentError),
    "checkpoint without keys": ({"checkpoint": "x", "allow_keyless": True}, ArgumentError),
}


@pytest.mark.parametrize(("options", "error"), WRONG.values(), ids=WRONG)
async def test_a_wrong_argument_is_refused_at_once(
    options: dict[str, Any], error: type[TimifyError]
) -> None:
    """Arguments are checked where they are given, before the import is awaited."""
    async with client(Api()) as timify:
        with pytest.raises((error, ValueError)) as caught:
            timify.customers.import_many(keyed(1), **options)
    assert isinstance(caught.value, TimifyError)


def test_every_option_is_written_out() -> None:
    """The signature names each option with its default, and its type hints resolve at run time."""
    parameters = inspect.signature(Customers.import_many).parameters
    assert {
        name: parameter.default
        for name, parameter in parameters.items()
        if parameter.kind is inspect.Parameter.KEYWORD_ONLY
    } == {
        "key": "importCustomerId",
        "chunk_size": 500,
        "concurrency": 4,
        "allow_keyless": False,
        "dry_run": False,
        "checkpoint": None,
        "verify": None,
        "progress": None,
    }
    assert [*parameters][:2] == ["self", "rows"]
    hints = get_type_hints(Customers.import_many)
    assert hints.keys() == {*parameters, "return"} - {"self"}
    assert hints["return"] is ImportRun


async def test_an_option_that_does_not_exist_is_a_type_error() -> None:
    """A misspelled option is refused by Python itself."""
    async with client(Api()) as timify:
        with pytest.raises(TypeError, match="chunk_sise"):
            timify.customers.import_many([], chunk_sise=5)


# Dry runs.


async def test_a_dry_run_checks_everything_and_sends_nothing() -> None:
    """Valid rows are ``valid``, the others as in earnest; no import is sent, and no checkpoint is
    made.
    """
    api = Api()
    rows: list[Any] = [
        {"key": "a"},
        {"key": "b", "email": "no"},
        {"key": "a"},
        None,
        {"key": "c", "firstName": "x"},
    ]
    async with client(api) as timify:
        outcomes = await watch(
            timify.customers.import_many(rows, key="key", dry_run=True, checkpoint="/nowhere/x")
        )
    assert [outcomes[number].outcome for number in range(1, 6)] == [
        "valid",
        "invalid",
        "invalid",
        "invalid",
        "valid",
    ]
    assert not api.requests


# Answers.


def by_key(rows: list[dict[str, Any]]) -> Any:
    return {
        "data": [
            {"importCustomerId": row["importCustomerId"], "status": "created"}
            for row in reversed(rows)
        ]
    }


def by_position(rows: list[dict[str, Any]]) -> Any:
    return {"data": [{"status": "created"} for _ in rows]}


def later(rows: list[dict[str, Any]]) -> Any:
    return httpx.Response(202, json={"jobId": "7", "status": 1})


def counts(rows: list[dict[str, Any]]) -> Any:
    return {"status": 1, "data": {"created": len(rows), "updated": 0}}


ANSWERS = {
    "plain": (plain, "accepted"),
    "no body": (lambda _: httpx.Response(200), "accepted"),
    "201": (lambda _: httpx.Response(201, json={}), "accepted"),
    "null": (lambda _: None, "accepted"),
    "counts": (counts, "accepted"),
    "by key": (by_key, "created"),
    "by position": (by_position, "created"),
    "later": (later, "accepted"),
    "a list of nothing": (lambda _: [], "accepted"),
    "failures without names": (
        lambda rows: {"data": {"created": len(rows) - 1, "failed": 1}},
        "unknown",
    ),
    "errors in rows by number": (lambda _: {"errors": [{"row": 1, "message": "bad"}]}, "unknown"),
    "the wrong length": (lambda rows: by_position(rows[1:]), "accepted"),
}


@pytest.mark.parametrize(("answer", "outcome"), ANSWERS.values(), ids=ANSWERS)
async def test_a_row_has_the_outcome_that_the_answer_names(
    answer: Callable[..., Any], outcome: str
) -> None:
    """Whatever an answer's shape, each row has one outcome, and no more is claimed than it says."""
    api = Api(answer)
    async with client(api) as timify:
        outcomes = await watch(timify.customers.import_many(keyed(25), key="key", chunk_size=10))
    assert {row.outcome for row in outcomes.values()} == {outcome}
    assert len(api.requests) == 3


def partial(rows: list[dict[str, Any]]) -> Any:
    errors = [
        {"index": at, "message": "bad"}
        for at, row in enumerate(rows)
        if row["importCustomerId"] == "k7"
    ]
    return {"status": 1, "data": {"errors": errors}}


def named(status: int) -> Callable[..., Any]:
    def answer(rows: list[dict[str, Any]]) -> Any:
        bad = next((at for at, row in enumerate(rows) if row["importCustomerId"] == "k7"), None)
        body = {"status": 0, "message": f"customers[{bad}]: bad"}
        return plain(rows) if bad is None else httpx.Response(status, json=body)

    return answer


REJECTIONS = {
    "errors by row in a success": (partial, 3),
    "400 that names it": (named(400), 4),
    "409 that names it": (named(409), 4),
    "a failed envelope that names it": (named(200), 4),
    "400": (refuse("k7", status=400), 3 + 7),
    "413": (refuse("k7", status=413), 3 + 8),
    "422": (refuse("k7", status=422), 3 + 7),
}


@pytest.mark.parametrize(("answer", "requests"), REJECTIONS.values(), ids=REJECTIONS)
async def test_a_bad_row_is_found_and_rejected(answer: Callable[..., Any], requests: int) -> None:
    """It alone is rejected, with the API's reason; all others are accepted, and each is taken."""
    api = Api(answer)
    async with client(api) as timify:
        outcomes = await watch(
            run := timify.customers.import_many(keyed(25), key="key", chunk_size=10)
        )
    assert [outcome.key for outcome in outcomes.values() if outcome.outcome == "rejected"] == ["k7"]
    assert run.report.accepted == 24
    assert len(api.requests) == run.report.requests <= requests
    assert outcomes[8].problems[0].reason
    assert not run.report.ok


@given(
    st.integers(1, 60),
    st.sets(st.integers(0, 59)),
    st.integers(1, 25),
    st.integers(1, 4),
    st.sampled_from([400, 422]),
)
def test_any_set_of_bad_rows_is_found(
    count: int, bad: set[int], size: int, concurrency: int, status: int
) -> None:
    """For any rows, chunks and bad rows: these are rejected, the others taken once, within the
    bound of requests.
    """
    wrong = {f"k{number}" for number in bad if number < count}

    async def main() -> None:
        api = Api(refuse(*wrong, status=status))
        async with client(api) as timify:
            run = timify.customers.import_many(
                keyed(count), key="key", chunk_size=size, concurrency=concurrency
            )
            outcomes = await watch(run)
        assert {
            outcome.key for outcome in outcomes.values() if outcome.outcome == "rejected"
        } == wrong
        assert api.kept.keys() == {
            outcome.key for outcome in outcomes.values() if outcome.outcome == "accepted"
        }
        assert len(outcomes) == count
        chunks = math.ceil(count / size)
        assert run.report.requests <= chunks + len(wrong) * (2 * math.log2(size) + 1)

    asyncio.run(main())


# Errors.


@pytest.mark.parametrize(
    ("status", "error"),
    [(401, AuthenticationError), (403, AccessDeniedError), (404, TimifyError), (409, TimifyError)],
)
async def test_what_is_no_matter_of_rows_stops_the_import(
    status: int, error: type[TimifyError]
) -> None:
    """Nothing is sent after; the error has the report, the rows that were read, and says how to go
    on.
    """
    answers = iter([200, 200])

    def answer(rows: list[dict[str, Any]]) -> Any:
        return (
            plain(rows) if next(answers, None) else httpx.Response(status, json={"message": "no"})
        )

    api = Api(answer)
    async with client(api) as timify:
        run = timify.customers.import_many(keyed(100), key="key", chunk_size=5, concurrency=1)
        with pytest.raises(
            ImportInterruptedError, match="rows 11 to 15, after 10 accepted rows"
        ) as caught:
            await run
    assert isinstance(caught.value.__cause__, error)
    assert caught.value.pending == (11, 12, 13, 14, 15)
    assert caught.value.report.accepted == run.report.accepted == 10
    assert "Rows after 15 were not read" in str(caught.value)
    assert len(api.requests) == 3


@pytest.mark.parametrize(
    ("trouble", "error"),
    [
        (httpx.Response(429, headers={"retry-after": "61"}), RateLimitError),
        (httpx.ConnectError("no"), ConnectError),
    ],
    ids=["429 for long", "nobody listens"],
)
async def test_what_was_not_done_is_pending(trouble: Any, error: type[TimifyError]) -> None:
    """Rows of a request that was surely not done are not unknown: the import stops, and they are
    pending.
    """

    class Troubled(Api):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            if isinstance(trouble, Exception):
                raise trouble
            return trouble

    async with client(Troubled(), retries=1) as timify:
        with pytest.raises(ImportInterruptedError, match="rows 1 to 3, after 0 accepted") as caught:
            await timify.customers.import_many(keyed(10), key="key", chunk_size=3, concurrency=1)
    assert isinstance(caught.value.__cause__, error)
    assert (caught.value.report.rows, caught.value.pending) == (0, (1, 2, 3))


async def test_a_stop_loses_no_row_of_the_chunks_beside_it() -> None:
    """When one of several chunks stops the import, each row that was read is counted or pending."""
    seen = 0

    def answer(rows: list[dict[str, Any]]) -> Any:
        nonlocal seen
        seen += 1
        return httpx.Response(403, json={}) if seen == 5 else plain(rows)

    async with client(Api(answer, turns=3)) as timify:
        with pytest.raises(ImportInterruptedError) as caught:
            await timify.customers.import_many(keyed(200), key="key", chunk_size=7, concurrency=4)
    report, pending = caught.value.report, caught.value.pending
    last = int(str(caught.value).partition("Rows after ")[2].split()[0])
    assert report.rows + len(pending) == last < 200
    assert 7 <= len(pending) <= 4 * 7


async def test_a_stop_does_not_wait_for_rows() -> None:
    """Rows of a source that has none for now are no reason to wait: the import stops, and they are
    pending.
    """
    waiting = asyncio.Event()

    async def rows() -> AsyncIterator[dict[str, str]]:
        for row in keyed(7):
            yield row
        waiting.set()
        await asyncio.Event().wait()

    class Late(Api):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            await waiting.wait()
            return await super().handle_async_request(request)

    async with client(Late(lambda _: httpx.Response(403, json={}))) as timify:
        run = timify.customers.import_many(rows(), key="key", chunk_size=5, concurrency=2)
        with pytest.raises(ImportInterruptedError) as caught:
            await asyncio.wait_for(run, 10)
    assert caught.value.pending == (1, 2, 3, 4, 5, 6, 7)
    assert isinstance(caught.value.__cause__, AccessDeniedError)


async def test_a_lost_chunk_is_unknown_and_the_rest_goes_on() -> None:
    """Retries are the call's; what remains lost is unknown, with the error as its reason."""

    def answer(rows: list[dict[str, Any]]) -> Any:
        return httpx.Response(502) if rows[0]["importCustomerId"] == "k10" else plain(rows)

    api = Api(answer)
    async with client(api, retries=2) as timify:
        outcomes = await watch(
            run := timify.customers.import_many(keyed(40), key="key", chunk_size=10)
        )
    assert [number for number, outcome in outcomes.items() if outcome.outcome == "unknown"] == [
        *range(11, 21)
    ]
    assert (run.report.accepted, len(api.requests)) == (30, 6)
    assert "502" in outcomes[11].problems[0].reason


async def test_an_api_that_is_gone_stops_the_import() -> None:
    """Five requests in a row without any answer: the rest is not tried."""
    api = Api(lambda _: httpx.Response(500))
    async with client(api, retries=0) as timify:
        with pytest.raises(ImportInterruptedError) as caught:
            await timify.customers.import_many(keyed(1000), key="key", chunk_size=10, concurrency=1)
    assert isinstance(caught.value.__cause__, AmbiguousWriteError)
    assert (caught.value.report.unknown, len(api.requests)) == (50, 5)


@pytest.mark.parametrize("between", [200, 422])
async def test_an_answer_in_between_starts_the_count_anew(between: int) -> None:
    """Five in all, or more, do not stop an import: after a success or a refusal it takes five in a
    row again.
    """
    script = [*[500] * 4, between] * 3 + [500] * 5
    statuses = iter(script)

    def answer(_: list[dict[str, Any]]) -> Any:
        return httpx.Response(next(statuses), json={"status": 1})

    api = Api(answer)
    async with client(api, retries=0) as timify:
        run = timify.customers.import_many(keyed(1000), key="key", chunk_size=1, concurrency=1)
        with pytest.raises(ImportInterruptedError):
            await run
    assert len(api.requests) == len(script)
    assert run.report.unknown == script.count(500)
    assert run.report.accepted + run.report.rejected == 3


async def test_a_refusal_after_a_lost_answer_is_a_refusal() -> None:
    """A chunk that was lost, repeated and then refused is halved like any other."""
    lost = iter([502])

    def answer(rows: list[dict[str, Any]]) -> Any:
        return httpx.Response(status) if (status := next(lost, None)) else refuse("k3")(rows)

    async with client(Api(answer)) as timify:
        outcomes = await watch(timify.customers.import_many(keyed(8), key="key"))
    assert [outcome.key for outcome in outcomes.values() if outcome.outcome == "rejected"] == ["k3"]
    assert len(outcomes) == 8


async def test_wrong_definitions_stop_before_anything_is_sent() -> None:
    """When the definitions cannot be had, the error is theirs, and no row is sent."""
    api = Api()
    refused = httpx.MockTransport(lambda _: httpx.Response(403, json={"message": "no"}))
    async with client(refused) as timify:
        with pytest.raises(AccessDeniedError, match="list_customfields"):
            await timify.customers.import_many([{"key": "a", "firstName": "x"}], key="key")
    assert not api.requests


async def test_a_report_reads_well() -> None:
    """Its words count what there is, and leave out what is not."""
    report = ImportReport(accepted=1200, invalid=3, requests=4, resumed=200)
    assert (
        str(report) == "1,203 rows (200 by an earlier run) in 4 requests: 1,200 accepted, 3 invalid"
    )
    assert str(ImportReport()) == "0 rows in 0 requests: nothing to do"


async def test_rows_are_spelled_as_the_document_has_them(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a published document spells the keys of rows otherwise, these go over the wire."""
    keys = {"importCustomerId": "import_customer_id", "id": "id", "externalId": "external_id"}
    monkeypatch.setattr(sending, "IMPORT_ROW_KEYS", keys)
    row = Row(1, {}, wire={"importCustomerId": "a", "externalId": "b", "customfields": []})
    assert sending._spelled(row, sending.row_keys(None)) == {
        "import_customer_id": "a",
        "external_id": "b",
        "customfields": [],
    }
    assert sending._spelled(row, sending.row_keys("externalId")) == {
        "import_customer_id": "a",
        "externalId": "b",
        "customfields": [],
    }
