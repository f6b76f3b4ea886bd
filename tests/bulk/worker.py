"""One run of an import, as a process that is there to be killed: ``worker.py URL CHECKPOINT ROWS
SEED SHARE``.

A share of the requests fails: half of these before they are sent, half after the answer, which is
lost.
"""

from __future__ import annotations

import asyncio
import random
import sys
from collections.abc import Iterator
from typing import Any

import httpx
from timify_customers import TimifyCustomers
from timify_customers.sandbox import Sandbox


def rows(count: int) -> Iterator[dict[str, str]]:
    """Yield rows of which each can be told from the others by each of its values."""
    for number in range(count):
        yield {
            "crm": f"crm-{number}",
            "externalId": f"x-{number}",
            "firstName": f"Ada {number}",
            "notes": f"n {number}",
        }


class Faulty(httpx.AsyncHTTPTransport):
    """Loses requests and answers."""

    def __init__(self, seed: int, share: float) -> None:
        super().__init__()
        self._luck, self._share = random.Random(seed), share

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        luck = self._luck.random() / (self._share or 1e-9)
        if luck < 0.5:
            raise httpx.ConnectError("lost on the way")
        response = await super().handle_async_request(request)
        if luck < 1.0:
            await response.aread()
            await response.aclose()
            raise httpx.ReadError("lost on the way back")
        return response


async def main(url: str, checkpoint: str, count: int, seed: int, share: float) -> None:
    options: dict[str, Any] = {"base_url": url, "transport": Faulty(seed, share), "retries": 9}
    async with TimifyCustomers(
        Sandbox().app_id, Sandbox().app_secret, Sandbox().company_id, **options
    ) as timify:
        imports = timify.customers.import_many(
            rows(count),
            key="crm",
            chunk_size=100,
            checkpoint=checkpoint,
            progress=lambda report: print(report.rows, flush=True),  # noqa: T201 - who kills it reads along
        )
        report = await imports
        print(  # noqa: T201
            f"accepted {report.accepted} resumed {report.resumed} unknown {report.unknown}",
            flush=True,
        )


if __name__ == "__main__":
    asyncio.run(
        main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), float(sys.argv[5]))
    )
