"""Create customer: `POST /v1/customers`."""

from __future__ import annotations

from ... import errors
from ... import models as _m
from ... import types as _t
from ...client import Client

OPERATION = "create_customer"


def build_request(*, body: _m.CustomerCreate, company_id: str | None = None) -> _t.Request:
    """Make the request without sending it. A wrong argument is a TypeError or a ValueError."""
    return _t.Request(
        OPERATION,
        "POST",
        "/v1/customers",
        headers=_t.headers({"company-id": company_id}),
        json=_t.body(_t.model(lambda: _m.CustomerCreate), body),
    )


def parse(status: int, data: object) -> _m.CustomerEnvelope | _m.Failure:
    """Read the decoded JSON of an answer with this status.

    Raises DecodeError when it is not what the document says, UnexpectedStatus when the document knows no such status.
    """
    if status in {200, 201}:
        return _t.answer(_t.model(lambda: _m.CustomerEnvelope), data)
    if status in {400, 401, 403, 404, 409, 422, 429, 500, 502, 503, 504}:
        return _t.answer(_t.model(lambda: _m.Failure), data)
    raise errors.UnexpectedStatus(status, data)


async def asyncio_detailed(
    *, client: Client, body: _m.CustomerCreate, company_id: str | None = None
) -> _t.Response[_m.CustomerEnvelope | _m.Failure]:
    """Do what `asyncio` does, and give the answer with its status and headers."""
    return await client.call(build_request(body=body, company_id=company_id), parse)


async def asyncio(
    *, client: Client, body: _m.CustomerCreate, company_id: str | None = None
) -> _m.CustomerEnvelope | _m.Failure:
    """Create customer.

    The customer data must be added through the payload attribute "customfields". Each kind of data associated with a
    customer is a custom filed. For example: firstName, lastName, email etc. You can use the endpoint GET
    /customers/customfields to retrieve all available custom fields for the selected company. To create a new custom
    field you can use the endpoint POST customers/customfields

    Raises:
        TypeError, ValueError: An argument is wrong; nothing was sent.
        DecodeError: The answer is not what the document says, as a whole.
        InvalidBody: The answer is not JSON.
        UnexpectedStatus: The document knows no answer with this status.
        httpx.HTTPError: There was no answer.
    """
    answer = await client.call(build_request(body=body, company_id=company_id), parse)
    return answer.parsed
