"""What becomes of a write whose answer was lost."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

import httpx
import pytest
from attrs import define, field
from hypothesis import given
from hypothesis import strategies as st
from support.faults import haste
from timify_customers import (
    AmbiguousWriteError,
    BodyError,
    CallTimeoutError,
    ConfigurationError,
    ConflictError,
    Customer,
    NotFoundError,
    RateLimitError,
    ServerError,
    TimifyCustomers,
    TimifyError,
)
from timify_customers._base.generated import EXTERNAL_ID_KEY
from timify_customers._calls import retry, settling
from timify_customers._calls.clock import LoopClock
from timify_customers._calls.lifetime import Lifetime
from timify_customers._calls.settling import shows

ADA = [{"id": "name", "value": "Ada"}, {"id": "email", "value": "ada@example.com"}]
EVE = [{"id": "name", "value": "Eve"}]


@pytest.fixture(autouse=True)
def _haste() -> Iterator[None]:
    with haste():
        yield


@define
class Crm(httpx.AsyncBaseTransport):
    """The API in process, which does writes and loses their answers.

    Attributes:
        lost: how the answers of the first writes are lost, one after the other.
        done: whether such a write is done all the same.
        hidden: how many lookups by key see nothing yet.
        blind: a customer that every lookup by key gives, whatever the key.
        lookups: answers of the first lookups by key, in place of looking.
        unique: whether external ids are.
    """

    lost: list[Any] = field(factory=lambda: [httpx.ReadError("lost")])
    done: bool = True
    hidden: int = 0
    blind: dict[str, Any] | None = None
    lookups: list[Any] = field(factory=list)
    unique: bool = True
    customers: list[dict[str, Any]] = field(factory=list)
    log: list[str] = field(factory=list)

    def add(self, key: str, fields: list[dict[str, Any]]) -> dict[str, Any]:
        self.customers.append(
            {"id": f"{len(self.customers):024x}", "externalId": key, "fields": fields}
        )
        return self.customers[-1]

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await asyncio.sleep(0)
        by_key = request.url.query == b"external=1"
        self.log.append(request.method + (" by key" if by_key else ""))
        if request.method == "GET" and by_key and self.lookups:
            return _give(self.lookups.pop(0))
        lost = self.lost.pop(0) if request.method != "GET" and self.lost else None
        response = _refused(404)
        if lost is None or self.done:
            response = self._act(
                request, unquote(request.url.raw_path.decode().partition("?")[0].rpartition("/")[2])
            )
        return response if lost is None else _give(lost)

    def _act(self, request: httpx.Request, key: str) -> httpx.Response:
        by_key = request.url.query == b"external=1"
        sent = json.loads(request.content) if request.content else {}
        taken = [
            it for it in self.customers if it["externalId"] == sent.get(EXTERNAL_ID_KEY, object())
        ]
        if request.method == "POST":
            return (
                _refused(409)
                if taken and self.unique
                else _data(self.add(sent.get(EXTERNAL_ID_KEY, ""), sent["customfields"]))
            )
        if request.method == "GET" and by_key and self.blind:
            return _data(self.blind)
        if request.method == "GET" and by_key and self.hidden:
            self.hidden -= 1
            return _refused(404)
        found = next(
            (it for it in self.customers if it["externalId" if by_key else "id"] == key), None
        )
        if found is None:
            return _refused(404)
        if request.method == "DELETE":
            self.customers.remove(found)
        if request.method == "PATCH":
            values = {it["id"]: it for it in (*found["fields"], *sent.get("customfields", ()))}
            found |= {
                "externalId": sent.get(EXTERNAL_ID_KEY, found["externalId"]),
                "fields": [*values.values()],
            }
        return _data(found)


def _give(what: Any) -> httpx.Response:
    if isinstance(what, Exception):
        raise what
    return what if isinstance(what, httpx.Response) else _refused(what)


def _refused(status: int) -> httpx.Response:
    return httpx.Response(status, json={"status": 0, "message": "no"})


def _data(customer: dict[str, Any]) -> httpx.Response:
    return httpx.Response(200, json={"data": customer, "status": 1})


def client(crm: Crm, **options: Any) -> TimifyCustomers:
    return TimifyCustomers(access_token="x", base_url="http://127.0.0.1", transport=crm, **options)


async def create(
    crm: Crm, *, key: str | None = "crm-1", values: Any = ADA, mode: Any = None, **options: Any
) -> Customer:
    async with client(crm, **options) as timify:
        return await timify.customers.create(values, external_id=key, on_lost_answer=mode)


LOST = [
    httpx.ReadError("lost"),
    httpx.ReadTimeout("lost"),
    RuntimeError("unknown"),
    500,
    504,
    httpx.Response(200, text="<html>"),
    httpx.Response(200, json={"status": 1}),
]


# Creating.


@pytest.mark.parametrize("lost", LOST, ids=repr)
async def test_a_lost_create_is_found_by_its_key(lost: Any) -> None:
    """However its answer was lost: a create is sent once, looked up, and returned with ``settled``
    set.
    """
    crm = Crm([lost])
    ada = await create(crm)
    assert (ada.settled, ada.external_id, ada.raw["fields"]) == (True, "crm-1", ADA)
    assert crm.log == ["POST", "GET by key"]
    assert len(crm.customers) == 1


async def test_an_answer_that_came_is_not_settled() -> None:
    """Without trouble nothing is looked up, and ``settled`` is False."""
    crm = Crm([])
    assert (await create(crm)).settled is False
    assert crm.log == ["POST"]


async def test_a_write_that_shows_late_is_waited_for() -> None:
    """A create that the first lookup does not see yet is found by a later one."""
    crm = Crm(hidden=1)
    assert (await create(crm)).settled
    assert crm.log == ["POST", "GET by key", "GET by key"]


@pytest.mark.parametrize("options", [{"done": False}, {"hidden": 99}], ids=["not done", "hidden"])
async def test_not_found_stays_open(options: dict[str, Any]) -> None:
    """Not found is not "not done": the error says so, shows nothing, and is not safe to repeat."""
    crm = Crm(**options)
    with pytest.raises(AmbiguousWriteError, match="'crm-1'") as caught:
        await create(crm)
    error = caught.value
    assert (error.seen, error.safe_to_repeat, error.operation, error.attempts) == (
        None,
        False,
        "create_customer",
        1,
    )
    assert "no customer with its external id can be seen" in str(error)
    assert crm.log == ["POST", "GET by key", "GET by key"]


async def test_a_stranger_with_the_key_is_shown_and_not_returned() -> None:
    """When the key was taken before by other values, the error carries that customer."""
    crm = Crm([500], done=False)
    eve = crm.add("crm-1", EVE)
    with pytest.raises(AmbiguousWriteError, match="cannot be told") as caught:
        await create(crm)
    assert caught.value.seen is not None
    assert caught.value.seen.id == eve["id"]


@pytest.mark.parametrize(
    "more", [[{"id": "note", "value": "older"}], [{"id": "tags", "value": "", "values": ["x"]}]]
)
async def test_a_stranger_that_holds_more_is_not_returned(more: Any) -> None:
    """The same values and others besides may be a customer that was there before."""
    crm = Crm([500], done=False)
    crm.add("crm-1", [*ADA, *more])
    with pytest.raises(AmbiguousWriteError):
        await create(crm)


async def test_a_lookup_that_ignores_the_key_settles_nothing() -> None:
    """A server that gives another customer than was asked for: an error, and the stranger is not
    even shown.
    """
    crm = Crm(blind={"id": "5" * 24, "externalId": "crm-7", "fields": ADA})
    with pytest.raises(AmbiguousWriteError, match="another") as caught:
        await create(crm)
    assert caught.value.seen is None


@pytest.mark.parametrize("mode", ["raise", "repeat"])
async def test_a_lookup_that_ignores_the_key_never_leads_to_a_repetition(mode: Any) -> None:
    """Nor does it count as "nothing found"."""
    crm = Crm(blind={"id": "5" * 24, "externalId": "", "fields": ADA})
    doubt = "looking for its external id gives a customer that has another;"
    with pytest.raises(AmbiguousWriteError, match=doubt):
        await create(crm, mode=mode)
    assert crm.log.count("POST") == 1


@pytest.mark.parametrize("mode", ["raise", "repeat"])
@pytest.mark.parametrize(
    "trouble", [httpx.ReadError("x"), 500, 403, httpx.Response(200, text="<html>")], ids=repr
)
async def test_a_lookup_that_fails_stays_open(mode: Any, trouble: Any) -> None:
    """When the lookup fails as well, nothing is known and nothing is sent again; the error tells of
    both.
    """
    crm = Crm([500], lookups=[trouble] * 99)
    with pytest.raises(AmbiguousWriteError, match=r"HTTP 500.*looking for it failed too") as caught:
        await create(crm, mode=mode, retries=1)
    assert isinstance(caught.value.__cause__, ServerError)
    assert crm.log.count("POST") == 1


async def test_lookups_repeat_as_any_read() -> None:
    """A lookup that fails for a moment is tried again."""
    crm = Crm(lookups=[500, httpx.ReadError("x")])
    assert (await create(crm)).settled


async def test_the_deadline_ends_the_search(monkeypatch: pytest.MonkeyPatch) -> None:
    """Looking up stops with the deadline, well before its own waits are over; the outcome stays
    open.
    """
    monkeypatch.setattr(retry, "BACKOFF_BASE", 50.0)
    crm, loop = Crm(hidden=99), asyncio.get_running_loop()
    began = loop.time()
    with pytest.raises(AmbiguousWriteError):
        await create(crm, deadline=0.3)
    assert loop.time() - began < 1.0


async def test_each_lookup_leaves_half_of_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """A lookup waits for at most half of the time that is left, and past the deadline for none."""
    waits: list[float] = []

    class PassesBy(LoopClock):
        async def wait(self, event: asyncio.Event, seconds: float) -> None:
            waits.append(seconds)

    async def look(_: str) -> Any:
        raise NotFoundError("x", status=404)

    monkeypatch.setattr(settling, "backoff", lambda *_: 1e9)
    lifetime = Lifetime()
    lifetime.clock = PassesBy()
    now = lifetime.now()
    assert await settling.find(look, "crm-1", now + 6000, lifetime) is None
    assert await settling.find(look, "crm-1", now - 1, lifetime) is None
    halves, at_once = waits[: settling.LOOKUPS], waits[settling.LOOKUPS :]
    assert halves == [pytest.approx(3000, abs=100)] * settling.LOOKUPS
    assert at_once == [0.0] * settling.LOOKUPS


async def test_a_deadline_used_up_leaves_no_time_to_look() -> None:
    """A create whose answer did not come until the deadline is ambiguous at once."""

    class Slow(Crm):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            await asyncio.sleep(0.3)
            return await super().handle_async_request(request)

    with pytest.raises(AmbiguousWriteError, match="deadline"):
        await create(Slow([]), deadline=0.1)


async def test_a_create_without_key_is_open_at_once() -> None:
    """Without an external id there is nothing to look for."""
    crm = Crm()
    with pytest.raises(AmbiguousWriteError, match="look for it before") as caught:
        await create(crm, key=None)
    assert crm.log == ["POST"]
    assert caught.value.safe_to_repeat is False


@pytest.mark.parametrize("values", [[], [{"id": "name", "value": ""}]])
async def test_a_create_without_values_cannot_be_told(values: Any) -> None:
    """With nothing sent but the key, the customer that has it may be anybody's."""
    crm = Crm()
    with pytest.raises(AmbiguousWriteError) as caught:
        await create(crm, values=values)
    assert caught.value.seen is not None


