"""All 17 operations of the customers module, as calls of the SDK."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from attrs import frozen
from timify_customers import TimifyCustomers
from timify_customers._base.generated import IMPORT_ROW_KEYS
from timify_customers._resources.fields import _PARAMETERS
from timify_customers_client import models

from support.faults import ID

Call = Callable[[TimifyCustomers], Awaitable[Any]]
FIELD = "5d9f2a7c6d95c0112ca1cc96"
ENTRIES = [{"id": FIELD, "value": "Ada"}]


def field_arguments(model: type, **arguments: Any) -> dict[str, Any]:
    """Those arguments of a custom field that the built document has.

    What a request says of one is inferred, so adoption drops what a published body does not list.
    """
    return {name: value for name, value in arguments.items() if hasattr(model, _PARAMETERS[name])}


ALL_OF_A_FIELD = {"type": "SELECT", "category": ID, "options": ["gold"], "multiple": True}
NEW_FIELD = field_arguments(models.CustomfieldCreate, **ALL_OF_A_FIELD)
CHANGED_FIELD = field_arguments(models.CustomfieldUpdate, label="Tier", **ALL_OF_A_FIELD)


_COLUMNS = {key: column for column, key in IMPORT_ROW_KEYS.items()}


def columns_of(row: dict[str, Any]) -> dict[str, Any]:
    """A row of an import as its caller wrote it, however the document spells its keys."""
    return {_COLUMNS.get(name, name): value for name, value in row.items()}


async def _read(pager: Any) -> list[Any]:
    return [item async for item in pager]


@frozen
class Example:
    """A call of one operation, the request that it makes, and what a lost answer means for it."""

    call: Call
    method: str
    path: str
    repeat: str
    writes: bool = True


def _import(timify: TimifyCustomers) -> Awaitable[Any]:
    return timify.customers.import_many([{"importCustomerId": "crm-1"}])


OPERATIONS: dict[str, Example] = {
    "list_customers": Example(
        lambda t: _read(t.customers.list()), "GET", "/v1/customers", "safe", writes=False
    ),
    "create_customer": Example(
        lambda t: t.customers.create(ENTRIES), "POST", "/v1/customers", "never"
    ),
    "get_customer": Example(
        lambda t: t.customers.get(ID), "GET", f"/v1/customers/{ID}", "safe", writes=False
    ),
    "update_customer": Example(
        lambda t: t.customers.update(ENTRIES, customer_id=ID),
        "PATCH",
        f"/v1/customers/{ID}",
        "safe",
    ),
    "delete_customer": Example(
        lambda t: t.customers.delete(ID), "DELETE", f"/v1/customers/{ID}", "safe"
    ),
    "import_customers": Example(_import, "POST", "/v1/customers/import", "safe"),
    "list_global_customer_events": Example(
        lambda t: _read(t.customers.events(ID)),
        "GET",
        f"/v1/customers/global/{ID}/events",
        "safe",
        writes=False,
    ),
    "list_customfields": Example(
        lambda t: t.fields.list(), "GET", "/v1/customers/customfields", "safe", writes=False
    ),
    "create_customfield": Example(
        lambda t: t.fields.create("Tier"), "POST", "/v1/customers/customfields", "never"
    ),
    "get_customfield": Example(
        lambda t: t.fields.get(FIELD),
        "GET",
        f"/v1/customers/customfields/{FIELD}",
        "safe",
        writes=False,
    ),
    "update_customfield": Example(
        lambda t: t.fields.update(FIELD, label="Tier"),
        "PATCH",
        f"/v1/customers/customfields/{FIELD}",
        "safe",
    ),
    "delete_customfield": Example(
        lambda t: t.fields.delete(FIELD), "DELETE", f"/v1/customers/customfields/{FIELD}", "safe"
    ),
    "list_customfield_categories": Example(
        lambda t: t.categories.list(),
        "GET",
        "/v1/customers/customfields/categories",
        "safe",
        writes=False,
    ),
    "create_customfield_category": Example(
        lambda t: t.categories.create("VIP"),
        "POST",
        "/v1/customers/customfields/categories",
        "never",
    ),
    "get_customfield_category": Example(
        lambda t: t.categories.get(ID),
        "GET",
        f"/v1/customers/customfields/categories/{ID}",
        "safe",
        writes=False,
    ),
    "update_customfield_category": Example(
        lambda t: t.categories.update(ID, name="VIP"),
        "PATCH",
        f"/v1/customers/customfields/categories/{ID}",
        "safe",
    ),
    "delete_customfield_category": Example(
        lambda t: t.categories.delete(ID),
        "DELETE",
        f"/v1/customers/customfields/categories/{ID}",
        "safe",
    ),
}
assert len(OPERATIONS) == 17
