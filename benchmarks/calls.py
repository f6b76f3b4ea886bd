"""What a call costs, as multiples of raw httpx.

A server that costs next to nothing answers one customer, from a process of its own. Each contender
reads that customer many times, one call after another, or 20 or 100 at once on as many connections.
The contenders take turns within each round, and each is compared with httpx in the same round, for
the client's CPU time and for the time that passes.
"""

import argparse
import asyncio
import contextlib
import importlib
import json
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any, Literal

import aiohttp
import httpx
import httpx2
from timify_customers import TimifyCustomers

sys.path.append(str(Path(__file__).parent))
decode = importlib.import_module("decode")
results = importlib.import_module("results")

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

PATH = f"/v1/customers/{ID}"
HEADERS = {"authorization": "Bearer x"}
BARS = {1: 1.15, 20: 0.70, 100: 0.17}
"""By calls at once: the CPU time of ours, of that of httpx."""

Call = Callable[[], Awaitable[object]]
Contender = Callable[[str, int], contextlib.AbstractAsyncContextManager[Call]]


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


# The contenders: each makes a client of so many connections, and gives the call.


def raw(library: Any) -> Contender:
    """Make a contender of a library alone: a request, and its JSON decoded."""

    @contextlib.asynccontextmanager
    async def contender(url: str, at_once: int) -> AsyncIterator[Call]:
        limits = library.Limits(max_connections=at_once, max_keepalive_connections=at_once)
        options = {"base_url": url, "limits": limits, "headers": HEADERS, "trust_env": False}
        async with library.AsyncClient(**options) as client:

            async def call() -> object:
                return (await client.get(PATH)).json()

            yield call

    return contender


@contextlib.asynccontextmanager
async def with_aiohttp(url: str, at_once: int) -> AsyncIterator[Call]:
    """Send with aiohttp."""
    connector = aiohttp.TCPConnector(limit=at_once)
    async with aiohttp.ClientSession(url, connector=connector, headers=HEADERS) as client:

        async def call() -> object:
            async with client.get(PATH) as answer:
                return await answer.json()

        yield call


def stock(scratch: Path) -> Contender:
    """Make a contender of the stock output of the generator that we use too."""
    name = decode.stock(scratch).__name__.partition(".")[0]
    endpoint = importlib.import_module(f"{name}.api.customers.get_customer")
    client_class = importlib.import_module(f"{name}.client").AuthenticatedClient

    @contextlib.asynccontextmanager
    async def contender(url: str, at_once: int) -> AsyncIterator[Call]:
        limits = httpx.Limits(max_connections=at_once, max_keepalive_connections=at_once)
        more = {"limits": limits, "trust_env": False}
        async with client_class(base_url=url, token="x", httpx_args=more) as client:
            yield lambda: endpoint.asyncio(ID, client=client)

    return contender


def ours(http: Literal["httpx", "httpx2"]) -> Contender:
    """Make a contender of this SDK: token, deadline, retries, checks of the answer and all."""

    @contextlib.asynccontextmanager
    async def contender(url: str, at_once: int) -> AsyncIterator[Call]:
        client = TimifyCustomers(access_token="x", base_url=url, max_connections=at_once, http=http)
        async with client as timify:
            yield lambda: timify.customers.get(ID)

    return contender


# Measuring.


async def measured(call: Call, calls: int, at_once: int) -> tuple[float, float]:
    """Make calls; return the CPU seconds and the seconds of one."""
    await _make(call, 2 * at_once, at_once)  # connections and caches are warm
    cpu, passed = time.process_time(), time.perf_counter()
    await _make(call, calls, at_once)
    return (time.process_time() - cpu) / calls, (time.perf_counter() - passed) / calls


async def _make(call: Call, calls: int, at_once: int) -> None:
    left = iter(range(calls))

    async def caller() -> None:
        for _ in left:
            await call()

    await asyncio.gather(*(caller() for _ in range(at_once)))


async def compare(
    contenders: dict[str, Contender], url: str, rounds: int, calls: int, at_once: int
) -> list[dict[str, tuple[float, float]]]:
    """Return, for each round, the CPU time and the time passed of each contender."""
    async with contextlib.AsyncExitStack() as stack:
        ready = {
            name: await stack.enter_async_context(contender(url, at_once))
            for name, contender in contenders.items()
        }
        return [
            {name: await measured(call, calls, at_once) for name, call in ready.items()}
            for _ in range(rounds)
        ]


@contextlib.contextmanager
def server() -> Any:
    """Serve in a process of its own; gives the address."""
    command = [sys.executable, __file__, "--serve"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as process:
        assert process.stdout is not None
        yield f"http://127.0.0.1:{process.stdout.readline().strip()}"
        process.communicate("")


def measure(contenders: dict[str, Contender], rounds: int, calls: int) -> list[Any]:
    """Compare all at 1, 20 and 100 calls at once."""
    cpu: dict[tuple[str, str], list[float]] = {}
    passed: dict[tuple[str, str], list[float]] = {}
    with server() as url:
        for at_once in BARS:
            for times in asyncio.run(compare(contenders, url, rounds, calls, at_once)):
                base = times["httpx"]
                for name, (one, other) in times.items():
                    key = f"{at_once} at once", name
                    cpu.setdefault(key, []).append(one / base[0])
                    passed.setdefault(key, []).append(other / base[1])
    bars = {
        (f"{at_once} at once", name): bar
        for at_once, bar in BARS.items()
        for name in ("ours", "ours, on httpx2")
    }
    title = "One call: reading a customer"
    return [
        results.Case("calls", f"{title} (CPU time)", "raw httpx", cpu, bars),
        results.Case("calls-elapsed", f"{title} (time that passes)", "raw httpx", passed),
    ]


def main(arguments: list[str] | None = None) -> int:
    """Measure, and say whether the bars are met; the status is 1 when one is not."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--calls", type=int, default=2000, help="calls in each round")
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    results.add_option(parser)
    chosen = parser.parse_args(arguments)
    if chosen.serve:
        asyncio.run(serve())
        return 0
    with tempfile.TemporaryDirectory() as scratch, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the stock client
        contenders: dict[str, Contender] = {
            "ours": ours("httpx"),
            "ours, on httpx2": ours("httpx2"),
            "httpx": raw(httpx),
            "httpx2": raw(httpx2),
            "aiohttp": with_aiohttp,
            "stock client": stock(Path(scratch)),
        }
        cases = measure(contenders, chosen.rounds, chosen.calls)
    status: int = results.publish(cases, chosen.json)
    return status


if __name__ == "__main__":
    sys.exit(main())
