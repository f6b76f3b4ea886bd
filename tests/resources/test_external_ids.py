"""An external id that was not taken is an error, at the first write and not weeks later."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from typing import Any, Literal

import httpx
import pytest
from attrs import define, field
from support.faults import haste
from support.operations import ENTRIES
from timify_customers import (
    ConfigurationError,
    ExternalIdNotTakenError,
    TimifyCustomers,
    TimifyError,
)
from timify_customers._base.generated import EXTERNAL_ID_KEY
from timify_customers._resources.external_ids import read_echo

OTHER = "externalId" if EXTERNAL_ID_KEY == "external_id" else "external_id"


@pytest.fixture(autouse=True)
def _haste() -> Iterator[None]:
    with haste():
        yield


@define(eq=False)
class Api(httpx.AsyncBaseTransport):
    """Customers by id.

    Attributes:
        reads: the spelling of the external id that bodies are read by; None when keys are not taken
            at all.
        shows: what answers to writes show of the key: as it is, nothing, or an empty one.
        hidden: how many lookups see nothing yet.
        stranger: every lookup finds this customer.
    """

    reads: str | None = EXTERNAL_ID_KEY
    shows: Literal["all", "id alone", "empty"] = "all"
    hidden: int = 0
    stranger: dict[str, Any] | None = None
    customers: dict[str, dict[str, Any]] = field(factory=dict)
    log: list[str] = field(factory=list)
    bodies: list[dict[str, Any]] = field(factory=list)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await asyncio.sleep(0)
        by_key = b"external=1" in request.url.query
        self.log.append(request.method)
        name = request.url.path.rpartition("/")[2]
        if request.method == "GET":
            return self._found(name, by_key=by_key)
        sent = _json(request)
        self.bodies.append(sent)
        if request.method == "POST":
            name = f"{len(self.customers):024x}"
            self.customers[name] = {"id": name, "externalId": "", "fields": sent["customfields"]}
        elif by_key:
            name = next(it["id"] for it in self.customers.values() if it["externalId"] == name)
        customer = self.customers[name]
        if self.reads in sent:
            customer["externalId"] = sent[self.reads]
        shown = {
            "all": customer,
            "id alone": {"id": name},
            "empty": {**customer, "externalId": ""},
        }[self.shows]
        return httpx.Response(201, json={"data": shown, "status": 1})

    def _found(self, name: str, *, by_key: bool) -> httpx.Response:
        if self.stranger:
            return httpx.Response(200, json={"data": self.stranger, "status": 1})
        found = next(
            (it for it in self.customers.values() if it["externalId" if by_key else "id"] == name),
            None,
        )
        if by_key and self.hidden:
            self.hidden -= 1
            found = None
        return (
            httpx.Response(200, json={"data": found})
            if found
            else httpx.Response(404, json={"error": "no"})
        )


def _json(request: httpx.Request) -> dict[str, Any]:
    return json.loads(request.content)


def client(api: Api, **options: Any) -> TimifyCustomers:
    return TimifyCustomers(access_token="x", base_url="http://127.0.0.1", transport=api, **options)


async def test_a_key_that_the_answer_shows_was_taken() -> None:
    """The usual case costs nothing: one request a create."""
    api = Api()
    async with client(api) as timify:
        for number in range(3):
            made = await timify.customers.create(ENTRIES, external_id=f"crm-{number}")
            assert made.external_id == f"crm-{number}"
    assert api.log == ["POST"] * 3


@pytest.mark.parametrize("hidden", [0, 1])
async def test_an_answer_with_an_id_alone_is_looked_up_once_in_the_life_of_a_client(
    hidden: int,
) -> None:
    """Answers may hold as little as an id.

    The first is looked up, patiently; its views believe the others.
    """
    api = Api(shows="id alone", hidden=hidden)
    async with client(api) as timify:
        await asyncio.gather(
            *(timify.customers.create(ENTRIES, external_id=f"crm-{number}") for number in range(9))
        )
        await timify.for_company("a" * 24).customers.create(ENTRIES, external_id="crm-9")
    assert api.log.count("POST") == 10
    assert api.log.count("GET") == 1 + hidden


async def test_an_empty_key_is_looked_up_each_time() -> None:
    """An answer that shows an empty key is a surprise whenever it comes; the lookup decides."""
    api = Api(shows="empty")
    async with client(api) as timify:
        for number in range(2):
            await timify.customers.create(ENTRIES, external_id=f"crm-{number}")
    assert api.log == ["POST", "GET"] * 2


@pytest.mark.parametrize("shows", ["all", "id alone", "empty"])
@pytest.mark.parametrize("reads", [OTHER, None])
async def test_a_key_that_was_not_taken_is_an_error(shows: Any, reads: str | None) -> None:
    """The error says that the write was done, holds the customer, and names the way out; nothing
    more is sent then.
    """
    api = Api(reads=reads, shows=shows)
    async with client(api) as timify:
        with pytest.raises(ExternalIdNotTakenError, match="the write was done") as caught:
            await timify.customers.create(ENTRIES, external_id="crm-1")
        error = caught.value
        assert isinstance(error, TimifyError)
        assert (error.operation, error.seen and error.seen.id) == ("create_customer", "0" * 24)
        assert "external_id_key" in str(error)
        assert "'crm-1'" in str(error)
        with pytest.raises(ExternalIdNotTakenError, match="nothing was sent"):
            await timify.for_company("a" * 24).customers.create(ENTRIES, external_id="crm-2")
        assert api.log.count("POST") == 1
        await timify.customers.create(ENTRIES)
        assert api.log.count("POST") == 2


async def test_the_way_out_leads_out() -> None:
    """With the other spelling, in a client or a view, an API that reads it takes the keys."""
    api = Api(reads=OTHER)
    async with client(api) as timify:
        with pytest.raises(ExternalIdNotTakenError):
            await timify.customers.create(ENTRIES, external_id="crm-1")
        view = timify.with_options(external_id_key=OTHER)
        assert (await view.customers.create(ENTRIES, external_id="crm-2")).external_id == "crm-2"
        moved = await view.customers.update([], external_id="crm-2", new_external_id="crm-3")
        assert moved.external_id == "crm-3"
    async with client(api, external_id_key=OTHER) as timify:
        assert (await timify.customers.create(ENTRIES, external_id="crm-4")).external_id == "crm-4"
    assert EXTERNAL_ID_KEY in api.bodies[0]
    assert all(EXTERNAL_ID_KEY not in body for body in api.bodies[1:])


async def test_a_key_that_somebody_else_has_is_an_error() -> None:
    """A lookup that finds another customer under the key does not prove that ours has it, nor that
    keys are lost.
    """
    api = Api(shows="id alone", stranger={"id": "f" * 24, "externalId": "crm-1"})
    async with client(api) as timify:
        with pytest.raises(ExternalIdNotTakenError):
            await timify.customers.create(ENTRIES, external_id="crm-1")
        api.stranger = None
        await timify.customers.create(ENTRIES, external_id="crm-2")


@pytest.mark.parametrize(
    "keys", [{"customer_id": "0" * 24}, {"external_id": "crm-1"}], ids=["by id", "by key"]
)
async def test_an_update_that_keeps_its_old_key_is_an_error(keys: dict[str, str]) -> None:
    """An answer that shows the old key proves that the new one was not taken; the rest of the
    update was done.
    """
    api = Api()
    async with client(api) as timify:
        await timify.customers.create(ENTRIES, external_id="crm-1")
        api.reads = None
        with pytest.raises(ExternalIdNotTakenError, match="the answer shows 'crm-1'"):
            await timify.customers.update(ENTRIES, **keys, new_external_id="crm-2")
        api.reads = EXTERNAL_ID_KEY
        assert (await timify.customers.create(ENTRIES, external_id="crm-3")).external_id == "crm-3"


async def test_blanks_around_a_key_are_no_difference() -> None:
    """An API that trims keys has taken them."""

    class Trims(Api):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            response = await super().handle_async_request(request)
            return httpx.Response(response.status_code, json=_trimmed(response.json()))

    async with client(Trims()) as timify:
        assert (
            await timify.customers.create(ENTRIES, external_id=" crm-1 ")
        ).external_id == "crm-1"


def _trimmed(answer: dict[str, Any]) -> dict[str, Any]:
    return {
        **answer,
        "data": {**answer["data"], "externalId": answer["data"]["externalId"].strip()},
    }


async def test_a_lookup_that_fails_leaves_no_doubt_about_the_write() -> None:
    """A key that cannot be confirmed because the lookup fails is an error too, and the create is
    not repeated.
    """

    class Down(Api):
        def _found(self, name: str, *, by_key: bool) -> httpx.Response:
            return httpx.Response(500)

    api = Down(shows="id alone")
    async with client(api, retries=1) as timify:
        with pytest.raises(ExternalIdNotTakenError, match="could not be confirmed"):
            await timify.customers.create(ENTRIES, external_id="crm-1")
        with pytest.raises(ExternalIdNotTakenError, match="could not be confirmed"):
            await timify.customers.create(ENTRIES, external_id="crm-2")
    assert api.log.count("POST") == 2


async def test_a_create_can_say_more() -> None:
    """The import's id and the flag that skips mandatory fields go over the wire when they are
    given.
    """
    api = Api()
    async with client(api) as timify:
        await timify.customers.create(ENTRIES, import_customer_id="imp-1", ignore_mandatory=True)
        await timify.customers.create(ENTRIES)
    assert api.bodies[0] == {
        "customfields": ENTRIES,
        "import_customer_id": "imp-1",
        "ignore_mandatory_validation": "true",
    }
    assert api.bodies[1] == {"customfields": ENTRIES}


def test_a_spelling_that_nobody_knows_is_refused() -> None:
    """The setting has two values, and none of its own."""
    with pytest.raises(ConfigurationError, match="external_id_key"):
        TimifyCustomers(access_token="x", external_id_key="ExternalID")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("shown", "echo"),
    [
        ({"externalId": "crm-1"}, "same"),
        ({"externalId": " crm-1"}, "same"),
        ({}, "silent"),
        ({"externalId": None}, "silent"),
        ({"externalId": ""}, "empty"),
        ({"externalId": "  "}, "empty"),
        ({"externalId": "crm-2"}, "other"),
        ({"externalId": 7}, "other"),
    ],
)
def test_what_an_answer_shows_of_a_key(shown: dict[str, object], echo: str) -> None:
    """Each answer to a write is one of four."""
    assert read_echo(shown, "crm-1") == echo