@pytest.mark.parametrize("call", ["field", "category"])
async def test_fields_and_categories_are_open_at_once(call: str) -> None:
    """Creating a field or category has no key: the error says to look first."""
    crm = Crm()
    async with client(crm) as timify:
        with pytest.raises(AmbiguousWriteError, match="look for it before"):
            await (
                timify.fields.create("Tier") if call == "field" else timify.categories.create("VIP")
            )
    assert crm.log == ["POST"]


# on_lost_answer="repeat".


@pytest.mark.parametrize("way", ["argument", "view", "client"])
async def test_repeat_sends_again_when_nothing_is_found(way: str) -> None:
    """By argument, view or client: a lookup that finds nothing lets the create be sent again."""
    crm = Crm(done=False)
    async with client(crm, **({"on_lost_answer": "repeat"} if way == "client" else {})) as timify:
        view = timify.with_options(on_lost_answer="repeat") if way == "view" else timify
        mode = "repeat" if way == "argument" else None
        ada = await view.customers.create(ADA, external_id="crm-1", on_lost_answer=mode)
    assert ada.settled is False
    assert crm.log == ["POST", "GET by key", "GET by key", "POST"]


async def test_the_argument_wins_over_the_view() -> None:
    """``on_lost_answer="raise"`` on a call wins over its view; another word is refused."""
    crm = Crm(done=False)
    async with client(crm, on_lost_answer="repeat") as timify:
        with pytest.raises(AmbiguousWriteError):
            await timify.customers.create(ADA, external_id="crm-1", on_lost_answer="raise")
        with pytest.raises(ConfigurationError):
            await timify.customers.create(ADA, external_id="crm-1", on_lost_answer="maybe")  # type: ignore[arg-type]


