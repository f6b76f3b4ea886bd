"""Bulk import: what a row takes beside other ways to the same end, and the memory of it.

Each contender is a process of its own, against a fresh sandbox in another process, one after the
other in every round:

- ours: `import_many`, rows by field names, checked and encoded, ``--chunk`` rows a request, four at
  a time
- one by one: a plain sequential loop over the generated client, one create for each row, payloads
  ready
- ready requests: the import's requests, made beforehand, sent as they are by plain httpx, four at a
  time: what is left is the sandbox's own work, and that of httpx

What counts is the time that passes for a row. On a machine that others use, the client's CPU time a
row says more than that of a long run beside that of a short one, so it is a case of its own. Memory
is the highest resident size of the process after the import, above the highest before it, when all
modules were loaded and one small import was made. The sandbox keeps all customers and the last
10,000 requests in memory: a million rows take it several GB.
"""

import argparse
import asyncio
import contextlib
import importlib
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
from timify_customers import TimifyCustomers
from timify_customers_client import api, client, models

sys.path.append(str(Path(__file__).parent))
results = importlib.import_module("results")

WIDTH = 4
BAR_MB, BAR = 60.0, 0.2
"""Memory; and the time of a row, of that of a row that is created on its own."""
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
    sent = await payloads(count)
    bodies = [
        models.CustomerCreate(
            customfields=[*map(models.CustomfieldValue.from_dict, row["customfields"])],
            external_id=made["externalId"],
        )
        for row, made in zip(sent, rows(count), strict=True)
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


OURS, CREATES, LIMIT = "ours", "one by one", "ready requests"
RUNS = {OURS: run_import, CREATES: run_creates, LIMIT: run_limit}


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


def ratios(rounds: list[dict[str, dict[str, float]]], what: str) -> dict[Any, list[float]]:
    """Return what a row takes in each round, as ratios to one that is created on its own."""
    found: dict[tuple[str, str], list[float]] = {("a row", name): [] for name in RUNS}
    for each in rounds:
        of_a_row = {name: run[what] / run["rows"] for name, run in each.items()}
        for name, value in of_a_row.items():
            found["a row", name].append(value / of_a_row[CREATES])
    return found


def main() -> int:
    """Measure, and say whether the bars are met; the status is 1 when one is not."""
    options = argparse.ArgumentParser(description="What a row of the bulk import takes.")
    options.add_argument("--rows", type=int, default=20_000, help="of the import and the limit")
    options.add_argument(
        "--creates", type=int, help="rows of the one-by-one loop (default: a tenth)"
    )
    options.add_argument("--chunk", type=int, default=500)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--run", choices=RUNS, help=argparse.SUPPRESS)
    results.add_option(options)
    chosen = options.parse_args()
    if chosen.run:
        print(json.dumps(asyncio.run(RUNS[chosen.run](chosen.rows, chosen.chunk))))
        return 0
    counts = {OURS: chosen.rows, CREATES: chosen.creates or max(100, chosen.rows // 10)}
    counts[LIMIT] = min(chosen.rows, LIMIT_ROWS)
    rounds = [
        {name: contend(name, counts[name], chosen.chunk) for name in RUNS}
        for _ in range(chosen.rounds)
    ]
    title, base = f"Importing {chosen.rows:,} rows", "customers created one by one"
    bar = {("a row", OURS): BAR}
    cases = [
        results.Case("bulk", f"{title} (time that passes)", base, ratios(rounds, "seconds"), bar),
        results.Case("bulk-cpu", f"{title} (the client's CPU time)", base, ratios(rounds, "cpu")),
    ]
    missed: int = results.publish(cases, chosen.json)
    above = max(each[OURS]["above"] for each in rounds)
    print(f"memory: {above:.1f} MB above the client at rest (bar: at most {BAR_MB:.0f} MB)")
    return 1 if missed or above > BAR_MB else 0


if __name__ == "__main__":
    sys.exit(main())
