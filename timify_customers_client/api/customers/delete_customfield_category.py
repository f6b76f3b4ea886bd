"""Delete custom field category: `DELETE /v1/customers/customfields/categories/{category_id}`."""

from __future__ import annotations

from ... import errors
from ... import models as _m
from ... import types as _t
from ...client import Client

OPERATION = "delete_customfield_category"


def build_request(category_id: str, *, company_id: str | None = None) -> _t.Request:
    """Make the request without sending it. A wrong argument is a TypeError or a ValueError."""
    return _t.Request(
        OPERATION,
        "DELETE",
        f"/v1/customers/customfields/categories/{_t.segment('category_id', category_id)}",
        headers=_t.headers({"company-id": company_id}),
    )


def parse(status: int, data: object) -> _m.DeleteAnswer | None | _m.Failure:
    """Read the decoded JSON of an answer with this status.

    Raises DecodeError when it is not what the document says, UnexpectedStatus when the document knows no such status.
    """
    if status == 200:
        return _t.answer(_t.model(lambda: _m.DeleteAnswer), data)
    if status == 204:
        return None
    if status in {400, 401, 403, 404, 409, 422, 429, 500, 502, 503, 504}:
        return _t.answer(_t.model(lambda: _m.Failure), data)
    raise errors.UnexpectedStatus(status, data)


async def asyncio_detailed(
    category_id: str, *, client: Client, company_id: str | None = None
) -> _t.Response[_m.DeleteAnswer | None | _m.Failure]:
    """Do what `asyncio` does, and give the answer with its status and headers."""
    return await client.call(build_request(category_id, company_id=company_id), parse)


async def asyncio(
    category_id: str, *, client: Client, company_id: str | None = None
) -> _m.DeleteAnswer | None | _m.Failure:
    """Delete custom field category.

    Delete a custom field category.

    Raises:
        TypeError, ValueError: An argument is wrong; nothing was sent.
        DecodeError: The answer is not what the document says, as a whole.
        InvalidBody: The answer is not JSON.
        UnexpectedStatus: The document knows no answer with this status.
        httpx.HTTPError: There was no answer.
    """
    answer = await client.call(build_request(category_id, company_id=company_id), parse)
    return answer.parsed
