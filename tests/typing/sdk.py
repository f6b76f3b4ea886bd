"""What type checkers say of the SDK. Read by mypy and pyright, never run."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from contextlib import aclosing
from typing import Any, assert_type

from timify_customers import (
    AccessToken,
    AttemptEvent,
    CallEvent,
    Category,
    Customer,
    CustomerField,
    CustomerFields,
    Customfield,
    Event,
    FieldRegistry,
    Formats,
    ImportReport,
    NotFoundError,
    Page,
    Phone,
    Response,
    RowOutcome,
    RowProblem,
    TimifyCustomers,
    TimifyError,
    UnknownFieldError,
    Unreadable,
    Upserted,
    responses,
)
from timify_customers._customfields.drift import FieldDrift
from timify_customers._resources.ensure import Ensured


async def customers(timify: TimifyCustomers) -> None:
    """Calls give the models that users see, without Any."""
    ada = await timify.customers.create(
        {"firstName": "Ada", "birthday": datetime.date(1815, 12, 10)}, external_id="crm"
    )
    assert_type(ada, Customer)
    assert_type(ada.id, str)
    assert_type(ada.external_id, str | None)
    assert_type(ada.created_at, datetime.datetime | None)
    assert_type(ada.fields, Sequence[CustomerField] | None)
    assert_type(ada.settled, bool)
    assert_type(await timify.customers.get(external_id="crm"), Customer)
    assert_type(
        await timify.customers.update([{"id": "5", "value": "x"}], customer_id="5"), Customer
    )
    upserted = await timify.customers.upsert({"firstName": "Ada"}, external_id="crm")
    assert_type(upserted, Upserted)
    assert_type(upserted.customer, Customer)
    assert_type(upserted.created, bool)
    assert_type(await timify.customers.exists(external_id="crm"), bool)
    assert_type(await timify.customers.get_many(ids=["5"]), dict[str, Customer | None])
    assert_type(await timify.customers.import_many([{"importCustomerId": "5"}]), ImportReport)
    async for outcome in timify.customers.import_many(
        [{"importCustomerId": "5"}], checkpoint="x.sqlite"
    ):
        assert_type(outcome, RowOutcome)
        assert_type(outcome.problems, tuple[RowProblem, ...])
    async for customer in timify.customers.list(page_size=10):
        assert_type(customer, Customer)
    async for page in timify.customers.list().pages():
        assert_type(page, Page[Customer])
        assert_type(page.items, list[Customer])
    pager = timify.customers.list(on_shift="rescan")
    assert_type(await pager, Page[Customer])
    assert_type((pager.total, pager.cursor), tuple[int | None, str | None])
    async with aclosing(aiter(pager)) as items, aclosing(pager.pages()) as pages:
        assert_type(await anext(items), Customer)
        assert_type(await anext(pages), Page[Customer])
    timify.customers.list(q="ada", ids=["5"], updated_since=datetime.date(2026, 3, 2))
    timify.customers.list(quest="ada")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    timify.customers.list(on_shift="perhaps")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    async for event in timify.customers.events("5"):
        assert_type(event, Event)
    ada.id = "6"  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue]
    await timify.customers.create({}, on_lost_answer="perhaps")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


async def fields(timify: TimifyCustomers) -> None:
    """Definitions and categories likewise."""
    assert_type(await timify.fields.list(), list[Customfield])
    assert_type(await timify.fields.create("Tier", "SELECT", options=["gold"]), Customfield)
    assert_type(await timify.categories.list(), list[Category])
    assert_type(await timify.categories.ensure(["VIP"]), Ensured[Category])
    assert_type((await timify.fields.ensure(["Tier", {"label": "Size"}])).items, list[Customfield])
    assert_type((await timify.categories.create("VIP")).name, str | None)


async def requests(timify: TimifyCustomers) -> None:
    """Any endpoint gives a response, and so does each attempt of a block."""
    response = await timify.request("GET", "/v1/services", params={"limit": 5, "ids": ["1"]})
    assert_type(response, Response)
    assert_type((response.status, response.content, response.text), tuple[int, bytes, str])
    assert_type(response.headers.get("etag"), str | None)
    assert_type(response.request_id, str | None)
    await timify.request("POST", "/v1/services", json={"name": "x"}, repeat="never", envelope=False)
    await timify.request("HEAD", "/v1/services")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await timify.request("PUT", "/v1/services", repeat="always")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    with responses() as seen:
        assert_type(seen, list[Response])
    response.status = 5  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue]


def views(timify: TimifyCustomers) -> None:
    """Views are clients, and take only what a view has."""
    assert_type(timify.for_company("5f0000000000000000000001"), TimifyCustomers)
    assert_type(timify.with_options(timeout=5.0, retries=0), TimifyCustomers)
    assert_type(timify.with_options(headers={"x-trace": "t"}), TimifyCustomers)
    timify.with_options(base_url="x")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]


def named(ada: Customer, registry: FieldRegistry, error: UnknownFieldError) -> None:
    """Fields read by name are a mapping; a registry makes payloads and says what has drifted."""
    assert_type(ada.customfields, CustomerFields)
    assert_type(ada.customfields["Loyalty tier"], Any)
    assert_type(list(ada.customfields), list[str])
    assert_type(ada.customfields.raw, Sequence[Any])
    assert_type(registry.read(ada), CustomerFields)
    assert_type(registry.find("firstName"), Customfield)
    assert_type(
        registry.payload({"birthday": datetime.date(1815, 12, 10)}, Formats("GB", "DMY")),
        list[dict[str, Any]],
    )
    assert_type(registry.payload({"mobilePhone": Phone("+442079460958")}), list[dict[str, Any]])
    assert_type(registry.diff(FieldRegistry.load("fields.json")), list[FieldDrift])
    assert_type(list(registry), list[Customfield])
    assert_type(Unreadable("x").reason, str)
    assert_type(error.closest, tuple[str, ...])
    FieldRegistry([5])  # type: ignore[list-item]  # pyright: ignore[reportArgumentType]
    Formats(date_order="YDM")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    Phone("+44").number = "5"  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue]


async def provider() -> AccessToken:
    """Give a token of one's own."""
    return AccessToken("token", expires_in=60)


def hook(event: AttemptEvent | CallEvent) -> None:
    """Take both kinds of record."""
    assert_type(event.duration, float)


def clients() -> None:
    """A client takes a token, a provider, or an app."""
    TimifyCustomers("app", "secret", on_event=hook)
    TimifyCustomers(access_token=provider)
    TimifyCustomers(access_token="token")
    TimifyCustomers(access_token=5)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    assert_type(TimifyCustomers.from_env(timeout=5.0, proxy="http://proxy:3128"), TimifyCustomers)
    TimifyCustomers.from_env(timeut=5)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]


def errors(error: NotFoundError) -> tuple[TimifyError, LookupError]:
    """An error is ours and the fitting builtin."""
    assert_type(error.status, int | None)
    return error, error
