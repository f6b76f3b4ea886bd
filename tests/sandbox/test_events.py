"""Events of a global customer."""

from dataclasses import replace

import httpx
from sandbox.calls import CUSTOMERS, data, refused
from timify_customers.sandbox import Company

EVENTS = CUSTOMERS + "/global/g-1/events"


async def test_events_are_what_the_test_put_there(
    company: Company, client: httpx.AsyncClient
) -> None:
    """The events of a global id are listed as they are, in pages."""
    company.events["g-1"] = [{"id": "e-1", "title": "Haircut"}, {"id": "e-2", "price": None}]
    answer = (await client.get(EVENTS)).json()
    assert (answer["data"], answer["total"], answer["status"]) == (company.events["g-1"], 2, 1)
    assert (
        data(await client.get(EVENTS, params={"page": 2, "limit": 1})) == company.events["g-1"][1:]
    )


async def test_a_global_customer_without_events(
    company: Company, client: httpx.AsyncClient
) -> None:
    """A global customer that has no events has an empty list."""
    company.put(replace(company.create({}), global_id="g-1"))
    assert data(await client.get(EVENTS)) == []


async def test_an_unknown_global_customer(company: Company, client: httpx.AsyncClient) -> None:
    """A global id of nobody is a 404; the plain id of a customer is none."""
    customer = company.create({})
    refused(await client.get(EVENTS), 404, "g-1")
    refused(await client.get(f"{CUSTOMERS}/global/{customer.id}/events"), 404, customer.id)
