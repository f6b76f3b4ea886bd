"""Definitions: fetched once a company, kept, renewed when they are old, changed or found wrong."""

from __future__ import annotations

import asyncio
import gc
import json
from collections import Counter
from typing import Any

import httpx
import pytest
from attrs import define, evolve, field
from support.faults import ID
from timify_customers import (
    AmbiguousWriteError,
    BadRequestError,
    CallTimeoutError,
    ClientStateError,
    ServerError,
    TimifyCustomers,
    UnknownFieldError,
    UnprocessableError,
)
from timify_customers._customfields import definitions
from timify_customers._customfields.definitions import DEFINITIONS_TTL

LIST, CREATE, FIELDS = "GET", "POST", "/v1/customers/customfields"


@define
class Api(httpx.AsyncBaseTransport):
    """The API in process: its fields by label, how often each request came, and what it refuses.

    Attributes:
        late: how many lists do not show a new field yet.
        pause: seconds that a list takes.
        broken: lists answer with this status.
        refuse: status and message for customers that name a field that is gone.
    """

    fields: dict[str, str] = field(factory=lambda: {"Tier": "f1", "Size": "f2"})
    late: int = 0
    pause: float = 0.0
    broken: int = 0
    refuse: tuple[int, str] = (422, "unknown customfield {}")
    shown: dict[str, str] = field(factory=dict)
    seen: Counter[str] = field(factory=Counter)
    sent: list[Any] = field(factory=list)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        what = request.url.path.removeprefix("/v1/customers")
        self.seen[f"{request.method} {what or '/'}"] += 1
        body = json.loads(request.content or "null")
        if request.method == LIST and request.url.path == FIELDS:
            return await self._list()
        if request.url.path.startswith(FIELDS):
            return self._change(request.method, request.url.path.rpartition("/")[2], body)
        self.sent.append(body["customfields"])
        gone = [
            entry["id"] for entry in body["customfields"] if entry["id"] not in self.fields.values()
        ]
        if gone:
            status, message = self.refuse
            return httpx.Response(status, json={"status": 0, "message": message.format(gone[0])})
        return httpx.Response(200, json={"data": {"id": ID}, "status": 1})

    async def _list(self) -> httpx.Response:
        await asyncio.sleep(self.pause)
        if self.broken:
            return httpx.Response(self.broken, json={"message": "broken"})
        shown = (
            dict(self.fields)
            if self.late <= 0
            else {k: v for k, v in self.fields.items() if v in ("f1", "f2")}
        )
        self.late -= 1
        data = [{"id": id_, "label": label, "type": "TEXT"} for label, id_ in shown.items()]
        return httpx.Response(200, json={"data": data, "status": 1})

    def _change(self, method: str, field_id: str, body: Any) -> httpx.Response:
        if method == "POST":
            field_id = f"f{len(self.fields) + 1}"
        else:
            self.fields = {label: id_ for label, id_ in self.fields.items() if id_ != field_id}
        if method != "DELETE":
            self.fields[body["label"]] = field_id
        data = {"id": field_id, "label": (body or {}).get("label"), "type": "TEXT"}
        return httpx.Response(200, json={"data": data, "status": 1})

    @property
    def lists(self) -> int:
        return self.seen["GET /customfields"]


def client(api: Api, **options: Any) -> TimifyCustomers:
    return TimifyCustomers(
        access_token="x", base_url="http://127.0.0.1", transport=api, **{"retries": 0, **options}
    )


def age(timify: TimifyCustomers, seconds: float) -> None:
    """Make the definitions at hand older."""
    source = timify.fields._definitions._cache
    assert source.cached is not None
    source._state = evolve(
        source._state, cached=evolve(source.cached, refresh_at=source.cached.refresh_at - seconds)
    )


async def test_a_hundred_calls_fetch_them_once() -> None:
    """Concurrent calls by name on a new client wait for one request."""
    api = Api(pause=0.05)
    async with client(api) as timify:
        await asyncio.gather(*(timify.customers.create({"Tier": "gold"}) for _ in range(100)))
    assert (api.lists, api.seen["POST /"]) == (1, 100)


async def test_who_started_the_flight_can_be_cancelled() -> None:
    """Cancelling the first caller leaves the request to those who wait with it."""
    api = Api(pause=0.05)
    async with client(api) as timify:
        first = asyncio.create_task(timify.customers.create({"Tier": "gold"}))
        await asyncio.sleep(0.01)
        second = asyncio.create_task(timify.customers.create({"Tier": "silver"}))
        await asyncio.sleep(0.01)
        first.cancel()
        assert (await second).id == ID
    assert (api.lists, api.seen["POST /"]) == (1, 1)


