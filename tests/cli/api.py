"""The sandbox that the command line talks to, what a test does to it, and what a user reads of an
answer.
"""

from __future__ import annotations

import asyncio
import json
import re
import threading
from collections.abc import Callable
from typing import Any

from support.operations import columns_of
from timify_customers.sandbox import Sandbox

PHONE = '{"phone":"+442079460958","country":"GB","prefix":"44","number":"2079460958"}'


def cursor_of(text: str) -> str:
    """The cursor that the command line says to go on with."""
    found = re.search(r"--cursor (\S+)", text)
    assert found, text
    return found[1]


class Api:
    """A sandbox behind a socket, whose answers a test can hold up or refuse; each test has a new
    one.

    Attributes:
        before: called with method, path and query of each request; gives a status to refuse it
            with, or None.
        stall: requests whose method, path and query contain this get no answer while it says so;
            ``stalled`` is set by the first.
    """

    def __init__(self) -> None:
        self.reset()

    def reset(self, **options: Any) -> None:
        self.sandbox = Sandbox(**options)
        self.company = self.sandbox.company()
        self.before: Callable[[str], int | None] = lambda _: None
        self.stall = ""
        self.stalled = threading.Event()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        what = f"{scope['method']} {scope['path']}?{scope['query_string'].decode()}"
        stalled = self.stalled  # of this test: a request that an earlier one left must not set ours
        for _ in range(600):
            if not self.stall or self.stall not in what or self.stalled is not stalled:
                break
            stalled.set()
            await asyncio.sleep(0.05)
        if (status := self.before(what)) is None:
            await self.sandbox.app(scope, receive, send)
            return
        headers = [(b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send(
            {
                "type": "http.response.body",
                "body": json.dumps({"status": 0, "message": "not now"}).encode(),
            }
        )

    def field(self, default_id: str) -> str:
        return self.company.default_field(default_id).id

    def people(self, count: int, **values: str) -> list[str]:
        """Add customers with the keys crm-0000, crm-0001, ...; gives their ids."""
        made = [
            self.company.create(
                {
                    self.field("firstName"): f"Ada {number:04d}",
                    **{self.field(key): it for key, it in values.items()},
                },
                external_id=f"crm-{number:04d}",
            )
            for number in range(count)
        ]
        return [it.id for it in made]

    def imports(self) -> list[list[dict[str, Any]]]:
        """The rows of each import request."""
        return [
            [columns_of(row) for row in it.json["customers"]]
            for it in list(self.sandbox.requests)
            if it.path.endswith("/import")
        ]

    def state(self) -> dict[str, tuple[object, ...]]:
        """All that the company holds of its customers, but for the time of the last change."""
        return {
            key: (it.values, it.external_id, it.created_at)
            for key, it in self.company.customers.items()
        }
