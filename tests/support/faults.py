"""A raw-socket server that fails on purpose: refuses, resets, stalls, drips, cuts and lies.

Each request to anything but the token route takes the next fault of a script; when the script has
ended, it takes the default, which is to be answered well. What arrived is recorded and done,
whatever becomes of the answer: a customer that was written under an external id is found by it from
then on.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import ssl
import struct
from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import Any, Self
from unittest import mock

from attrs import define, field, frozen
from timify_customers._base.generated import EXTERNAL_ID_KEY
from timify_customers._calls import retry, settling
from timify_customers._transport import connections

ID = "624af9cbed7a899e0f233400"
TOKEN = "canary-token"
_NOTHING = {"status": 0, "message": "not found"}


@frozen
class Received:
    """One request as it arrived."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes
    at: float = 0.0

    @property
    def key(self) -> str:
        """The last segment of the path."""
        return self.target.partition("?")[0].rpartition("/")[2]

    def json(self) -> Any:
        return json.loads(self.body)


@define(eq=False)
class Exchange:
    """One request and the connection to answer it on."""

    request: Received
    writer: asyncio.StreamWriter
    server: FaultServer

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        with contextlib.suppress(ConnectionError):
            await self.writer.drain()

    def reset(self) -> None:
        """Close with RST instead of FIN."""
        sock = self.writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()


Fault = Callable[[Exchange], Awaitable[None]]


def response(
    status: int, body: bytes | object = b"", headers: Sequence[str] = (), length: int | None = None
) -> bytes:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    lines = [
        f"HTTP/1.1 {status} Whatever",
        f"content-length: {len(content) if length is None else length}",
        *headers,
    ]
    return "\r\n".join([*lines, "", ""]).encode() + content


def answer(
    status: int, body: bytes | object = b"", *headers: str, length: int | None = None
) -> Fault:
    """Answer with a status and body, perhaps with a Content-Length that lies; the connection then
    ends if it does.
    """

    async def fault(exchange: Exchange) -> None:
        await exchange.send(response(status, body, headers, length))
        if length is not None:
            exchange.writer.close()

    return fault


async def hang_up(exchange: Exchange) -> None:
    """Close the connection as soon as it is made; the server does so before it reads (see
    `FaultServer`).
    """
    exchange.writer.close()


async def close(exchange: Exchange) -> None:
    """Take the request and close the connection without a word."""
    exchange.writer.close()


async def reset(exchange: Exchange) -> None:
    """Take the request and reset the connection."""
    exchange.reset()


async def reset_in_head(exchange: Exchange) -> None:
    """Reset the connection in the middle of the answer's head."""
    await exchange.send(b"HTTP/1.1 200 OK\r\ncontent-le")
    await asyncio.sleep(0.02)
    exchange.reset()


async def reset_in_body(exchange: Exchange) -> None:
    """Reset the connection in the middle of the answer's body."""
    await exchange.send(b'HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n{"data": ')
    await asyncio.sleep(0.02)
    exchange.reset()


async def stall(exchange: Exchange) -> None:
    """Take the request and never answer."""
    await asyncio.sleep(3600)


async def drip(exchange: Exchange) -> None:
    """Answer a byte at a time, each in time, never coming to an end."""
    await exchange.send(b"HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n")
    while not exchange.writer.is_closing():
        await exchange.send(b" ")
        await asyncio.sleep(0.02)


async def junk(exchange: Exchange) -> None:
    """Answer with something that is not HTTP."""
    await exchange.send(b"ICY 200 what\r\n\r\n")
    exchange.writer.close()


