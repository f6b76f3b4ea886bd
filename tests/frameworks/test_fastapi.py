"""Models and the customer's view in a service made with FastAPI."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Annotated, Any

import httpx
import jsonschema
import pytest
import schemathesis
from fastapi import Body, FastAPI
from frameworks.test_pydantic import WIRE, Visit, references
from timify_customers import Customer, TimifyCustomers
from timify_customers.sandbox import Sandbox
from timify_customers.sandbox._contract import document
from timify_customers_client import models


def service(timify: TimifyCustomers) -> FastAPI:
    """A service whose answers and bodies are models."""
    app = FastAPI(title="Service")

    @app.get("/customers/{key}", response_model=Customer)
    async def read(key: str) -> Any:
        return await timify.customers.get(external_id=key)

    @app.get("/customers")
    async def every() -> list[Customer]:
        return [customer async for customer in timify.customers.list()]

    @app.post("/page")
    async def page(body: Annotated[models.CustomerList, Body()]) -> models.CustomerList:
        return body

    @app.post("/echo")
    async def echo(customer: Annotated[Customer, Body()]) -> Customer:
        return customer

    @app.post("/visits")
    async def visit(body: Visit) -> Visit:
        return body

    @app.get("/wire", response_model=Customer)
    async def wire() -> Any:
        return WIRE

    return app


@pytest.fixture
async def timify() -> AsyncIterator[TimifyCustomers]:
    box = Sandbox()
    async with TimifyCustomers(
        box.app_id,
        box.app_secret,
        box.company_id,
        base_url="http://127.0.0.1",
        transport=httpx.ASGITransport(app=box.app),
    ) as client:
        yield client


@pytest.fixture
def app(timify: TimifyCustomers) -> FastAPI:
    return service(timify)


@pytest.fixture
async def http(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://service") as client:
        yield client


async def test_a_customer_is_an_answer(http: httpx.AsyncClient, timify: TimifyCustomers) -> None:
    """As ``response_model`` and in a list, an answer is the customer's JSON, key for key."""
    ada = await timify.customers.create({"firstName": "Ada"}, external_id="crm-1815")
    seen = await timify.customers.get(external_id="crm-1815")
    assert (await http.get("/customers/crm-1815")).json() == seen.to_dict()
    (listed,) = (await http.get("/customers")).json()
    assert Customer.from_dict(listed).id == ada.id
    assert (await http.get("/wire")).json() == WIRE


async def test_a_customer_is_a_body(http: httpx.AsyncClient) -> None:
    """A body is viewed as it came, and goes back unchanged, nested ones too."""
    assert (await http.post("/echo", json=WIRE)).json() == WIRE
    content = {"data": [WIRE], "total": 1, "more": {"x": None}}
    assert (await http.post("/page", json=content)).json() == content
    visit = {"customer": WIRE, "earlier": [WIRE], "field": None}
    assert (await http.post("/visits", json=visit)).json() == visit


async def test_a_body_that_is_no_object_is_refused(http: httpx.AsyncClient) -> None:
    """It is a 422 that names the type, as for models of pydantic's own."""
    answer = await http.post("/visits", json={"customer": 5})
    assert answer.status_code == 422
    (error,) = answer.json()["detail"]
    assert error["loc"] == ["body", "customer"]
    assert "expected a Customer or its JSON object, found a number" in error["msg"]


def holds_itself(name: str) -> bool:
    """Return whether a component of the document, or one within it, leads back to itself."""

    def leads_back(component: str, above: tuple[str, ...]) -> bool:
        if component in above:
            return True
        content = document()["components"]["schemas"][component]
        inner = {reference.rpartition("/")[2] for reference in references(content)}
        return any(leads_back(each, (*above, component)) for each in inner)

    return leads_back(name, ())


async def test_the_page_of_the_service_shows_the_documents_schemas(
    http: httpx.AsyncClient, app: FastAPI
) -> None:
    """Each model is one component under its own name, and every reference leads to one.

    A model that holds itself, as a published document may have, is two for pydantic: of what is
    sent and of what is returned. It cannot tell that both are the same.
    """
    page = (await http.get("/openapi.json")).json()
    schemas = page["components"]["schemas"]
    ends = ("-Input", "-Output") if holds_itself("Customer") else ()
    names = {name.removesuffix("-Input").removesuffix("-Output") for name in schemas}
    assert {"Customer", "CustomerField", "CustomerPhone", "CustomerList", "PageMeta"} <= names
    assert not [name for name in schemas if "__" in name or (not ends and name not in names)]
    for reference in references(page):
        assert reference.removeprefix("#/components/schemas/") in schemas
    for schema in schemas.values():
        jsonschema.Draft202012Validator.check_schema(schema)
    answer = page["paths"]["/customers/{key}"]["get"]["responses"]["200"]["content"]
    name = "Customer" + "".join(ends[1:])
    assert answer["application/json"]["schema"] == {"$ref": f"#/components/schemas/{name}"}
    schemathesis.openapi.from_dict(app.openapi()).validate()


async def test_answers_are_as_the_page_says(http: httpx.AsyncClient, app: FastAPI) -> None:
    """A tool that reads the page finds the service's answers valid."""
    loaded = schemathesis.openapi.from_dict(app.openapi())
    answer = await http.get("/wire")
    wrong = httpx.Response(200, json={"firstName": 5}, request=answer.request)
    answer.elapsed = wrong.elapsed = timedelta()  # Schemathesis asks for it
    assert loaded["/wire"]["GET"].is_valid_response(answer)
    assert not loaded["/wire"]["GET"].is_valid_response(wrong)
