"""One access token for the processes of an app."""

from __future__ import annotations

import asyncio
import contextlib
import copy
import logging
import pickle
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
import redis.asyncio
from timify_customers import (
    ArgumentTypeError,
    AttemptEvent,
    AuthenticationError,
    CallError,
    CallEvent,
    ConfigurationError,
    TimifyCustomers,
)
from timify_customers.sandbox import Sandbox
from timify_customers.workers import SharedToken, _token
from workers.processes import answered, callers
from workers.server import KeptServer

UNREACHABLE = "redis://127.0.0.1:1/0"


@pytest.fixture
def api() -> Iterator[tuple[Sandbox, str]]:
    sandbox = Sandbox()
    with sandbox.serve() as url:
        yield sandbox, url


def tokens(sandbox: Sandbox) -> int:
    """How many tokens the API was asked for."""
    return Counter(request.operation for request in list(sandbox.requests))["create_token"]


def shared(server: str, url: str, **options: Any) -> SharedToken:
    sandbox = Sandbox()
    return SharedToken(server, sandbox.app_id, sandbox.app_secret, base_url=url, **options)


@contextlib.asynccontextmanager
async def clients(
    token: SharedToken, url: str, count: int, **options: Any
) -> AsyncIterator[list[TimifyCustomers]]:
    """Clients that know nothing of each other, as in so many processes."""
    async with contextlib.AsyncExitStack() as stack:
        made = [TimifyCustomers(access_token=token, base_url=url, **options) for _ in range(count)]
        for client in made:
            await stack.enter_async_context(client)
        yield made


def test_cold_processes_ask_for_one_token(server: KeptServer, api: tuple[Sandbox, str]) -> None:
    """Six processes that start at the same moment make one request for a token between them."""
    sandbox, url = api
    with callers(server.url, url, [sandbox.company_id] * 6, calls=3) as processes:
        assert answered(processes) == [3] * 6
    assert tokens(sandbox) == 1


async def test_a_401_renews_for_all_once(server: KeptServer, api: tuple[Sandbox, str]) -> None:
    """When the token dies, ten clients that meet a 401 get one new token between them."""
    sandbox, url = api
    async with clients(shared(server.url, url), url, 10) as timifys:
        await asyncio.gather(*(timify.fields.list() for timify in timifys))
        assert tokens(sandbox) == 1
        sandbox.tokens.revoke()
        await asyncio.gather(*(timify.fields.list() for timify in timifys))
        await timifys[0].fields.list()
    assert tokens(sandbox) == 2


async def test_one_renews_ahead_of_the_end(server: KeptServer) -> None:
    """Of many clients one renews the token while the others still use it, and no call meets a
    401.
    """
    sandbox = Sandbox(token_lifetime=4)
    statuses = set[int | None]()

    def note(event: AttemptEvent | CallEvent) -> None:
        if isinstance(event, AttemptEvent):
            statuses.add(event.status)

    with sandbox.serve() as url:
        async with clients(shared(server.url, url), url, 5, on_event=note) as timifys:
            end = time.monotonic() + 9
            while time.monotonic() < end:
                await asyncio.gather(*(timify.fields.list() for timify in timifys))
                await asyncio.sleep(0.1)
        assert 3 <= tokens(sandbox) <= 5
    assert statuses == {200}


async def test_a_process_that_dies_while_it_asks_delays_the_others_by_seconds(
    server: KeptServer, api: tuple[Sandbox, str]
) -> None:
    """A process is killed while its request for the token is under way; another takes over when
    its lease has ended.
    """
    sandbox, url = api
    sandbox.fail("create_token", "stall")
    with callers(server.url, url, [sandbox.company_id], calls=1) as (process,):
        while not tokens(sandbox):  # noqa: ASYNC110 - another process does it
            await asyncio.sleep(0.01)
        process.kill()
        began = time.monotonic()
        async with clients(shared(server.url, url), url, 1) as (timify,):
            await timify.fields.list()
    assert time.monotonic() - began < _token.LEASE + 2
    assert tokens(sandbox) == 2


