"""Custom fields and their categories."""

from typing import Any

import httpx
import pytest
from sandbox.calls import CATEGORIES, CUSTOMERS, FIELDS, create, data, refused
from timify_customers.sandbox import Company

DEFAULTS = {
    "salutation": "SELECT",
    "firstName": "TEXT",
    "lastName": "TEXT",
    "email": "EMAIL",
    "mobilePhone": "PHONE",
    "landlinePhone": "PHONE",
    "birthday": "DATE",
    "notes": "TEXTAREA",
}
UNKNOWN = "5d9f2a7c6d95c0112ca1cc96"


async def tier(client: httpx.AsyncClient, **more: object) -> dict[str, Any]:
    made: dict[str, Any] = data(
        await client.post(FIELDS, json={"label": "Tier", "type": "TEXT", **more})
    )
    return made


async def test_every_company_has_the_default_fields(client: httpx.AsyncClient) -> None:
    """The observed default fields are there, with a defaultId and no label, in the default
    category.
    """
    fields = data(await client.get(FIELDS))
    assert {it["defaultId"]: it["type"] for it in fields} == DEFAULTS
    assert {it["label"] for it in fields} == {""}
    (category,) = data(await client.get(CATEGORIES))
    assert {it["categoryId"] for it in fields} == {category["id"]}
    assert fields[0]["selectOptions"] == ["mr", "mrs"]


async def test_the_shape_of_a_definition(client: httpx.AsyncClient) -> None:
    """A definition has the keys of its observed sibling and those that a request sets."""
    options = [{"value": "gold", "label": "Gold"}, "silver"]
    made = await tier(client, type="SELECT", selectOptions=options, isMultiple=True)
    (category,) = data(await client.get(CATEGORIES))
    assert len(made.pop("id")) == 24
    assert made == {
        "defaultId": None,
        "type": "SELECT",
        "label": "Tier",
        "categoryId": category["id"],
        "isMultiple": True,
        "isMandatoryOnline": False,
        "isAfterAuth": False,
        "hasOverwrite": False,
        "translationKey": "",
        "selectOptions": options,
        "orderIndex": 8,
        "placeholder": "",
    }


async def test_a_field_through_its_life(company: Company, client: httpx.AsyncClient) -> None:
    """A new field is there for all customers, shows its new label after a change, and goes with its
    values.
    """
    customer = await create(client, company, firstName="Jane")
    path, customer_path = (
        f"{FIELDS}/{(made := await tier(client))['id']}",
        f"{CUSTOMERS}/{customer['id']}",
    )
    assert data(await client.get(path)) == made
    assert data(await client.get(FIELDS))[-1] == made
    await client.patch(customer_path, json={"customfields": [{"id": made["id"], "value": "gold"}]})
    assert data(await client.patch(path, json={"label": "Level"})) == made | {"label": "Level"}
    entry = data(await client.get(customer_path))["fields"][-1]
    assert (entry["label"], entry["value"], entry["defaultId"]) == ("Level", "gold", None)
    assert (await client.delete(path)).json() == {"status": 1}
    assert data(await client.get(customer_path))["fields"] == customer["fields"]
    assert list(company.customers[customer["id"]].values.values()) == ["Jane"]
    refused(await client.get(path), 404, made["id"])
    refused(await client.patch(path, json={"label": "x"}), 404)
    refused(await client.delete(path), 404)


async def test_two_fields_may_share_a_label(client: httpx.AsyncClient) -> None:
    """A second field with the same label is another field."""
    assert (await tier(client))["id"] != (await tier(client))["id"]


async def test_snake_case_names_are_taken(company: Company, client: httpx.AsyncClient) -> None:
    """`category_id`, `select_options` and `is_multiple` are taken beside their camelCase."""
    category = company.add_category("More")
    made = await tier(client, category_id=category.id, select_options=[], is_multiple=False)
    assert (made["categoryId"], made["isMultiple"]) == (category.id, False)


