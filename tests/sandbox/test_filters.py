"""The filters of the list of customers, and an API that ignores them."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from sandbox.calls import CUSTOMERS, connect, data, refused
from support.lists import list_query
from timify_customers.sandbox import Behaviour, Sandbox

ADA, BEA, CLEO = ("624af9cbed7a899e0f23340" + digit for digit in "0ab")
ROWS: list[dict[str, Any]] = [
    {
        "id": ADA,
        "externalId": "crm-1",
        "firstName": "Ada",
        "lastName": "Lovelace",
        "email": "ada@example.com",
        "tagIds": ["t1", "t2"],
        "updatedAt": "2026-03-01T00:00:00Z",
    },
    {
        "id": BEA,
        "externalId": "CRM-2",
        "firstName": "bea",
        "lastName": "Arthur",
        "mobilePhone": "+32470000000",
        "tagIds": "t2, T3",
        "updatedAt": "2026-03-02T00:00:00Z",
    },
    {
        "id": CLEO,
        "firstName": "Cleo",
        "lastName": "lovelace",
        "createdAt": "2020-01-01T00:00:00Z",
        "updatedAt": "2026-03-03T12:00:00Z",
    },
]


async def ask(query: str, behaviour: Behaviour | None = None) -> httpx.Response:
    sandbox = Sandbox(behaviour=behaviour)
    sandbox.add_customers(ROWS)
    async with connect(sandbox) as client:
        return await client.get(f"{CUSTOMERS}?{query}")


async def names(query: str, behaviour: Behaviour | None = None) -> str:
    """The first names that are listed, in their order."""
    return " ".join(it["firstName"] for it in data(await ask(query, behaviour)))


FILTERS = {
    list_query("ids", ADA, CLEO): "Ada Cleo",
    list_query("ids", f" {BEA.upper()} ", ""): "bea",
    "ids=": "Ada Cleo bea",
    "ids=x": "",
    list_query("external_ids", "CRM-1", " crm-2"): "Ada bea",
    "external_ids=crm": "",
    "tag_ids=T2": "Ada bea",
    list_query("tag_ids", "t1", "t3"): "Ada bea",
    "tag_ids=t": "",
    "q=LOVE": "Ada Cleo",
    "q=ada%20love": "Ada",
    "q=%20example.com%20": "Ada",
    "q=crm-2": "bea",
    "q=470000000": "bea",
    "first_name_letter=B": "bea",
    "first_name_letter=a,%20c": "Ada Cleo",
    "last_name_letter=l": "Ada Cleo",
    "updated_since=2026-03-02": "Cleo bea",
    "updated_since=2026-03-02T01:00:00%2B01:00": "Cleo bea",
    "updated_since=2026-03-03T12:00:01Z": "",
    "q=love&updated_since=2026-03-02": "Cleo",
}
SORTS = {
    "sort=name": "Ada Cleo bea",
    "sort=name&sort_type=desc": "bea Cleo Ada",
    "sort_type=DESC": "bea Cleo Ada",
    "sort=lastName&sort_type=asc": "bea Ada Cleo",
    "sort=updated_at&sort_type=desc": "Cleo bea Ada",
    "sort=createdAt": "Cleo Ada bea",
    "sort=id": "Ada bea Cleo",
    "sort=external_id": "Cleo bea Ada",
}


@pytest.mark.parametrize(("query", "listed"), [*FILTERS.items(), *SORTS.items()])
async def test_what_is_listed(query: str, listed: str) -> None:
    """Each filter leaves out what does not fit, whatever the case; each sort has its order."""
    assert await names(query) == listed


async def test_pages_are_of_what_fits() -> None:
    """`total` and pages count the customers that the filters leave."""
    answer = (await ask("q=lovelace&limit=1&page=2")).json()
    assert [it["firstName"] for it in answer["data"]] == ["Cleo"]
    assert (answer["total"], answer["meta"]["totalPages"]) == (2, 2)


async def test_fields_are_the_keys_of_each_customer() -> None:
    """`fields` leaves the keys that it names, in any spelling, and always the id."""
    ada, *_ = data(await ask(list_query("fields", "firstName", " external_id", "nothing")))
    assert ada == {"id": ADA, "externalId": "crm-1", "firstName": "Ada"}


async def test_tags_are_shown() -> None:
    """`tags` shows the ids that a customer was added with."""
    assert [it["tags"] for it in data(await ask(""))] == [["t1", "t2"], [], ["t2", "T3"]]


@pytest.mark.parametrize("query", ["updated_since=yesterday", "sort=age", "sort_type=up"])
async def test_what_is_not_understood(query: str) -> None:
    """A date, key or direction that the sandbox does not understand is a 400 that names it."""
    name, _, text = query.partition("=")
    answer = await ask(query)
    refused(answer, 400, name, repr(text))
    assert answer.json()["details"] == {"query": {name: "invalid"}}


@pytest.mark.parametrize("query", [*FILTERS, *SORTS, "fields=id", "sort=age"])
async def test_all_filters_can_be_ignored(query: str) -> None:
    """With ignored_filters="all" every list is whole, in its usual order."""
    assert await names(query, Behaviour(ignored_filters="all")) == "Ada Cleo bea"


async def test_some_filters_can_be_ignored() -> None:
    """The filters that are named have no effect, the others do; page and limit are no filters."""
    behaviour = Behaviour(ignored_filters={"ids", "fields"})
    assert await names(f"ids={ADA}&fields=id&q=love&limit=1", behaviour) == "Ada"
    assert await names(f"ids={ADA}&fields=id&q=cleo", behaviour) == "Cleo"


def test_what_is_no_filter() -> None:
    """A name that is no filter is a ValueError that names those that are."""
    with pytest.raises(ValueError, match="ignored_filters has 'limit'; known: all, or ids"):
        Behaviour(ignored_filters={"limit"})
