"""What a call costs, as multiples of raw httpx.

A server that costs next to nothing answers one customer, from a process of its own. Each contender
reads that customer many times, one call after another, or 20 or 100 at once on as many connections.
The contenders take turns within each round. The table shows the median over the rounds of the
ratios to httpx in the same round, with the lowest and the highest, for the client's CPU time and
for the time that passes.
"""

import argparse
import asyncio
import json
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable

import httpx
from timify_customers import TimifyCustomers

ID = "624af9cbed7a899e0f233400"
CUSTOMER = {
    "id": ID,
    "externalId": "crm-1815",
    "firstName": "Ada",
    "lastName": "Lovelace",
    "fields": [
        {
            "id": "5d9f2a7c6d95c0112ca1cc96",
            "type": "TEXT",
            "value": "Ada",
            "values": [],
            "isMultiple": None,
            "defaultId": "firstName",
            "label": "",
        }
    ],
}
BODY = json.dumps({"data": CUSTOMER, "status": 1}).encode()
ANSWER = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%b" % (
    len(BODY),
    BODY,
)

Call = Callable[[], Awaitable[object]]


class Server(asyncio.Protocol):
    """Answers each request, whatever it is, with the same bytes."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the connection."""
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer as many requests as there are."""
        assert isinstance(self.transport, asyncio.WriteTransport)
        self.transport.write(ANSWER * data.count(b"\r\n\r\n"))


async def serve() -> None:
    """Serve until the standard input ends; the first line of the output is the port."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Server, "127.0.0.1", 0, backlog=512)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()


async def measured(call: Call, calls: int, at_once: int) -> tuple[float, float]:
    """Make calls; return the CPU seconds and the seconds of one."""
    left = iter(range(calls))

    async def caller() -> None:
        for _ in left:
            await call()

    await asyncio.gather(*(caller() for _ in range(at_once)))  # connections and caches are warm
    left = iter(range(calls))
    cpu, passed = time.process_time(), time.perf_counter()
    await asyncio.gather(*(caller() for _ in range(at_once)))
    return (time.process_time() - cpu) / calls, (time.perf_counter() - passed) / calls


async def compare(url: str, rounds: int, calls: int, at_once: int) -> list[tuple[float, float]]:
    """Return, for each round, CPU time and time passed of ours as multiples of raw httpx."""
    limits = httpx.Limits(max_connections=at_once, max_keepalive_connections=at_once)
    path = f"/v1/customers/{ID}"
    headers = {"authorization": "Bearer x"}
    ratios = []
    async with (
        httpx.AsyncClient(base_url=url, limits=limits, headers=headers, trust_env=False) as raw,
        TimifyCustomers(access_token="x", base_url=url, max_connections=at_once) as timify,
    ):

        async def with_httpx() -> object:
            return (await raw.get(path)).json()

        for _ in range(rounds):
            theirs = await measured(with_httpx, calls, at_once)
            ours = await measured(lambda: timify.customers.get(ID), calls, at_once)
            ratios.append((ours[0] / theirs[0], ours[1] / theirs[1]))
    return ratios


def shown(values: list[float]) -> str:
    """Write the median of ratios, with the lowest and the highest."""
    return f"{statistics.median(values):5.2f} ({min(values):.2f} to {max(values):.2f})"


def main(arguments: list[str] | None = None) -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--calls", type=int, default=2000, help="calls in each round")
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    chosen = parser.parse_args(arguments)
    if chosen.serve:
        asyncio.run(serve())
        return 0
    python = platform.python_version()
    print(f"Python {python}, httpx {httpx.__version__}, medians of {chosen.rounds} rounds\n")
    print("calls at once   CPU time, of httpx     time passed, of httpx")
    command = [sys.executable, __file__, "--serve"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as server:
        assert server.stdout is not None
        url = f"http://127.0.0.1:{server.stdout.readline().strip()}"
        for at_once in (1, 20, 100):
            ratios = asyncio.run(compare(url, chosen.rounds, chosen.calls, at_once))
            cpu, passed = (list(column) for column in zip(*ratios, strict=True))
            print(f"{at_once:13}   {shown(cpu)}   {shown(passed)}", flush=True)
        server.communicate("")
    return 0


if __name__ == "__main__":
    sys.exit(main())
