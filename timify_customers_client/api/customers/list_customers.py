"""List customers: `GET /v1/customers`."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import TypedDict

from ... import errors
from ... import models as _m
from ... import types as _t
from ...client import Client

OPERATION = "list_customers"
# What separates the entries of each list in the query; with "&" each entry is a parameter of its own.
SEPARATORS: dict[str, str] = {"ids": ",", "external_ids": ",", "tag_ids": ",", "fields": ","}


class Filters(TypedDict, total=False):
    """What the list can be narrowed by. A text may be a date or datetime, which is written as a date."""

    ids: Sequence[str]

    external_ids: Sequence[str]

    tag_ids: Sequence[str]

    fields: Sequence[str]

    q: str | datetime.date

    first_name_letter: str | datetime.date

    last_name_letter: str | datetime.date

    booker_id: str | datetime.date

    updated_since: str | datetime.date

    sort: str | datetime.date

    sort_type: str | datetime.date


def build_request(
    *,
    page: int | None = None,
    limit: int | None = None,
    ids: Sequence[str] | None = None,
    external_ids: Sequence[str] | None = None,
    tag_ids: Sequence[str] | None = None,
    fields: Sequence[str] | None = None,
    q: str | None = None,
    first_name_letter: str | None = None,
    last_name_letter: str | None = None,
    booker_id: str | None = None,
    updated_since: str | None = None,
    sort: str | None = None,
    sort_type: str | None = None,
    company_id: str | None = None,
) -> _t.Request:
    """Make the request without sending it. A wrong argument is a TypeError or a ValueError."""
    return _t.Request(
        OPERATION,
        "GET",
        "/v1/customers",
        params=_t.params(
            {
                "page": page,
                "limit": limit,
                "ids": _t.listed("ids", ids, SEPARATORS["ids"]),
                "external_ids": _t.listed("external_ids", external_ids, SEPARATORS["external_ids"]),
                "tag_ids": _t.listed("tag_ids", tag_ids, SEPARATORS["tag_ids"]),
                "fields": _t.listed("fields", fields, SEPARATORS["fields"]),
                "q": q,
                "first_name_letter": first_name_letter,
                "last_name_letter": last_name_letter,
                "booker_id": booker_id,
                "updated_since": updated_since,
                "sort": sort,
                "sort_type": sort_type,
            }
        ),
        headers=_t.headers({"company-id": company_id}),
    )


def parse(status: int, data: object) -> _m.CustomerList | _m.Failure:
    """Read the decoded JSON of an answer with this status.

    Raises DecodeError when it is not what the document says, UnexpectedStatus when the document knows no such status.
    """
    if status == 200:
        return _t.answer(_t.model(lambda: _m.CustomerList), data)
    if status in {400, 401, 403, 404, 409, 422, 429, 500, 502, 503, 504}:
        return _t.answer(_t.model(lambda: _m.Failure), data)
    raise errors.UnexpectedStatus(status, data)


async def asyncio_detailed(
    *,
    client: Client,
    page: int | None = None,
    limit: int | None = None,
    ids: Sequence[str] | None = None,
    external_ids: Sequence[str] | None = None,
    tag_ids: Sequence[str] | None = None,
    fields: Sequence[str] | None = None,
    q: str | None = None,
    first_name_letter: str | None = None,
    last_name_letter: str | None = None,
    booker_id: str | None = None,
    updated_since: str | None = None,
    sort: str | None = None,
    sort_type: str | None = None,
    company_id: str | None = None,
) -> _t.Response[_m.CustomerList | _m.Failure]:
    """Do what `asyncio` does, and give the answer with its status and headers."""
    return await client.call(
        build_request(
            page=page,
            limit=limit,
            ids=ids,
            external_ids=external_ids,
            tag_ids=tag_ids,
            fields=fields,
            q=q,
            first_name_letter=first_name_letter,
            last_name_letter=last_name_letter,
            booker_id=booker_id,
            updated_since=updated_since,
            sort=sort,
            sort_type=sort_type,
            company_id=company_id,
        ),
        parse,
    )


async def asyncio(
    *,
    client: Client,
    page: int | None = None,
    limit: int | None = None,
    ids: Sequence[str] | None = None,
    external_ids: Sequence[str] | None = None,
    tag_ids: Sequence[str] | None = None,
    fields: Sequence[str] | None = None,
    q: str | None = None,
    first_name_letter: str | None = None,
    last_name_letter: str | None = None,
    booker_id: str | None = None,
    updated_since: str | None = None,
    sort: str | None = None,
    sort_type: str | None = None,
    company_id: str | None = None,
) -> _m.CustomerList | _m.Failure:
    """List customers.

    List all customers

    Raises:
        TypeError, ValueError: An argument is wrong; nothing was sent.
        DecodeError: The answer is not what the document says, as a whole.
        InvalidBody: The answer is not JSON.
        UnexpectedStatus: The document knows no answer with this status.
        httpx.HTTPError: There was no answer.
    """
    answer = await client.call(
        build_request(
            page=page,
            limit=limit,
            ids=ids,
            external_ids=external_ids,
            tag_ids=tag_ids,
            fields=fields,
            q=q,
            first_name_letter=first_name_letter,
            last_name_letter=last_name_letter,
            booker_id=booker_id,
            updated_since=updated_since,
            sort=sort,
            sort_type=sort_type,
            company_id=company_id,
        ),
        parse,
    )
    return answer.parsed