async def test_all_who_wait_hear_of_one_failure() -> None:
    """When the request fails, every waiter fails with it, and none repeats it for itself; a later
    call asks again.
    """
    api = Api(pause=0.05, broken=500)
    async with client(api) as timify:
        calls = (timify.customers.create({"Tier": "gold"}) for _ in range(20))
        errors = await asyncio.gather(*calls, return_exceptions=True)
        assert {type(error) for error in errors} == {ServerError}
        assert len({id(error) for error in errors}) == 20
        assert api.lists == 1
        api.broken = 0
        assert (await timify.customers.create({"Tier": "gold"})).id == ID


async def test_they_are_used_while_fresh() -> None:
    """Within the time to live nothing is asked."""
    api = Api()
    async with client(api) as timify:
        for _ in range(3):
            await timify.customers.create({"Tier": "gold"})
        age(timify, DEFINITIONS_TTL - 10)
        await timify.customers.create({"Tier": "gold"})
    assert api.lists == 1


async def test_they_are_used_while_they_are_renewed() -> None:
    """After the time to live a call uses them without waiting, and one renewal runs aside."""
    api = Api()
    async with client(api) as timify:
        await timify.customers.create({"Tier": "gold"})
        age(timify, DEFINITIONS_TTL + 1)
        api.pause, api.fields = 1.0, {"Tier": "f1", "Size": "f2", "Colour": "f3"}
        async with asyncio.timeout(0.9):
            await asyncio.gather(*(timify.customers.create({"Tier": "gold"}) for _ in range(10)))
        await asyncio.wait(timify.fields._definitions._cache._flights)
        await timify.customers.create({"Colour": "red"})
    assert api.lists == 2


async def test_a_renewal_that_fails_does_no_harm() -> None:
    """Old definitions serve on when they cannot be renewed, and the next try waits."""
    api = Api()
    async with client(api) as timify:
        await timify.customers.create({"Tier": "gold"})
        age(timify, DEFINITIONS_TTL + 1)
        api.broken = 500
        for _ in range(5):
            await timify.customers.create({"Tier": "gold"})
            await asyncio.sleep(0.01)
    assert api.lists == 2


async def test_an_unknown_name_asks_once_for_new_ones() -> None:
    """A field that was made elsewhere is found by its name without a new client."""
    api = Api()
    async with client(api) as timify:
        await timify.customers.create({"Tier": "gold"})
        api.fields["Colour"] = "f3"
        await timify.customers.create({"Colour": "red"})
        assert api.sent[-1] == [{"id": "f3", "value": "red"}]
        with pytest.raises(UnknownFieldError, match="Shape"):
            await timify.customers.create({"Shape": "round"})
    assert (api.lists, api.seen["POST /"]) == (3, 2)


async def test_an_unknown_name_in_new_ones_is_an_error_at_once() -> None:
    """Definitions that this call fetched itself are not asked for twice."""
    api = Api()
    async with client(api) as timify:
        with pytest.raises(UnknownFieldError, match="Shape"):
            await timify.customers.create({"Shape": "round"})
    assert (api.lists, api.seen["POST /"]) == (1, 0)


@pytest.mark.parametrize("call", ["create", "update"])
@pytest.mark.parametrize("status", [400, 422])
async def test_a_refusal_that_names_a_field_asks_for_new_ones(call: str, status: int) -> None:
    """When the API no longer knows a field that was sent, its new id is looked up and the write is
    sent once more.
    """
    api = Api(refuse=(status, "unknown customfield {}"))
    async with client(api) as timify:
        await timify.customers.create({"Tier": "gold"})
        api.fields["Tier"] = "f9"
        values = {"Tier": "gold", "Size": "8"}
        write = (
            timify.customers.create(values)
            if call == "create"
            else timify.customers.update(values, customer_id=ID)
        )
        assert (await write).id == ID
    assert [sent[0]["id"] for sent in api.sent] == ["f1", "f1", "f9"]
    assert api.lists == 2


async def test_a_refusal_that_new_ones_do_not_mend_is_raised() -> None:
    """The same payload is not sent twice: the API's own error comes through, once."""
    api = Api()
    async with client(api) as timify:
        await timify.customers.create({"Tier": "gold"})
        api.refuse, api.fields = (422, "bad value for f1"), {"Tier": "f1"}
        api.fields = {}
        api.late = 0
        with pytest.raises(UnknownFieldError):
            await timify.customers.create({"Tier": "gold"})
        api.fields = {"Tier": "f1"}
        api.refuse = (422, "{} is wrong")
        with pytest.raises(UnprocessableError, match="f7 is wrong"):
            await timify.customers.create([{"id": "f7", "value": "x"}])
    assert len(api.sent) == 3


async def test_a_refusal_of_something_else_asks_for_nothing() -> None:
    """A refusal that names none of the fields sent is the caller's to mend."""
    api = Api(refuse=(400, "no such branch"))
    async with client(api) as timify:
        await timify.customers.create({"Tier": "gold"})
        api.fields = {}
        with pytest.raises(BadRequestError, match="no such branch"):
            await timify.customers.create({"Tier": "gold"})
    assert (api.lists, len(api.sent)) == (1, 2)