async def test_repeat_still_looks_first() -> None:
    """What was done is found, and not sent again."""
    crm = Crm()
    assert (await create(crm, mode="repeat")).settled
    assert crm.log.count("POST") == 1


async def test_a_repetition_that_is_refused_was_perhaps_done() -> None:
    """The first create shows late, so that its repetition gets a 409: what is then found is
    returned.
    """
    crm = Crm(hidden=2)
    ada = await create(crm, mode="repeat")
    assert ada.settled
    assert crm.log == ["POST", "GET by key", "GET by key", "POST", "GET by key"]
    assert len(crm.customers) == 1


async def test_a_repetition_refused_because_of_a_stranger() -> None:
    """A 409 because somebody else has the key: the error carries that customer."""
    crm = Crm(done=False, hidden=2)
    crm.add("crm-1", EVE)
    with pytest.raises(AmbiguousWriteError) as caught:
        await create(crm, mode="repeat")
    assert caught.value.seen is not None
    assert caught.value.seen.raw["fields"] == EVE
    assert caught.value.attempts == 2


async def test_a_repetition_that_is_refused_is_the_last() -> None:
    """After a refusal nothing more is sent, however many retries are left."""
    crm = Crm([500, 403, 500], done=False)
    with pytest.raises(AmbiguousWriteError):
        await create(crm, mode="repeat", retries=5)
    assert crm.log.count("POST") == 2


