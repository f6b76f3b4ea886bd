"""Runs an import in processes that are killed at random moments, and checks what came of it."""

from __future__ import annotations

import asyncio
import random
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

from attrs import frozen
from bulk.worker import rows
from support.operations import columns_of
from timify_customers import TimifyCustomers
from timify_customers.sandbox import Sandbox

WORKER = Path(__file__).with_name("worker.py")


@frozen
class Story:
    """What the runs did: the rows of each killed one, what the last one said, and how often each
    key was sent.
    """

    killed: list[int]
    last: str
    sent: Counter[str]


def crash(
    url: str,
    sandbox: Sandbox,
    folder: Path,
    count: int,
    *,
    kills: int,
    seed: int,
    share: float = 0.1,
) -> Story:
    """Import so many rows with a share of faults; kill -9 so many runs, each after a random share
    of what is left.
    """
    luck = random.Random(seed)
    checkpoint = folder / "import.sqlite"
    killed: list[int] = []
    for number in range(kills + 1):
        arguments = [
            sys.executable,
            "-P",
            str(WORKER),
            url,
            str(checkpoint),
            str(count),
            str(seed + number),
            str(share),
        ]
        with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            if number < kills:
                enough = max(killed, default=0) + luck.randint(0, count // (kills + 1))
                seen = next((int(line) for line in process.stdout if int(line) >= enough), 0)
                time.sleep(luck.random() * 0.02)
                process.kill()
                killed.append(seen)
            else:
                last = process.stdout.read().splitlines()[-1]
        assert process.returncode == (-9 if number < kills else 0)
    return Story(killed, last, _sent(sandbox))


def _sent(sandbox: Sandbox) -> Counter[str]:
    return Counter(
        columns_of(row)["importCustomerId"]
        for request in list(sandbox.requests)
        if request.operation == "import_customers"
        for row in request.json["customers"]
    )


async def customers(url: str, sandbox: Sandbox) -> list[Any]:
    """Read all customers back through the client."""
    async with TimifyCustomers(
        sandbox.app_id, sandbox.app_secret, sandbox.company_id, base_url=url
    ) as timify:
        return [customer async for customer in timify.customers.list(page_size=2000)]


def check(url: str, sandbox: Sandbox, story: Story, count: int) -> None:
    """Nothing lost, nothing doubled, nothing mixed up, and nothing settled sent again."""
    stored = asyncio.run(customers(url, sandbox))
    assert Counter(customer.external_id for customer in stored) == Counter(
        row["externalId"] for row in rows(count)
    )
    for customer in stored:
        number = customer.external_id.removeprefix("x-")
        values = {field.default_id: field.value for field in customer.fields or []}
        assert (values["firstName"], values["notes"]) == (f"Ada {number}", f"n {number}")
    assert story.last.startswith(f"accepted {count} ")
    assert story.last.endswith("unknown 0")
