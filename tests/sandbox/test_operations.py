"""Every operation, one after the other, in process and over a socket."""

from collections.abc import AsyncGenerator

import httpx
import pytest
from sandbox.calls import CATEGORIES, CUSTOMERS, FIELDS, connect, create, data
from timify_customers._base.generated import EXTERNAL_ID_KEY
from timify_customers.sandbox import Company, Sandbox

pytestmark = pytest.mark.adopted

OPERATIONS = {
    *(
        "list_customers",
        "create_customer",
        "get_customer",
        "update_customer",
        "delete_customer",
        "import_customers",
    ),
    *(
        "list_customfields",
        "create_customfield",
        "get_customfield",
        "update_customfield",
        "delete_customfield",
    ),
    *("list_customfield_categories", "create_customfield_category", "get_customfield_category"),
    *("update_customfield_category", "delete_customfield_category"),
    *("list_global_customer_events", "create_token"),
}


@pytest.fixture(params=["in process", "socket"])
async def anywhere(
    request: pytest.FixtureRequest, sandbox: Sandbox
) -> AsyncGenerator[httpx.AsyncClient, None]:
    if request.param == "in process":
        async with connect(sandbox) as client:
            yield client
        return
    with sandbox.serve() as url:
        async with connect(sandbox, url) as client:
            yield client


async def test_every_operation(
    sandbox: Sandbox, company: Company, anywhere: httpx.AsyncClient
) -> None:
    """The token operation and all 17 others succeed, in process and over a socket."""
    client = anywhere
    credentials = {"appid": sandbox.app_id, "appsecret": sandbox.app_secret}
    assert "accessToken" in (await client.post("/v1/auth/token", json=credentials)).json()
    await categories_and_fields(client)
    await customers(client, company)
    assert {it.operation for it in sandbox.requests} == OPERATIONS


async def categories_and_fields(client: httpx.AsyncClient) -> None:
    category = data(await client.post(CATEGORIES, json={"name": "Club"}))
    body = {"label": "Tier", "type": "TEXT", "categoryId": category["id"]}
    field = data(await client.post(FIELDS, json=body))
    for path, made, change in (
        (CATEGORIES, category, {"name": "Guild"}),
        (FIELDS, field, {"label": "Level"}),
    ):
        own = f"{path}/{made['id']}"
        assert data(await client.get(own)) == made
        assert data(await client.patch(own, json=change)) == made | change
        assert made | change in data(await client.get(path))
    assert (await client.delete(f"{FIELDS}/{field['id']}")).json() == {"status": 1}
    assert (await client.delete(f"{CATEGORIES}/{category['id']}")).json() == {"status": 1}


async def customers(client: httpx.AsyncClient, company: Company) -> None:
    made = await create(client, company, "crm-1", firstName="Zoë 🎈")
    own = f"{CUSTOMERS}/{made['id']}"
    assert data(await client.get(own)) == made
    assert data(await client.patch(own, json={EXTERNAL_ID_KEY: "crm-2"}))["externalId"] == "crm-2"
    assert (await client.delete(f"{CUSTOMERS}/crm-2?external=1")).json() == {"status": 1}
    rows = [{"importCustomerId": "1", "customfields": []}]
    assert (await client.post(f"{CUSTOMERS}/import", json={"customers": rows})).json() == {
        "status": 1
    }
    assert len(data(await client.get(CUSTOMERS))) == 1
    company.events["g-1"] = [{"id": "e-1"}]
    assert data(await client.get(f"{CUSTOMERS}/global/g-1/events")) == [{"id": "e-1"}]
