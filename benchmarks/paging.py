"""How long reading a long list holds the event loop, and what reading it costs in all.

A server of invented customers, in the shape that was observed, runs in a process of its own and has
each page ready.

The longest hold: while a contender reads the list, a task looks at the clock in every turn of the
event loop; the longest time between two looks is what everything else in the program would have
waited. It is divided by the median time of `json.loads` for a page of the same size. It is CPU
time, so that what else the machine does counts less; a single longest hold still says most on a
quiet machine. The garbage collector stays on, but what the program held before is frozen
(`gc.freeze`): how long a full collection of that takes is up to the program. Contenders: the pager
with its default page of 500 rows; the endpoint function of the generated package, asked for all at
once; and the stock output of the same generator from the same document, asked as it asks when it is
not told otherwise. Without `limit`, the API gives 10,000 rows (documented on sibling lists).

All of it: the CPU time of the pager, as a multiple of httpx fetching the same pages one after the
other and `json.loads` of each.
"""

import argparse
import asyncio
import gc
import importlib
import json
import multiprocessing
import statistics
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
from timify_customers import TimifyCustomers
from timify_customers_client import Client
from timify_customers_client.api.customers import list_customers

sys.path.append(str(Path(__file__).parent))
decode = importlib.import_module("decode")  # the same customers, the same stock client
results = importlib.import_module("results")

STOCK_LIMIT = 10_000
HOLD_BAR, TOTAL_BAR = 2.0, 1.10
HOLD, TOTAL = "longest hold", "all pages"
PLAIN = "httpx and json.loads"

Read = Callable[[str, "Watch"], Coroutine[Any, Any, int]]


def body(total: int, first: int, last: int) -> bytes:
    """Invent a page of the customers from `first` up to `last`."""
    rows = [decode.customer(number) for number in range(first, min(last, total))]
    return json.dumps({"total": total, "data": rows, "status": 1}, separators=(",", ":")).encode()


# The server.


