"""Bulk import: rows a second beside other ways to the same end, and the memory that it takes.

Each contender is a process of its own, against a fresh sandbox in another process, one after the
other in every round:

- import: `import_many`, rows by field names, checked and encoded, ``--chunk`` rows a request, four
  at a time
- creates: a plain sequential loop over the generated client, one create for each row, payloads
  ready
- limit: the import's requests, made beforehand, sent as they are by plain httpx, four at a time:
  what is left is the sandbox's own work, and that of httpx

Ratios are made within a round; the table has their medians. On a machine that others use, the
client's CPU time a row says more than the rate of a long run beside that of a short one. Memory is
the highest resident size of the process after the import, above the highest before it, when all
modules were loaded and one small import was made. The sandbox keeps all customers and the last
10,000 requests in memory: a million rows take it several GB.
"""

import argparse
import asyncio
import contextlib
import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import httpx
from timify_customers import TimifyCustomers
from timify_customers_client import api, client, models

WIDTH = 4
BAR_MB, BAR_RATIO = 60.0, 5.0
LIMIT_ROWS = 100_000
"""Rows of the limit at most: its process holds all of them."""


def rows(count: int) -> Iterator[dict[str, str]]:
    """Yield invented customers of eight columns; their phone numbers are kept free for fiction."""
    for number in range(count):
        yield {
            "crm": f"crm-{number}",
            "externalId": f"crm-{number}",
            "firstName": f"Ada {number}",
            "lastName": "Lovelace",
            "email": f"ada{number}@example.com",
            "mobilePhone": f"+44 20 7946 0{number % 1000:03}",
            "birthday": f"18{number % 90 + 10}-12-10",
            "notes": "invented",
        }


