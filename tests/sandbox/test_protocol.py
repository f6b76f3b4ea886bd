"""What holds at every route."""

import uuid

import httpx
import pytest
from sandbox.calls import CATEGORIES, CUSTOMERS, FIELDS, create, data, refused
from timify_customers._base.generated import EXTERNAL_ID_KEY
from timify_customers.sandbox import Company, Sandbox

JSON = {"content-type": "application/json"}


@pytest.mark.wrong_requests
@pytest.mark.parametrize(
    "path", ["", "/", "/v1", "/v1/customer", "/v1/auth/refreshtoken", f"{CUSTOMERS}/x/y", "//"]
)
async def test_an_unknown_route(client: httpx.AsyncClient, path: str) -> None:
    """A route that the API has not is a 404 with the documented body."""
    refused(await client.get(path), 404)


@pytest.mark.wrong_requests
@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PUT", CUSTOMERS, {"GET", "POST"}),
        ("DELETE", CUSTOMERS, {"GET", "POST"}),
        ("POST", f"{CUSTOMERS}/x", {"GET", "PATCH", "DELETE"}),
        ("PATCH", "/v1/auth/token", {"GET", "POST"}),
        ("OPTIONS", FIELDS, {"GET", "POST"}),
    ],
)
async def test_a_wrong_method(
    client: httpx.AsyncClient, method: str, path: str, allowed: set[str]
) -> None:
    """A method that the route has not is a 405 with the documented body that says which it has."""
    answer = await client.request(method, path)
    refused(answer, 405, method)
    assert set(answer.headers["allow"].split(", ")) == allowed


@pytest.mark.wrong_requests
@pytest.mark.parametrize(
    ("name", "status"),
    [("import", 405), ("customfields", 405), ("global", 404), ("customfields/", 405)],
)
async def test_names_of_routes_are_no_customers(
    company: Company, client: httpx.AsyncClient, name: str, status: int
) -> None:
    """A customer whose external id is the name of a route is never reached by it."""
    await create(client, company, name)
    refused(await client.delete(f"{CUSTOMERS}/{name}?external=1"), status)
    assert len(company.customers) == 1


@pytest.mark.wrong_requests
@pytest.mark.parametrize("path", [CUSTOMERS, FIELDS, CATEGORIES, "/v1/auth/token"])
async def test_a_trailing_slash(sandbox: Sandbox, client: httpx.AsyncClient, path: str) -> None:
    """One slash behind a path changes nothing, and redirects nowhere."""
    credentials = {"appid": sandbox.app_id, "appsecret": sandbox.app_secret}
    assert (await client.get(path + "/", params=credentials)).status_code == 200


async def test_a_trailing_slash_behind_an_id(company: Company, client: httpx.AsyncClient) -> None:
    """A slash behind an id is tolerated, one inside, percent-encoded, belongs to it."""
    made = await create(client, company, "a/b/")
    assert data(await client.get(f"{CUSTOMERS}/{made['id']}/")) == made
    assert data(await client.get(f"{CUSTOMERS}/a%2Fb%2F/?external=1")) == made


@pytest.mark.wrong_requests
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"nul",
        b"\xff",
        b'{"customfields": [], "x": NaN}',
        b"[" * 100_000,
        b"\xef\xbb\xbf{}",
        b"1" * 5000,
    ],
)
async def test_a_body_that_is_not_json(client: httpx.AsyncClient, body: bytes) -> None:
    """A body that cannot be decoded is a 400 with the documented body."""
    refused(await client.post(CUSTOMERS, content=body, headers=JSON), 400)


@pytest.mark.wrong_requests
async def test_json_must_be_called_json(client: httpx.AsyncClient) -> None:
    """A JSON body without its content type is refused with 400."""
    refused(await client.post(CUSTOMERS, content=b'{"customfields": []}'), 400, "application/json")
    typed = {"content-type": "Application/JSON; charset=utf-8"}
    assert (
        await client.post(CUSTOMERS, content=b'{"customfields": []}', headers=typed)
    ).status_code == 201


async def test_an_id_that_is_not_utf_8(client: httpx.AsyncClient) -> None:
    """An id with bytes that are no UTF-8 is refused with 400."""
    refused(await client.get(CUSTOMERS + "/%FF"), 400)


@pytest.mark.wrong_requests
async def test_every_answer_has_a_request_id(client: httpx.AsyncClient) -> None:
    """Success and failure carry their own x-amzn-requestid, a UUID."""
    answers = [
        await client.get(path)
        for path in (CUSTOMERS, CUSTOMERS, "/none", CUSTOMERS + "/x", CUSTOMERS + "/import")
    ]
    ids = {str(uuid.UUID(it.headers["x-amzn-requestid"])) for it in answers}
    assert [it.status_code for it in answers] == [200, 200, 404, 404, 405]
    assert len(ids) == 5
    assert {it.headers["content-type"] for it in answers} == {"application/json"}


@pytest.mark.wrong_requests
async def test_requests_are_kept(
    sandbox: Sandbox, company: Company, client: httpx.AsyncClient
) -> None:
    """Each request is kept as it arrived, whatever its answer."""
    there = {"company-id": sandbox.company_id}
    await client.patch(f"{CUSTOMERS}/a%2Fb?external=1", json={EXTERNAL_ID_KEY: "x"}, headers=there)
    await client.post("/none", content=b"{", headers={"authorization": ""})
    first, second = sandbox.requests
    assert (first.operation, first.method, first.path) == (
        "update_customer",
        "PATCH",
        f"{CUSTOMERS}/a%2Fb",
    )
    assert (first.query, first.json) == ({"external": "1"}, {EXTERNAL_ID_KEY: "x"})
    assert first.headers["company-id"] == sandbox.company_id
    assert first.headers["authorization"].startswith("Bearer ")
    assert (second.operation, second.method, second.path) == (None, "POST", "/none")
    assert (second.json, second.body) == (None, b"{")
    await client.post("/none", content=b"[" * 100_000)
    assert sandbox.requests[-1].json is None


async def test_the_log_of_requests_is_bounded(sandbox: Sandbox) -> None:
    """A sandbox that runs for long does not keep every request."""
    assert sandbox.requests.maxlen == 10_000


def test_sandboxes_share_nothing() -> None:
    """A customer of one sandbox is not in the next."""
    Sandbox().company().create({}, external_id="crm-1")
    assert Sandbox().company().customers == {}