def serve(total: int, size: int, ready: Any) -> None:
    """Answer with pages of the list until the process is ended."""
    pages = {
        number: body(total, (number - 1) * size, number * size)
        for number in range(1, total // size + 2)
    }
    pages[0] = body(total, 0, STOCK_LIMIT)

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while head := await _head(reader):
            query = parse_qs(urlsplit(head.split(" ")[1]).query)
            content = pages[int(query["page"][0]) if "limit" in query else 0]
            writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n")
            writer.write(b"content-length: %d\r\n\r\n%s" % (len(content), content))
            await writer.drain()

    async def main() -> None:
        server = await asyncio.start_server(answer, "127.0.0.1", 0)
        ready.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(main())


async def _head(reader: asyncio.StreamReader) -> str:
    try:
        return (await reader.readuntil(b"\r\n\r\n")).decode()
    except (asyncio.IncompleteReadError, ConnectionError):
        return ""


# The contenders; each gives how many customers it read, under the eyes of the watch.


class Watch:
    """Looks at the clock in every turn of the event loop.

    `longest` is the longest time between two looks, in seconds.
    """

    longest = 0.0

    async def __aenter__(self) -> None:
        self._over = False
        self._looking = asyncio.create_task(self._look())
        await asyncio.sleep(0)

    async def __aexit__(self, *_: object) -> None:
        self._over = True
        await self._looking

    async def _look(self) -> None:
        last = time.process_time()
        while not self._over:
            await asyncio.sleep(0)
            now = time.process_time()
            self.longest, last = max(self.longest, now - last), now


async def ours(url: str, watch: Watch) -> int:
    """Read everything with the pager."""
    async with TimifyCustomers(access_token="token", base_url=url) as timify, watch:
        return sum([1 async for customer in timify.customers.list(on_shift="raise") if customer.id])


async def generated(url: str, watch: Watch) -> int:
    """Ask for all that comes without a limit, with the generated endpoint function."""
    client = Client(url, "token")
    client._pool()  # noqa: SLF001 - making the pool takes long, and is no part of reading a list
    async with client, watch:
        answer = await list_customers.asyncio(client=client)
        return sum(1 for customer in getattr(answer, "data", ()) if customer.id)


def stock_read(name: str) -> Read:
    """Give the same for the stock client that was generated under this name."""
    endpoint = importlib.import_module(f"{name}.api.customers.list_customers")
    client_class = importlib.import_module(f"{name}.client").AuthenticatedClient

    async def read(url: str, watch: Watch) -> int:
        async with client_class(base_url=url, token="token") as client, watch:
            answer = await endpoint.asyncio(client=client)
            return sum(1 for customer in answer.data if customer.id)

    return read


# Measuring.


def parsing(size: int) -> float:
    """Give the median time of `json.loads` of a page with so many customers."""
    content, times = body(size, 0, size), []
    for _ in range(7):
        start = time.process_time()
        json.loads(content)
        times.append(time.process_time() - start)
    return statistics.median(times)


async def plain(url: str, size: int) -> int:
    """Fetch the same pages with httpx alone, and decode each."""
    count, page = 0, 1
    async with httpx.AsyncClient(base_url=url, trust_env=False, timeout=60) as client:
        while True:
            answer = await client.get("/v1/customers", params={"page": page, "limit": size})
            rows = json.loads(answer.content)["data"]
            count += sum(1 for row in rows if row["id"])
            if len(rows) < size:
                return count
            page += 1


def holds(
    contenders: dict[str, Read], url: str, total: int, size: int, rounds: int
) -> dict[tuple[str, str], list[float]]:
    """Return the longest hold of each contender, as ratios to a page of its own size."""
    ratios: dict[tuple[str, str], list[float]] = {(HOLD, name): [] for name in contenders}
    for _ in range(rounds):
        small, large = parsing(size), parsing(STOCK_LIMIT)
        for name, read in contenders.items():
            watch = Watch()
            gc.collect()
            gc.freeze()
            count = asyncio.run(read(url, watch))
            gc.unfreeze()
            _check(name, count, total if read is ours else min(total, STOCK_LIMIT))
            ratios[HOLD, name].append(watch.longest / (small if read is ours else large))
    return ratios


def totals(url: str, total: int, size: int, rounds: int) -> dict[tuple[str, str], list[float]]:
    """Return what reading the list takes, as ratios to requests and `json.loads` alone."""
    ratios: dict[tuple[str, str], list[float]] = {(TOTAL, PLAIN): [], (TOTAL, "ours"): []}
    for _ in range(rounds):
        base = _seconds(PLAIN, lambda: plain(url, size), total)
        time_of_ours = _seconds("ours", lambda: all_of_ours(url, size), total)
        ratios[TOTAL, PLAIN].append(1.0)
        ratios[TOTAL, "ours"].append(time_of_ours / base)
    return ratios


async def all_of_ours(url: str, size: int) -> int:
    """Read everything with the pager, which nobody watches."""
    async with TimifyCustomers(access_token="token", base_url=url, page_size=size) as timify:
        return sum([1 async for customer in timify.customers.list(on_shift="raise") if customer.id])


def _seconds(name: str, read: Callable[[], Coroutine[Any, Any, int]], total: int) -> float:
    gc.collect()
    start = time.process_time()
    count = asyncio.run(read())
    seconds = time.process_time() - start
    _check(name, count, total)
    return seconds


def _check(name: str, count: int, expected: int) -> None:
    if count != expected:
        raise SystemExit(f"{name} read {count} customers, not {expected}")


def main() -> int:
    """Measure, and say whether the bars are met; the status is 1 when one is not."""
    options = argparse.ArgumentParser(description="What reading a long list costs.")
    options.add_argument("--customers", type=int, default=100_000, help="in the list")
    options.add_argument("--page-size", type=int, default=500, help="rows on a page of the server")
    options.add_argument("--rounds", type=int, default=10)
    results.add_option(options)
    chosen = options.parse_args()
    total, size = chosen.customers, chosen.page_size
    spawn = multiprocessing.get_context("spawn")
    here, there = spawn.Pipe()
    server = spawn.Process(target=serve, args=(total, size, there), daemon=True)
    server.start()
    with tempfile.TemporaryDirectory() as scratch, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the stock client
        name = decode.stock(Path(scratch)).__name__.partition(".")[0]
        contenders: dict[str, Read] = {
            "ours": ours,
            "generated client": generated,
            "stock client": stock_read(name),
        }
        url = f"http://127.0.0.1:{here.recv()}"
        hold = holds(contenders, url, total, size, chosen.rounds)
        whole = totals(url, total, size, max(1, chosen.rounds // 2))
    server.terminate()
    what = f"Reading {total:,} customers"
    cases = [
        results.Case(
            "paging-hold",
            f"{what}: the longest hold of the event loop",
            "json.loads of one page",
            hold,
            {(HOLD, "ours"): HOLD_BAR},
        ),
        results.Case("paging", f"{what} (CPU time)", PLAIN, whole, {(TOTAL, "ours"): TOTAL_BAR}),
    ]
    status: int = results.publish(cases, chosen.json)
    return status


if __name__ == "__main__":
    sys.exit(main())