@contextlib.contextmanager
def sandbox() -> Iterator[dict[str, str]]:
    """Serve a sandbox in a process of its own; gives the environment of its clients."""
    command = [sys.executable, "-P", "-m", "timify_customers.sandbox", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        process.stdout.readline()
        exports = dict(
            process.stdout.readline().removeprefix("export ").strip().split("=", 1)
            for _ in range(4)
        )
        try:
            yield exports
        finally:
            process.terminate()


def peak() -> float:
    """Give the highest resident size of this process so far, in MB."""
    size = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return size / (1e6 if sys.platform == "darwin" else 1e3)


def clocks() -> tuple[float, float]:
    """Give the time, and the CPU time of this process."""
    return time.perf_counter(), time.process_time()


def since(began: tuple[float, float]) -> tuple[float, float]:
    """Give the seconds that passed, and those of the CPU."""
    seconds, cpu = clocks()
    return seconds - began[0], cpu - began[1]


async def run_import(count: int, chunk: int) -> dict[str, float]:
    """Import the rows."""
    async with TimifyCustomers.from_env() as timify:
        warm = (
            {**row, "crm": f"warm-{row['crm']}", "externalId": ""} for row in rows(chunk * WIDTH)
        )
        await timify.customers.import_many(warm, key="crm", chunk_size=chunk, concurrency=WIDTH)
        before, began = peak(), clocks()
        report = await timify.customers.import_many(
            rows(count), key="crm", chunk_size=chunk, concurrency=WIDTH
        )
        seconds, cpu = since(began)
    if not (report.ok and report.accepted == count):
        raise SystemExit(f"the import went wrong: {report}")
    return {
        "rows": count,
        "seconds": seconds,
        "cpu": cpu,
        "above": peak() - before,
        "before": before,
    }


async def payloads(count: int) -> list[dict[str, Any]]:
    """Make the wire rows of an import, as the import would."""
    sent: list[dict[str, Any]] = []

    def keep(request: httpx.Request) -> httpx.Response:
        sent.extend(json.loads(request.content)["customers"])
        return httpx.Response(200, json={"status": 1})

    async with TimifyCustomers.from_env() as timify:
        definitions = [field.to_dict() for field in await timify.fields.list()]

    def answer(request: httpx.Request) -> httpx.Response:
        fields = {"data": definitions, "total": len(definitions), "status": 1}
        return keep(request) if request.method == "POST" else httpx.Response(200, json=fields)

    offline = httpx.MockTransport(answer)
    async with TimifyCustomers(
        access_token="x", base_url="http://127.0.0.1", transport=offline
    ) as timify:
        await timify.customers.import_many(rows(count), key="crm", concurrency=1)
    return sent


async def token() -> str:
    """Ask the sandbox for a token."""
    async with client.Client(os.environ["TIMIFY_BASE_URL"]) as wire:
        body = models.TokenRequest(
            appid=os.environ["TIMIFY_APP_ID"], appsecret=os.environ["TIMIFY_APP_SECRET"]
        )
        answer = await api.auth.create_token.asyncio(client=wire, body=body)
    return models.Token.from_dict(answer.to_dict()).access_token


async def run_creates(count: int, _: int) -> dict[str, float]:
    """Create the customers one by one."""
    bodies = [
        models.CustomerCreate.from_dict(
            {name: row[name] for name in ("externalId", "customfields")}
        )
        for row in await payloads(count)
    ]
    async with client.Client(os.environ["TIMIFY_BASE_URL"], await token()) as wire:
        began = clocks()
        for body in bodies:
            answer = await api.customers.create_customer.asyncio(client=wire, body=body)
            assert isinstance(answer, models.CustomerEnvelope)
        seconds, cpu = since(began)
        return {"rows": count, "seconds": seconds, "cpu": cpu}


async def run_limit(count: int, chunk: int) -> dict[str, float]:
    """Send the import's requests as they are."""
    ready = await payloads(count)
    bodies = iter(
        [
            json.dumps({"customers": ready[at : at + chunk]}).encode()
            for at in range(0, count, chunk)
        ]
    )
    headers = {"authorization": f"Bearer {await token()}", "content-type": "application/json"}
    async with httpx.AsyncClient(
        base_url=os.environ["TIMIFY_BASE_URL"], headers=headers, timeout=60
    ) as http:

        async def send() -> None:
            for body in bodies:
                (await http.post("/v1/customers/import", content=body)).raise_for_status()

        began = clocks()
        await asyncio.gather(*(send() for _ in range(WIDTH)))
        seconds, cpu = since(began)
        return {"rows": count, "seconds": seconds, "cpu": cpu}


RUNS = {"import": run_import, "creates": run_creates, "limit": run_limit}


def contend(name: str, count: int, chunk: int) -> dict[str, float]:
    """Run a contender in a process of its own, against a sandbox of its own."""
    with sandbox() as exports:
        command = [
            sys.executable,
            "-P",
            __file__,
            "--run",
            name,
            "--rows",
            str(count),
            "--chunk",
            str(chunk),
        ]
        result = subprocess.run(
            command, env=os.environ | exports, stdout=subprocess.PIPE, text=True, check=True
        )
    found: dict[str, float] = json.loads(result.stdout)
    return found


def main() -> int:
    """Measure, and say whether the bars are met; the status is 1 when one is not."""
    options = argparse.ArgumentParser(description="Rows a second and memory of the bulk import.")
    options.add_argument("--rows", type=int, default=20_000, help="of the import and the limit")
    options.add_argument(
        "--creates", type=int, help="rows of the one-by-one loop (default: a tenth)"
    )
    options.add_argument("--chunk", type=int, default=500)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--run", choices=RUNS, help=argparse.SUPPRESS)
    chosen = options.parse_args()
    if chosen.run:
        print(json.dumps(asyncio.run(RUNS[chosen.run](chosen.rows, chosen.chunk))))
        return 0
    counts = {"import": chosen.rows, "creates": chosen.creates or max(100, chosen.rows // 10)}
    counts["limit"] = min(chosen.rows, LIMIT_ROWS)
    rounds = [
        {name: contend(name, counts[name], chosen.chunk) for name in RUNS}
        for _ in range(chosen.rounds)
    ]
    rates = [
        {name: found["rows"] / found["seconds"] for name, found in each.items()} for each in rounds
    ]
    python = platform.python_version()
    print(f"{chosen.rows:,} rows, {chosen.chunk} a request, Python {python}", end=", ")
    print(f"{chosen.rounds} rounds\n")
    for name in RUNS:
        rate = statistics.median(each[name] for each in rates)
        ratio = statistics.median(each["import"] / each[name] for each in rates)
        cpu = statistics.median(each[name]["cpu"] / each[name]["rows"] * 1e6 for each in rounds)
        speed = f"{name:8} {counts[name]:>9,} rows {rate:>9,.0f} rows/s"
        print(f"{speed}   import is {ratio:.2f} times this", end="   ")
        print(f"{cpu:5.0f} µs of the client's CPU a row")
    above = max(each["import"]["above"] for each in rounds)
    ratio = statistics.median(each["import"] / each["creates"] for each in rates)
    before = rounds[0]["import"]["before"]
    print(f"\nmemory: {above:.1f} MB above {before:.1f} MB (bar: at most {BAR_MB:.0f} MB)")
    print(f"import beside creates: {ratio:.1f} times (bar: at least {BAR_RATIO:.0f})")
    return 0 if above <= BAR_MB and ratio >= BAR_RATIO else 1


if __name__ == "__main__":
    sys.exit(main())
