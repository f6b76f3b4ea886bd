"""The rest of the API: `TimifyCustomers.request`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from support.faults import FaultServer, answer, close, fine, haste
from timify_customers import (
    AccessDeniedError,
    AmbiguousWriteError,
    ApiError,
    ArgumentError,
    ArgumentTypeError,
    AttemptEvent,
    BodyError,
    CallEvent,
    CallTimeoutError,
    ClientStateError,
    ConnectionLostError,
    NotFoundError,
    RedirectError,
    Response,
    ServerError,
    TimifyCustomers,
    UnprocessableError,
)
from timify_customers._calls.any_request import operation_name
from timify_customers.sandbox import Sandbox

COMPANY = "5" * 24
SERVICES = {"data": [{"id": "1"}], "total": 1, "status": 1}


@pytest.fixture(autouse=True)
def _haste() -> Iterator[None]:
    with haste():
        yield


@pytest.fixture
async def server() -> AsyncIterator[FaultServer]:
    async with FaultServer(default=answer(200, SERVICES, "x-amzn-requestid: r-1")) as running:
        yield running


@pytest.fixture
async def client(server: FaultServer) -> AsyncIterator[TimifyCustomers]:
    async with TimifyCustomers("app", "secret", COMPANY, base_url=server.url) as timify:
        yield timify


# What is sent, and what comes back.


async def test_a_request_is_sent_as_it_says(server: FaultServer, client: TimifyCustomers) -> None:
    """Method, path, query, body and headers, with the token and company of the client."""
    await client.request(
        "PUT",
        "/v1/services/a%2Fb",
        params={"page": 2, "ids": ["1", "2"], "none": None},
        json={"name": "Caf\xe9"},
        headers={"X-Trace": "t-1"},
    )
    (sent,) = server.received
    assert (sent.method, sent.target.split("?")[0]) == ("PUT", "/v1/services/a%2Fb")
    assert sorted(sent.target.split("?")[1].split("&")) == ["ids=1%2C2", "page=2"]
    assert sent.json() == {"name": "Caf\xe9"}
    assert sent.headers["content-type"] == "application/json"
    assert sent.headers["authorization"] == "Bearer canary-token-1"
    assert sent.headers["company-id"] == COMPANY
    assert sent.headers["x-trace"] == "t-1"


async def test_pairs_are_sent_one_by_one(server: FaultServer, client: TimifyCustomers) -> None:
    """For an endpoint that takes a parameter several times."""
    await client.request("GET", "/v1/services", params=[("ids", "a"), ("ids", "b"), ("page", 1)])
    (sent,) = server.received
    assert sent.target == "/v1/services?ids=a&ids=b&page=1"


async def test_what_is_left_out_is_not_sent(server: FaultServer, client: TimifyCustomers) -> None:
    """Without json there is no body, and None is one."""
    server.writes = False
    await client.request("POST", "/v1/services")
    await client.request("POST", "/v1/services", json=None)
    bare, null = server.received
    assert (bare.target, bare.body) == ("/v1/services", b"")
    assert "content-type" not in bare.headers
    assert null.body == b"null"


async def test_the_response_has_all_of_the_answer(client: TimifyCustomers) -> None:
    """Status, headers in any case, request id, and the whole body."""
    response = await client.request("GET", "/v1/services")
    assert isinstance(response, Response)
    assert (response.status, response.request_id) == (200, "r-1")
    assert response.json == SERVICES
    assert response.headers["X-Amzn-RequestId"] == "r-1"
    assert (response.operation, response.purpose) == ("GET /v1/services", "call")


async def test_views_make_requests_for_their_company(
    server: FaultServer, client: TimifyCustomers
) -> None:
    """Each with its own company and settings, and one token."""
    await client.for_company("A" * 24).request("GET", "/v1/services")
    async with TimifyCustomers(access_token="x", base_url=server.url) as bare:
        await bare.request("GET", "/v1/services")
    first, second = server.received
    assert first.headers["company-id"] == "A" * 24
    assert "company-id" not in second.headers


async def test_a_server_below_a_path_keeps_its_path(server: FaultServer) -> None:
    """The path is added to base_url, whatever that ends with."""
    async with TimifyCustomers(access_token="x", base_url=f"{server.url}/proxy/") as timify:
        await timify.request("GET", "/v1/services")
    assert server.received[0].target == "/proxy/v1/services"


# Arguments.


@pytest.mark.parametrize(
    "options",
    [
        {"method": "HEAD"},
        {"path": "/v1/../admin"},
        {"path": "https://elsewhere.example/"},
        {"json": {}},
        {"params": {"ids": ["a,b"]}},
        {"headers": {"authorization": "Bearer mine"}},
        {"headers": {"Company-Id": "6" * 24}},
        {"headers": {"x": "y\r\nhost: z"}},
        {"repeat": "always"},
        {"method": "POST", "json": {"x": float("nan")}},
        {"method": "POST", "json": {5}},
    ],
    ids=str,
)
async def test_what_cannot_be_sent_is_refused(
    server: FaultServer, client: TimifyCustomers, options: dict[str, Any]
) -> None:
    """An ArgumentError before anything is sent, a token request included."""
    with pytest.raises(ArgumentError):
        await client.request(**{"method": "GET", "path": "/v1/services"} | options)
    assert not server.received
    assert not server.tokens


@pytest.mark.parametrize(
    "options",
    [{"method": 5}, {"path": None}, {"params": "a=b"}, {"headers": []}, {"envelope": "yes"}],
    ids=str,
)
async def test_arguments_of_the_wrong_type_are_refused(
    server: FaultServer, client: TimifyCustomers, options: dict[str, Any]
) -> None:
    """An ArgumentTypeError before anything is sent."""
    with pytest.raises(ArgumentTypeError):
        await client.request(**{"method": "GET", "path": "/v1/services"} | options)
    assert not server.received


# What a lost answer means.


async def test_a_get_is_repeated(server: FaultServer, client: TimifyCustomers) -> None:
    """As every read is, and paid from the quota as every retry."""
    server.script = [close, answer(500), answer(200, b"<html>")]
    assert (await client.request("GET", "/v1/services")).json == SERVICES
    assert len(server.received) == 4


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
async def test_a_lost_write_is_not_repeated(
    server: FaultServer, client: TimifyCustomers, method: Any
) -> None:
    """It may have been done, and the error says that, and that another one might do it twice."""
    server.script = [close]
    with pytest.raises(AmbiguousWriteError) as caught:
        await client.request(method, "/v1/services/5")
    assert len(server.received) == 1
    assert not caught.value.safe_to_repeat
    assert caught.value.operation == f"{method} /v1/services/*"


async def test_a_write_that_never_was_done_is_repeated(
    server: FaultServer, client: TimifyCustomers
) -> None:
    """A 429, and a token that has expired, leave nothing open."""
    server.script = [answer(429, b"", "retry-after: 0.01"), answer(401)]
    await client.request("POST", "/v1/services", json={})
    assert len(server.received) == 3
    assert len(server.tokens) == 2


async def test_a_write_that_is_safe_is_repeated(
    server: FaultServer, client: TimifyCustomers
) -> None:
    """With repeat="safe", and if that does not help, the error says that it may be sent again."""
    server.script = [close, answer(502)]
    await client.request("PUT", "/v1/services/5", json={}, repeat="safe")
    assert len(server.received) == 3
    server.default = close
    with pytest.raises(AmbiguousWriteError) as caught:
        await client.with_options(retries=1).request("PUT", "/v1/services/5", repeat="safe")
    assert caught.value.safe_to_repeat


async def test_a_get_that_is_never_to_be_repeated_is_not(
    server: FaultServer, client: TimifyCustomers
) -> None:
    """With repeat="never"; its error is that of a read, since there is nothing that was done."""
    server.script = [close]
    with pytest.raises(ConnectionLostError):
        await client.request("GET", "/v1/export", repeat="never")
    assert len(server.received) == 1


# What an answer means.


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (302, RedirectError),
        (403, AccessDeniedError),
        (404, NotFoundError),
        (422, UnprocessableError),
    ],
)
async def test_a_refusal_is_the_error_of_its_status(
    server: FaultServer, client: TimifyCustomers, status: int, error: type[ApiError]
) -> None:
    """With the API's words, whether envelopes are looked at or not."""
    server.default = answer(status, {"message": "no such thing"}, "x-amzn-requestid: r-2")
    for envelope in (True, False):
        with pytest.raises(error) as caught:
            await client.request("GET", "/v1/services/624af9cb", envelope=envelope)
        assert caught.value.operation == "GET /v1/services/*"
        assert caught.value.request_id == "r-2"


