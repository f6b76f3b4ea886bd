"""An upsert ends with one customer under its key, and says whether it made that customer."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any, Literal

import httpx
import pytest
from attrs import define, field
from support.faults import haste
from timify_customers import (
    AmbiguousWriteError,
    ArgumentError,
    BadRequestError,
    BodyError,
    CallTimeoutError,
    ConflictError,
    ExternalIdNotTakenError,
    NotFoundError,
    TimifyCustomers,
    Upserted,
)
from timify_customers._base.generated import EXTERNAL_ID_KEY
from timify_customers._resources.key_locks import KeyLocks
from timify_customers.sandbox import Behaviour, Sandbox

OTHER: Literal["external_id", "externalId"] = (
    "externalId" if EXTERNAL_ID_KEY == "external_id" else "external_id"
)


@pytest.fixture(autouse=True)
def _haste() -> Iterator[None]:
    with haste():
        yield


@define
class Between(httpx.AsyncBaseTransport):
    """The sandbox in process, where others do something right before a request.

    Attributes:
        acts: by method, what is done before the next requests of that method, one each.
        log: the methods that came, but for tokens and definitions.
    """

    sandbox: Sandbox
    acts: dict[str, list[Callable[[], object]]] = field(factory=dict)
    log: list[str] = field(factory=list)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await asyncio.sleep(0)
        if "/auth/" not in request.url.path and "customfields" not in request.url.path:
            self.log.append(request.method)
            acts = self.acts.get(request.method, [])
            if acts:
                acts.pop(0)()
        return await self.sandbox.transport().handle_async_request(request)


def between(sandbox: Sandbox, **acts: list[Callable[[], object]]) -> Between:
    return Between(sandbox, acts)


def holders(sandbox: Sandbox, key: str) -> list[str]:
    customers = sandbox.company().customers.values()
    return [customer.id for customer in customers if customer.external_id == key]


def ada(sandbox: Sandbox, key: str = "crm-1") -> str:
    return sandbox.add_customers([{"firstName": "Ada", "externalId": key}])[0].id


def remove_all(sandbox: Sandbox) -> None:
    for customer in [*sandbox.company().customers.values()]:
        sandbox.company().remove(customer)


async def test_it_creates_and_then_updates(sandbox: Sandbox) -> None:
    """The first makes the customer, the second changes it and leaves other fields alone."""
    async with sandbox.client() as timify:
        first = await timify.customers.upsert(
            {"firstName": "Ada", "lastName": "Byron"}, external_id="crm-1"
        )
        second = await timify.customers.upsert({"lastName": "Lovelace"}, external_id="crm-1")
    assert (first.created, second.created) == (True, False)
    assert first.customer.id == second.customer.id
    assert second.customer.full_name == "Ada Lovelace"
    assert len(sandbox.company().customers) == 1


async def test_it_takes_two_requests(sandbox: Sandbox) -> None:
    """A lookup and a write, whichever write it is."""
    transport = between(sandbox)
    async with sandbox.client(transport=transport) as timify:
        await timify.customers.upsert({"firstName": "Ada"}, external_id="crm-1")
        await timify.customers.upsert({"firstName": "Eve"}, external_id="crm-1")
    assert transport.log == ["GET", "POST", "GET", "PATCH"]


async def test_with_nothing_to_change_a_customer_stays_as_is(sandbox: Sandbox) -> None:
    """An empty payload makes sure that the customer is there, and writes nothing when it is."""
    transport = between(sandbox)
    async with sandbox.client(transport=transport) as timify:
        made = await timify.customers.upsert({}, external_id="crm-1")
        seen = await timify.customers.upsert({}, external_id="crm-1")
    assert (made.created, seen.created) == (True, False)
    assert seen.customer.external_id == "crm-1"
    assert transport.log == ["GET", "POST", "GET"]


async def test_a_customer_deleted_after_the_lookup_is_created(sandbox: Sandbox) -> None:
    """The update that finds nobody, and a look that finds nobody either, turn into a create."""
    gone = ada(sandbox)
    transport = between(sandbox, PATCH=[lambda: remove_all(sandbox)])
    async with sandbox.client(transport=transport) as timify:
        done = await timify.customers.upsert({"firstName": "Eve"}, external_id="crm-1")
    assert done.created
    assert done.customer.id != gone
    assert transport.log == ["GET", "PATCH", "GET", "POST"]


async def test_a_customer_created_after_the_lookup_is_updated(sandbox: Sandbox) -> None:
    """The create that is refused because the key is taken turns into an update."""
    transport = between(sandbox, POST=[lambda: ada(sandbox)])
    async with sandbox.client(transport=transport) as timify:
        done = await timify.customers.upsert({"firstName": "Eve"}, external_id="crm-1")
    assert not done.created
    assert done.customer.first_name == "Eve"
    assert holders(sandbox, "crm-1") == [done.customer.id]


@pytest.mark.parametrize("status", [400, 422])
async def test_any_refusal_leads_to_another_look(sandbox: Sandbox, status: int) -> None:
    """How a taken key is refused is not documented, so it need not be with 409."""

    def act() -> None:
        ada(sandbox)
        sandbox.fail("create_customer", status=status)

    async with sandbox.client(transport=between(sandbox, POST=[act])) as timify:
        done = await timify.customers.upsert({"firstName": "Eve"}, external_id="crm-1")
    assert not done.created
    assert done.customer.first_name == "Eve"


async def test_a_refusal_that_has_another_reason_is_raised(sandbox: Sandbox) -> None:
    """When nobody has the key after a refusal, the refusal is the error."""
    async with sandbox.client() as timify:
        for status, error in ((400, BadRequestError), (409, ConflictError), (404, NotFoundError)):
            sandbox.fail("create_customer", status=status)
            with pytest.raises(error):
                await timify.customers.upsert({"firstName": "Ada"}, external_id="crm-1")
    assert not holders(sandbox, "crm-1")
    assert sum(it.operation == "create_customer" for it in sandbox.requests) == 3


async def test_a_key_that_comes_and_goes_for_ever_ends_with_an_error(sandbox: Sandbox) -> None:
    """An upsert gives up after some rounds, with what the last write was refused with."""
    transport = between(
        sandbox, POST=[lambda: ada(sandbox)] * 9, PATCH=[lambda: remove_all(sandbox)] * 9
    )
    async with sandbox.client(transport=transport) as timify:
        with pytest.raises((ConflictError, NotFoundError)):
            await timify.customers.upsert({"firstName": "Eve"}, external_id="crm-1")
    assert transport.log.count("POST") + transport.log.count("PATCH") == 6


async def test_a_create_whose_answer_is_lost_is_settled(sandbox: Sandbox) -> None:
    """The lookup that settles it shows exactly what was sent, and the result says so."""
    sandbox.fail("create_customer", "cut_after")
    async with sandbox.client() as timify:
        done = await timify.customers.upsert({"firstName": "Ada"}, external_id="crm-1")
    assert (done.created, done.customer.settled) == (True, True)
    assert len(holders(sandbox, "crm-1")) == 1


async def test_a_create_that_cannot_be_settled_is_ambiguous(sandbox: Sandbox) -> None:
    """Whether it was done is not known, unless the client's setting vouches for the API."""
    sandbox.fail("create_customer", "cut", times=2)
    async with sandbox.client() as timify:
        with pytest.raises(AmbiguousWriteError) as caught:
            await timify.customers.upsert({"firstName": "Ada"}, external_id="crm-1")
        assert not caught.value.safe_to_repeat
        done = await timify.customers.upsert(
            {"firstName": "Ada"}, external_id="crm-1", on_lost_answer="repeat"
        )
    assert done.created
    assert len(holders(sandbox, "crm-1")) == 1


