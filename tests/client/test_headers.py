"""Headers of one's own, for a client, a view or one request; and the user agent."""

from __future__ import annotations

import platform
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from support.faults import FaultServer, haste
from support.operations import OPERATIONS
from timify_customers import (
    ArgumentError,
    ArgumentTypeError,
    ConfigurationError,
    TimifyCustomers,
    __version__,
)
from timify_customers.sandbox import Sandbox

AGENT = f"timify-customers-client/{__version__} python/{platform.python_version()}"


@pytest.fixture(autouse=True)
def _haste() -> Iterator[None]:
    with haste():
        yield


@pytest.fixture
async def server() -> AsyncIterator[FaultServer]:
    async with FaultServer() as running:
        yield running


def client(server: FaultServer, **options: Any) -> TimifyCustomers:
    return TimifyCustomers("app", "secret", base_url=server.url, **options)


@pytest.mark.parametrize("name", OPERATIONS)
async def test_every_operation_of_a_view_carries_its_headers(
    server: FaultServer, name: str
) -> None:
    """Each of the 17 operations, and not one of the client that the view came from."""
    async with client(server) as timify:
        await OPERATIONS[name].call(timify.with_options(headers={"X-Trace": "t-1"}))
        count = len(server.received)
        await OPERATIONS[name].call(timify)
    assert {it.headers.get("x-trace") for it in server.received[:count]} == {"t-1"}
    assert {it.headers.get("x-trace") for it in server.received[count:]} == {None}


async def test_views_add_to_the_headers_of_their_parent(server: FaultServer) -> None:
    """A name that comes again replaces the parent's, in any case; neither sees the other's."""
    async with client(server, headers={"X-Gateway": "g", "x-a": "client"}) as timify:
        view = timify.with_options(headers={"X-A": "view", "x-b": "view"})
        grandchild = view.for_company("5" * 24).with_options(headers={"X-B": "grandchild"})
        sibling = timify.with_options(retries=0)
        for user in (timify, view, grandchild, sibling):
            await user.customers.get("5" * 24)
    names = ("x-gateway", "x-a", "x-b")
    assert [tuple(it.headers.get(name) for name in names) for it in server.received] == [
        ("g", "client", None),
        ("g", "view", "view"),
        ("g", "view", "grandchild"),
        ("g", "client", None),
    ]


async def test_a_request_adds_to_the_headers_of_its_view(server: FaultServer) -> None:
    """Those of the request come first, and stay with it."""
    async with client(server, headers={"x-a": "client", "x-b": "client"}) as timify:
        await timify.request("GET", "/v1/x", headers={"X-A": "request"})
        await timify.request("GET", "/v1/x")
    first, second = server.received
    assert (first.headers["x-a"], first.headers["x-b"]) == ("request", "client")
    assert second.headers["x-a"] == "client"


async def test_a_clients_headers_go_with_the_token_request(server: FaultServer) -> None:
    """As a gateway in front of the API needs; those of a view do not, since all views share it."""
    async with client(server, headers={"x-gateway": "g"}) as timify:
        await timify.with_options(headers={"x-trace": "t"}).customers.get("5" * 24)
    assert server.tokens[0].headers["x-gateway"] == "g"
    assert "x-trace" not in server.tokens[0].headers
    assert server.received[0].headers["x-trace"] == "t"


async def test_the_definitions_that_views_share_carry_no_views_headers(sandbox: Sandbox) -> None:
    """The trace of one request must not be on what all wait for."""
    with sandbox.serve() as url:
        options: dict[str, Any] = {"base_url": url, "headers": {"x-gateway": "g"}}
        async with TimifyCustomers(
            sandbox.app_id, sandbox.app_secret, sandbox.company_id, **options
        ) as timify:
            view = timify.with_options(headers={"x-trace": "t"})
            await view.customers.create({"firstName": "Ada"})
    sent = {it.operation: it.headers for it in sandbox.requests}
    assert sent["create_customer"]["x-trace"] == "t"
    assert "x-trace" not in sent["list_customfields"]
    assert sent["list_customfields"]["x-gateway"] == "g"


@pytest.mark.parametrize(
    "name", ["Authorization", "company-id", "Host", "content-length", "user-agent", "Content-Type"]
)
async def test_the_clients_own_headers_are_refused(name: str) -> None:
    """By client, view and request alike, before anything is sent."""
    with pytest.raises(ArgumentError, match=name.lower()):
        TimifyCustomers("app", "secret", headers={name: "x"})
    timify = TimifyCustomers("app", "secret", base_url="http://127.0.0.1:1")
    with pytest.raises(ArgumentError, match=name.lower()):
        timify.with_options(headers={name: "x"})
    with pytest.raises(ArgumentError, match=name.lower()):
        await timify.request("GET", "/v1/x", headers={name: "x"})


def test_headers_are_shown_nowhere() -> None:
    """They may be secret."""
    timify = TimifyCustomers("app", "secret", headers={"x-key": "canary"})
    view = timify.with_options(headers={"x-other": "canary"})
    for shown in (timify, view, view._scope, view._scope.settings):
        assert "canary" not in repr(shown)


async def test_the_user_agent_names_the_service_too(server: FaultServer) -> None:
    """Behind that of this package, for views and token requests as well."""
    async with client(server, user_agent="my-service/1.2 (eu)") as timify:
        await timify.for_company("5" * 24).customers.get("5" * 24)
    async with client(server) as timify:
        await timify.customers.get("5" * 24)
    sent = [server.tokens[0], *server.received]
    assert [it.headers["user-agent"] for it in sent] == [
        f"{AGENT} my-service/1.2 (eu)",
        f"{AGENT} my-service/1.2 (eu)",
        AGENT,
    ]


def test_a_user_agent_that_cannot_be_sent_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """By both ways to make a client."""
    monkeypatch.setenv("TIMIFY_ACCESS_TOKEN", "x")
    for make in (lambda **it: TimifyCustomers(access_token="x", **it), TimifyCustomers.from_env):
        with pytest.raises(ConfigurationError, match="user_agent"):
            make(user_agent="x\r\nhost: y")
        with pytest.raises(ArgumentTypeError, match="user_agent"):
            make(user_agent=5)
        with pytest.raises(ArgumentError, match="host"):
            make(headers={"host": "y"})
