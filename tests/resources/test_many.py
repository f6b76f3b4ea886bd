"""Many customers by their keys: each that is there, None for each that is not, in few requests."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from attrs import define, field
from hypothesis import given
from hypothesis import strategies as st
from support.faults import haste
from timify_customers import (
    ArgumentError,
    ArgumentTypeError,
    BodyError,
    Customer,
    ServerError,
    TimifyCustomers,
)
from timify_customers._base.generated import LIST_SEPARATORS
from timify_customers._resources import many
from timify_customers._resources.many import ADDRESS_ROOM, AT_ONCE, chunks
from timify_customers.sandbox import Behaviour, Sandbox

NOBODY = "f" * 24


@pytest.fixture(autouse=True)
def _haste() -> Iterator[None]:
    with haste():
        yield


def people(sandbox: Sandbox, number: int) -> list[str]:
    rows = [{"firstName": f"P{at:04}", "externalId": f"crm-{at}"} for at in range(number)]
    return [customer.id for customer in sandbox.add_customers(rows)]


def requests(sandbox: Sandbox, operation: str) -> int:
    return sum(it.operation == operation for it in sandbox.requests)


async def test_exists_says_whether_there_is_such_a_customer(sandbox: Sandbox) -> None:
    """By id and by external id."""
    (customer_id,) = people(sandbox, 1)
    async with sandbox.client() as timify:
        exists = timify.customers.exists
        assert await exists(customer_id)
        assert await exists(external_id="crm-0")
        assert not await exists(NOBODY)
        assert not await exists(external_id="crm-1")


async def test_exists_is_never_false_for_another_reason(sandbox: Sandbox) -> None:
    """An answer that does not come, or no key, is an error."""
    sandbox.fail("get_customer", status=500, times=None)
    async with sandbox.client(retries=0) as timify:
        with pytest.raises(ServerError):
            await timify.customers.exists(NOBODY)
        with pytest.raises(ArgumentError):
            await timify.customers.exists()


async def test_many_come_in_few_requests(sandbox: Sandbox) -> None:
    """In the order asked for, each once, and one request for some dozens of ids."""
    ids = people(sandbox, 150)[::-1]
    async with sandbox.client() as timify:
        found = await timify.customers.get_many(ids=[*ids, ids[0]])
    assert [*found] == ids
    assert [customer and customer.id for customer in found.values()] == ids
    assert requests(sandbox, "list_customers") == 3
    assert requests(sandbox, "get_customer") == 0


async def test_external_ids_name_customers_too(sandbox: Sandbox) -> None:
    """The keys of the result are the keys that were asked for."""
    people(sandbox, 3)
    async with sandbox.client() as timify:
        found = await timify.customers.get_many(external_ids=iter(["crm-2", "crm-0"]))
    assert {key: customer and customer.first_name for key, customer in found.items()} == {
        "crm-2": "P0002",
        "crm-0": "P0000",
    }


async def test_the_missing_ones_are_none_because_the_api_says_so(sandbox: Sandbox) -> None:
    """What a list does not show is asked for by itself, and only a 404 makes it None."""
    (there,) = people(sandbox, 1)
    async with sandbox.client() as timify:
        found = await timify.customers.get_many(ids=[there, NOBODY])
        assert isinstance(found[there], Customer)
        assert found[NOBODY] is None
        assert requests(sandbox, "get_customer") == 1
        sandbox.fail("get_customer", status=500, times=None)
        with pytest.raises(ServerError):
            await timify.with_options(retries=0).customers.get_many(ids=[there, NOBODY])


@pytest.mark.parametrize("by", ["ids", "external_ids"])
async def test_an_api_that_ignores_the_filter_is_asked_one_by_one(
    sandbox: Sandbox, by: str
) -> None:
    """The list shows whom nobody asked for, so each key is asked for by itself."""
    sandbox.behaviour = Behaviour(ignored_filters="all")
    ids = people(sandbox, 30)
    keys = ids[10:20] if by == "ids" else [f"crm-{at}" for at in range(10, 20)]
    wanted: dict[str, Any] = {by: [*keys, NOBODY]}
    async with sandbox.client() as timify:
        found = await timify.customers.get_many(**wanted)
    assert [customer.id if customer else None for customer in found.values()] == [*ids[10:20], None]
    assert requests(sandbox, "list_customers") == 1


@pytest.mark.parametrize("status", [400, 422])
async def test_an_api_that_refuses_the_filter_is_asked_one_by_one(
    sandbox: Sandbox, status: int
) -> None:
    """A filter that is documented on a sibling only may be refused; other failures are errors."""
    ids = people(sandbox, 3)
    sandbox.fail("list_customers", status=status)
    async with sandbox.client(retries=0) as timify:
        assert all((await timify.customers.get_many(ids=ids)).values())
        assert requests(sandbox, "get_customer") == 3
        sandbox.fail("list_customers", status=500)
        with pytest.raises(ServerError):
            await timify.customers.get_many(ids=ids)


async def test_a_key_with_the_separator_is_asked_for_by_itself(sandbox: Sandbox) -> None:
    """A list cannot hold a key with what separates its entries."""
    separator = LIST_SEPARATORS["external_ids"]
    keys = [f"a{separator}b", "a"]
    sandbox.add_customers([{"externalId": key} for key in (*keys, "b")])
    async with sandbox.client() as timify:
        found = await timify.customers.get_many(external_ids=keys)
    assert [customer and customer.external_id for customer in found.values()] == keys
    listed = [
        value
        for request in sandbox.requests
        for name, value in request.query_items
        if name == "external_ids"
    ]
    assert listed == (keys if separator == "&" else ["a"])


async def test_a_key_that_several_have_is_left_to_the_api(sandbox: Sandbox) -> None:
    """The customer is the one that `get` gives."""
    twins = Sandbox(unique_external_ids=False)
    twins.add_customers(
        [{"firstName": "B", "externalId": "k"}, {"firstName": "A", "externalId": "k"}]
    )
    twins.add_customers([{"firstName": "C", "externalId": "m"}])
    async with twins.client() as timify:
        found = await timify.customers.get_many(external_ids=["k", "m"])
        alone = await timify.customers.get(external_id="k")
    assert found["k"] == alone
    assert found["m"] is not None


async def test_the_same_id_in_other_letters_is_asked_for_once(sandbox: Sandbox) -> None:
    """The case of an id means nothing, and each spelling has its answer."""
    sandbox.add_customers([{"id": "ab" * 12}])
    async with sandbox.client() as timify:
        found = await timify.customers.get_many(ids=["ab" * 12, "AB" * 12])
    assert [*found] == ["ab" * 12, "AB" * 12]
    assert all(found.values())
    assert sandbox.requests[-1].query["ids"] == "ab" * 12


@pytest.mark.wrong_requests
@pytest.mark.parametrize(
    ("wanted", "error"),
    [
        ({}, ArgumentError),
        ({"ids": ["a"], "external_ids": ["b"]}, ArgumentError),
        ({"ids": "abc"}, ArgumentTypeError),
        ({"ids": 7}, ArgumentTypeError),
        ({"ids": ["a", 7]}, ArgumentTypeError),
        ({"external_ids": ["a", " "]}, ArgumentError),
        ({"external_ids": ["import"]}, ArgumentError),
    ],
    ids=str,
)
async def test_what_names_nobody_is_refused(
    sandbox: Sandbox, wanted: dict[str, Any], error: type[Exception]
) -> None:
    """It is refused before anything is sent."""
    async with sandbox.client() as timify:
        with pytest.raises(error):
            await timify.customers.get_many(**wanted)
    assert not sandbox.requests


async def test_nobody_is_asked_for_nobody(sandbox: Sandbox) -> None:
    """An empty list of ids has an empty answer."""
    async with sandbox.client() as timify:
        assert await timify.customers.get_many(ids=[]) == {}
    assert not sandbox.requests


@define
class Odd(httpx.AsyncBaseTransport):
    """Lists what it was made with, and knows nobody; counts the requests that are under way."""

    rows: list[Any] = field(factory=list)
    alone: dict[str, Any] | None = None
    now: int = 0
    most: int = 0
    sizes: list[int] = field(factory=list)
    lists: int = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.now += 1
        self.most = max(self.most, self.now)
        self.sizes.append(len(request.url.raw_path))
        await asyncio.sleep(0.001)
        self.now -= 1
        if request.url.path == "/v1/customers":
            self.lists += 1
            return httpx.Response(200, json={"data": self.rows, "status": 1})
        if self.alone:
            return httpx.Response(200, json={"data": self.alone, "status": 1})
        return httpx.Response(404, json={"error": "no"})


def client(transport: Odd) -> TimifyCustomers:
    return TimifyCustomers(access_token="x", base_url="http://127.0.0.1", transport=transport)


async def test_rows_that_show_no_key_prove_nothing() -> None:
    """Junk, and rows without the key that they were asked for by, are nobody's."""
    transport = Odd([7, None, {}, {"id": None}, {"externalId": "crm-1"}])
    async with client(transport) as timify:
        assert await timify.customers.get_many(ids=["a" * 24]) == {"a" * 24: None}