async def test_an_update_whose_answer_is_lost_is_repeated(sandbox: Sandbox) -> None:
    """An update sets values, so it is sent again; when no answer ever comes, the error says that
    the same upsert may be sent again.
    """
    ada(sandbox)
    sandbox.fail("update_customer", "cut_after", times=2)
    async with sandbox.client() as timify:
        assert not (await timify.customers.upsert({"firstName": "E"}, external_id="crm-1")).created
        sandbox.fail("update_customer", "cut_after", times=None)
        with pytest.raises(AmbiguousWriteError) as caught:
            await timify.customers.upsert({"firstName": "F"}, external_id="crm-1")
    assert caught.value.safe_to_repeat


async def test_a_key_that_is_not_taken_is_an_error(sandbox: Sandbox) -> None:
    """The customer was made, without its key; the next upsert is refused before it makes more."""
    sandbox.behaviour = Behaviour(external_id=OTHER)
    async with sandbox.client() as timify:
        with pytest.raises(ExternalIdNotTakenError) as caught:
            await timify.customers.upsert({"firstName": "Ada"}, external_id="crm-1")
        assert caught.value.seen is not None
        with pytest.raises(ExternalIdNotTakenError, match="nothing was sent"):
            await timify.customers.upsert({"firstName": "Ada"}, external_id="crm-1")
    assert len(sandbox.company().customers) == 1


async def test_another_customer_than_asked_for_is_not_written_to(sandbox: Sandbox) -> None:
    """An API that does not understand the key of a lookup may give anybody."""

    class Blind(httpx.AsyncBaseTransport):
        log: list[str] = []  # noqa: RUF012 - of this one test

        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            self.log.append(request.method)
            return httpx.Response(200, json={"data": {"id": "a" * 24, "externalId": ""}})

    transport = Blind()
    options: dict[str, Any] = {"base_url": "http://127.0.0.1", "transport": transport}
    async with TimifyCustomers(access_token="x", **options) as timify:
        with pytest.raises(BodyError, match="nothing was written"):
            await timify.customers.upsert([{"id": "f", "value": "Ada"}], external_id="crm-1")
    assert set(transport.log) == {"GET"}