async def test_an_envelope_says_whether_it_was_done(
    server: FaultServer, client: TimifyCustomers
) -> None:
    """Another integer than 1 is a refusal, anything else leaves a write open."""
    server.script = [answer(200, {"status": 0, "message": "closed"})]
    with pytest.raises(ApiError, match="closed"):
        await client.request("POST", "/v1/services")
    server.script = [answer(200, {"status": "error"})]
    with pytest.raises(AmbiguousWriteError):
        await client.request("POST", "/v1/services")


@pytest.mark.parametrize("body", [b"", b"<html>", [1], b"5"])
async def test_a_read_must_bring_an_object(
    server: FaultServer, client: TimifyCustomers, body: Any
) -> None:
    """Anything else is repeated, and then a BodyError."""
    server.default = answer(200, body)
    with pytest.raises(BodyError):
        await client.with_options(retries=1).request("GET", "/v1/services")
    assert len(server.received) == 2


async def test_a_write_may_be_answered_without_a_body(
    server: FaultServer, client: TimifyCustomers
) -> None:
    """204, or 200 with nothing in it; ``json`` then says that there is none."""
    server.script = [answer(204), answer(200)]
    response = await client.request("DELETE", "/v1/services/5")
    assert (response.status, response.content, response.text) == (204, b"", "")
    with pytest.raises(BodyError, match="the body is empty"):
        _ = response.json
    assert (await client.request("POST", "/v1/services")).status == 200