async def junk_chunks(exchange: Exchange) -> None:
    """Break the chunked coding of the body."""
    await exchange.send(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n")
    exchange.writer.close()


async def bad_gzip(exchange: Exchange) -> None:
    """Say gzip and send something else."""
    await exchange.send(response(200, b"not gzip at all", ["content-encoding: gzip"]))


async def fine(exchange: Exchange) -> None:
    """Answer as the API would."""
    await exchange.send(_fine(exchange))


async def fine_and_close(exchange: Exchange) -> None:
    """Answer as the API would, and say that the connection ends with it."""
    await exchange.send(_fine(exchange, "connection: close"))
    exchange.writer.close()


def _fine(exchange: Exchange, *headers: str) -> bytes:
    request, written = exchange.request, exchange.server.written
    if request.method == "GET" and "external=1" in request.target:
        found = written.get(request.key)
        return (
            response(200, {"data": found, "status": 1}, headers)
            if found
            else response(404, _NOTHING, headers)
        )
    return response(200, good(request), headers)


def good(request: Received) -> dict[str, Any]:
    """A body that fits any operation: a list where a list is due, else an object."""
    path = request.target.split("?")[0]
    lists = ("/v1/customers", "/v1/customers/customfields", "/v1/customers/customfields/categories")
    if request.method == "GET" and (path in lists or path.endswith("/events")):
        return {"data": [], "total": 0, "status": 1}
    if path == "/v1/customers/import":
        return {"status": 1}
    return {"data": customer(request), "status": 1}


def customer(request: Received) -> dict[str, Any]:
    """The customer that a create or update asks for."""
    sent = request.json() if request.body else {}
    by_key = "external=1" in request.target
    key = sent.get(EXTERNAL_ID_KEY, request.key if by_key else "")
    identity = ID if by_key or request.method == "POST" else request.key
    return {"id": identity, "externalId": key, "fields": sent.get("customfields", [])}


@define(eq=False)
class FaultServer:
    """``async with FaultServer([close, answer(500)]) as server``; ``server.url``,
    ``server.received``.

    Attributes:
        script: faults of the first requests.
        default: fault of all others.
        token: fault of the token route, or None for tokens that count up.
        writes: whether what arrives is done, so that it can be found under its external id.
        written: customers by external id.
        connections: how many were made; ``open``: how many of them have not ended.
        host: address that it listens at.
        tls: what it speaks TLS with, or None.
    """

    script: list[Fault] = field(factory=list)
    default: Fault = fine
    token: Fault | None = None
    writes: bool = True
    written: dict[str, dict[str, Any]] = field(factory=dict)
    received: list[Received] = field(factory=list, repr=False)
    tokens: list[Received] = field(factory=list, repr=False)
    url: str = ""
    connections: int = 0
    open: int = 0
    host: str = "127.0.0.1"
    tls: ssl.SSLContext | None = None
    _server: asyncio.Server | None = None
    _refusing: socket.socket | None = None
    _tasks: set[asyncio.Task[Any]] = field(factory=set, repr=False)

    async def __aenter__(self) -> Self:
        return await self.start()

    async def start(self, sock: socket.socket | None = None) -> Self:
        """Listen on a free port, or on a socket that has one already."""
        listening: dict[str, Any] = {"sock": sock} if sock else {"host": self.host, "port": 0}
        listening["ssl"] = self.tls
        self._server = await asyncio.start_server(self._connected, backlog=512, **listening)
        scheme = "https" if self.tls else "http"
        host = f"[{self.host}]" if ":" in self.host else self.host
        self.url = f"{scheme}://{host}:{self._server.sockets[0].getsockname()[1]}"
        return self

    def refuse(self) -> None:
        """Refuse connections at this server's port from now on."""
        assert self._server is not None
        address = self._server.sockets[0].getsockname()
        self._server.close()
        self._refusing = socket.socket()
        self._refusing.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._refusing.bind(address)

    def admit(self) -> None:
        """Accept connections again."""
        assert self._refusing is not None
        self._refusing.listen(512)
        self._tasks.add(asyncio.create_task(self.start(self._refusing)))
        self._refusing = None

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        if self._refusing:
            self._refusing.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.open += 1
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            if self._hangs_up():
                writer.close()
            while not writer.is_closing():
                await self._serve(Exchange(await _read(reader), writer, self))
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass
        finally:
            self.open -= 1
            self._tasks.discard(task)
            writer.close()

    async def all_closed(self, seconds: float = 10.0) -> None:
        """Wait until every connection has ended."""
        for _ in range(int(seconds * 100)):
            if not self.open:
                return
            await asyncio.sleep(0.01)
        raise AssertionError(f"{self.open} connections are still open")

    def _hangs_up(self) -> bool:
        if (self.script[0] if self.script else self.default) is not hang_up:
            return False
        self.script[:] = self.script[1:]
        return True

    async def _serve(self, exchange: Exchange) -> None:
        if exchange.request.target.startswith("/v1/auth/"):
            self.tokens.append(exchange.request)
            token = {
                "accessToken": f"{TOKEN}-{len(self.tokens)}",
                "refreshToken": "r",
                "expires": 7200,
            }
            await (self.token or answer(200, token))(exchange)
            return
        self.received.append(exchange.request)
        fault = self.script.pop(0) if self.script else self.default
        if self.writes:
            self._write(exchange.request)
        await fault(exchange)

    def _write(self, request: Received) -> None:
        if request.method in {"POST", "PATCH"} and (key := customer(request)["externalId"]):
            if request.method == "PATCH":
                self.written.pop(request.key, None)
            self.written[key] = customer(request)


async def _read(reader: asyncio.StreamReader) -> Received:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    method, target, _ = head[0].split(" ")
    headers = {
        name.lower(): value.strip()
        for name, _, value in (line.partition(":") for line in head[1:] if line)
    }
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Received(method, target, headers, body, asyncio.get_running_loop().time())


def closed_port() -> str:
    """A loopback address where nobody listens."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{sock.getsockname()[1]}"


async def refuse(_: Any) -> None:
    """Nobody listens: `FaultServer.refuse` does it."""


@frozen
class Case:
    """A fault, and the patience of a client that meets it."""

    fault: Fault
    timeout: float = 10.0
    deadline: float = 30.0


_PAGE = b"<html><head><title>502 Bad Gateway</title></head></html>"
FAULTS: dict[str, Case] = {
    "connection refused": Case(refuse),
    "accepted and closed": Case(hang_up),
    "request taken, then closed": Case(close),
    "request taken, then reset": Case(reset),
    "reset in the head": Case(reset_in_head),
    "reset in the body": Case(reset_in_body),
    "stall": Case(stall, timeout=1.5),
    "drip": Case(drip, deadline=3.0),
    "Content-Length too short": Case(answer(200, {"data": {}, "status": 1}, length=9)),
    "Content-Length too long": Case(answer(200, {"data": {}, "status": 1}, length=999)),
    "junk status line": Case(junk),
    "junk chunks": Case(junk_chunks),
    "junk gzip": Case(bad_gzip),
    "302 to elsewhere": Case(answer(302, b"", "location: http://elsewhere.invalid/")),
    "302 to no address": Case(answer(302, b"", "location: http://[::1")),
    "303 to elsewhere": Case(answer(303, b"", "location: http://elsewhere.invalid/")),
    **{
        str(status): Case(answer(status, {"status": 0, "message": "no"}))
        for status in (400, 401, 403, 404, 409, 422)
    },
    "429": Case(answer(429)),
    "429, Retry-After": Case(answer(429, b"", "retry-after: 0.01")),
    "429, Retry-After beyond the cap": Case(answer(429, b"", "retry-after: 61")),
    "499": Case(answer(499)),
    "500": Case(answer(500, {"message": "Internal server error"})),
    "502, a web page": Case(answer(502, _PAGE)),
    "503": Case(answer(503)),
    "503, Retry-After": Case(answer(503, b"", "retry-after: 0.01")),
    "504": Case(answer(504)),
    "520": Case(answer(520)),
    "200, a web page": Case(answer(200, _PAGE)),
    "200, empty": Case(answer(200)),
    "200, truncated JSON": Case(answer(200, b'{"data": {"id": "62')),
    "200, JSON of another shape": Case(answer(200, [1])),
    "200, no data": Case(answer(200, {"status": 1})),
    "200, neither success nor refusal": Case(answer(200, {"status": "error", "message": "no"})),
    "200, a failure in the envelope": Case(answer(200, {"status": 0, "message": "no"})),
}


@contextlib.contextmanager
def haste() -> Iterator[None]:
    """Short waits; which lookups are made does not depend on them."""
    with contextlib.ExitStack() as stack:
        for module, name, value in (
            (retry, "BACKOFF_BASE", 0.01),
            (settling, "LOOKUPS", 2),
            (connections, "CLOSE_GRACE", 0.2),
        ):
            stack.enter_context(mock.patch.object(module, name, value))
        yield
