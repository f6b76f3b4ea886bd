"""Each generated operation builds its request and reads its answer."""

from __future__ import annotations

import inspect
import json
import pickle
from types import ModuleType
from typing import Any

import httpx
import pytest
from timify_customers._base.generated import EXTERNAL_ID_KEY
from timify_customers_client import api, errors, models
from timify_customers_client.client import Client
from timify_customers_client.types import UNSET

pytestmark = pytest.mark.adopted

COMPANY = "5a0db0c5a0db0c5a0db0c5a0"
ENTRIES = [models.CustomfieldValue(id="5", value="x")]
CUSTOMERS, ONE = "/v1/customers", "/v1/customers/a%2Fb"
FIELDS, CATEGORIES = "/v1/customers/customfields", "/v1/customers/customfields/categories"

REQUESTS: dict[str, tuple[tuple[str, ...], dict[str, Any], str, str, dict[str, str], Any]] = {
    "list_customers": (
        (),
        {"page": 2, "limit": 10},
        "GET",
        CUSTOMERS,
        {"page": "2", "limit": "10"},
        UNSET,
    ),
    "create_customer": (
        (),
        {"body": models.CustomerCreate(customfields=ENTRIES)},
        "POST",
        CUSTOMERS,
        {},
        {"customfields": [{"id": "5", "value": "x"}]},
    ),
    "get_customer": (("a/b",), {"external": 1}, "GET", ONE, {"external": "1"}, UNSET),
    "update_customer": (
        ("a/b",),
        {"body": models.CustomerUpdate(external_id="k")},
        "PATCH",
        ONE,
        {},
        {EXTERNAL_ID_KEY: "k"},
    ),
    "delete_customer": (("a/b",), {}, "DELETE", ONE, {}, UNSET),
    "import_customers": (
        (),
        {"body": models.CustomerImport.from_dict({"customers": []})},
        "POST",
        f"{CUSTOMERS}/import",
        {},
        {"customers": []},
    ),
    "list_global_customer_events": (
        ("a/b",),
        {},
        "GET",
        f"{CUSTOMERS}/global/a%2Fb/events",
        {},
        UNSET,
    ),
    "list_customfields": ((), {}, "GET", FIELDS, {}, UNSET),
    "create_customfield": (
        (),
        {"body": models.CustomfieldCreate(label="Tier", type_="TEXT")},
        "POST",
        FIELDS,
        {},
        {"label": "Tier", "type": "TEXT"},
    ),
    "get_customfield": (("a/b",), {}, "GET", f"{FIELDS}/a%2Fb", {}, UNSET),
    "update_customfield": (
        ("a/b",),
        {"body": models.CustomfieldUpdate(label="Tier")},
        "PATCH",
        f"{FIELDS}/a%2Fb",
        {},
        {"label": "Tier"},
    ),
    "delete_customfield": (("a/b",), {}, "DELETE", f"{FIELDS}/a%2Fb", {}, UNSET),
    "list_customfield_categories": ((), {}, "GET", CATEGORIES, {}, UNSET),
    "create_customfield_category": (
        (),
        {"body": models.CategoryCreate(name="VIP")},
        "POST",
        CATEGORIES,
        {},
        {"name": "VIP"},
    ),
    "get_customfield_category": (("a/b",), {}, "GET", f"{CATEGORIES}/a%2Fb", {}, UNSET),
    "update_customfield_category": (
        ("a/b",),
        {"body": models.CategoryUpdate(name="VIP")},
        "PATCH",
        f"{CATEGORIES}/a%2Fb",
        {},
        {"name": "VIP"},
    ),
    "delete_customfield_category": (("a/b",), {}, "DELETE", f"{CATEGORIES}/a%2Fb", {}, UNSET),
}


def module(name: str) -> ModuleType:
    found: ModuleType = getattr(api.customers, name)
    return found


def test_all_17_operations_are_there() -> None:
    """The generated package has at least the 17 operations of the module, and the token's, each
    named by its operationId.
    """
    modules = {name for name, value in vars(api.customers).items() if isinstance(value, ModuleType)}
    found = {name for name in modules if not name.startswith("@")}  # @: pytest puts its own there
    assert found >= REQUESTS.keys()
    assert len(REQUESTS) == 17
    assert {module(name).OPERATION for name in found} == found
    assert api.auth.create_token.OPERATION == "create_token"