async def test_a_first_refusal_is_a_refusal() -> None:
    """A 409 with no lost answer before it is a ConflictError, and nothing is looked up."""
    crm = Crm([])
    crm.add("crm-1", EVE)
    with pytest.raises(ConflictError):
        await create(crm, mode="repeat")
    assert crm.log == ["POST"]


async def test_repetitions_are_as_many_as_retries() -> None:
    """An answer that is lost each time ends in an AmbiguousWriteError after ``retries``
    repetitions.
    """
    crm = Crm([500] * 99, done=False)
    with pytest.raises(AmbiguousWriteError) as caught:
        await create(crm, mode="repeat", retries=2)
    assert crm.log.count("POST") == 3
    assert caught.value.attempts == 3


# Updating.


@pytest.mark.parametrize("lost", LOST, ids=repr)
async def test_an_update_repeats(lost: Any) -> None:
    """An update sets values, so that it may be sent again."""
    crm = Crm([lost, lost])
    crm.add("crm-1", EVE)
    async with client(crm) as timify:
        ada = await timify.customers.update(ADA, external_id="crm-1")
    assert ada.settled is False
    assert crm.log == ["PATCH by key"] * 3


async def test_an_update_that_stays_lost_may_be_repeated() -> None:
    """When every answer was lost, the error says that sending it again is safe."""
    crm = Crm([500] * 99)
    crm.add("crm-1", EVE)
    async with client(crm, retries=1) as timify:
        with pytest.raises(AmbiguousWriteError, match="again is safe") as caught:
            await timify.customers.update(ADA, external_id="crm-1")
    assert (caught.value.safe_to_repeat, caught.value.attempts, caught.value.status) == (
        True,
        2,
        500,
    )


