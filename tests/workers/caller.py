"""One process of an app, for tests: ``caller.py REDIS API COMPANY CALLS LIMIT PER``.

It waits for a line on stdin, makes its calls side by side, and prints how many were answered. A
limit of ``-`` is none.
"""

from __future__ import annotations

import asyncio
import sys
from typing import Any

from timify_customers import TimifyCustomers
from timify_customers.sandbox import Sandbox
from timify_customers.workers import SharedLimit, SharedToken

WARM = 4
"""Calls that a process with a limit makes before it says that it is ready."""


def say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


async def main(redis: str, api: str, company: str, *, calls: int, limit: str, per: Any) -> None:
    app = Sandbox()
    token = SharedToken(redis, app.app_id, app.app_secret, base_url=api)
    shared = None if limit == "-" else SharedLimit(redis, limit, per=per)
    async with TimifyCustomers(
        access_token=token, base_url=api, company_id=company, limit=shared, max_connections=4
    ) as timify:
        if shared is not None:  # connections that are open already send what is counted at once
            await asyncio.gather(*(timify.fields.list() for _ in range(WARM)))
        say("ready")
        await asyncio.to_thread(sys.stdin.readline)
        answers = await asyncio.gather(*(timify.fields.list() for _ in range(calls)))
    if shared is not None:
        await shared.aclose()
    say(str(len(answers)))


if __name__ == "__main__":
    _, *places, calls, limit, per = sys.argv
    asyncio.run(main(*places, calls=int(calls), limit=limit, per=per))
