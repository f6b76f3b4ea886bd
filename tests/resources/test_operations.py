"""Each of the 17 operations of the customers module, end to end over a real socket."""

from __future__ import annotations

import datetime
import uuid

import pytest
from support.operations import OPERATIONS
from timify_customers import Customer, NotFoundError, TimifyCustomers
from timify_customers.sandbox import Sandbox

pytestmark = pytest.mark.adopted

Served = tuple[Sandbox, str]


def key() -> str:
    return f"crm-{uuid.uuid4()}"


async def test_list_customers(wired: TimifyCustomers) -> None:
    """GET /v1/customers gives every customer once, over several pages, in the API's order."""
    names = [f"Lister {number:02}" for number in range(7)]
    for name in reversed(names):
        await wired.customers.create({"firstName": name})
    found = [customer.first_name async for customer in wired.customers.list(page_size=3)]
    assert [name for name in found if name in names] == names


async def test_create_customer(wired: TimifyCustomers) -> None:
    """POST /v1/customers creates a customer from values by default id, and gives it back typed."""
    external_id = key()
    ada = await wired.customers.create(
        {
            "firstName": "Ada",
            "lastName": "Lovelace",
            "email": "ada@example.com",
            "mobilePhone": "+44 20 7946 0958",
            "birthday": datetime.date(1815, 12, 10),
            "notes": "naïve 🎩",
        },
        external_id=external_id,
    )
    assert isinstance(ada, Customer)
    assert (ada.full_name, ada.external_id, ada.settled) == ("Ada Lovelace", external_id, False)
    assert ada.phone is not None
    assert (ada.phone.phone, ada.phone.code) == ("+442079460958", "GB")
    assert ada.created_at is not None
    assert ada.created_at.tzinfo is not None
    values = {entry.default_id: entry.value for entry in ada.fields or ()}
    assert values["birthday"] == "1815-12-10"
    assert values["notes"] == "naïve 🎩"


async def test_get_customer(wired: TimifyCustomers) -> None:
    """GET /v1/customers/{customerId} reads by id, and by external id whatever characters it has."""
    external_id = f"{key()}/ä?#%2F &=+"
    made = await wired.customers.create({"firstName": "Ada"}, external_id=external_id)
    assert await wired.customers.get(made.id) == made
    assert await wired.customers.get(external_id=external_id) == made
    with pytest.raises(NotFoundError):
        await wired.customers.get(external_id=key())


async def test_update_customer(wired: TimifyCustomers) -> None:
    """PATCH /v1/customers/{customerId} changes what is named, by id and by external id, and the
    external id itself.
    """
    first, second = key(), key()
    made = await wired.customers.create({"firstName": "Ada", "notes": "old"}, external_id=first)
    changed = await wired.customers.update({"notes": "new"}, external_id=first)
    assert changed.first_name == "Ada"
    assert {entry.default_id: entry.value for entry in changed.fields or ()}["notes"] == "new"
    moved = await wired.customers.update({}, customer_id=made.id, new_external_id=second)
    assert (moved.id, moved.external_id) == (made.id, second)
    with pytest.raises(NotFoundError):
        await wired.customers.update({"notes": "x"}, external_id=first)


async def test_delete_customer(wired: TimifyCustomers) -> None:
    """DELETE /v1/customers/{customerId} deletes by id, and by external id after finding the id."""
    external_id = key()
    one = await wired.customers.create({"firstName": "One"})
    await wired.customers.create({"firstName": "Two"}, external_id=external_id)
    await wired.customers.delete(one.id)
    await wired.customers.delete(external_id=external_id)
    for again in ({"customer_id": one.id}, {"external_id": external_id}):
        with pytest.raises(NotFoundError):
            await wired.customers.delete(**again)


async def test_import_customers(served: Served, wired: TimifyCustomers) -> None:
    """POST /v1/customers/import creates in chunks, updates what it knows, and leaves out bad rows,
    with reasons.
    """
    before = len(served[0].company().customers)
    rows = [{"crm": f"{number}-{key()}", "firstName": f"Imported {number}"} for number in range(25)]
    bad = [{"crm": "", "firstName": "x"}, {"crm": key(), "email": "no"}, rows[0]]
    report = await wired.customers.import_many([*rows, *bad], key="crm", chunk_size=10)
    assert (report.accepted, report.requests) == (25, 3)
    assert report.invalid == 3
    assert [(it.number, it.column) for it in report.problems] == [
        (26, "crm"),
        (27, "email"),
        (28, "crm"),
    ]
    assert "no key" in report.problems[0].reason
    assert "not an email" in report.problems[1].reason
    assert "row 1 has the same key" in report.problems[2].reason
    assert len(served[0].company().customers) == before + 25
    await wired.customers.import_many(rows, key="crm")
    assert len(served[0].company().customers) == before + 25


