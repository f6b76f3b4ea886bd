"""What type checkers say of the generated models. Read by mypy and pyright, never run."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from typing import Any, assert_type

from timify_customers_client import api, models
from timify_customers_client.client import Client
from timify_customers_client.types import Request


def reading(customer: models.Customer, page: models.CustomerList) -> None:
    """Properties have the document's types; optional ones may be None, enums are open."""
    assert_type(customer.id, str)
    assert_type(customer.full_name, str | None)
    assert_type(customer.ts, int | str | None)
    assert_type(customer.created_at, datetime.datetime | None)
    assert_type(customer.phone, models.CustomerPhone | None)
    assert_type(page.data, Sequence[models.Customer])
    assert_type(customer.raw, Mapping[str, Any])
    assert_type(customer.to_dict(), dict[str, Any])
    customer.id = "x"  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue]
    customer.nickname  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue]  # noqa: B018


def building() -> None:
    """The constructor takes keywords of the right types, and wants those that are required."""
    entry = models.CustomfieldValue(id="5", value="x")
    models.CustomerCreate(customfields=[entry], external_id="crm-1")
    models.CustomerCreate(external_id="crm-1")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    models.CustomerCreate([entry])  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    models.CustomerCreate(customfields=[entry], name="x")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    models.CustomfieldValue(id=5, value="x")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


async def calling(client: Client) -> None:
    """An operation gives its envelope or the documented failure."""
    assert_type(api.customers.get_customer.build_request("5", external=1), Request)
    answer = await api.customers.get_customer.asyncio("5", client=client)
    assert_type(answer, models.CustomerEnvelope | models.Failure)
    await api.customers.get_customer.asyncio(5, client=client)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