async def test_without_envelope_the_status_of_http_decides(
    server: FaultServer, client: TimifyCustomers
) -> None:
    """Any body is taken as it is: text, nothing, or JSON whose status means something else."""
    server.script = [
        answer(200, b"BEGIN:VCALENDAR\xff", "content-type: text/calendar"),
        answer(200),
        answer(201, {"status": 0}),
    ]
    text = await client.request("GET", "/v1/calendar", envelope=False)
    assert text.content == b"BEGIN:VCALENDAR\xff"
    assert text.text == "BEGIN:VCALENDAR\ufffd"
    with pytest.raises(BodyError, match=r"GET /v1/calendar: .*not JSON: BEGIN:VCALENDAR"):
        _ = text.json
    assert (await client.request("GET", "/v1/calendar", envelope=False)).content == b""
    other = await client.request("POST", "/v1/other", envelope=False)
    assert (other.status, other.json) == (201, {"status": 0})


async def test_without_envelope_failures_are_errors_all_the_same(
    server: FaultServer, client: TimifyCustomers
) -> None:
    """A 500 is repeated or ambiguous as ever."""
    server.default = answer(500)
    with pytest.raises(ServerError):
        await client.with_options(retries=1).request("GET", "/v1/x", envelope=False)
    with pytest.raises(AmbiguousWriteError):
        await client.request("POST", "/v1/x", envelope=False)


# What it shares with every other call.


async def test_the_deadline_bounds_it(server: FaultServer, client: TimifyCustomers) -> None:
    """A call that is out of time ends with the error of any other."""
    server.default = answer(429, b"", "retry-after: 30")
    with pytest.raises(ApiError):
        await client.with_options(deadline=0.3).request("GET", "/v1/services")

    async def late(exchange: Any) -> None:
        await asyncio.sleep(5)
        await fine(exchange)

    server.default = late
    quick = TimifyCustomers(access_token="x", base_url=server.url, deadline=0.2, retries=0)
    async with quick:
        with pytest.raises(CallTimeoutError):
            await quick.request("GET", "/v1/services")


async def test_the_gate_holds_it_back(server: FaultServer, client: TimifyCustomers) -> None:
    """After a 429 of any call it waits for the moment that the server named."""
    server.script = [answer(429, b"", "retry-after: 0.3")]
    await client.request("GET", "/v1/services")
    first, second = server.received
    assert second.at - first.at >= 0.29


