"""An API in process that answers imports as a test says, and keeps the rows that it took."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

import httpx
from attrs import define, field
from support.operations import columns_of
from timify_customers import TimifyCustomers

Answer = Callable[[list[dict[str, Any]]], Any]
"""Takes the rows of a request; returns a JSON body or a response, or raises for the transport."""


def plain(_: list[dict[str, Any]]) -> Any:
    return {"status": 1}


@define(eq=False)
class Api(httpx.AsyncBaseTransport):
    """Keeps rows by key when it answers an import well.

    ``turns``: how often the loop turns before an answer.
    """

    answer: Answer = plain
    turns: int = 0
    requests: list[list[dict[str, Any]]] = field(factory=list)
    kept: dict[str, dict[str, Any]] = field(factory=dict)
    under_way: int = 0
    most: int = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        try:
            for _ in range(self.turns):
                await asyncio.sleep(0)
            return self._respond(request)
        finally:
            self.under_way -= 1

    def _respond(self, request: httpx.Request) -> httpx.Response:
        if request.url.path == "/v1/customers/customfields":
            fields = [
                {"id": f"f-{name}", "defaultId": name, "type": kind, "label": ""}
                for name, kind in {
                    "firstName": "TEXT",
                    "email": "EMAIL",
                    "birthday": "DATE",
                }.items()
            ]
            return httpx.Response(200, json={"data": fields, "total": 3, "status": 1})
        if request.url.path == "/v1/customers":
            page = [] if request.url.params["page"] != "1" else [*map(shown, self.kept.values())]
            return httpx.Response(200, json={"data": page, "total": len(self.kept), "status": 1})
        rows = [columns_of(row) for row in json.loads(request.content)["customers"]]
        self.requests.append(rows)
        answer = self.answer(rows)
        if not isinstance(answer, httpx.Response):
            answer = httpx.Response(200, json=answer)
        if answer.status_code < 300:
            self.kept.update(
                {row.get("importCustomerId", f"#{len(self.kept)}"): row for row in rows}
            )
        return answer

    @property
    def sent(self) -> list[str]:
        """The keys of all rows that were sent, in order."""
        return [row["importCustomerId"] for rows in self.requests for row in rows]


def shown(row: dict[str, Any]) -> dict[str, Any]:
    """Return the customer that a row made."""
    return {
        "id": row.get("id") or row.get("importCustomerId", "").encode().hex().rjust(24, "5"),
        "externalId": row.get("externalId", ""),
        "fields": row.get("customfields", []),
    }


def client(api: httpx.AsyncBaseTransport, **options: Any) -> TimifyCustomers:
    return TimifyCustomers(access_token="x", base_url="http://127.0.0.1", transport=api, **options)


def keyed(count: int, first: int = 0) -> Iterator[dict[str, str]]:
    """Return rows with no more than a key."""
    return ({"key": f"k{number}"} for number in range(first, first + count))


def refuse(*bad: str, status: int = 422) -> Answer:
    """Refuse every request that holds one of these keys, without a word about rows."""

    def answer(rows: list[dict[str, Any]]) -> Any:
        if {row["importCustomerId"] for row in rows} & {*bad}:
            return httpx.Response(status, json={"status": 0, "message": "no"})
        return {"status": 1}

    return answer


@contextmanager
def no_waiting() -> Iterator[None]:
    """Retry at once."""
    with mock.patch("timify_customers._calls.retry.BACKOFF_BASE", 0.0):
        yield