@pytest.mark.parametrize("then", [404, 409, 429, httpx.ConnectError("x")], ids=repr)
async def test_a_lost_update_that_ends_otherwise_is_open(then: Any) -> None:
    """Lost first and refused, throttled or not connected then: the first may have been done."""
    crm = Crm([500, *[then] * 99], done=False)
    async with client(crm, retries=1) as timify:
        with pytest.raises(AmbiguousWriteError):
            await timify.customers.update(ADA, external_id="crm-1")


async def test_throttled_only_is_not_open() -> None:
    """A write that was never lost ends in its own error."""
    async with client(Crm([429] * 99), retries=1) as timify:
        with pytest.raises(RateLimitError):
            await timify.customers.update(ADA, external_id="crm-1")


@pytest.mark.parametrize("values", [[], ADA], ids=["key alone", "with values"])
async def test_a_change_of_key_is_settled_by_the_new_key(values: Any) -> None:
    """An update by the key that it changes is not repeated, but read by its new key; the old one
    must be gone.
    """
    crm = Crm()
    crm.add("old", EVE)
    async with client(crm) as timify:
        moved = await timify.customers.update(values, external_id="old", new_external_id="new")
    assert (moved.settled, moved.external_id) == (True, "new")
    assert crm.log == ["PATCH by key", "GET by key", "GET by key"]


@pytest.mark.parametrize("values", [[], EVE], ids=["key alone", "with values"])
async def test_a_change_of_key_that_was_not_done_is_open(values: Any) -> None:
    """Nobody has the new key, or somebody else: the error says so, and is not safe to repeat."""
    crm = Crm(done=False)
    crm.add("old", EVE)
    async with client(crm) as timify:
        with pytest.raises(AmbiguousWriteError) as caught:
            await timify.customers.update(values, external_id="old", new_external_id="new")
        assert (caught.value.seen, caught.value.safe_to_repeat) == (None, False)
        stranger = crm.add("new", EVE)
        crm.lost.append(500)
        with pytest.raises(AmbiguousWriteError) as caught:
            await timify.customers.update(values, external_id="old", new_external_id="new")
    assert caught.value.seen is not None
    assert caught.value.seen.id == stranger["id"]


async def test_a_change_of_key_that_shows_other_values_is_open() -> None:
    """The new key with values that were not sent settles nothing."""
    crm = Crm(done=False)
    crm.add("new", EVE)
    async with client(crm) as timify:
        with pytest.raises(AmbiguousWriteError):
            await timify.customers.update(ADA, external_id="old", new_external_id="new")


@pytest.mark.parametrize(
    "keys",
    [
        {"customer_id": "0" * 24, "new_external_id": "new"},
        {"external_id": "old", "new_external_id": "old"},
    ],
)
async def test_a_key_that_is_not_the_address_repeats(keys: dict[str, str]) -> None:
    """Addressed by id, or to the same key, an update that sets the key is like any other."""
    crm = Crm()
    crm.add("old", EVE)
    async with client(crm) as timify:
        assert not (await timify.customers.update(ADA, **keys)).settled
    assert [it.split()[0] for it in crm.log] == ["PATCH", "PATCH"]