async def test_a_closed_client_makes_none(server: FaultServer) -> None:
    """As of every other operation."""
    timify = TimifyCustomers(access_token="x", base_url=server.url)
    await timify.aclose()
    with pytest.raises(ClientStateError, match="closed"):
        await timify.request("GET", "/v1/services")
    assert not server.received


async def test_events_name_it_without_ids(server: FaultServer) -> None:
    """Method and path, with a star for each segment that may be an id."""
    events: list[AttemptEvent | CallEvent] = []
    options: dict[str, Any] = {"base_url": server.url, "on_event": events.append}
    async with TimifyCustomers(access_token="x", **options) as timify:
        await timify.request("GET", "/v1/companies/624af9cbed7a899e0f233400/booker-services/crm-1")
    assert {it.operation for it in events} == {"GET /v1/companies/*/booker-services/*"}
    assert isinstance(events[0], AttemptEvent)
    assert events[0].request_id == "r-1"


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/", "GET /"),
        ("/v1/services/", "GET /v1/services"),
        ("/v12/enterprise-customers", "GET /v12/enterprise-customers"),
        ("/v1/customers/a%2Fb", "GET /v1/customers/*"),
        ("/v1/customers/crm_1", "GET /v1/customers/*"),
        ("/v1/customers/-", "GET /v1/customers/*"),
    ],
)
def test_names_of_requests(path: str, name: str) -> None:
    """Only letters and hyphens, and the version, are taken for the API's own words."""
    assert operation_name("GET", path) == name


async def test_a_credential_that_is_echoed_is_blanked(
    server: FaultServer, client: TimifyCustomers
) -> None:
    """Neither headers nor body of a response show the token that was sent."""
    body = {"data": {"you": "Bearer canary-token-1"}, "status": 1}
    server.default = answer(200, body, "x-echo: canary-token-1", "set-cookie: a=b")
    response = await client.request("GET", "/v1/echo")
    assert response.json == {"data": {"you": "Bearer ***"}, "status": 1}
    assert response.headers["x-echo"] == "***"
    assert "set-cookie" not in response.headers
    assert "canary" not in repr(response)


@pytest.mark.parametrize("name", ["X-Api-Key", "Proxy-Authorization-Info", "Session-Cookie"])
async def test_a_secret_header_that_is_echoed_is_blanked(
    server: FaultServer, client: TimifyCustomers, name: str
) -> None:
    """Neither an error nor a response shows what a gateway repeats of a secret header of yours.

    Other headers, which may help to find the trouble, are shown.
    """
    view = client.with_options(headers={name: "canary-value", "X-Region": "eu-central"})
    server.default = answer(403, {"message": "canary-value in eu-central is not allowed"})
    with pytest.raises(AccessDeniedError, match=r"\*\*\* in eu-central is not allowed"):
        await view.request("GET", "/v1/echo")
    with pytest.raises(AccessDeniedError) as caught:
        await view.fields.list()
    assert "canary" not in str(caught.value) + repr(vars(caught.value))
    server.default = answer(200, {"data": {"you": "canary-value"}, "status": 1})
    assert (await view.request("GET", "/v1/echo")).json["data"] == {"you": "***"}


# The sandbox.


async def test_the_sandbox_answers_requests_of_its_own_endpoints(
    sandbox: Sandbox, timify: TimifyCustomers
) -> None:
    """A request reads and writes what the operations do."""
    ada = await timify.customers.create({"firstName": "Ada"}, external_id="crm-1")
    listed = await timify.request("GET", "/v1/customers", params={"limit": 1})
    assert [it["id"] for it in listed.json["data"]] == [ada.id]
    field = next(it["id"] for it in ada.raw["fields"] if it["defaultId"] == "firstName")
    body = {"customfields": [{"id": field, "value": "Augusta"}]}
    path = f"/v1/customers/{ada.id}"
    await timify.request("PATCH", path, json=body, repeat="safe")
    assert (await timify.customers.get(ada.id)).first_name == "Augusta"
    assert (await timify.request("DELETE", path)).status in {200, 204}
    assert not sandbox.company().customers


@pytest.mark.wrong_requests
async def test_the_sandbox_has_no_other_endpoints(timify: TimifyCustomers) -> None:
    """A GET of what it does not know is a 404."""
    with pytest.raises(NotFoundError, match="nothing is at /v1/services"):
        await timify.request("GET", "/v1/services")
