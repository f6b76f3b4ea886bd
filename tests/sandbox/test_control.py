"""The sandbox set and asked over HTTP, as a test in another process does."""

import httpx
import pytest
from sandbox.calls import CUSTOMERS, connect, data
from timify_customers.sandbox import Sandbox

BRANCH = "5b0db0c5a0db0c5a0db0c5a0"


async def test_faults(sandbox: Sandbox, client: httpx.AsyncClient) -> None:
    """A fault that is posted befalls requests; what is left can be asked for, and cleared."""
    fault = {"operation": "list_customers", "status": 429, "retry_after": 2, "times": 2}
    posted = await client.post("/_sandbox/faults", json=fault)
    assert posted.status_code == 200
    answer = await client.get(CUSTOMERS)
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "2")
    (left,) = (await client.get("/_sandbox/faults")).json()["faults"]
    assert left == posted.json()["faults"][0] | {"times": 1}
    assert (await client.delete("/_sandbox/faults")).json() == {}
    assert data(await client.get(CUSTOMERS)) == []


@pytest.mark.wrong_requests
async def test_what_was_received(client: httpx.AsyncClient) -> None:
    """Requests and violations are told as they arrived, those of the control are not among them,
    and can be cleared.
    """
    await client.post(f"{CUSTOMERS}?dry=1", json={"customfields": []}, headers={"x-trace": "7"})
    (request,) = (await client.get("/_sandbox/requests")).json()["requests"]
    assert (request["operation"], request["method"], request["path"]) == (
        "create_customer",
        "POST",
        CUSTOMERS,
    )
    assert (request["query"], request["body"]) == ({"dry": "1"}, '{"customfields":[]}')
    assert request["headers"]["x-trace"] == "7"
    (violation,) = (await client.get("/_sandbox/violations")).json()["violations"]
    assert violation["reason"].startswith("POST /v1/customers: it has no query parameter dry")
    for name in ("requests", "violations"):
        await client.delete(f"/_sandbox/{name}")
        assert (await client.get(f"/_sandbox/{name}")).json() == {name: []}


async def test_seeding(sandbox: Sandbox, client: httpx.AsyncClient) -> None:
    """Companies, customers and events can be added, the clock moved, and all of it emptied."""
    assert (await client.post("/_sandbox/companies", json={"company_id": BRANCH})).json() == {
        "id": BRANCH
    }
    assert (await client.get("/_sandbox/companies")).json() == {
        "companies": [sandbox.company_id, BRANCH]
    }
    rows = [{"firstName": "Ada", "externalId": "crm-1", "globalId": "g1"}]
    posted = await client.post(
        "/_sandbox/customers", json={"customers": rows, "company_id": BRANCH}
    )
    there = {"company-id": BRANCH}
    (ada,) = data(await client.get(CUSTOMERS, headers=there))
    assert posted.json() == {"customers": [{"id": ada["id"], "externalId": "crm-1"}]}
    added = (
        await client.post(
            "/_sandbox/events", json={"global_id": "g1", "events": [{"title": "Cut"}]}
        )
    ).json()
    assert data(await client.get(f"{CUSTOMERS}/global/g1/events", headers=there)) == added["events"]
    before = (await client.get("/_sandbox/clock")).json()["now"]
    assert (await client.post("/_sandbox/clock", json={"advance": 60})).json()[
        "now"
    ] == pytest.approx(before + 60)
    await client.post("/_sandbox/reset")
    assert data(await client.get(CUSTOMERS, headers=there)) == []


@pytest.mark.parametrize(
    ("name", "body", "words"),
    [
        ("faults", b"{", "the body is not JSON"),
        ("faults", b"[]", "the body must be an object"),
        ("faults", b'{"statuss": 429}', "statuss is unknown; known: operation, kind"),
        ("faults", b'{"status": 200}', "status must be a whole number from 400 to 599, not 200"),
        ("faults", b'{"kind": []}', "kind must be one of"),
        ("faults", b'{"operation": []}', "operation of status must be one of"),
        ("faults", b'{"company_id": "x"}', "company-id must be 24 hex digits"),
        ("faults", b'{"seconds": Infinity}', "seconds must be a number"),
        ("clock", b"{}", "advance is missing"),
        ("clock", b'{"advance": "1"}', "advance must be a number of seconds"),
        ("clock", b'{"advance": -1}', "the clock goes forward"),
        ("customers", b'{"customers": {}}', "customers must be a list"),
        ("customers", b'{"customers": [{"x": 1}]}', "customer 1: no custom field is called 'x'"),
        (
            "customers",
            b'{"customers": [], "company": "x"}',
            "company is unknown; known: customers, company_id",
        ),
        ("companies", b'{"company_id": 7}', "company-id must be 24 hex digits"),
        (
            "events",
            b'{"global_id": "g", "events": []}',
            "no company has a customer with the globalId 'g'",
        ),
    ],
)
async def test_what_cannot_be_set(
    client: httpx.AsyncClient, name: str, body: bytes, words: str
) -> None:
    """What cannot be is a 400 with a reason, and sets nothing."""
    answer = await client.post(f"/_sandbox/{name}", content=body)
    assert answer.status_code == 400
    assert words in answer.json()["error"]
    assert (await client.get("/_sandbox/faults")).json() == {"faults": []}


async def test_what_is_not_there(client: httpx.AsyncClient) -> None:
    """Another name is a 404 that lists the names, another method a 405."""
    assert (
        (await client.get("/_sandbox/nothing"))
        .json()["error"]
        .startswith("nothing is at /_sandbox/nothing; there")
    )
    answer = await client.get("/_sandbox/reset")
    assert (answer.status_code, answer.json()["error"]) == (
        405,
        "GET is not allowed at /_sandbox/reset, only POST",
    )


def test_over_a_socket(sandbox: Sandbox) -> None:
    """A plain HTTP client without a token sets a fault that cuts another one's connection."""
    with sandbox.serve() as url:
        httpx.post(f"{url}/_sandbox/faults", json={"operation": "create_token", "kind": "cut"})
        body = {"appid": sandbox.app_id, "appsecret": sandbox.app_secret}
        with pytest.raises(httpx.TransportError):
            httpx.post(f"{url}/v1/auth/token", json=body)
        assert httpx.post(f"{url}/v1/auth/token", json=body).status_code == 200


async def test_faults_do_not_befall_the_control(sandbox: Sandbox) -> None:
    """While every request fails, the control still answers."""
    sandbox.fail(times=None)
    async with connect(sandbox) as client:
        assert (await client.get("/_sandbox/clock")).status_code == 200
        assert (await client.get(CUSTOMERS)).status_code == 500
