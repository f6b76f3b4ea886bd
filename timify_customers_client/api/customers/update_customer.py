"""Update customer: `PATCH /v1/customers/{customer_id}`."""

from __future__ import annotations

from ... import errors
from ... import models as _m
from ... import types as _t
from ...client import Client

OPERATION = "update_customer"


def build_request(
    customer_id: str,
    *,
    body: _m.CustomerUpdate,
    external: _m.ExternalFlag | int | None = None,
    company_id: str | None = None,
) -> _t.Request:
    """Make the request without sending it. A wrong argument is a TypeError or a ValueError."""
    return _t.Request(
        OPERATION,
        "PATCH",
        f"/v1/customers/{_t.segment('customer_id', customer_id)}",
        params=_t.params({"external": external}),
        headers=_t.headers({"company-id": company_id}),
        json=_t.body(_t.model(lambda: _m.CustomerUpdate), body),
    )


def parse(status: int, data: object) -> _m.CustomerEnvelope | _m.Failure:
    """Read the decoded JSON of an answer with this status.

    Raises DecodeError when it is not what the document says, UnexpectedStatus when the document knows no such status.
    """
    if status == 200:
        return _t.answer(_t.model(lambda: _m.CustomerEnvelope), data)
    if status in {400, 401, 403, 404, 409, 422, 429, 500, 502, 503, 504}:
        return _t.answer(_t.model(lambda: _m.Failure), data)
    raise errors.UnexpectedStatus(status, data)


async def asyncio_detailed(
    customer_id: str,
    *,
    client: Client,
    body: _m.CustomerUpdate,
    external: _m.ExternalFlag | int | None = None,
    company_id: str | None = None,
) -> _t.Response[_m.CustomerEnvelope | _m.Failure]:
    """Do what `asyncio` does, and give the answer with its status and headers."""
    return await client.call(build_request(customer_id, body=body, external=external, company_id=company_id), parse)


async def asyncio(
    customer_id: str,
    *,
    client: Client,
    body: _m.CustomerUpdate,
    external: _m.ExternalFlag | int | None = None,
    company_id: str | None = None,
) -> _m.CustomerEnvelope | _m.Failure:
    """Update customer.

    Update the data of a customer. Customer data is created and updated with the "customfield" attribute. Every
    data attribute of a customer is a custom field, for example firstName, lastName, email etc.

    The URL parameter "customerId" can be used in two ways:

    - As a unique ID of the customer assigned by TIMIFY ("customerId"). In this case, you don't need the QUERY
      parameter "external"
    - use the "externalId" that you added to this customer. In this case, you need to add the parameter "external"
      ( for ex.: /?external=1) the API will search by your "externalId" and not by "customerId" assigned by TIMIFY

    You can add "externalId" to the customer with the Developer API endpoints POST /customers and PATCH
    /customers/:customerId

    You can use the endpoint GET /customers/customfields to retrieve all available custom fields for the selected
    company. To create a new custom field you can use the endpoint POST /customers/customfields

    Args:
        external: With 1 the customer is looked up by its externalId and not by the id that TIMIFY assigned.

    Raises:
        TypeError, ValueError: An argument is wrong; nothing was sent.
        DecodeError: The answer is not what the document says, as a whole.
        InvalidBody: The answer is not JSON.
        UnexpectedStatus: The document knows no answer with this status.
        httpx.HTTPError: There was no answer.
    """
    answer = await client.call(build_request(customer_id, body=body, external=external, company_id=company_id), parse)
    return answer.parsed
