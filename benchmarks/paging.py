"""How long reading a long list holds the event loop, as multiples of `json.loads` of one page.

A server of invented customers, in the shape that was observed, runs in a process of its own and has
each page ready. While a contender reads the list, a task looks at the clock in every turn of the
event loop: the longest time between two looks is what everything else in the program would have
waited. It is divided by the median time of `json.loads` for a page of the same size; the table
shows the medians of the rounds. It is CPU time, so that what else the machine does counts less; a
single longest hold still says most on a quiet machine. The garbage collector stays on, but what the
program held before is frozen (`gc.freeze`): how long a full collection of that takes is up to the
program.

Contenders: the pager with its default page of 500 rows; the endpoint function of the generated
package, asked for all at once; and the stock output of the same generator from the same document,
asked as it asks when it is not told otherwise. Without `limit`, the API gives 10,000 rows
(documented on sibling lists).
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

from timify_customers import TimifyCustomers
from timify_customers_client import Client
from timify_customers_client.api.customers import list_customers

sys.path.append(str(Path(__file__).parent))
decode = importlib.import_module(
    "decode"
)  # the benchmark beside this one: the same customers, the same stock client

STOCK_LIMIT = 10_000
BAR = 2.0

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


def measure(
    contenders: dict[str, Read], url: str, total: int, size: int, rounds: int
) -> dict[str, list[float]]:
    """Return the ratios of each contender to a page of its own size, one a round.

    Those of "" are the pager's to a stock page.
    """
    ratios: dict[str, list[float]] = {name: [] for name in ("", *contenders)}
    for _ in range(rounds):
        small, large = parsing(size), parsing(STOCK_LIMIT)
        for name, read in contenders.items():
            watch = Watch()
            gc.collect()
            gc.freeze()
            count = asyncio.run(read(url, watch))
            gc.unfreeze()
            expected = total if read is ours else min(total, STOCK_LIMIT)
            if count != expected:
                raise SystemExit(f"{name} read {count} customers, not {expected}")
            ratios[name].append(watch.longest / (small if read is ours else large))
            if read is ours:
                ratios[""].append(watch.longest / large)
    return ratios


def main() -> int:
    """Measure, and say whether the bar is met."""
    options = argparse.ArgumentParser(description="How long reading a list holds the event loop.")
    options.add_argument(
        "--customers", type=int, default=10_000, help="in the list (default: 10,000)"
    )
    options.add_argument("--page-size", type=int, default=500, help="rows on a page of the server")
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--full", action="store_true", help="100,000 customers")
    chosen = options.parse_args()
    total = 100_000 if chosen.full else chosen.customers
    spawn = multiprocessing.get_context("spawn")
    here, there = spawn.Pipe()
    server = spawn.Process(target=serve, args=(total, chosen.page_size, there), daemon=True)
    server.start()
    with tempfile.TemporaryDirectory() as scratch, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the stock client
        name = decode.stock(Path(scratch)).__name__.partition(".")[0]
        contenders: dict[str, Read] = {
            "pager": ours,
            "generated": generated,
            "stock": stock_read(name),
        }
        url = f"http://127.0.0.1:{here.recv()}"
        ratios = measure(contenders, url, total, chosen.page_size, chosen.rounds)
    server.terminate()
    print(f"{total} customers; the longest hold of the event loop", end=", ")
    print(f"medians of {chosen.rounds} rounds (least, most)\n")
    for name, values in ratios.items():
        size = chosen.page_size if name == "pager" else STOCK_LIMIT
        median, least, most = statistics.median(values), min(values), max(values)
        spread = f"{median:6.2f} ({least:.2f}, {most:.2f})"
        print(f"{name or 'pager':10} {spread}  times json.loads of {size} rows")
    ratio = statistics.median(ratios["pager"])
    print(f"\n{'met ' if ratio <= BAR else 'MISSED'}  pager: {ratio:.2f}, bar {BAR:.2f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
