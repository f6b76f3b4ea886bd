"""`responses`: the answers of a block, and of nothing else."""

from __future__ import annotations

import asyncio
import copy
import pickle
from collections.abc import AsyncIterator, Iterator
from contextvars import copy_context
from typing import Any

import attrs
import pytest
from support.faults import ID, TOKEN, FaultServer, answer, close, haste
from support.operations import ENTRIES, OPERATIONS
from timify_customers import (
    AuthenticationError,
    BodyError,
    NotFoundError,
    Response,
    TimifyCustomers,
    responses,
)
from timify_customers._calls.answers import Headers, _collectors
from timify_customers.sandbox import Sandbox

ONE = {"data": {"id": ID}, "status": 1}


@pytest.fixture(autouse=True)
def _haste() -> Iterator[None]:
    with haste():
        yield


@pytest.fixture
async def server() -> AsyncIterator[FaultServer]:
    async with FaultServer() as running:
        yield running


@pytest.fixture
async def client(server: FaultServer) -> AsyncIterator[TimifyCustomers]:
    async with TimifyCustomers("app", "app-secret", base_url=server.url) as timify:
        yield timify


def kinds(seen: list[Response]) -> list[tuple[str, str, int]]:
    return [(it.purpose, it.operation, it.status) for it in seen]


# What is collected.


async def test_each_attempt_that_was_answered_is_collected(
    server: FaultServer, client: TimifyCustomers
) -> None:
    """The token request, failures and the answer, in order; an attempt without an answer has
    none.
    """
    server.script = [answer(500, {"message": "no"}), close, answer(200, ONE, "x-request-id: r-3")]
    with responses() as seen:
        await client.customers.get(ID)
    assert kinds(seen) == [
        ("token", "create_token", 200),
        ("call", "get_customer", 500),
        ("call", "get_customer", 200),
    ]
    assert seen[1].json == {"message": "no"}
    assert (seen[2].json, seen[2].request_id) == (ONE, "r-3")


async def test_the_answer_of_a_call_that_fails_is_collected(
    server: FaultServer, client: TimifyCustomers
) -> None:
    """With its whole body, which the error has no room for."""
    server.script = [answer(404, {"error": "gone", "extras": {"why": "moved"}})]
    with responses() as seen, pytest.raises(NotFoundError):
        await client.customers.get(ID)
    assert seen[-1].json["extras"] == {"why": "moved"}


@pytest.mark.parametrize("name", OPERATIONS)
async def test_every_operation_is_collected(client: TimifyCustomers, name: str) -> None:
    """Each of the 17 operations, under its operationId."""
    with responses() as seen:
        await OPERATIONS[name].call(client)
    assert ("call", name, 200) in kinds(seen)


async def test_lookups_are_marked(server: FaultServer, client: TimifyCustomers) -> None:
    """Those that settle a lost create, and those that confirm an external id."""
    server.script = [close]
    with responses() as seen:
        await client.customers.create(ENTRIES, external_id="crm-1")
    assert kinds(seen)[1:] == [("lookup", "get_customer", 200)]
    server.script = [answer(201, {"data": {"id": ID}, "status": 1})]
    server.written["crm-2"] = {"id": ID, "externalId": "crm-2"}
    async with TimifyCustomers(access_token="x", base_url=server.url) as other:
        with responses() as seen:
            await other.customers.create(ENTRIES, external_id="crm-2")
    assert kinds(seen) == [("call", "create_customer", 201), ("lookup", "get_customer", 200)]


async def test_the_body_of_a_token_answer_is_never_kept(
    server: FaultServer, client: TimifyCustomers
) -> None:
    """Neither of a success nor of a failure, nor of a request that somebody makes by hand."""
    with responses() as seen:
        await client.customers.get(ID)
        direct = await client.request("POST", "/v1/auth/token", json={}, envelope=False)
        await client.request("POST", "/V1/%61uth/refreshtoken", json={}, envelope=False)
        server.token = answer(403, {"accessToken": TOKEN})
        await client.request("GET", "/v1/x", envelope=False)
    assert "accessToken" in direct.json
    assert [it.purpose for it in seen] == ["token", "call", "token", "token", "call"]
    for response in seen:
        assert TOKEN.encode() not in response.content
        assert TOKEN not in repr(response)
        assert TOKEN.encode() not in pickle.dumps(response)
    with pytest.raises(BodyError, match="may hold a token"):
        _ = seen[0].json
    async with TimifyCustomers("app", "app-secret", base_url=server.url) as other:
        server.token = answer(401, {"appsecret": "app-secret"}, "x-echo: app-secret")
        with responses() as seen, pytest.raises(AuthenticationError):
            await other.customers.get(ID)
    assert (seen[0].status, seen[0].content, seen[0].headers["x-echo"]) == (401, b"", "***")


