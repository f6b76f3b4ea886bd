"""Tests of the service under anyio's plugin, on the fixtures that the SDK brings."""

import json
from collections.abc import AsyncIterator

import httpx
import pytest
from service import app, get_timify, lifespan
from timify_customers import TimifyCustomers
from timify_customers.sandbox import Sandbox

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    """Run on asyncio."""
    return "asyncio"


@pytest.fixture
async def web(timify: TimifyCustomers) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the service, which talks to the sandbox and repeats nothing."""
    app.dependency_overrides[get_timify] = lambda: timify.with_options(retries=0)
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://service") as client:
        yield client
    app.dependency_overrides.clear()


async def test_a_customer_lives(web: httpx.AsyncClient) -> None:
    """A customer is created, changed, read and deleted."""
    created = await web.post("/customers/crm-1", json={"firstName": "Ada", "lastName": "Byron"})
    assert created.status_code == 201
    changed = await web.patch("/customers/crm-1", json={"last_name": "Lovelace"})
    assert changed.status_code == 204
    assert (await web.get("/customers/crm-1")).json()["name"] == "Ada Lovelace"
    assert (await web.delete("/customers/crm-1")).status_code == 204
    assert (await web.get("/customers/crm-1")).status_code == 404


async def test_a_lost_answer_makes_no_second_customer(
    web: httpx.AsyncClient, timify_sandbox: Sandbox
) -> None:
    """The service answers 201 when the customer was created and only the answer was lost."""
    timify_sandbox.fail("create_customer", "cut_after")
    assert (await web.post("/customers/crm-1", json={"firstName": "Ada"})).status_code == 201
    assert len(timify_sandbox.company().customers) == 1


async def test_bad_input_is_the_callers(web: httpx.AsyncClient) -> None:
    """A name that no field has is 422, with the names that there are; nothing was sent."""
    answer = await web.post("/customers/crm-1", json={"fristName": "Ada"})
    assert answer.status_code == 422
    assert "firstName" in answer.json()["error"]


async def test_a_limit_says_when_to_come_again(
    web: httpx.AsyncClient, timify_sandbox: Sandbox
) -> None:
    """A 429 of the API is a 503 of the service, with the API's Retry-After."""
    timify_sandbox.fail("get_customer", status=429, retry_after=7)
    answer = await web.get("/customers/crm-1")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "7")


async def test_an_unclear_write_says_whether_to_repeat_it(
    web: httpx.AsyncClient, timify_sandbox: Sandbox
) -> None:
    """An update whose answer was lost is 502, and safe to repeat."""
    await web.post("/customers/crm-1", json={"firstName": "Ada"})
    timify_sandbox.fail("update_customer", "cut_after")
    answer = await web.patch("/customers/crm-1", json={"firstName": "Grace"})
    assert (answer.status_code, answer.json()["safe_to_repeat"]) == (502, True)


async def test_the_list_is_streamed(web: httpx.AsyncClient, timify_sandbox: Sandbox) -> None:
    """Every customer is a line, over several pages."""
    timify_sandbox.add_customers([{"firstName": f"Ada {number}"} for number in range(1200)])
    async with web.stream("GET", "/customers") as answer:
        names = [json.loads(line)["name"] async for line in answer.aiter_lines()]
    assert len(set(names)) == 1200


async def test_a_list_that_breaks_off_says_so(
    web: httpx.AsyncClient, timify_sandbox: Sandbox
) -> None:
    """When the second page fails, the lines of the first are there, and an error is the last."""
    timify_sandbox.add_customers([{"firstName": f"Ada {number}"} for number in range(700)])
    timify_sandbox.fail("list_customers", status=500, skip=1)
    answer = await web.get("/customers")
    *rows, last_line = answer.text.splitlines()
    assert len(rows) == 500
    assert "HTTP 500" in json.loads(last_line)["error"]


async def test_the_service_makes_its_own_client(timify_env: dict[str, str]) -> None:
    """With the environment alone, the service starts, serves and stops."""
    transport = httpx.ASGITransport(app)
    async with (
        lifespan(app),
        httpx.AsyncClient(transport=transport, base_url="http://service") as web,
    ):
        assert (await web.get("/customers")).text == ""