async def test_an_answer_about_another_customer_is_an_error() -> None:
    """Nobody gets a customer who was not asked for."""
    async with client(Odd(alone={"id": "b" * 24})) as timify:
        with pytest.raises(BodyError):
            await timify.customers.get_many(ids=["a" * 24])


async def test_few_requests_are_under_way_at_one_time() -> None:
    """However many keys there are; and no address is too long."""
    transport = Odd()
    keys = [f"key {at} é" * 5 for at in range(200)]
    async with client(transport) as timify:
        found = await timify.customers.get_many(external_ids=keys)
    assert set(found.values()) == {None}
    assert transport.most == AT_ONCE
    assert max(transport.sizes) < ADDRESS_ROOM + 100


async def test_a_filter_that_is_ignored_is_not_tried_for_ever() -> None:
    """Once the API has shown that it does not know the filter, no more lists are asked for."""
    transport = Odd([{"externalId": "somebody"}])
    async with client(transport) as timify:
        await timify.customers.get_many(external_ids=[f"{at:1500}" for at in range(3 * AT_ONCE)])
    assert transport.lists == AT_ONCE


async def test_an_error_ends_the_requests_under_way() -> None:
    """Nothing of the call goes on behind the error."""
    began: list[int] = []
    ended: list[int] = []

    async def work(number: int) -> None:
        began.append(number)
        if number == 3:
            raise ValueError("3")
        try:
            await asyncio.sleep(60)
        finally:
            ended.append(number)

    with pytest.raises(ValueError, match="3"):
        await many.side_by_side(work, range(100))
    assert sorted(began) == [*range(AT_ONCE)]
    assert sorted(ended) == [it for it in range(AT_ONCE) if it != 3]