async def test_a_token_is_in_no_response(server: FaultServer, client: TimifyCustomers) -> None:
    """What a server echoes of it is blanked, and headers that may hold secrets are left out."""
    server.default = answer(
        200,
        {"data": {"id": ID, "notes": f"{TOKEN}-1"}, "status": 1},
        f"x-echo: Bearer {TOKEN}-1",
        "set-cookie: session=1",
        f"x-amzn-remapped-authorization: {TOKEN}-1",
        "x-api-key: k",
    )
    with responses() as seen:
        await client.customers.get(ID)
    assert seen[-1].json["data"]["notes"] == "***"
    assert seen[-1].headers["x-echo"] == "Bearer ***"
    assert set(seen[-1].headers) == {"content-length", "x-echo"}


# Who collects.


async def test_nothing_is_collected_outside(client: TimifyCustomers) -> None:
    """Before the block, behind it, and without one."""
    await client.customers.get(ID)
    with responses() as seen:
        pass
    await client.customers.get(ID)
    assert seen == []
    assert _collectors.get() == ()


async def test_an_error_ends_the_block(server: FaultServer, client: TimifyCustomers) -> None:
    """What was collected stays; what comes later is not added."""
    server.script = [answer(404)]
    with pytest.raises(NotFoundError), responses() as seen:
        await client.customers.get(ID)
    count = len(seen)
    await client.customers.get(ID)
    assert len(seen) == count == 2


async def test_blocks_nest(client: TimifyCustomers) -> None:
    """The outer block has what the inner one has, and more."""
    await client.customers.get(ID)
    with responses() as outer:
        await client.customers.get(ID)
        with responses() as inner:
            await client.customers.delete(ID)
        await client.customers.get(ID)
    assert [it.operation for it in inner] == ["delete_customer"]
    assert [it.operation for it in outer] == ["get_customer", "delete_customer", "get_customer"]
    assert inner[0] is outer[1]


async def test_concurrent_tasks_keep_apart(client: TimifyCustomers) -> None:
    """Fifty tasks, each with a block of its own, each collect their own answers alone."""
    await client.customers.get(ID)

    async def one(number: int) -> None:
        key = f"{number:024x}"
        with responses() as seen:
            await client.customers.get(key)
            await asyncio.sleep(0)
            await client.customers.get(key)
        assert [it.json["data"]["id"] for it in seen] == [key, key]

    await asyncio.gather(*map(one, range(50)))


async def test_tasks_that_start_inside_are_collected(client: TimifyCustomers) -> None:
    """A gather, a task group, and a task of theirs."""
    await client.customers.get(ID)

    async def nested() -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(client.customers.get(ID))

    with responses() as seen:
        await asyncio.gather(*(client.customers.get(ID) for _ in range(5)), nested())
    assert len(seen) == 6


async def test_a_task_that_started_outside_is_not_collected(client: TimifyCustomers) -> None:
    """Though it runs while the block is open."""
    await client.customers.get(ID)
    started = asyncio.Event()

    async def outside() -> None:
        await started.wait()
        await client.customers.get(ID)

    task = asyncio.create_task(outside())
    with responses() as seen:
        started.set()
        await task
    assert seen == []


async def test_a_task_that_outlives_the_block_adds_nothing(client: TimifyCustomers) -> None:
    """The list does not grow any more once the block has ended, nor does the task keep it alive."""
    await client.customers.get(ID)
    go_on = asyncio.Event()

    async def slow() -> None:
        await go_on.wait()
        await client.customers.get(ID)
        assert [collector.seen for collector in _collectors.get()] == [None]

    with responses() as seen:
        task = asyncio.create_task(slow())
    go_on.set()
    await task
    assert seen == []


async def test_a_block_may_end_in_another_context(client: TimifyCustomers) -> None:
    """As the fixtures of a test framework may."""

    def fixture() -> Iterator[list[Response]]:
        with responses() as seen:
            yield seen

    running = fixture()
    seen = copy_context().run(next, running)
    await client.customers.get(ID)
    with pytest.raises(StopIteration):
        next(running)
    assert seen == []


# Requests that several calls share.


