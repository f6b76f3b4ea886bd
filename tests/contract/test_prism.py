"""The client against Prism, a mock server that others wrote and that checks every request against
the document.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest
from contract.prism import Judged, Prism
from support.faults import ID
from support.operations import CHANGED_FIELD, ENTRIES, FIELD, NEW_FIELD, OPERATIONS
from timify_customers import Customer, TimifyCustomers
from timify_customers._base.generated import EXTERNAL_ID_KEY

pytestmark = pytest.mark.adopted

COMPANY = "5a0db0c5a0db0c5a0db0c5a0"
ODD = "crm/ä?#%2F &=+"
ROWS = [{"importCustomerId": f"crm-{number}"} for number in range(5)]
BEARER = {"authorization": "Bearer token"}


async def read(pager: Any) -> list[Any]:
    return [item async for item in pager]


# What the calls of OPERATIONS leave out: the other ways to name a customer, and every option that
# reaches the wire.
VARIANTS: dict[str, Callable[[TimifyCustomers], Awaitable[Any]]] = {
    "a page of another size": lambda t: read(t.customers.list(page_size=3)),
    "create with an external id": lambda t: t.customers.create(ENTRIES, external_id=ODD),
    "get by external id": lambda t: t.customers.get(external_id=ODD),
    "update by external id": lambda t: t.customers.update(
        ENTRIES, external_id=ODD, new_external_id="crm-2"
    ),
    "update of the external id alone": lambda t: t.customers.update(
        [], customer_id=ID, new_external_id=ODD
    ),
    "delete by external id": lambda t: t.customers.delete(external_id=ODD),
    "import in chunks": lambda t: t.customers.import_many(ROWS, chunk_size=2),
    "import with ids": lambda t: t.customers.import_many(
        [{"importCustomerId": "crm-1", "id": ID, "externalId": ODD}]
    ),
    "import with values": lambda t: t.customers.import_many(
        [{"importCustomerId": "crm-1", FIELD: "Ada"}]
    ),
    "a page of events": lambda t: read(t.customers.events(ID, page_size=2)),
    "a field with all it can have": lambda t: t.fields.create("Tier", **NEW_FIELD),
    "a change of all of a field": lambda t: t.fields.update(FIELD, **CHANGED_FIELD),
    "another company": lambda t: t.for_company("0" * 24).customers.get(ID),
}


async def judged(
    prism: Prism, call: Callable[[TimifyCustomers], Awaitable[Any]]
) -> tuple[Any, Judged]:
    transport = Judged()
    async with TimifyCustomers(
        "app", "secret", COMPANY, base_url=prism.url, transport=transport
    ) as timify:
        return await call(timify), transport


@pytest.mark.parametrize("name", OPERATIONS)
async def test_prism_takes_every_operation(name: str, mock: Prism) -> None:
    """Each of the 17 operations reaches its path, breaks no rule of the document, and its answer is
    understood.
    """
    operation = OPERATIONS[name]
    _, transport = await judged(mock, operation.call)
    assert [(what, found) for what, _, found in transport.seen if found] == [], mock.log()
    assert {what for what, status, _ in transport.seen if status == 200} == {
        "POST /v1/auth/token",
        f"{operation.method} {operation.path}",
    }


@pytest.mark.parametrize("name", VARIANTS)
async def test_prism_takes_every_option(name: str, mock: Prism) -> None:
    """Whatever option a call is given, what it sends is as the document has it."""
    _, transport = await judged(mock, VARIANTS[name])
    assert [(what, found) for what, _, found in transport.seen if found] == [], mock.log()
    assert {status for _, status, _ in transport.seen} == {200}


async def test_answers_made_from_the_document_are_read(mock: Prism) -> None:
    """A customer that another tool made from the document reads as one, to its last property."""
    customer, _ = await judged(mock, lambda timify: timify.customers.get(ID))
    assert isinstance(customer, Customer)
    assert (customer.id, customer.total_bookings, customer.first_letters) == (ID, 0, ["string"])
    assert customer.created_at is not None
    assert customer.phone is not None
    assert customer.phone.code == "string"
    assert [entry.type_ for entry in customer.fields or ()] == ["TEXT"]
    assert customer.to_dict() == customer.raw


WRONG = {
    "no body key": (
        422,
        "customfields",
        {"method": "POST", "url": "/v1/customers", "json": {EXTERNAL_ID_KEY: "x"}},
    ),
    "a wrong type": (
        422,
        "array",
        {"method": "POST", "url": "/v1/customers", "json": {"customfields": "Ada"}},
    ),
    "a page 0": (422, "page", {"method": "GET", "url": "/v1/customers?page=0"}),
    "external=2": (422, "external", {"method": "GET", "url": "/v1/customers/x?external=2"}),
    "a company that is none": (
        422,
        "company-id",
        {"method": "GET", "url": "/v1/customers", "headers": BEARER | {"company-id": "x"}},
    ),
    "no token": (401, "security", {"method": "GET", "url": "/v1/customers", "headers": {}}),
    "no such path": (404, "Route not resolved", {"method": "GET", "url": "/v1/customer"}),
    "no such method": (405, "Route resolved", {"method": "PUT", "url": "/v1/customers/x"}),
}


@pytest.mark.parametrize("name", WRONG)
async def test_prism_reports_what_is_wrong(name: str, mock: Prism) -> None:
    """A request that the document does not allow is reported: what passes above was looked at."""
    status, word, request = WRONG[name]
    async with httpx.AsyncClient(
        base_url=mock.url, transport=(transport := Judged()), headers=BEARER
    ) as client:
        if "headers" in request:
            client.headers.clear()
        await client.request(**request)
    [(_, answered, found)] = transport.seen
    assert answered == status, found
    assert any(word in what for what in found), found