@pytest.mark.parametrize("key", ["", " ", "import", ".."])
async def test_a_key_that_cannot_be_looked_up_is_refused(sandbox: Sandbox, key: str) -> None:
    """It is refused before anything is sent."""
    async with sandbox.client() as timify:
        with pytest.raises(ArgumentError):
            await timify.customers.upsert({"firstName": "Ada"}, external_id=key)
    assert not sandbox.requests


@pytest.mark.parametrize("unique", [True, False])
async def test_upserts_side_by_side_make_one_customer(unique: bool) -> None:
    """In a client and its views, upserts of a key take turns, whatever the API thinks of keys, and
    leave no lock behind.
    """
    sandbox = Sandbox(unique_external_ids=unique)
    async with sandbox.client(transport=between(sandbox)) as timify:
        view = timify.with_options(retries=1)
        results: list[Upserted] = await asyncio.gather(
            *(
                (view if number % 2 else timify).customers.upsert(
                    {"firstName": f"Ada {number}"}, external_id="crm-1"
                )
                for number in range(20)
            )
        )
        locks = timify._shared.external_ids.locks._locks
    assert sum(result.created for result in results) == 1
    assert len({result.customer.id for result in results}) == 1
    assert not locks


async def test_a_key_is_the_same_however_it_is_written() -> None:
    """Blanks around a key, its Unicode form and the case of a company's id make no other key."""
    locks = KeyLocks()
    async with locks.alone("A" * 24, "crm-\N{LATIN SMALL LETTER E WITH ACUTE}", 1):
        with pytest.raises(CallTimeoutError):
            async with locks.alone("a" * 24, " crm-e\N{COMBINING ACUTE ACCENT}", 0.01):
                pass
        async with locks.alone(None, "crm-e", 1):
            pass


async def test_upserts_of_other_keys_and_companies_do_not_wait(sandbox: Sandbox) -> None:
    """Only the same key of the same company waits; its wait ends with the deadline."""
    other = "b" * 24
    sandbox.company(other)
    sandbox.fail("create_customer", "stall", company_id=sandbox.company_id)
    async with sandbox.client(deadline=5, timeout=3) as timify:
        stuck = asyncio.create_task(timify.customers.upsert({"firstName": "A"}, external_id="k"))
        for _ in range(1000):
            if any(it.operation == "create_customer" for it in sandbox.requests):
                break
            await asyncio.sleep(0.001)
        elsewhere = timify.for_company(other).customers
        assert (await elsewhere.upsert({"firstName": "A"}, external_id="k")).created
        assert (await timify.customers.upsert({"firstName": "A"}, external_id="m")).created
        impatient = timify.with_options(deadline=0.2).customers
        with pytest.raises(CallTimeoutError, match="nothing was sent"):
            await impatient.upsert({"firstName": "A"}, external_id="k")
        stuck.cancel()
        await asyncio.gather(stuck, return_exceptions=True)
        assert (await timify.customers.upsert({"firstName": "A"}, external_id="k")).created


async def test_a_storm_of_upserts() -> None:
    """Hundreds of upserts of few keys, with faults before and after the write: one customer for
    each key, made once, holding a value that an upsert sent; and each error is one that leaves it
    open.
    """
    storm = Sandbox(unique_external_ids=False)
    for seed, kind in enumerate(("cut", "cut_after", "truncate", "status")):
        storm.fail(kind=kind, share=0.06, seed=seed, times=None)
    results: list[Upserted] = []
    sent: dict[str, set[str]] = {}

    async def one(timify: TimifyCustomers, number: int) -> None:
        key, name = f"crm-{number % 25}", f"Name {number}"
        sent.setdefault(key, set()).add(name)
        try:
            results.append(await timify.customers.upsert({"firstName": name}, external_id=key))
        except AmbiguousWriteError:
            return

    async with storm.client(retries=8, transport=between(storm)) as timify:
        await asyncio.gather(*(one(timify, number) for number in range(400)))
    assert len(results) > 300
    made = Counter(str(result.customer.id) for result in results if result.created)
    assert set(made.values()) == {1}
    for key, names in sent.items():
        (customer_id,) = holders(storm, key)
        assert storm.company().customers[customer_id].values
        first_name = storm.company().default_field("firstName").id
        assert storm.company().customers[customer_id].values[first_name] in names


async def test_a_404_that_is_not_of_the_customer_creates_none(sandbox: Sandbox) -> None:
    """A gateway's 404 to the update is raised when another look still finds the customer."""
    ada(sandbox)
    sandbox.fail("update_customer", "html", status=404)
    async with sandbox.client() as timify:
        with pytest.raises(NotFoundError):
            await timify.customers.upsert({"firstName": "Eve"}, external_id="crm-1")
    assert len(holders(sandbox, "crm-1")) == 1