async def test_a_token_request_belongs_to_who_started_it(client: TimifyCustomers) -> None:
    """Of two calls that wait for one token, the first has its answer in its block."""

    async def call() -> list[str]:
        with responses() as seen:
            await client.customers.get(ID)
        return [it.purpose for it in seen]

    first, second = await asyncio.gather(call(), call())
    assert (first, second) == (["token", "call"], ["call"])


async def test_definitions_are_collected_when_they_are_fetched(timify: TimifyCustomers) -> None:
    """By the call that needs them first; then they are at hand, and there is no request."""
    with responses() as first:
        await timify.customers.create({"firstName": "Ada"})
    with responses() as second:
        await timify.customers.create({"firstName": "Ben"})
    assert [it.operation for it in first] == [
        "create_token",
        "list_customfields",
        "create_customer",
    ]
    assert [it.operation for it in second] == ["create_customer"]


async def test_pages_belong_to_the_block_that_is_open_when_they_are_asked_for(
    sandbox: Sandbox, timify: TimifyCustomers
) -> None:
    """A page is asked for while the page before it is read: so a block around some rows has not
    all of their pages, and a block around the loop has.
    """
    for number in range(6):
        await timify.customers.create({"firstName": f"Ada{number}"})
    with responses() as around:
        rows = aiter(timify.customers.list(page_size=2))
        await anext(rows)
    await asyncio.sleep(0.05)
    with responses() as late:
        await anext(rows)  # of the first page
        await anext(rows)  # of the second, which was asked for before this block
        await asyncio.sleep(0.05)
    assert [len(it.json["data"]) for it in around] == [2]
    assert [it.json["data"][0]["firstName"] for it in late] == ["Ada4"]
    with responses() as whole:
        async for _ in timify.customers.list(page_size=2):
            pass
    assert [len(it.json["data"]) for it in whole][:3] == [2, 2, 2]


# The response itself.


def response(**changes: Any) -> Response:
    fields = {
        "status": 200,
        "headers": Headers({"Content-Type": "application/json", "ETag": 'W/"1"'}),
        "content": b'{"data": {"private": 1}}',
        "operation": "get_customer",
        "purpose": "call",
        "request_id": "r-1",
    }
    return Response(**fields | changes)


def test_headers_are_read_in_any_case() -> None:
    """By any spelling of a name, and listed in lower case; they cannot be changed."""
    headers: Any = response().headers
    assert headers["content-type"] == headers["CONTENT-TYPE"] == "application/json"
    assert headers.get("etag") == 'W/"1"'
    assert "Etag" in headers
    assert "x-other" not in headers
    assert headers.get("x-other") is None
    assert list(headers) == ["content-type", "etag"]
    with pytest.raises(TypeError):
        headers["x"] = "y"


@pytest.mark.parametrize(
    "name",
    [
        "Set-Cookie",
        "set-cookie2",
        "Authorization",
        "X-Auth-Token",
        "x-api-key",
        "Proxy-Authenticate",
    ],
)
def test_headers_that_may_hold_secrets_are_left_out(name: str) -> None:
    """By what their name says."""
    assert dict(Headers({name: "x", "date": "now"})) == {"date": "now"}


def test_a_response_cannot_be_changed() -> None:
    """It is frozen, and shows neither its headers nor its body."""
    seen = response()
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        seen.status = 201  # type: ignore[misc]
    assert repr(seen) == (
        "Response(status=200, operation='get_customer', purpose='call', request_id='r-1')"
    )


def test_a_response_travels() -> None:
    """Copied and pickled it is the same, before and after its JSON was read."""
    seen = response()
    for _ in range(2):
        for other in (copy.copy(seen), copy.deepcopy(seen), pickle.loads(pickle.dumps(seen))):
            assert other == seen
            assert other.json == {"data": {"private": 1}}
            assert other.headers["ETag"] == 'W/"1"'
        assert seen.json is seen.json


@pytest.mark.parametrize("content", [b"", b" ", b"<html>", b"{", b"\xff", b"[" * 100_000])
def test_json_that_is_none_is_a_clear_error(content: bytes) -> None:
    """It says what is there instead, of which call, and is raised each time."""
    seen = response(content=content)
    for _ in range(2):
        with pytest.raises(BodyError, match=r"get_customer: HTTP 200, but the body is") as caught:
            _ = seen.json
        assert (caught.value.status, caught.value.request_id) == (200, "r-1")
        assert len(str(caught.value)) < 700