def _size(chunk: list[str], between: str) -> int:
    return len(between.join(quote(key, safe="") for key in chunk))


@pytest.mark.parametrize("between", ["%2C", "&external_ids="])
@given(keys=st.lists(st.text(max_size=900), max_size=30))
def test_chunks_hold_all_keys_in_order_and_fit(between: str, keys: list[str]) -> None:
    """No key is lost, no chunk is empty, and only a key that is too long by itself does not fit."""
    divided = [*chunks(keys, between)]
    assert [key for chunk in divided for key in chunk] == keys
    for chunk in divided:
        assert chunk
        assert len(chunk) == 1 or _size(chunk, between) <= ADDRESS_ROOM


async def test_each_spelling_of_a_key_is_asked_for(sandbox: Sandbox) -> None:
    """A key with blanks is asked for beside the one without, as the API may tell them apart."""
    sandbox.add_customers([{"firstName": "Ada", "externalId": "a"}])
    async with sandbox.client() as timify:
        found = await timify.customers.get_many(external_ids=[" a", "a", "b ", "b"])
        alone = await timify.customers.get(external_id="a")
    assert found["a"] == alone
    assert found["b"] is None


@define
class Twins(httpx.AsyncBaseTransport):
    """Two keys, one of which two customers have; a page shows as many as were asked for."""

    shown: int | None = None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        rows = [
            {"id": "a" * 23 + "1", "externalId": "a"},
            {"id": "b" * 23 + "3", "externalId": "b"},
            {"id": "a" * 23 + "2", "externalId": "a"},
        ]
        if request.url.path == "/v1/customers":
            page = rows[: self.shown or int(request.url.params["limit"])]
            return httpx.Response(200, json={"data": page, "total": 3, "status": 1})
        row = rows[2] if request.url.path.endswith("/a") else rows[1]
        return httpx.Response(200, json={"data": row, "status": 1})


@pytest.mark.parametrize("shown", [None, 2])
async def test_a_second_holder_that_is_not_shown_is_noticed(shown: int | None) -> None:
    """Which of two customers with one key is meant is for the API to say."""
    async with TimifyCustomers(
        access_token="x", base_url="http://127.0.0.1", transport=Twins(shown)
    ) as timify:
        found = await timify.customers.get_many(external_ids=["a", "b"])
        alone = await timify.customers.get(external_id="a")
    assert found["a"] == alone


@pytest.mark.parametrize("status", [200, 404, 414, 501])
async def test_any_refusal_of_the_filter_is_one(sandbox: Sandbox, status: int) -> None:
    """Customers are asked for one by one, however the API refuses the filter."""
    ids = people(sandbox, 3)

    async def handle(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/v1/customers":
            return httpx.Response(status, json={"status": 0, "message": "unknown parameter ids"})
        return await sandbox.transport().handle_async_request(request)

    async with sandbox.client(transport=httpx.MockTransport(handle)) as timify:
        found = await timify.customers.get_many(ids=ids)
    assert [customer and customer.id for customer in found.values()] == ids