async def test_list_global_customer_events(served: Served, wired: TimifyCustomers) -> None:
    """GET /v1/customers/global/{customerId}/events gives the events of a global customer."""
    served[0].company().events["g1"] = [
        {"id": str(number), "title": "Cut", "date": "2024-05-22Z"} for number in range(5)
    ]
    events = [event async for event in wired.customers.events("g1", page_size=2)]
    assert [event.id for event in events] == list("01234")
    assert events[0].date == "2024-05-22Z"


async def test_list_customfields(wired: TimifyCustomers) -> None:
    """GET /v1/customers/customfields gives the default fields with their default ids."""
    fields = {field.default_id: field for field in await wired.fields.list()}
    assert {"firstName", "lastName", "email", "mobilePhone", "birthday", "notes"} <= fields.keys()
    assert fields["birthday"].type_ == "DATE"


async def test_create_customfield(wired: TimifyCustomers) -> None:
    """POST /v1/customers/customfields creates a field that customers can be written with at
    once.
    """
    await wired.customers.create({"firstName": "Before"})
    category = await wired.categories.create("Loyalty")
    field = await wired.fields.create(
        "Tier", "SELECT", category=category.id, options=["gold", "silver"]
    )
    assert (field.label, field.type_, field.category_id) == ("Tier", "SELECT", category.id)
    made = await wired.customers.create({"firstName": "Ada", field.id: "gold"})
    assert {entry.label: entry.value for entry in made.fields or ()}["Tier"] == "gold"


async def test_get_customfield(wired: TimifyCustomers) -> None:
    """GET /v1/customers/customfields/{fieldId} reads one definition."""
    made = await wired.fields.create("Shoe size")
    assert await wired.fields.get(made.id) == made


async def test_update_customfield(wired: TimifyCustomers) -> None:
    """PATCH /v1/customers/customfields/{fieldId} changes what is given."""
    made = await wired.fields.create("Colour")
    changed = await wired.fields.update(made.id, label="Favourite colour")
    assert (changed.id, changed.label, changed.type_) == (made.id, "Favourite colour", "TEXT")


async def test_delete_customfield(wired: TimifyCustomers) -> None:
    """DELETE /v1/customers/customfields/{fieldId} deletes a definition."""
    made = await wired.fields.create("Gone")
    await wired.fields.delete(made.id)
    with pytest.raises(NotFoundError):
        await wired.fields.get(made.id)


async def test_list_customfield_categories(wired: TimifyCustomers) -> None:
    """GET /v1/customers/customfields/categories gives the categories."""
    made = await wired.categories.create("Listed")
    assert made.id in [category.id for category in await wired.categories.list()]


async def test_create_customfield_category(wired: TimifyCustomers) -> None:
    """POST /v1/customers/customfields/categories creates a category."""
    assert (await wired.categories.create("VIP")).name == "VIP"


async def test_get_customfield_category(wired: TimifyCustomers) -> None:
    """GET /v1/customers/customfields/categories/{categoryId} reads one category."""
    made = await wired.categories.create("Read")
    assert await wired.categories.get(made.id) == made


async def test_update_customfield_category(wired: TimifyCustomers) -> None:
    """PATCH /v1/customers/customfields/categories/{categoryId} renames a category."""
    made = await wired.categories.create("Old")
    assert (await wired.categories.update(made.id, name="New")).name == "New"
    assert (await wired.categories.get(made.id)).name == "New"


async def test_delete_customfield_category(wired: TimifyCustomers) -> None:
    """DELETE /v1/customers/customfields/categories/{categoryId} deletes a category."""
    made = await wired.categories.create("Gone")
    await wired.categories.delete(made.id)
    with pytest.raises(NotFoundError):
        await wired.categories.get(made.id)


def test_every_operation_has_its_test() -> None:
    """No operation of the module is without a test here."""
    assert {f"test_{name}" for name in OPERATIONS} <= globals().keys()
