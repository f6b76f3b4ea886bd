"""Add custom field: `POST /v1/customers/customfields`."""

from __future__ import annotations

from ... import errors
from ... import models as _m
from ... import types as _t
from ...client import Client

OPERATION = "create_customfield"


def build_request(*, body: _m.CustomfieldCreate, company_id: str | None = None) -> _t.Request:
    """Make the request without sending it. A wrong argument is a TypeError or a ValueError."""
    return _t.Request(
        OPERATION,
        "POST",
        "/v1/customers/customfields",
        headers=_t.headers({"company-id": company_id}),
        json=_t.body(_t.model(lambda: _m.CustomfieldCreate), body),
    )


def parse(status: int, data: object) -> _m.CustomfieldEnvelope | _m.Failure:
    """Read the decoded JSON of an answer with this status.

    Raises DecodeError when it is not what the document says, UnexpectedStatus when the document knows no such status.
    """
    if status in {200, 201}:
        return _t.answer(_t.model(lambda: _m.CustomfieldEnvelope), data)
    if status in {400, 401, 403, 404, 409, 422, 429, 500, 502, 503, 504}:
        return _t.answer(_t.model(lambda: _m.Failure), data)
    raise errors.UnexpectedStatus(status, data)


async def asyncio_detailed(
    *, client: Client, body: _m.CustomfieldCreate, company_id: str | None = None
) -> _t.Response[_m.CustomfieldEnvelope | _m.Failure]:
    """Do what `asyncio` does, and give the answer with its status and headers."""
    return await client.call(build_request(body=body, company_id=company_id), parse)


async def asyncio(
    *, client: Client, body: _m.CustomfieldCreate, company_id: str | None = None
) -> _m.CustomfieldEnvelope | _m.Failure:
    """Add custom field.

    All new custom fields are available to all customers.

    Raises:
        TypeError, ValueError: An argument is wrong; nothing was sent.
        DecodeError: The answer is not what the document says, as a whole.
        InvalidBody: The answer is not JSON.
        UnexpectedStatus: The document knows no answer with this status.
        httpx.HTTPError: There was no answer.
    """
    answer = await client.call(build_request(body=body, company_id=company_id), parse)
    return answer.parsed
