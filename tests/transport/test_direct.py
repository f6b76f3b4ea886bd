"""A request goes to the transport itself, without the parts of httpx that nothing here uses."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from support.faults import ID, FaultServer, answer, haste
from timify_customers import RedirectError, TimifyCustomers

pytestmark = pytest.mark.usefixtures("either_library")


@pytest.fixture(autouse=True)
def _haste() -> Iterator[None]:
    with haste():
        yield


async def test_the_request_is_what_httpx_would_send() -> None:
    """Host, length and user agent are there, and only gzip is asked for."""
    async with (
        FaultServer() as server,
        TimifyCustomers(access_token="x", base_url=server.url) as timify,
    ):
        await timify.customers.create([], external_id="crm-1")
    (received,) = server.received
    user_agent = received.headers.pop("user-agent")
    assert user_agent.startswith("timify-customers-client/")
    assert received.headers == {
        "host": server.url.removeprefix("http://"),
        "accept": "application/json",
        "accept-encoding": "gzip",
        "authorization": "Bearer x",
        "connection": "keep-alive",
        "content-length": str(len(received.body)),
        "content-type": "application/json",
    }


@pytest.mark.parametrize("location", ["http://[", "https://example.com:port/", "/other"])
async def test_a_redirect_is_refused_wherever_it_leads(location: str) -> None:
    """A place that is no address makes a redirect no lost answer: nothing was done."""
    async with (
        FaultServer(default=answer(302, b"", f"location: {location}")) as server,
        TimifyCustomers(access_token="x", base_url=server.url) as timify,
    ):
        with pytest.raises(RedirectError, match="not followed"):
            await timify.customers.create([], external_id="crm-1")
    assert len(server.received) == 1


async def test_a_transport_of_the_users_gets_the_request_itself() -> None:
    """Nothing stands between a call and the user's transport, which finds its timeouts there."""
    seen: list[httpx.Request] = []

    def answered(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json={"data": {"id": ID}, "status": 1})

    transport = httpx.MockTransport(answered)
    async with TimifyCustomers(access_token="x", transport=transport, timeout=20.0) as timify:
        await timify.customers.get(ID)
    assert str(seen[0].url) == f"https://api.timify.com/v1/customers/{ID}"
    steps: dict[str, Any] = seen[0].extensions["timeout"]
    assert steps == {"connect": 10.0, "read": 20.0, "write": 20.0, "pool": 20.0}


async def test_no_address_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    """External ids are a part of addresses, so no logger writes these at INFO."""
    caplog.set_level(logging.INFO)
    async with (
        FaultServer() as server,
        TimifyCustomers(access_token="x", base_url=server.url) as timify,
    ):
        await timify.customers.get(ID)
    assert ID not in caplog.text
