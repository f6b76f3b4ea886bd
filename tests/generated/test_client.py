"""The generated client keeps nothing that could leak from one use into another."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from timify_customers_client import api
from timify_customers_client.client import Client

SEEN: list[httpx.Request] = []


def answer(request: httpx.Request) -> httpx.Response:
    SEEN.append(request)
    return httpx.Response(
        200, json={"data": [], "status": 1}, headers={"set-cookie": "session=company-a; Path=/"}
    )


@pytest.fixture(autouse=True)
def _forget() -> None:
    SEEN.clear()


def client(**options: Any) -> Client:
    return Client("http://127.0.0.1", "canary", transport=httpx.MockTransport(answer), **options)


async def list_customers(raw: Client) -> httpx.Request:
    await api.customers.list_customers.asyncio(client=raw)
    return SEEN[-1]


def test_repr_shows_no_token() -> None:
    """Neither the token nor a header is in the repr of a client."""
    raw = client(headers={"x-key": "canary"})
    assert "canary" not in f"{raw!r} {raw}"


async def test_no_cookie_is_stored_or_sent() -> None:
    """A cookie of one answer is not in the next request."""
    async with client() as raw:
        await list_customers(raw)
        assert "cookie" not in (await list_customers(raw)).headers


async def test_headers_of_one_client_never_reach_another() -> None:
    """with_headers, with_token and with_timeout give other clients and change nothing on this
    one.
    """
    async with client(headers={"x-a": "1"}) as first:
        await list_customers(first)
        async with (
            first.with_headers({"x-a": "2", "company-id": "b"}) as second,
            first.with_token("other") as third,
        ):
            assert (await list_customers(second)).headers["x-a"] == "2"
            assert (await list_customers(third)).headers["authorization"] == "Bearer other"
            request = await list_customers(first)
            assert (request.headers["x-a"], request.headers["authorization"]) == (
                "1",
                "Bearer canary",
            )
            assert "company-id" not in request.headers


async def test_the_timeout_is_finite_by_default() -> None:
    """A request has finite timeouts unless another finite one is given; none and infinity are
    refused.
    """
    async with client() as raw, raw.with_timeout(3) as quick:
        assert all(
            0 < seconds < 600
            for seconds in (await list_customers(raw)).extensions["timeout"].values()
        )
        assert set((await list_customers(quick)).extensions["timeout"].values()) == {3}
    for wrong in (0, -1, float("inf"), float("nan")):
        with pytest.raises(ValueError, match="timeout"):
            client(timeout=wrong)


async def test_the_prefix_can_be_left_out() -> None:
    """The bare token is what recorded calls of 2022 sent."""
    async with client(prefix="") as raw:
        assert (await list_customers(raw)).headers["authorization"] == "canary"


async def test_redirects_are_not_followed() -> None:
    """A redirect is an answer of an undocumented status, and its place is not visited."""
    seen: list[str] = []

    def redirect(request: httpx.Request) -> httpx.Response:
        seen.append(str(request.url))
        return httpx.Response(302, json={}, headers={"location": "http://127.0.0.2/"})

    async with Client("http://127.0.0.1", "t", transport=httpx.MockTransport(redirect)) as raw:
        with pytest.raises(Exception, match="302"):
            await api.customers.list_customers.asyncio(client=raw)
    assert len(seen) == 1