# Deleting.


async def test_a_deletion_by_key_deletes_by_id() -> None:
    """The id is found first; a repetition that finds nothing has succeeded."""
    crm = Crm()
    crm.add("crm-1", EVE)
    async with client(crm) as timify:
        await timify.customers.delete(external_id="crm-1")
    assert crm.log == ["GET by key", "DELETE", "DELETE"]
    assert not crm.customers


async def test_a_repeated_deletion_hits_nobody_else() -> None:
    """A stranger that takes the key between two attempts stays: the id is what is deleted."""
    crm = Crm()
    crm.add("crm-1", EVE)
    act = crm._act

    def taken_meanwhile(request: httpx.Request, key: str) -> httpx.Response:
        response = act(request, key)
        if request.method == "DELETE" and crm.log.count("DELETE") == 1:
            crm.customers.append({"id": "f" * 24, "externalId": "crm-1", "fields": ADA})
        return response

    crm._act = taken_meanwhile  # type: ignore[method-assign]
    async with client(crm) as timify:
        await timify.customers.delete(external_id="crm-1")
    assert [it["id"] for it in crm.customers] == ["f" * 24]


async def test_a_first_404_is_not_a_success() -> None:
    """A deletion that finds nothing at the first attempt is a NotFoundError, by key and by id."""
    async with client(Crm([])) as timify:
        for keys in ({"external_id": "crm-1"}, {"customer_id": "0" * 24}):
            with pytest.raises(NotFoundError):
                await timify.customers.delete(**keys)


async def test_a_deletion_whose_lookup_gives_a_stranger_deletes_nothing() -> None:
    """A server that ignores the key cannot make the SDK delete the wrong customer."""
    crm = Crm([], blind={"id": "0" * 24, "externalId": "crm-7"})
    crm.add("crm-7", EVE)
    async with client(crm) as timify:
        with pytest.raises(BodyError, match="another customer"):
            await timify.customers.delete(external_id="crm-1")
    assert crm.log == ["GET by key", "GET by key"]


# Comparing.


@given(
    st.one_of(
        st.none(),
        st.integers(),
        st.lists(st.one_of(st.none(), st.dictionaries(st.text(), st.lists(st.none())))),
    ),
    st.sampled_from(["fields", "customfields"]),
    st.booleans(),
)
def test_no_answer_breaks_the_comparison(fields: Any, key: str, only: bool) -> None:
    """Whatever a lookup shows, it is compared without an exception, and nonsense shows nothing."""
    assert not shows(Customer.from_dict({"id": "1", key: fields}), ADA, only=only)


@given(
    st.dictionaries(st.text(), st.text(), min_size=1), st.sampled_from(["fields", "customfields"])
)
def test_what_was_sent_shows_itself(values: dict[str, str], key: str) -> None:
    """Fields in any order, with empty ones left out or added, are the same values, when one at
    least is not empty.
    """
    sent = [{"id": name, "value": value} for name, value in values.items()]
    found = [*reversed([it for it in sent if it["value"]]), {"id": object(), "value": "x"}]
    seen = Customer.from_dict({key: [*found, {"id": "".join(values) + "+", "value": ""}]})
    assert shows(seen, sent, only=True) is any(values.values())
    assert shows(seen, sent, only=False)


async def test_every_end_is_ours() -> None:
    """No way to lose an answer, and no lookup, raises anything but a TimifyError."""
    for lost in LOST:
        for lookup in (*LOST, 404, 409):
            with pytest.raises(TimifyError) as caught:
                await create(Crm([lost], lookups=[lookup] * 99), retries=0)
            assert isinstance(caught.value, AmbiguousWriteError)
            assert not isinstance(caught.value, CallTimeoutError)
