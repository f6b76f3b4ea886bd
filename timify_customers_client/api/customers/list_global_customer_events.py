"""List global customer events: `GET /v1/customers/global/{customer_id}/events`."""

from __future__ import annotations

from ... import errors
from ... import models as _m
from ... import types as _t
from ...client import Client

OPERATION = "list_global_customer_events"


def build_request(
    customer_id: str, *, page: int | None = None, limit: int | None = None, company_id: str | None = None
) -> _t.Request:
    """Make the request without sending it. A wrong argument is a TypeError or a ValueError."""
    return _t.Request(
        OPERATION,
        "GET",
        f"/v1/customers/global/{_t.segment('customer_id', customer_id)}/events",
        params=_t.params({"page": page, "limit": limit}),
        headers=_t.headers({"company-id": company_id}),
    )


def parse(status: int, data: object) -> _m.EventList | _m.Failure:
    """Read the decoded JSON of an answer with this status.

    Raises DecodeError when it is not what the document says, UnexpectedStatus when the document knows no such status.
    """
    if status == 200:
        return _t.answer(_t.model(lambda: _m.EventList), data)
    if status in {400, 401, 403, 404, 409, 422, 429, 500, 502, 503, 504}:
        return _t.answer(_t.model(lambda: _m.Failure), data)
    raise errors.UnexpectedStatus(status, data)


async def asyncio_detailed(
    customer_id: str,
    *,
    client: Client,
    page: int | None = None,
    limit: int | None = None,
    company_id: str | None = None,
) -> _t.Response[_m.EventList | _m.Failure]:
    """Do what `asyncio` does, and give the answer with its status and headers."""
    return await client.call(build_request(customer_id, page=page, limit=limit, company_id=company_id), parse)


async def asyncio(
    customer_id: str,
    *,
    client: Client,
    page: int | None = None,
    limit: int | None = None,
    company_id: str | None = None,
) -> _m.EventList | _m.Failure:
    """List global customer events.

    List global customer events

    Raises:
        TypeError, ValueError: An argument is wrong; nothing was sent.
        DecodeError: The answer is not what the document says, as a whole.
        InvalidBody: The answer is not JSON.
        UnexpectedStatus: The document knows no answer with this status.
        httpx.HTTPError: There was no answer.
    """
    answer = await client.call(build_request(customer_id, page=page, limit=limit, company_id=company_id), parse)
    return answer.parsed
