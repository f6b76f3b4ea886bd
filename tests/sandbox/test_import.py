"""The import: create or update by key or id, all or nothing."""

from typing import Any

import httpx
import pytest
from sandbox.calls import CUSTOMERS, create, customfields, data, refused
from timify_customers._base.generated import IMPORT_ROW_KEYS
from timify_customers.sandbox import Company

ROW_KEY = IMPORT_ROW_KEYS["externalId"]
"""How rows of an import spell the external id, as the built document has it."""

IMPORT = "/v1/customers/import"
UNKNOWN = "5d9f2a7c6d95c0112ca1cc96"


def row(company: Company, name: str, **keys: str) -> dict[str, Any]:
    return {**keys, "customfields": customfields(company, {"firstName": name})}


async def import_rows(client: httpx.AsyncClient, *rows: object) -> httpx.Response:
    return await client.post(IMPORT, json={"customers": rows})


async def names(client: httpx.AsyncClient) -> list[str]:
    return [it["firstName"] for it in data(await client.get(CUSTOMERS))]


async def test_rows_become_customers(company: Company, client: httpx.AsyncClient) -> None:
    """Every row makes a customer, answered with a plain success; the import key does not show."""
    rows = [row(company, "Ada", importCustomerId="1", **{ROW_KEY: "crm-1"}), row(company, "Bea")]
    answer = await import_rows(client, *rows)
    assert (answer.status_code, answer.json()) == (200, {"status": 1})
    listed = data(await client.get(CUSTOMERS))
    assert [(it["firstName"], it["externalId"]) for it in listed] == [("Ada", "crm-1"), ("Bea", "")]
    assert not {"importCustomerId", "import_customer_id"} & set(listed[0])
    assert company.customers[listed[0]["id"]].import_customer_id == "1"


async def test_a_repeated_import_updates(company: Company, client: httpx.AsyncClient) -> None:
    """A row whose key is known updates its customer: other values and the external id stay."""
    await import_rows(client, row(company, "Ada", importCustomerId="1", **{ROW_KEY: "crm-1"}))
    (before,) = data(await client.get(CUSTOMERS))
    body = {"importCustomerId": "1", "customfields": customfields(company, {"notes": "again"})}
    await import_rows(client, body, body)
    (after,) = data(await client.get(CUSTOMERS))
    assert (after["id"], after["firstName"], after["externalId"]) == (before["id"], "Ada", "crm-1")
    assert [it["value"] for it in after["fields"]] == ["Ada", "again"]


async def test_a_row_by_id(company: Company, client: httpx.AsyncClient) -> None:
    """A row with the id of a customer updates it, and gives it its key."""
    made = await create(client, company, firstName="Ada")
    await import_rows(client, row(company, "Bea", id=made["id"], importCustomerId="1"))
    await import_rows(client, row(company, "Cleo", importCustomerId="1"))
    assert await names(client) == ["Cleo"]


async def test_a_known_key_beside_an_unknown_id(
    company: Company, client: httpx.AsyncClient
) -> None:
    """Either of key and id suffices to find the customer."""
    await import_rows(client, row(company, "Ada", importCustomerId="1"))
    await import_rows(client, row(company, "Bea", importCustomerId="1", id=UNKNOWN))
    assert await names(client) == ["Bea"]


async def test_a_key_used_twice_in_one_import(company: Company, client: httpx.AsyncClient) -> None:
    """The second of two rows with one key updates what the first made."""
    await import_rows(
        client, *(row(company, name, import_customer_id="1") for name in ("Ada", "Bea"))
    )
    assert await names(client) == ["Bea"]


@pytest.mark.wrong_requests
@pytest.mark.parametrize(
    ("bad", "word"),
    [
        ("x", "object"),
        ({"customfields": "x"}, "customfields"),
        ({"customfields": [{"id": UNKNOWN, "value": "x"}]}, UNKNOWN),
        ({"importCustomerId": 1}, "importCustomerId"),
        ({"id": UNKNOWN}, UNKNOWN),
        ({ROW_KEY: "taken"}, "taken"),
        ({ROW_KEY: "also-taken"}, "also-taken"),
    ],
)
async def test_a_bad_row_fails_the_whole_import(
    company: Company, client: httpx.AsyncClient, bad: object, word: str
) -> None:
    """A row that cannot be taken is named in a 422, and nothing of the import is written."""
    await create(client, company, "taken", firstName="Ada")
    await import_rows(client, row(company, "Bea", importCustomerId="1"))
    before = data(await client.get(CUSTOMERS))
    good = row(company, "Cleo", importCustomerId="1", **{ROW_KEY: "also-taken"})
    refused(await import_rows(client, good, bad, good), 422, "customers[1]", word)
    assert data(await client.get(CUSTOMERS)) == before
    refused(await client.get(f"{CUSTOMERS}/also-taken?external=1"), 404)
    await import_rows(client, good)
    assert await names(client) == ["Ada", "Cleo"]


async def test_keys_are_free_again(company: Company, client: httpx.AsyncClient) -> None:
    """The key of a customer that is deleted, or of an import that failed, makes a new customer."""
    await import_rows(client, row(company, "Ada", importCustomerId="1"))
    (made,) = data(await client.get(CUSTOMERS))
    await client.delete(f"{CUSTOMERS}/{made['id']}")
    await import_rows(client, row(company, "Bea", importCustomerId="1"))
    refused(
        await import_rows(client, row(company, "x", importCustomerId="2"), {"id": UNKNOWN}), 422
    )
    await import_rows(client, row(company, "Cleo", importCustomerId="2"))
    assert await names(client) == ["Bea", "Cleo"]


async def test_a_failed_first_import_leaves_nothing(
    company: Company, client: httpx.AsyncClient
) -> None:
    """A company that was empty before a failed import is empty after it."""
    refused(await import_rows(client, row(company, "Ada"), {"id": UNKNOWN}), 422, "customers[1]")
    assert data(await client.get(CUSTOMERS)) == []


async def test_key_and_id_of_two_customers(company: Company, client: httpx.AsyncClient) -> None:
    """A row whose key and id are those of two customers is refused with 422."""
    await import_rows(client, row(company, "Ada", importCustomerId="1"))
    other = await create(client, company, firstName="Bea")
    refused(
        await import_rows(client, row(company, "x", importCustomerId="1", id=other["id"])),
        422,
        other["id"],
    )
    assert await names(client) == ["Ada", "Bea"]


@pytest.mark.wrong_requests
@pytest.mark.parametrize("body", [[], {}, {"customers": {}}, {"customers": None}, {"rows": []}])
async def test_bodies_that_are_no_import(client: httpx.AsyncClient, body: object) -> None:
    """A body without a list of customers is refused with 400."""
    refused(await client.post(IMPORT, json=body), 400)


async def test_an_empty_import_succeeds(client: httpx.AsyncClient) -> None:
    """An import of no rows does nothing, with success."""
    assert (await import_rows(client)).json() == {"status": 1}