@pytest.mark.parametrize("name", REQUESTS)
def test_a_request_is_built_without_sending_it(name: str) -> None:
    """Method, path, query, header and body are as the document says; what is not given is not
    sent.
    """
    args, options, method, path, params, body = REQUESTS[name]
    request = module(name).build_request(*args, **options, company_id=COMPANY)
    assert (request.operation, request.method, request.path) == (name, method, path)
    assert (dict(request.params), dict(request.headers)) == (params, {"company-id": COMPANY})
    assert request.json == body
    assert module(name).build_request(*args, **options).headers == {}


@pytest.mark.parametrize("value", ["", " ", ".", "..", "\ud800"])
@pytest.mark.parametrize("name", [name for name, row in REQUESTS.items() if row[0]])
def test_a_path_parameter_that_addresses_something_else_is_refused(name: str, value: str) -> None:
    """An empty, blank or dotted id never becomes a path of another place."""
    with pytest.raises(ValueError, match=r"_id|surrogate"):
        module(name).build_request(value, **REQUESTS[name][1])
    with pytest.raises(TypeError):
        module(name).build_request(None, **REQUESTS[name][1])


def test_the_token_request_hides_its_secret() -> None:
    """The request for a token carries the app's credentials, and shows no secret."""
    request = api.auth.create_token.build_request(
        body=models.TokenRequest(appid="app", appsecret="canary")
    )
    assert (request.method, request.path) == ("POST", "/v1/auth/token")
    assert request.json == {"appid": "app", "appsecret": "canary"}
    assert "canary" not in repr(request)


@pytest.mark.parametrize("name", REQUESTS)
def test_answers_are_read_by_status(name: str) -> None:
    """A documented success gives the envelope, a documented failure a Failure, any other status an
    error.
    """
    parse = module(name).parse
    envelope = parse(200, {"data": [] if name.startswith("list") else {"id": "5"}, "status": 1})
    assert type(envelope) is not models.Failure
    for status in (400, 401, 403, 404, 409, 422, 429, 500, 502, 503, 504):
        failure = parse(status, {"status": 0, "message": "no"})
        assert type(failure) is models.Failure
        assert failure.message == "no"
    for status in (218, 302, 418, 499, 520, 599, 999):
        with pytest.raises(errors.UnexpectedStatus) as caught:
            parse(status, {"message": "what"})
        assert caught.value.status == status
    for data in (None, 5, "x", []):
        with pytest.raises(errors.DecodeError):
            parse(200, data)


def client(handler: Any) -> Client:
    return Client("http://127.0.0.1", "canary", transport=httpx.MockTransport(handler))


@pytest.mark.parametrize("name", REQUESTS)
async def test_an_operation_is_called_end_to_end(name: str) -> None:
    """Asyncio gives what the answer holds, asyncio_detailed status, headers and content as well."""
    args, options, method, path, _, body = REQUESTS[name]
    seen: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        data: Any = [] if name.startswith("list") else {"id": "5"}
        return httpx.Response(200, json={"data": data, "status": 1}, headers={"x-test": "1"})

    async with client(handler) as raw:
        envelope = await module(name).asyncio(*args, client=raw, **options, company_id=COMPANY)
        detailed = await module(name).asyncio_detailed(
            *args, client=raw, **options, company_id=COMPANY
        )
    assert detailed.parsed == envelope
    assert (detailed.status_code, detailed.headers["x-test"]) == (200, "1")
    assert json.loads(detailed.content)["status"] == 1
    assert [(r.method, r.url.raw_path.split(b"?")[0].decode()) for r in seen] == [
        (method, path)
    ] * 2
    assert seen[0].headers["company-id"] == COMPANY
    assert seen[0].headers["authorization"] == "Bearer canary"
    assert (json.loads(seen[0].content) if seen[0].content else UNSET) == body


@pytest.mark.parametrize("content", [b"", b"<html>", b'{"data": ', b"\xff"])
async def test_a_body_that_is_no_json_is_an_error_with_the_status(content: bytes) -> None:
    """HTML, nothing and half an answer are a clear error that says the status and can be
    pickled.
    """
    async with client(lambda _: httpx.Response(200, content=content)) as raw:
        with pytest.raises(errors.TimifyError) as caught:
            await api.customers.get_customer.asyncio("5", client=raw)
    assert "200" in str(caught.value) or isinstance(caught.value, errors.DecodeError)
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)


def test_there_are_no_sync_twins() -> None:
    """The package is for asyncio; nothing in an operation's module blocks."""
    for name in REQUESTS:
        public = {
            key
            for key, value in vars(module(name)).items()
            if inspect.isfunction(value) and value.__module__ == module(name).__name__
        }
        assert public == {"build_request", "parse", "asyncio", "asyncio_detailed"}
