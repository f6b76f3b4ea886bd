"""The same fixtures under pytest-asyncio."""

from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio
from service import app, get_timify
from timify_customers import TimifyCustomers
from timify_customers.sandbox import Sandbox

pytestmark = pytest.mark.asyncio


@pytest_asyncio.fixture
async def web(timify: TimifyCustomers) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the service, which talks to the sandbox."""
    app.dependency_overrides[get_timify] = lambda: timify
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://service") as client:
        yield client
    app.dependency_overrides.clear()


async def test_a_customer_is_made(web: httpx.AsyncClient, timify_sandbox: Sandbox) -> None:
    """What the service creates is in the sandbox, under its key."""
    customer = (await web.post("/customers/crm-1", json={"firstName": "Ada"})).json()
    assert timify_sandbox.company().customers[customer["id"]].external_id == "crm-1"


async def test_nobody_is_404(web: httpx.AsyncClient) -> None:
    """A key that nobody has is 404."""
    assert (await web.get("/customers/crm-1")).status_code == 404
