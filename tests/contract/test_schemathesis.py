"""The sandbox against the document: Schemathesis makes requests of it, valid and invalid, alone and
in sequences.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import yaml
from contract.exploration import BASE_URL, DOCUMENT, EXCLUSIONS, World, run_sequences, schema
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import Case, GenerationMode
from schemathesis.core.failures import FailureGroup
from starlette.requests import Request
from starlette.responses import JSONResponse
from support.operations import OPERATIONS
from timify_customers.sandbox import Company, Sandbox

pytestmark = pytest.mark.wrong_requests
WORLD = World()
SCHEMA = schema(WORLD, examples=25)
CUSTOMERS = ["/v1/customers", "/v1/customers/{customerId}"]
OPERATION_IDS = {*OPERATIONS, "create_token"}


@pytest.fixture
def answered(request: pytest.FixtureRequest) -> Iterator[None]:
    """Hold that an operation was answered with success, and that it also refused something."""
    WORLD.renew(Sandbox())
    WORLD.seen.clear()
    yield
    [(label, statuses)] = WORLD.seen.items()
    assert WORLD.succeeded(label), statuses
    assert any(400 <= status < 500 for status in statuses), statuses


@pytest.mark.adopted
@pytest.mark.usefixtures("answered")
@SCHEMA.parametrize()
def test_every_operation_keeps_to_the_document(case: Case) -> None:
    """Whatever is sent, valid or not, the answer is as the document says, and invalid requests are
    refused.
    """
    WORLD.check(case)


def test_sequences_keep_to_the_document() -> None:
    """So it is when ids go from answers into further requests; what is made is there, what is
    deleted is not.
    """
    world = World()
    followed = {
        f"{method} /v1/customers{path}"
        for path in (
            "/{customerId}",
            "/customfields/{fieldId}",
            "/customfields/categories/{categoryId}",
        )
        for method in ("GET", "DELETE")
    }
    # Which requests follow each other is chance, and few of them are valid in all their parts.
    for attempt in range(6):
        run_sequences(world, schema(world, examples=1), scenarios=80, derandomize=attempt == 0)
        if all(world.succeeded(label) for label in followed):
            return
    pytest.fail(f"some were never done: {world.seen}")


@pytest.mark.adopted
def test_all_operations_are_sent() -> None:
    """The 17 operations, the token's, and whatever else the document has are what is looked at."""
    operations = [found.ok() for found in SCHEMA.get_all_operations()]
    looked_at = {operation.definition.raw["operationId"] for operation in operations}
    document = yaml.safe_load(DOCUMENT.read_text("utf-8"))
    documented = {
        operation["operationId"]
        for item in document["paths"].values()
        for operation in item.values()
    }
    assert looked_at == documented >= OPERATION_IDS


def test_exclusions_are_few() -> None:
    """At most five checks are spared, each of a named operation, for a reason."""
    assert len(EXCLUSIONS) <= 5
    assert {it.operation for it in EXCLUSIONS} <= OPERATION_IDS
    assert all(len(it.reason) > 20 for it in EXCLUSIONS)


def undocumented_status(status: int, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    return (206 if status == 200 else status), body


def wrong_type(status: int, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    return status, body | {"data": {"id": 1}} if status == 200 else body


def server_error(status: int, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    return (500 if status == 404 else status), body


def takes_everything(status: int, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    return (200, {"data": {"id": "x"}, "status": 1}) if status == 400 else (status, body)


def needs_no_token(status: int, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    return (200, {"data": {"id": "x"}, "status": 1}) if status == 401 else (status, body)


WRONG = {
    undocumented_status: "Undocumented status code",
    wrong_type: "Response violates schema",
    server_error: "Server error",
    takes_everything: "Schema-violating request accepted",
    needs_no_token: "auth",
}


def twisted(app: Any, twist: Any) -> Any:
    """The application with each answer changed."""

    async def changed(scope: Any, receive: Any, send: Any) -> None:
        request = Request(scope, receive)
        path = httpx.URL(f"{BASE_URL}{scope['raw_path'].decode()}?{scope['query_string'].decode()}")
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app)) as client:
            content = await request.body()
            answer = await client.request(
                request.method, path, headers=request.headers.raw, content=content
            )
        status, body = twist(answer.status_code, answer.json())
        await JSONResponse(body, status)(scope, receive, send)

    return changed


@pytest.mark.parametrize("twist", WRONG, ids=lambda it: it.__name__)
def test_a_sandbox_that_breaks_the_document_is_found(twist: Any) -> None:
    """Each of these deviations is reported for what it is: what passes above was looked at."""
    world = World()
    operation = schema(world, examples=1)["/v1/customers/{customerId}"]["PATCH"]
    world.app = twisted(world.app, twist)
    valid, invalid = (operation.as_strategy(generation_mode=mode) for mode in GenerationMode)

    @settings(
        derandomize=True,
        database=None,
        max_examples=300,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(invalid | valid)
    def explore(case: Case) -> None:
        world.check(case)

    with pytest.raises(FailureGroup) as failure:
        explore()
    assert WRONG[twist] in str(failure.value)


def test_a_deleted_customer_that_stays_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """A sequence finds what single requests cannot: a customer that is there after its deletion."""
    world = World()
    monkeypatch.setattr(Company, "remove", lambda company, customer: None)
    with pytest.raises(FailureGroup, match="Deleted resource still available"):
        run_sequences(world, schema(world, examples=1).include(path=CUSTOMERS), scenarios=200)