@pytest.mark.wrong_requests
@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"label": ""}, "label"),
        ({"label": " "}, "label"),
        ({"label": 1}, "label"),
        ({"type": "COLOUR"}, "type"),
        ({"type": ["TEXT"]}, "type"),
        ({"categoryId": UNKNOWN}, UNKNOWN),
        ({"selectOptions": {}}, "selectOptions"),
        ({"selectOptions": ["gold", 1]}, "selectOptions"),
        ({"selectOptions": [{"value": 1}]}, "selectOptions"),
        ({"selectOptions": [{"label": None}]}, "selectOptions"),
        ({"isMultiple": 1}, "isMultiple"),
    ],
)
async def test_definitions_that_are_refused(
    client: httpx.AsyncClient, change: dict[str, object], word: str
) -> None:
    """What a definition cannot be is refused with 400 and a message that names it; nothing is
    written.
    """
    made = await tier(client)
    refused(await client.post(FIELDS, json={"label": "x", "type": "TEXT"} | change), 400, word)
    refused(await client.patch(f"{FIELDS}/{made['id']}", json=change), 400, word)
    fields = data(await client.get(FIELDS))
    assert (len(fields), fields[-1]) == (9, made)


@pytest.mark.wrong_requests
@pytest.mark.parametrize("body", [{}, {"label": "x"}, {"type": "TEXT"}])
async def test_a_new_field_needs_label_and_type(
    client: httpx.AsyncClient, body: dict[str, str]
) -> None:
    """A create without label or type is refused with 400."""
    refused(await client.post(FIELDS, json=body), 400, "label", "type")


async def test_an_update_without_a_change(company: Company, client: httpx.AsyncClient) -> None:
    """A PATCH without anything known is answered with what is there: the document allows it."""
    field = await tier(client)
    assert data(await client.patch(f"{FIELDS}/{field['id']}", json={})) == field
    category = company.add_category("Club")
    assert data(await client.patch(f"{CATEGORIES}/{category.id}", json={}))["name"] == "Club"


async def test_default_fields_stay(company: Company, client: httpx.AsyncClient) -> None:
    """A default field can neither be changed nor deleted: 403."""
    path = f"{FIELDS}/{company.default_field('email').id}"
    refused(await client.patch(path, json={"label": "x"}), 403, "email")
    refused(await client.delete(path), 403, "email")
    assert (await client.get(path)).status_code == 200


async def test_a_category_through_its_life(client: httpx.AsyncClient) -> None:
    """A category is made, listed, read, renamed and deleted."""
    made = data(await client.post(CATEGORIES, json={"name": "Club"}))
    path = f"{CATEGORIES}/{made['id']}"
    expected = {"name": "Club", "translationKey": "", "orderIndex": 1, "isDefault": False}
    assert made == {"id": made["id"], **expected}
    assert data(await client.get(CATEGORIES))[1] == data(await client.get(path)) == made
    assert data(await client.patch(path, json={"name": "Guild"})) == made | {"name": "Guild"}
    assert (await client.delete(path)).json() == {"status": 1}
    refused(await client.get(path), 404, made["id"])
    refused(await client.patch(path, json={"name": "x"}), 404)
    refused(await client.delete(path), 404)


async def test_a_category_in_use_stays(client: httpx.AsyncClient) -> None:
    """A category with fields is not deleted, 409, until they are moved."""
    category = data(await client.post(CATEGORIES, json={"name": "Club"}))
    path = f"{CATEGORIES}/{category['id']}"
    field = await tier(client, categoryId=category["id"])
    refused(await client.delete(path), 409, "Club")
    (default, _) = data(await client.get(CATEGORIES))
    await client.patch(f"{FIELDS}/{field['id']}", json={"categoryId": default["id"]})
    assert (await client.delete(path)).status_code == 200


async def test_the_default_category_stays(client: httpx.AsyncClient) -> None:
    """The default category can neither be changed nor deleted: 403."""
    (default,) = data(await client.get(CATEGORIES))
    assert default["isDefault"] is True
    refused(await client.patch(f"{CATEGORIES}/{default['id']}", json={"name": "x"}), 403)
    refused(await client.delete(f"{CATEGORIES}/{default['id']}"), 403)


@pytest.mark.wrong_requests
@pytest.mark.parametrize("body", [[], {"name": ""}, {"name": 1}, {"name": None}])
async def test_a_category_needs_a_name(
    company: Company, client: httpx.AsyncClient, body: object
) -> None:
    """A name that is none is refused with 400, and so is a create without one."""
    path = f"{CATEGORIES}/{company.add_category('Club').id}"
    refused(await client.post(CATEGORIES, json={}), 400, "name")
    refused(await client.post(CATEGORIES, json=body), 400)
    refused(await client.patch(path, json=body), 400)
    assert [it.name for it in company.categories.values()] == ["General", "Club"]
