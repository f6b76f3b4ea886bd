"""Requests are held against the document."""

import subprocess
import sys

import httpx
import pytest
from sandbox.calls import CUSTOMERS, FIELDS, connect, customfields
from support.lists import list_query
from timify_customers._base.generated import EXTERNAL_ID_KEY
from timify_customers.sandbox import Sandbox

pytestmark = pytest.mark.adopted

JSON = {"content-type": "application/json"}
ENTRY = {"id": "5d9f2a7c6d95c0112ca1cc96", "value": "Ada"}
IMPORT = f"{CUSTOMERS}/import"

WRONG = [
    ("GET", "/v1/nothing", {}, "no path /v1/nothing"),
    ("PUT", CUSTOMERS, {}, "no PUT at /v1/customers, only GET, POST"),
    ("GET", f"{CUSTOMERS}?page=0", {}, "query parameter page: 0 is less than the minimum of 1"),
    ("GET", f"{CUSTOMERS}?page=x", {}, "query parameter page: 'x' is not of type 'integer'"),
    ("GET", f"{CUSTOMERS}?page=1&page=2", {}, "query parameter page is given 2 times"),
    ("GET", f"{CUSTOMERS}?filter=x", {}, "no query parameter filter; known: booker_id, "),
    ("GET", f"{CUSTOMERS}/x?external=2", {}, "query parameter external: 2 is not one of [1]"),
    (
        "GET",
        CUSTOMERS,
        {"headers": {"company-id": "home"}},
        "header parameter company-id: 'home' does not match",
    ),
    ("GET", CUSTOMERS, {"headers": {"authorization": ""}}, "the authorization header is missing"),
    ("DELETE", f"{CUSTOMERS}/x", {"json": {}}, "it takes no body"),
    ("POST", CUSTOMERS, {}, "the body is missing"),
    (
        "POST",
        CUSTOMERS,
        {"content": b"{}"},
        "the content type must be application/json, not absent",
    ),
    ("POST", CUSTOMERS, {"content": b"{", "headers": JSON}, "the body is not JSON"),
    (
        "POST",
        CUSTOMERS,
        {"content": b'{"customfields": [], "x": NaN}', "headers": JSON},
        "NaN is not a JSON value",
    ),
    ("POST", CUSTOMERS, {"json": {}}, "the body at $: 'customfields' is a required property"),
    (
        "POST",
        CUSTOMERS,
        {"json": {"customfields": [{"id": "x"}]}},
        "at $.customfields[0]: 'value' is a required",
    ),
    (
        "PATCH",
        f"{CUSTOMERS}/x",
        {"json": {EXTERNAL_ID_KEY: 1}},
        f"the body at $.{EXTERNAL_ID_KEY}: 1 is not of type 'string'",
    ),
    (
        "POST",
        IMPORT,
        {"json": {"customers": [{"customfields": {}}]}},
        "the body at $.customers[0].customfields: {}",
    ),
    (
        "POST",
        FIELDS,
        {"json": {"label": "Tier", "type": "COLOUR"}},
        "the body at $.type: 'COLOUR' is not one of",
    ),
    (
        "POST",
        "/v1/auth/token",
        {"json": {"appid": "a"}},
        "the body at $: 'appsecret' is a required property",
    ),
]
RIGHT = [
    (
        "GET",
        f"{CUSTOMERS}?page=2&limit=10",
        {"headers": {"company-id": "5A0DB0C5A0DB0C5A0DB0C5A0"}},
    ),
    ("GET", f"{CUSTOMERS}/a%2Fb/?external=1", {}),
    ("GET", f"{CUSTOMERS}?{list_query('ids', '624af9cbed7a899e0f233400', '2')}&fields=id", {}),
    ("POST", CUSTOMERS, {"json": {"customfields": [], EXTERNAL_ID_KEY: "crm-1"}}),
    ("POST", CUSTOMERS, {"json": {"customfields": [{**ENTRY, "value": "", "values": ["a", "b"]}]}}),
    ("PATCH", f"{CUSTOMERS}/x", {"json": {}}),
    (
        "POST",
        FIELDS,
        {
            "json": {
                "label": "Tier",
                "type": "SELECT",
                "selectOptions": ["gold", {"value": "silver"}],
            }
        },
    ),
]


@pytest.mark.wrong_requests
@pytest.mark.parametrize("wrong", WRONG)
async def test_what_the_document_does_not_allow(
    sandbox: Sandbox, client: httpx.AsyncClient, wrong: tuple
) -> None:
    """Each kind of wrong request is a violation that says what is wrong, and where."""
    method, path, options, reason = wrong
    await client.request(method, path, **options)
    (violation,) = sandbox.violations
    assert reason in violation.reason
    assert violation.request is sandbox.requests[-1]


@pytest.mark.parametrize("right", RIGHT)
async def test_what_the_document_allows(
    sandbox: Sandbox, client: httpx.AsyncClient, right: tuple
) -> None:
    """A request as documented is no violation, whatever its answer."""
    method, path, options = right
    await client.request(method, path, **options)
    assert not sandbox.violations


@pytest.mark.wrong_requests
async def test_strict_refuses_before_anything_is_done() -> None:
    """A strict sandbox answers a violation with 400 and the reason; by default it answers as well
    as it can.
    """
    for strict, status in ((True, 400), (False, 201)):
        sandbox = Sandbox(strict=strict)
        async with connect(sandbox) as client:
            entries = customfields(sandbox.company(), {"firstName": "Ada"})
            answer = await client.post(f"{CUSTOMERS}?dry=1", json={"customfields": entries})
        assert answer.status_code == status
        assert ("no query parameter dry" in answer.text) is strict
        assert len(sandbox.company().customers) == (0 if strict else 1)
        assert len(sandbox.violations) == 1


async def test_it_can_be_left_out() -> None:
    """Without validation nothing is a violation."""
    sandbox = Sandbox(validate=False)
    async with connect(sandbox) as client:
        await client.get(f"{CUSTOMERS}?filter=x")
    assert not sandbox.violations


@pytest.mark.wrong_requests
async def test_one_bad_row_of_a_thousand(sandbox: Sandbox, client: httpx.AsyncClient) -> None:
    """A bad row of an import is named by its place."""
    rows = [{"importCustomerId": str(number), "customfields": [ENTRY]} for number in range(1000)]
    rows[700]["customfields"] = [{"id": ENTRY["id"]}]
    await client.post(IMPORT, json={"customers": rows})
    (violation,) = sandbox.violations
    assert (
        "the body at $.customers[700].customfields[0]: 'value' is a required property"
        in violation.reason
    )


def test_neither_is_read_before_the_first_request() -> None:
    """Making a sandbox reads no document; a missing validator is a message that names the extra."""
    code = (
        "import sys; from timify_customers.sandbox import Sandbox, _contract; "
        "Sandbox(); assert not _contract.document.cache_info().currsize"
    )
    subprocess.run([sys.executable, "-P", "-W", "error", "-c", code], check=True, timeout=60)
    code = (
        "import sys; sys.modules['jsonschema'] = None; "
        "from timify_customers.sandbox import Sandbox; Sandbox()"
    )
    done = subprocess.run(
        [sys.executable, "-P", "-c", code], capture_output=True, text=True, check=False, timeout=60
    )
    assert "the sandbox needs jsonschema: install timify-customers-client[sandbox]" in done.stderr
