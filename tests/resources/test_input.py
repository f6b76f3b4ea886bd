"""Bad input is an error of our own before anything is sent."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import httpx
import pytest
from timify_customers import (
    ArgumentError,
    ArgumentTypeError,
    AuthenticationError,
    ClientStateError,
    ConfigurationError,
    ImportInterruptedError,
    TimifyCustomers,
    TimifyError,
)
from timify_customers.sandbox import Sandbox

Call = Callable[[TimifyCustomers, Any], Awaitable[Any]]

BY_ID: dict[str, Call] = {
    "get": lambda t, value: t.customers.get(value),
    "get by external id": lambda t, value: t.customers.get(external_id=value),
    "update": lambda t, value: t.customers.update({"firstName": "x"}, customer_id=value),
    "update by external id": lambda t, value: t.customers.update(
        {"firstName": "x"}, external_id=value
    ),
    "update to": lambda t, value: t.customers.update({}, customer_id="5", new_external_id=value),
    "delete": lambda t, value: t.customers.delete(value),
    "delete by external id": lambda t, value: t.customers.delete(external_id=value),
    "create": lambda t, value: t.customers.create({}, external_id=value),
    "field": lambda t, value: t.fields.get(value),
    "field update": lambda t, value: t.fields.update(value, label="x"),
    "field delete": lambda t, value: t.fields.delete(value),
    "category": lambda t, value: t.categories.get(value),
    "category update": lambda t, value: t.categories.update(value, name="x"),
    "category delete": lambda t, value: t.categories.delete(value),
}


@pytest.mark.parametrize("value", ["", " ", "\t", ".", "..", "\ud800"])
@pytest.mark.parametrize("call", BY_ID.values(), ids=BY_ID)
async def test_an_id_that_addresses_something_else_is_refused(
    timify: TimifyCustomers, sandbox: Sandbox, call: Call, value: str
) -> None:
    """No id that is empty, blank or dots leaves the machine: delete("") never reaches
    /v1/customers.
    """
    with pytest.raises(ArgumentError):
        await call(timify, value)
    assert not sandbox.requests


@pytest.mark.parametrize("value", ["import", "customfields", "global"])
@pytest.mark.parametrize(
    "name", [name for name in BY_ID if not name.startswith(("field", "category"))]
)
async def test_a_customer_named_like_a_route_cannot_be_addressed(
    timify: TimifyCustomers, sandbox: Sandbox, name: str, value: str
) -> None:
    """An id that is the name of another route is refused, since the API would answer for that
    route.
    """
    with pytest.raises(ArgumentError, match="another route"):
        await BY_ID[name](timify, value)
    assert not sandbox.requests


@pytest.mark.parametrize("nothing", [{}, []])
async def test_a_create_of_nothing_is_refused(
    timify: TimifyCustomers, sandbox: Sandbox, nothing: Any
) -> None:
    """A customer without values needs an id at least, or nobody could tell it from another."""
    with pytest.raises(ArgumentError, match="give customfields or external_id"):
        await timify.customers.create(nothing)
    assert not sandbox.requests
    created = await timify.customers.create(nothing, external_id="crm-1")
    assert created.external_id == "crm-1"
    assert (await timify.customers.create(nothing, import_customer_id="c-1")).id


async def test_a_field_named_like_a_route_cannot_be_addressed(
    timify: TimifyCustomers, sandbox: Sandbox
) -> None:
    """The field id "categories" is another route."""
    for name in ("field", "field update", "field delete"):
        with pytest.raises(ArgumentError, match="another route"):
            await BY_ID[name](timify, "categories")
    assert not sandbox.requests


WRONG: dict[str, tuple[Callable[[TimifyCustomers], Any], type[TimifyError]]] = {
    "no key": (lambda t: t.customers.get(), ArgumentError),
    "two keys": (lambda t: t.customers.get("5", external_id="6"), ArgumentError),
    "key type": (lambda t: t.customers.get(5), ArgumentTypeError),
    "nothing to update": (lambda t: t.customers.update({}, customer_id="5"), ArgumentError),
    "customfields type": (lambda t: t.customers.create("x"), ArgumentTypeError),
    "customfields none": (lambda t: t.customers.create(None), ArgumentTypeError),
    "entry without id": (lambda t: t.customers.create([{"value": "x"}]), ArgumentError),
    "not JSON": (lambda t: t.customers.create([{"id": "5", "value": object()}]), ArgumentError),
    "NaN": (lambda t: t.customers.create([{"id": "5", "value": float("nan")}]), ArgumentError),
    "lost answer": (lambda t: t.customers.create([], on_lost_answer="x"), ConfigurationError),
    "import string": (lambda t: t.customers.import_many("rows"), ArgumentTypeError),
    "import mapping": (lambda t: t.customers.import_many({"a": "b"}), ArgumentTypeError),
    "import none": (lambda t: t.customers.import_many(None), ArgumentTypeError),
    "chunk size": (lambda t: t.customers.import_many([], chunk_size=0), ConfigurationError),
    "chunk size type": (lambda t: t.customers.import_many([], chunk_size="5"), ArgumentTypeError),
    "key type of import": (lambda t: t.customers.import_many([], key=5), ArgumentTypeError),
    "label": (lambda t: t.fields.create(" "), ArgumentError),
    "label type": (lambda t: t.fields.create(None), ArgumentTypeError),
    "options": (lambda t: t.fields.create("x", options="gold"), ArgumentTypeError),
    "nothing to update in a field": (lambda t: t.fields.update("5"), ArgumentError),
    "name": (lambda t: t.categories.create(""), ArgumentError),
    "name type": (lambda t: t.categories.create(5), ArgumentTypeError),
}


@pytest.mark.parametrize(("call", "error"), WRONG.values(), ids=WRONG)
async def test_a_wrong_argument_is_refused(
    timify: TimifyCustomers,
    sandbox: Sandbox,
    call: Callable[[TimifyCustomers], Awaitable[Any]],
    error: type[TimifyError],
) -> None:
    """Each wrong argument is an error of our own, also a ValueError or TypeError, and nothing is
    sent.
    """
    with pytest.raises(error) as caught:
        await call(timify)
    assert isinstance(caught.value, ValueError | TypeError)
    assert not sandbox.requests


@pytest.mark.parametrize("options", [{"page_size": 0}, {"page_size": True}, {"page_size": "1"}])
async def test_a_wrong_page_is_refused_at_once(
    timify: TimifyCustomers, options: dict[str, Any]
) -> None:
    """The page size is checked by the call that names it, not in the loop."""
    with pytest.raises((ConfigurationError, ArgumentTypeError)):
        timify.customers.list(**options)
    with pytest.raises((ConfigurationError, ArgumentTypeError)):
        timify.customers.events("g", **options)


async def test_an_unknown_field_is_refused_before_the_write(
    timify: TimifyCustomers, sandbox: Sandbox
) -> None:
    """Only the definitions were asked for; the customer was not sent."""
    with pytest.raises(ArgumentError, match="nickname"):
        await timify.customers.create({"nickname": "Ada"})
    assert [request.operation for request in sandbox.requests] == [
        "create_token",
        "list_customfields",
    ]


async def test_a_closed_client_says_so(timify: TimifyCustomers, sandbox: Sandbox) -> None:
    """Every call on a closed client is a clear error."""
    await timify.aclose()
    for call in (
        timify.customers.get("5"),
        timify.fields.list(),
        timify.customers.list().pages().__anext__(),
    ):
        with pytest.raises(ClientStateError, match="closed"):
            await call
    assert not sandbox.requests


async def test_wrong_credentials_are_an_authentication_error(sandbox: Sandbox) -> None:
    """A refused app id or secret is named as such, once, and no call is sent."""
    transport = httpx.ASGITransport(app=sandbox.app)
    async with TimifyCustomers(
        "app", "wrong", base_url="http://127.0.0.1", transport=transport
    ) as timify:
        with pytest.raises(AuthenticationError, match="create_token"):
            await timify.customers.get("5")
    assert [request.operation for request in sandbox.requests] == ["create_token"]


async def test_an_import_that_stops_says_how_far_it_came(
    timify: TimifyCustomers, sandbox: Sandbox
) -> None:
    """When a token is no longer good, the report tells what was accepted, and the rows that were
    not are named.
    """
    await timify.customers.import_many([{"key": "0", "firstName": "x"}], key="key")

    def rows() -> Iterator[dict[str, str]]:
        for number in range(9):
            if number == 2:
                sandbox.tokens._credentials = ("another", "app")
                sandbox.tokens.revoke()
            yield {"key": str(number), "firstName": "x"}

    with pytest.raises(ImportInterruptedError, match="rows 3 to 4, after 2 accepted") as caught:
        await timify.customers.import_many(rows(), key="key", chunk_size=2, concurrency=1)
    assert caught.value.report.accepted == 2
    assert caught.value.pending == (3, 4)
    assert caught.value.__cause__ is not None


async def test_rows_of_any_kind_are_reported_not_raised(
    timify: TimifyCustomers, sandbox: Sandbox
) -> None:
    """A row that is no mapping, has another key type or an id of another type is invalid, and the
    rest goes on.
    """
    rows: list[Any] = [
        None,
        5,
        {"key": 7},
        {},
        {"key": "a", "id": 5},
        {"key": "b", None: ["extra"]},
        {"key": "c"},
    ]
    rows += [{"key": "d", "externalId": value} for value in ("import", "..", " ", 5)]
    report = await timify.customers.import_many(rows, key="key")
    assert report.accepted == 1
    assert sorted({it.number for it in report.problems}) == [1, 2, 3, 4, 5, 6, 8, 9, 10, 11]
    assert report.invalid == 10
    assert len(sandbox.company().customers) == 1
