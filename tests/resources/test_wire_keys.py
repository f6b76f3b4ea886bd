"""Every key that the hand-written layer sends stands in the document."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest
import timify_customers_client
import yaml
from attrs import define, field
from jsonschema import Draft202012Validator
from support.faults import ID
from support.operations import CHANGED_FIELD, ENTRIES, FIELD, NEW_FIELD, OPERATIONS
from timify_customers import TimifyCustomers

pytestmark = pytest.mark.adopted

DOCUMENT = yaml.safe_load(
    (Path(timify_customers_client.__file__).parent / "customers.yaml").read_text("utf-8")
)
CALLS: dict[str, Callable[[TimifyCustomers], Awaitable[Any]]] = {
    **{name: example.call for name, example in OPERATIONS.items()},
    "create with all": lambda t: t.customers.create(
        ENTRIES, external_id="crm-1", import_customer_id="i-1", ignore_mandatory=True
    ),
    "get by key": lambda t: t.customers.get(external_id="crm-1"),
    "update by key": lambda t: t.customers.update(
        ENTRIES, external_id="crm-1", new_external_id="crm-2"
    ),
    "upsert": lambda t: t.customers.upsert(ENTRIES, external_id="crm-1", ignore_mandatory=True),
    "get many by id": lambda t: t.customers.get_many(ids=[ID, "f" * 24]),
    "get many by key": lambda t: t.customers.get_many(external_ids=["crm-1", "crm-2"]),
    "delete by key": lambda t: t.customers.delete(external_id="crm-1"),
    "import with all": lambda t: t.customers.import_many(
        [{"importCustomerId": "i-1", "id": ID, "externalId": "crm-1", FIELD: "Ada"}]
    ),
    "create a field with all": lambda t: t.fields.create("Tier", **NEW_FIELD),
    "update a field with all": lambda t: t.fields.update(FIELD, **CHANGED_FIELD),
    "another company": lambda t: t.for_company("0" * 24).customers.get(ID),
}


@define
class Recorder(httpx.AsyncBaseTransport):
    """Keeps what is sent, and answers so that each call comes to its end."""

    requests: list[httpx.Request] = field(factory=list)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        if request.url.path.startswith("/v1/auth"):
            return httpx.Response(200, json={"accessToken": "x"})
        return httpx.Response(200, json={"data": _data(request), "status": 1})


def _data(request: httpx.Request) -> Any:
    path = request.url.path
    if request.method == "GET" and re.search(r"(customers|customfields|categories|events)$", path):
        definition = {"id": FIELD, "defaultId": "firstName", "type": "TEXT"}
        return [definition] if path.endswith("customfields") else []
    sent = json.loads(request.content) if request.content else {}
    key = path.rpartition("/")[2]
    by_key = "external" in request.url.params
    external_id = next((sent[name] for name in ("external_id", "externalId") if name in sent), "")
    if by_key and not external_id:
        external_id = key
    return {"id": ID if by_key or request.method == "POST" else key, "externalId": external_id}


def operation_of(request: httpx.Request) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """The path item and operation of the document that a request is of."""
    for template in sorted(DOCUMENT["paths"], key=lambda path: path.count("{")):
        pattern = re.sub(r"\{[^}]+\}", "[^/]+", template)
        item = DOCUMENT["paths"][template]
        if re.fullmatch(pattern, request.url.path) and request.method.lower() in item:
            return item, item[request.method.lower()]
    raise AssertionError(f"no operation of the document is {request.method} {request.url.path}")


def resolve(node: Any) -> Any:
    while isinstance(node, dict) and "$ref" in node:
        target = DOCUMENT
        for part in node["$ref"].removeprefix("#/").split("/"):
            target = target[part]
        node = target
    return node


def unknown_keys(value: Any, schema: Any, place: str = "body") -> Iterator[str]:
    """The keys of a body that its schema does not have."""
    schema = resolve(schema)
    if isinstance(value, list):
        for number, entry in enumerate(value):
            yield from unknown_keys(entry, schema.get("items", {}), f"{place}[{number}]")
    elif isinstance(value, dict):
        properties = schema.get("properties", {})
        for key, inner in value.items():
            if key not in properties:
                yield f"{place}.{key}"
            else:
                yield from unknown_keys(inner, properties[key], f"{place}.{key}")


@pytest.mark.parametrize("name", CALLS)
async def test_every_key_that_is_sent_stands_in_the_document(name: str) -> None:
    """Path, query, headers and body of each call hold nothing that the document does not have."""
    recorder = Recorder()
    options: dict[str, Any] = {"base_url": "http://127.0.0.1", "transport": recorder}
    async with TimifyCustomers("app", "secret", "5" * 24, **options) as timify:
        await CALLS[name](timify)
    assert len(recorder.requests) >= 2
    for request in recorder.requests:
        item, operation = operation_of(request)
        parameters = [
            resolve(it) for it in (*item.get("parameters", ()), *operation.get("parameters", ()))
        ]
        names = {(it["in"], it["name"].lower()) for it in parameters}
        assert {("query", key) for key in request.url.params} <= names
        ours = {key for key in request.headers if key.startswith("company")}
        assert {("header", key) for key in ours} <= names
        if request.content:
            schema = operation["requestBody"]["content"]["application/json"]["schema"]
            assert list(unknown_keys(json.loads(request.content), schema)) == []


async def test_the_document_admits_every_body_that_the_client_writes() -> None:
    """`make test` begins with this test, so that it is the one to fail when a published document
    describes a body differently from what the hand-written layer writes. It names every such place.
    """
    contradictions: list[str] = []
    for name, call in CALLS.items():
        contradictions += [f"{name}: {reason}" async for reason in _contradictions(call)]
    assert not contradictions, "\n".join(contradictions)


async def _contradictions(call: Callable[[TimifyCustomers], Awaitable[Any]]) -> AsyncIterator[str]:
    """Why a request cannot be made, or where its bodies are not what the document describes."""
    recorder = Recorder()
    options: dict[str, Any] = {"base_url": "http://127.0.0.1", "transport": recorder}
    async with TimifyCustomers("app", "secret", "5" * 24, **options) as timify:
        try:
            await call(timify)
        except (TypeError, ValueError) as refusal:
            yield str(refusal)
    for request in recorder.requests:
        if request.content:
            _, operation = operation_of(request)
            schema = operation["requestBody"]["content"]["application/json"]["schema"]
            validator = Draft202012Validator({**schema, "components": DOCUMENT["components"]})
            for error in validator.iter_errors(json.loads(request.content)):
                yield f"{request.method} {request.url.path} {error.json_path}: {error.message}"


def test_a_key_that_is_not_there_is_found() -> None:
    """The walk itself sees what the document does not have, inside of lists too."""
    schema = {"$ref": "#/components/schemas/CustomerImport"}
    body = {"customers": [{"customfields": [], "no": 1}], "more": 2}
    assert list(unknown_keys(body, schema)) == ["body.customers[0].no", "body.more"]