async def test_a_ready_list_asks_for_no_definitions() -> None:
    """A wire list is sent as it is."""
    api = Api()
    async with client(api) as timify:
        await timify.customers.create([{"id": "f1", "value": "gold"}])
    assert (api.lists, api.sent) == (0, [[{"id": "f1", "value": "gold"}]])


async def test_changes_are_known_at_once() -> None:
    """What create, update and delete change is in the registry, also while lists do not show it
    yet.
    """
    api = Api(late=-5)
    async with client(api) as timify:
        await timify.fields.registry()
        api.late = 100
        made = await timify.fields.create("Colour")
        await timify.customers.create({"Colour": "red"})
        await timify.fields.update(made.id, label="Hue")
        await timify.customers.create({"Hue": "red"})
        assert {field.raw["label"] for field in await timify.fields.registry()} == {
            "Tier",
            "Size",
            "Hue",
        }
        await timify.fields.delete(made.id)
        assert {field.raw["label"] for field in await timify.fields.registry()} == {"Tier", "Size"}
    assert api.lists == 1


async def test_changes_side_by_side_are_all_known() -> None:
    """Ten creates at once leave a registry with all ten."""
    api = Api()
    async with client(api) as timify:
        await timify.fields.registry()
        api.late = 100
        await asyncio.gather(*(timify.fields.create(f"New {n}") for n in range(10)))
        assert len(list(await timify.fields.registry())) == 12


async def test_a_change_outdates_a_flight_under_way() -> None:
    """A list that was asked for before a change does not bring back what was before it."""
    api = Api()
    async with client(api) as timify:
        await timify.fields.registry()
        age(timify, DEFINITIONS_TTL + 1)
        api.pause, api.late = 0.05, 1
        await timify.fields.registry()
        await asyncio.sleep(0.01)
        await timify.fields.create("Colour")
        await asyncio.sleep(0.1)
        await timify.customers.create({"Colour": "red"})
    assert api.sent == [[{"id": "f3", "value": "red"}]]


async def test_after_a_change_that_may_be_lost_they_are_fetched_anew() -> None:
    """When it is not known whether a field was created, the list decides."""
    api = Api()

    def lose(request: httpx.Request) -> httpx.Response:
        if request.method == "POST" and request.url.path == FIELDS:
            api.fields["Colour"] = "f3"
            raise httpx.ReadError("lost")
        return httpx.Response(200, json={"data": {"id": ID}, "status": 1})

    class Lossy(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            if request.method == "POST" and request.url.path == FIELDS:
                return lose(request)
            return await api.handle_async_request(request)

    async with TimifyCustomers(
        access_token="x", base_url="http://127.0.0.1", transport=Lossy()
    ) as timify:
        await timify.fields.registry()
        with pytest.raises(AmbiguousWriteError):
            await timify.fields.create("Colour")
        await timify.customers.create({"Colour": "red"})
    assert api.lists == 2


async def test_waiting_ends_with_the_calls_deadline() -> None:
    """A call that gives up waiting leaves the request to others, and it ends by itself."""
    api = Api(pause=0.2)
    async with client(api) as timify:
        with pytest.raises(CallTimeoutError, match="definitions"):
            await timify.with_options(deadline=0.05).customers.create({"Tier": "gold"})
        assert (await timify.customers.create({"Tier": "gold"})).id == ID
    assert api.seen["POST /"] == 1


async def test_closing_ends_a_flight() -> None:
    """A client that is closed while definitions are on their way leaves no task behind."""
    api = Api(pause=5)
    timify = client(api)
    call = asyncio.create_task(timify.customers.create({"Tier": "gold"}))
    await asyncio.sleep(0.02)
    await timify.aclose()
    with pytest.raises(ClientStateError):
        await call
    assert not timify.fields._definitions._cache._flights


async def test_only_the_companies_used_last_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """An app that acts for any number of companies holds the definitions of some of them."""
    monkeypatch.setattr(definitions, "MOST_COMPANIES", 2)
    api = Api()
    one, two, three = (str(number) * 24 for number in (1, 2, 3))
    async with client(api) as timify:
        for company, lists in ((one, 1), (two, 2), (one, 2), (three, 3), (one, 3), (two, 4)):
            await timify.for_company(company).fields.registry()
            assert api.lists == lists, company
        gc.collect()
        assert len(timify._scope.caller._caches) == 1 + 2  # the token's, and those that are kept


async def test_views_of_one_company_share_them() -> None:
    """A view with other settings asks for nothing; one for another company asks for its own."""
    api = Api()
    async with client(api) as timify:
        await timify.fields.registry()
        await timify.with_options(retries=1).customers.create({"Tier": "gold"})
        assert api.lists == 1
        await timify.for_company("5" * 24).customers.create({"Tier": "gold"})
    assert api.lists == 2