async def test_a_slow_request_is_not_taken_over(
    server: KeptServer, api: tuple[Sandbox, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who is alive keeps the right to ask, longer than the lease of one who is dead."""
    monkeypatch.setattr(_token, "LEASE", 0.3)
    sandbox, url = api
    sandbox.fail("create_token", "delay", seconds=1.5)
    async with (
        clients(shared(server.url, url), url, 1) as (one,),
        clients(shared(server.url, url), url, 1) as (other,),
    ):
        await asyncio.gather(one.fields.list(), other.fields.list())
    assert tokens(sandbox) == 1


def shorten(server: KeptServer, milliseconds: int) -> None:
    """Leave the token in the server so little of its life that it is due."""
    with server.client() as client:
        (key,) = client.keys("*:token")
        client.pexpire(key, milliseconds)


async def test_a_renewal_that_fails_leaves_the_old_token_in_use(
    server: KeptServer, api: tuple[Sandbox, str], caplog: pytest.LogCaptureFixture
) -> None:
    """While the token has time left, calls go on with it, and a warning says what failed."""
    sandbox, url = api
    token = shared(server.url, url)
    first = await token()
    shorten(server, 60_000)
    sandbox.fail("create_token", "status", status=403)
    assert (await token()).value == first.value
    assert "renewing the access token failed (AccessDeniedError)" in caplog.text
    assert (await token()).value != first.value


async def test_a_token_that_expired_during_its_renewal_is_not_used(
    server: KeptServer, api: tuple[Sandbox, str]
) -> None:
    """When the renewal fails late, what had time left at its start is judged again."""
    sandbox, url = api
    token = shared(server.url, url, timeout=0.6, deadline=0.8)
    await token()
    shorten(server, 300)
    sandbox.fail("create_token", "stall", times=None)
    with pytest.raises(CallError):
        await token()


async def test_nothing_in_the_server_tells_the_token_or_the_secret(
    server: KeptServer, api: tuple[Sandbox, str], caplog: pytest.LogCaptureFixture
) -> None:
    """Neither a key nor a value in Redis holds the token or the secret, and no log or repr does."""
    sandbox, url = api
    caplog.set_level(logging.DEBUG)
    token = shared(server.url, url)
    value = (await token()).value
    with server.client() as client:
        content = b"".join(
            key + (client.get(key) or b"") for key in client.keys("*") if client.type(key)
        )
    assert content
    for secret in (value, sandbox.app_secret):
        assert secret.encode() not in content
        assert secret not in caplog.text + repr(token) + repr(vars(token))
    with pytest.raises(ArgumentTypeError):
        pickle.dumps(token)


async def test_another_secret_neither_reads_nor_replaces_the_token(
    server: KeptServer, api: tuple[Sandbox, str]
) -> None:
    """An app whose secret was replaced fails by itself, and leaves the token of the new one be."""
    sandbox, url = api
    good = shared(server.url, url)
    value = (await good()).value
    with pytest.raises(AuthenticationError):
        await SharedToken(server.url, sandbox.app_id, "an-old-secret", base_url=url)()
    assert (await good()).value == value


async def test_what_others_wrote_into_the_server_is_not_used(
    server: KeptServer, api: tuple[Sandbox, str]
) -> None:
    """Something else under the key of the token is passed over, and replaced."""
    sandbox, url = api
    token = shared(server.url, url)
    await token()
    with server.client() as client:
        (key,) = client.keys("*:token")
        client.set(key, b"forged")
    assert sandbox.tokens.lifetime == 7200
    assert (await token()).value != "forged"
    assert tokens(sandbox) == 2


async def test_without_the_server_each_asks_for_itself(
    api: tuple[Sandbox, str], caplog: pytest.LogCaptureFixture
) -> None:
    """When Redis cannot be reached, calls go on with tokens of their own, and one warning is
    logged.
    """
    sandbox, url = api
    token = shared(UNREACHABLE, url)
    async with clients(token, url, 3) as timifys:
        for timify in timifys:
            await timify.fields.list()
    assert tokens(sandbox) == 3
    (record,) = [record for record in caplog.records if record.name == "timify_customers.workers"]
    assert "each process asks for an access token of its own" in record.getMessage()


async def test_a_client_of_redis_may_be_given(server: KeptServer, api: tuple[Sandbox, str]) -> None:
    """A client of redis-py is used as it is, and left open."""
    sandbox, url = api
    async with redis.asyncio.Redis.from_url(server.url, decode_responses=True) as client:
        one, other = (
            SharedToken(client, sandbox.app_id, sandbox.app_secret, base_url=url) for _ in range(2)
        )
        assert (await one()).value == (await other()).value
        assert await client.ping()
    assert tokens(sandbox) == 1


async def test_the_life_that_is_left_is_told(server: KeptServer, api: tuple[Sandbox, str]) -> None:
    """Who comes later learns what is left of the token's life, not how long it was at first."""
    _, url = api
    token = shared(server.url, url)
    first = await token()
    await asyncio.sleep(0.2)
    second = await token()
    assert first.expires_in is not None
    assert second.expires_in is not None
    assert 7190 < second.expires_in <= first.expires_in - 0.15


@pytest.mark.parametrize(
    ("server_", "error"),
    [("http://127.0.0.1", ConfigurationError), (5, ArgumentTypeError), ("", ConfigurationError)],
)
def test_what_is_no_server_is_refused(server_: Any, error: type[Exception]) -> None:
    """A server that cannot be one is refused at once, without showing what may be a password."""
    with pytest.raises(error) as caught:
        SharedToken(server_, "app", "secret")
    assert "http://127" not in str(caught.value)


@pytest.mark.parametrize("missing", ["app_id", "app_secret"])
def test_credentials_must_be_there(missing: str) -> None:
    """Blank credentials are refused before anything is asked."""
    credentials = {"app_id": "app", "app_secret": "secret"} | {missing: ""}
    with pytest.raises(ConfigurationError):
        SharedToken(UNREACHABLE, credentials["app_id"], credentials["app_secret"])


def test_it_is_not_copied() -> None:
    """A copy is refused like that of a secret: clients share the one that there is."""
    with pytest.raises(ArgumentTypeError):
        copy.deepcopy(shared(UNREACHABLE, "http://127.0.0.1"))
