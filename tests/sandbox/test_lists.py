"""The list of customers: order, pages, totals."""

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sandbox.calls import (
    CATEGORIES,
    CUSTOMERS,
    FIELDS,
    Clock,
    connect,
    create,
    customfields,
    data,
    refused,
)
from timify_customers.sandbox import Company, Sandbox


async def test_an_empty_list(client: httpx.AsyncClient) -> None:
    """A company without customers has an empty first page of no pages."""
    answer = await client.get(CUSTOMERS)
    meta = {"page": 1, "limit": 10000, "totalItems": 0, "totalPages": 0}
    assert answer.json() == {"data": [], "total": 0, "meta": meta, "status": 1}


async def test_total_counts_all_matches(company: Company, client: httpx.AsyncClient) -> None:
    """`total` and `meta` count the whole list; a page behind the last is empty."""
    for number in range(5):
        await create(client, company, firstName=str(number))
    last = (await client.get(CUSTOMERS, params={"page": 3, "limit": 2})).json()
    assert [it["firstName"] for it in last["data"]] == ["4"]
    assert last["total"] == 5
    assert last["meta"] == {"page": 3, "limit": 2, "totalItems": 5, "totalPages": 3}
    behind = (await client.get(CUSTOMERS, params={"page": 4, "limit": 2})).json()
    assert (behind["data"], behind["total"]) == ([], 5)


@given(
    names=st.lists(st.text(max_size=3), max_size=12), limit=st.integers(min_value=1, max_value=13)
)
async def test_pages_are_the_whole_list_in_order(names: list[str], limit: int) -> None:
    """Pages of any size joined are the whole list: each customer once, by first name and then by
    id.
    """
    sandbox = Sandbox()
    company = sandbox.company()
    for name in names:
        company.create({company.default_field("firstName").id: name})
    joined: list[tuple[str, str]] = []
    async with connect(sandbox) as client:
        for page in range(1, len(names) // limit + 2):
            part = data(await client.get(CUSTOMERS, params={"page": page, "limit": limit}))
            assert len(part) <= limit
            joined += [(it["firstName"], it["id"]) for it in part]
    assert joined == sorted(joined)
    assert {it for _, it in joined} == set(company.customers)
    assert len(joined) == len(names)


async def test_a_rename_moves_a_customer(company: Company, client: httpx.AsyncClient) -> None:
    """A customer that is added, renamed or deleted shifts the list at once."""

    async def names() -> list[str]:
        return [it["firstName"] for it in data(await client.get(CUSTOMERS))]

    made = await create(client, company, firstName="Bea")
    assert await names() == ["Bea"]
    await create(client, company, firstName="Ada")
    assert await names() == ["Ada", "Bea"]
    body = {"customfields": customfields(company, {"firstName": "Aaron"})}
    await client.patch(f"{CUSTOMERS}/{made['id']}", json=body)
    assert await names() == ["Aaron", "Ada"]
    await client.delete(f"{CUSTOMERS}/{made['id']}")
    assert await names() == ["Ada"]


async def test_namesakes_are_in_order_of_id(
    company: Company, client: httpx.AsyncClient, clock: Clock
) -> None:
    """Customers of one first name are in order of their ids, even when the clock went back between
    them.
    """
    later = await create(client, company, firstName="Ada")
    clock.now -= 60
    earlier = await create(client, company, firstName="Ada")
    assert data(await client.get(CUSTOMERS)) == [earlier, later]


@pytest.mark.wrong_requests
@pytest.mark.parametrize("limit", ["0", "-1"])
async def test_a_limit_that_is_not_positive_is_the_default(
    client: httpx.AsyncClient, limit: str
) -> None:
    """A limit of 0 or less means 10,000, as an absent one does."""
    assert (await client.get(CUSTOMERS, params={"limit": limit})).json()["meta"]["limit"] == 10000


@pytest.mark.wrong_requests
@pytest.mark.parametrize("path", [CUSTOMERS, FIELDS, CATEGORIES])
@pytest.mark.parametrize(
    "query", ["page=0", "page=-1", "page=x", "page=", "page=1.5", "limit=x", "limit=", "limit=٣"]
)
async def test_pages_that_are_refused(client: httpx.AsyncClient, path: str, query: str) -> None:
    """A page below 1, or a page or limit that is no whole number, is a 400 that names it."""
    refused(await client.get(f"{path}?{query}"), 400, query.partition("=")[0])


async def test_numbers_of_any_size(client: httpx.AsyncClient) -> None:
    """The document sets no bound to page and limit: behind the last page there is nothing."""
    number = "9" * 20
    assert data(await client.get(f"{CUSTOMERS}?page={number}&limit={number}")) == []


@pytest.mark.parametrize("path", [FIELDS, CATEGORIES])
async def test_other_lists_have_pages_too(
    company: Company, client: httpx.AsyncClient, path: str
) -> None:
    """Lists of fields and categories honour page and limit, in the order of `orderIndex`."""
    company.add_category("More")
    whole = (await client.get(path)).json()
    assert whole["total"] == len(whole["data"])
    pages = [(await client.get(path, params={"page": page, "limit": 1})).json() for page in (1, 2)]
    assert [page["data"][0] for page in pages] == whole["data"][:2]
    assert [it["orderIndex"] for it in whole["data"]] == list(range(whole["total"]))
