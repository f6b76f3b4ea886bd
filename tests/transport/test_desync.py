"""An answer belongs to its question: connections that are out of step, and answers about somebody
else.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from support.faults import ID, Exchange, Fault, FaultServer, answer, fine, haste, response
from support.operations import ENTRIES
from timify_customers import AmbiguousWriteError, BodyError, NotFoundError, TimifyCustomers
from timify_customers._transport import leftover

pytestmark = pytest.mark.usefixtures("either_library")

OTHER = "5" * 24
FIRST_COMPANY, SECOND_COMPANY = "a" * 24, "b" * 24


@pytest.fixture(autouse=True)
def _haste() -> Iterator[None]:
    with haste():
        yield


def followed_by(first: bytes, stale: bytes, pause: float | None = None) -> Fault:
    """Answer, and put another answer behind it: in the same packet, or after so many seconds."""

    async def fault(exchange: Exchange) -> None:
        if pause is None:
            await exchange.send(first + stale)
        else:
            await exchange.send(first)
            await asyncio.sleep(pause)
            await exchange.send(stale)

    return fault


def envelope(data: object = None, **more: object) -> bytes:
    return response(200, {"data": {} if data is None else data, "status": 1, **more})


NO_CONTENT = b"HTTP/1.1 204 No Content\r\n\r\n"
REFUSED = answer(403, {"message": "not you"})
STALE: dict[str, tuple[bytes, Any]] = {
    "a list": (
        envelope([{"id": OTHER}], total=1),
        lambda view: anext(aiter(view.customers.list())),
    ),
    "a deletion": (envelope(), lambda view: view.customers.delete(ID)),
    "a deletion without content": (NO_CONTENT, lambda view: view.customers.delete(ID)),
    "a create": (envelope({"id": OTHER}), lambda view: view.customers.create(ENTRIES)),
    "an import": (envelope(), lambda view: view.customers.import_many([{"importCustomerId": "1"}])),
}


@pytest.mark.parametrize("pause", [None, 0.01], ids=["one packet", "later"])
@pytest.mark.parametrize("first", [envelope({"id": ID}), NO_CONTENT], ids=["200", "204"])
@pytest.mark.parametrize("name", STALE)
async def test_a_stale_answer_reaches_no_other_company(
    name: str, first: bytes, pause: float | None
) -> None:
    """What a server sends behind an answer for one company is never the answer of another one's
    call.
    """
    stale, call = STALE[name]
    server = FaultServer([followed_by(first, stale, pause)], default=REFUSED)
    async with (
        server,
        TimifyCustomers(access_token="x", base_url=server.url, max_connections=1) as timify,
    ):
        await timify.for_company(FIRST_COMPANY).customers.delete(ID)
        await asyncio.sleep(0.05)
        with pytest.raises(Exception, match="not you"):
            await call(timify.for_company(SECOND_COMPANY))
    assert server.received[-1].headers["company-id"] == SECOND_COMPANY
    assert server.connections == 2


async def test_connections_in_step_are_used_again() -> None:
    """The guard does not cost connections: a hundred well-answered calls need one, whatever the
    body's framing.
    """

    async def chunked(exchange: Exchange) -> None:
        body = envelope({"id": ID}).partition(b"\r\n\r\n")[2]
        head = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"
        await exchange.send(head + b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body))

    server = FaultServer(
        list(itertools.islice(itertools.cycle([fine, chunked, answer(204), answer(404)]), 100))
    )
    async with server, TimifyCustomers(access_token="x", base_url=server.url) as timify:
        for _ in range(100):
            try:
                await timify.customers.delete(ID)
            except NotFoundError:
                continue
    assert (len(server.received), server.connections) == (100, 1)


async def test_where_leftovers_cannot_be_seen_no_connection_is_used_twice(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """With an HTTP library that looks other inside, calls work, each on a connection of its own."""
    monkeypatch.setattr(leftover, "LAYERS", ())
    async with (
        FaultServer() as server,
        TimifyCustomers(access_token="x", base_url=server.url) as timify,
    ):
        for _ in range(3):
            await timify.customers.get(ID)
    assert server.connections == 3


async def test_a_read_that_brings_another_customer_is_repeated_once_on_another_connection() -> None:
    """The connection that brought it is thrown away, and the second answer is taken."""
    server = FaultServer([answer(200, {"data": {"id": OTHER}, "status": 1})])
    async with server, TimifyCustomers(access_token="x", base_url=server.url) as timify:
        assert (await timify.customers.get(ID)).id == ID
    assert (len(server.received), server.connections) == (2, 2)


@pytest.mark.parametrize(
    "keys", [{"customer_id": ID}, {"external_id": "crm-1"}], ids=["by id", "by key"]
)
async def test_a_read_that_brings_another_customer_twice_is_an_error(keys: dict[str, str]) -> None:
    """A server that means it is asked twice, however many retries there are, and its answer is
    never returned.
    """
    server = FaultServer(
        default=answer(200, {"data": {"id": OTHER, "externalId": "crm-2"}, "status": 1})
    )
    async with server, TimifyCustomers(access_token="x", base_url=server.url, retries=5) as timify:
        with pytest.raises(BodyError, match="another customer") as caught:
            await timify.customers.get(**keys)
    assert (caught.value.attempts, len(server.received)) == (2, 2)


async def test_an_update_answered_with_another_customer_is_ambiguous() -> None:
    """The update may have been done, to whomever: the error says so, after two requests at most."""
    server = FaultServer(default=answer(200, {"data": {"id": OTHER}, "status": 1}))
    async with server, TimifyCustomers(access_token="x", base_url=server.url, retries=5) as timify:
        with pytest.raises(AmbiguousWriteError, match="another customer") as caught:
            await timify.customers.update(ENTRIES, customer_id=ID)
    assert caught.value.safe_to_repeat
    assert len(server.received) == 2


async def test_a_keyed_create_answered_with_another_customer_is_settled() -> None:
    """A create with a key whose answer is about somebody else is looked up by its key, and not sent
    again.
    """
    server = FaultServer([answer(200, {"data": {"id": OTHER, "externalId": "crm-2"}, "status": 1})])
    async with server, TimifyCustomers(access_token="x", base_url=server.url) as timify:
        ada = await timify.customers.create(ENTRIES, external_id="crm-1")
    assert (ada.settled, ada.external_id) == (True, "crm-1")
    assert [it.method for it in server.received] == ["POST", "GET"]


async def test_an_update_by_key_may_be_answered_with_its_new_key() -> None:
    """The key that an update sets says as well as the old one that the customer is the one that was
    asked for.
    """
    async with (
        FaultServer() as server,
        TimifyCustomers(access_token="x", base_url=server.url) as timify,
    ):
        for shown, sent in (("crm-1", {}), ("crm-9", {"new_external_id": "crm-9"})):
            server.script = [answer(200, {"data": {"id": ID, "externalId": shown}, "status": 1})]
            assert (
                await timify.customers.update(ENTRIES, external_id="crm-1", **sent)
            ).external_id == shown


@pytest.mark.parametrize(
    "shown", [{}, {"id": ""}, {"id": None}, {"id": 7}, {"externalId": OTHER}], ids=str
)
async def test_an_answer_that_does_not_name_its_customer_is_taken(shown: dict[str, object]) -> None:
    """Answers may hold little: what shows no id contradicts nothing."""
    server = FaultServer([answer(200, {"data": shown, "status": 1})])
    async with server, TimifyCustomers(access_token="x", base_url=server.url) as timify:
        assert (await timify.customers.get(ID)).raw == shown


async def test_a_users_transport_is_never_closed_by_a_failed_exchange() -> None:
    """A custom transport serves all calls, relies on identity alone, and is closed once: with the
    client.
    """
    closed = 0

    class Custom(httpx.MockTransport):
        async def aclose(self) -> None:
            nonlocal closed
            closed += 1

    bodies = iter([{"data": {"id": OTHER}}, {"data": {"id": ID}}])
    transport = Custom(lambda _: httpx.Response(200, json=next(bodies)))
    async with TimifyCustomers(
        access_token="x", base_url="http://127.0.0.1", transport=transport
    ) as timify:
        assert (await timify.customers.get(ID)).id == ID
        assert closed == 0
    assert closed == 1
