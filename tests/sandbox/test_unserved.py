"""Operations that a published document brings, and the sandbox does not know."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from jsonschema import Draft202012Validator
from sandbox.calls import CUSTOMERS, connect
from timify_customers.sandbox import Sandbox, _contract, _unserved

ID = "5d9f2a7c6d95c0112ca1cc96"
NOTE: dict[str, Any] = {
    "type": "object",
    "required": ["id", "kind", "day", "count", "about", "tags", "none"],
    "properties": {
        "id": {"type": "string"},
        "kind": {"type": "string", "enum": ["call", "visit"]},
        "day": {"type": "string", "format": "date"},
        "count": {"type": ["integer", "null"]},
        "about": {"anyOf": [{"type": "number"}, {"type": "string"}]},
        "tags": {"type": "array", "items": {"type": "string"}},
        "none": {"type": "null"},
        "text": {"type": "string"},
        "answers": {"type": "array", "items": {"$ref": "#/components/schemas/Note"}},
    },
}
ANSWER = {
    "200": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Note"}}}}
}

INTEGERS: dict[str, Any] = {"type": "array", "items": {"type": "integer"}}
PARAMETERS: list[dict[str, Any]] = [
    {"name": name, "in": "query", "schema": schema, **style}
    for name, schema, style in (
        ("pinned", {"type": "boolean"}, {}),
        ("share", {"type": "number"}, {}),
        ("pages", INTEGERS, {}),
        ("rooms", INTEGERS, {"explode": False}),
        ("floors", INTEGERS, {"style": "pipeDelimited"}),
        ("doors", INTEGERS, {"style": "spaceDelimited", "explode": False}),
    )
]


def operation(name: str, **more: Any) -> dict[str, Any]:
    return {"operationId": name, "responses": ANSWER, "security": [{"BearerAuth": []}]} | more


@pytest.fixture
def _published(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let the document have more operations: beside ours, below them, and at a path of ours."""
    document = copy.deepcopy(_contract.document())
    document["components"]["schemas"]["Note"] = NOTE
    body = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Note"}}}}
    document["paths"] |= {
        "/v1/customers/merge": {"post": operation("merge", requestBody=body | {"required": True})},
        "/v1/customers/{customerId}/notes": {"get": operation("notes", parameters=PARAMETERS)},
    }
    document["paths"]["/v1/customers/{customerId}"]["put"] = operation(
        "replace", responses={"204": {"description": "Done."}}
    )
    caches = (_contract._paths, _unserved._unserved)
    monkeypatch.setattr(_contract, "document", lambda: document)
    monkeypatch.setattr(_unserved, "document", lambda: document)
    for each in caches:
        each.cache_clear()
    yield
    monkeypatch.undo()
    for each in caches:
        each.cache_clear()


@pytest.fixture
async def client(_published: None) -> Any:
    async with connect(Sandbox()) as connected:
        yield connected


async def test_it_answers_as_the_schema_says(client: httpx.AsyncClient) -> None:
    """What is answered is valid by the schema; where a success has no JSON, nothing is."""
    answer = await client.get(f"{CUSTOMERS}/{ID}/notes")
    assert answer.status_code == 200
    assert answer.json()["kind"] == "call"
    schema = NOTE | {"components": {"schemas": {"Note": NOTE}}}
    assert list(Draft202012Validator(schema).iter_errors(answer.json())) == []
    empty = await client.put(f"{CUSTOMERS}/{ID}")
    assert (empty.status_code, empty.content) == (204, b"")


@pytest.mark.wrong_requests
async def test_it_refuses_what_the_document_does(client: httpx.AsyncClient) -> None:
    """A request without a token, a body that is not allowed, and another method are refused."""
    note = {"id": "1", "kind": "call", "day": "2026-01-31", "count": 1, "about": 2, "tags": []}
    wrong = await client.post(f"{CUSTOMERS}/merge", json=note)
    assert (wrong.status_code, "'none' is a required property" in wrong.text) == (400, True)
    inner = note | {"none": None, "answers": [note | {"none": 1}]}
    assert (await client.post(f"{CUSTOMERS}/merge", json=inner)).status_code == 400
    assert (await client.post(f"{CUSTOMERS}/merge", json=note | {"none": None})).status_code == 200
    unknown = await client.get(f"{CUSTOMERS}/{ID}/notes", headers={"Authorization": "Bearer x"})
    assert unknown.status_code == 401
    other = await client.delete(f"{CUSTOMERS}/merge")
    assert (other.status_code, other.headers["allow"]) == (405, "POST")


@pytest.mark.wrong_requests
@pytest.mark.parametrize(
    ("query", "allowed"),
    [
        ("pinned=true&share=0.5&pages=1&pages=2", True),
        ("pinned=false&share=1e3&pages=1", True),
        ("rooms=1,2&floors=1%7C2&floors=", False),
        ("rooms=1,2&floors=1%7C2&doors=1%202", True),
        ("rooms=1%7C2", False),
        ("floors=1,2", False),
        ("pages=1,2", False),
        ("pinned=yes", False),
        ("share=half", False),
        ("pages=1&pages=two", False),
    ],
)
async def test_parameters_are_read_by_their_types(
    query: str, allowed: bool, client: httpx.AsyncClient
) -> None:
    """Truth values, numbers and lists of numbers in any style are read from their text; other
    texts are not.
    """
    answer = await client.get(f"{CUSTOMERS}/{ID}/notes?{query}")
    assert answer.status_code == (200 if allowed else 400), answer.text


async def test_operations_beside_it_stay(client: httpx.AsyncClient) -> None:
    """At a path with such an operation, those that the sandbox knows are answered as ever."""
    body = {"customfields": []}
    made = (await client.post(CUSTOMERS, json=body)).json()["data"]
    read = await client.get(f"{CUSTOMERS}/{made['id']}")
    assert read.json()["data"] == made


def test_a_schema_that_requires_itself_comes_to_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """There is no such value, so null stands where it would begin again."""
    endless = {"type": "object", "required": ["in"], "properties": {"in": {"$ref": "#/a"}}}
    monkeypatch.setattr(_contract, "document", lambda: {"a": endless})
    assert _unserved.least({"$ref": "#/a"}) == {"in": None}
