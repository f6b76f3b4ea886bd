"""The transport: one request out, one reply or failure back. The only module that imports httpx.

A client has slots in place of a connection pool. A slot is an httpx client of a single connection:
made when it is needed, used by one exchange at a time, and kept on a stack, so that the warmest
connection is used next. A semaphore counts the slots. So httpcore's pool, which can wedge for good
when tasks are cancelled (encode/httpcore#1093), never has anything to share out.

An exchange runs in its caller's task and is over when its caller is. Only a whole answer with
nothing behind it gives its connection back; whatever else ends an exchange throws the connection
away at once, because nobody could tell whose answer would come by it next. An example: a middlebox
appends a second answer to the one for company A. If the connection were kept, company B's next call
would read those bytes as its own answer.

Nothing of httpx is raised from here, and no frame that a traceback can show holds a token: an
exchange ends in a value.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterable, AsyncIterator, Mapping
from functools import cached_property
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any, Final, cast

import httpx
from attrs import define, evolve, field, frozen

from .._base.errors import (
    ArgumentTypeError,
    BodyError,
    CallError,
    CallTimeoutError,
    ConnectError,
    ConnectionLostError,
    shorten,
)
from .._base.secrets import Secret
from .body import read_body
from .events import logger

CONNECT_TIMEOUT: Final = 10.0
"""Seconds that connecting may take at most, whatever ``timeout`` is."""
KEEPALIVE_EXPIRY: Final = 5.0
"""Seconds after which a connection that nobody used is closed (httpx's own default)."""
CLOSE_GRACE: float = 2.0
"""Seconds that closing waits for exchanges still under way."""
_REQUEST_IDS: Final = ("x-amzn-requestid", "x-amz-apigw-id", "x-request-id", "x-amz-cf-id")
_LATER: Final = 0.05
"""Seconds by which a call's end comes after the timeouts of its steps, which know whether the request was sent."""


@frozen
class Prepared:
    """A request ready to be sent. Shows neither its body nor its headers."""

    method: str
    path: str
    params: Mapping[str, str] = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    content: bytes | None = field(repr=False)


@define(eq=False)
class Slot:
    """A connection's place: an httpx client of one connection, and the loop's time when it was last used."""

    client: httpx.AsyncClient
    used_at: float = 0.0


@frozen
class Reply:
    """An answer, read to its end; header names in lower case.

    ``slot``: where it came by, to be distrusted.
    """

    status: int
    headers: Mapping[str, str] = field(repr=False)
    content: bytes = field(repr=False)
    slot: Slot | None = field(default=None, repr=False, eq=False)

    @property
    def request_id(self) -> str | None:
        """The server's id of the request (observed: the headers of its AWS gateway), or None."""
        return next(
            (shorten(self.headers[name], 100) for name in _REQUEST_IDS if self.headers.get(name)),
            None,
        )

    @property
    def context(self) -> dict[str, Any]:
        """What an error says of the answer that it was made of."""
        return {"status": self.status, "request_id": self.request_id}


_NEVER_SENT: Final = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.UnsupportedProtocol,
)
_BROKEN: Final = (httpx.NetworkError, httpx.RemoteProtocolError, httpx.ProxyError)


def _failure(error: Exception) -> CallError:
    """Translate what httpx or a transport raised.

    What is not known counts as "may have been received".
    """
    name = type(error).__name__
    if isinstance(error, _NEVER_SENT):
        return ConnectError(
            f"could not connect, nothing was sent ({name}: {shorten(str(error), 200)})"
        )
    if isinstance(error, (httpx.TimeoutException, TimeoutError)):
        return CallTimeoutError(f"no answer in time ({name})")
    if isinstance(error, _BROKEN):
        return ConnectionLostError(f"the connection broke ({name}: {shorten(str(error), 200)})")
    return ConnectionLostError(f"the exchange failed in an unforeseen way ({name})")


class Transport:
    """Connections to one server, shared by every view of a client."""

    def __init__(
        self,
        base_url: str,
        max_connections: int,
        user_agent: str,
        transport: httpx.AsyncBaseTransport | None,
        max_answer_bytes: int,
    ) -> None:
        if transport is not None and not isinstance(transport, httpx.AsyncBaseTransport):
            raise ArgumentTypeError(
                f"transport must be an httpx.AsyncBaseTransport, not {type(transport).__name__}"
            )
        self._base_url = base_url
        self._user_agent = user_agent
        self._max_answer_bytes = max_answer_bytes
        self._closed = False
        self._free = asyncio.Semaphore(max_connections)
        self._idle: list[Slot] = []
        self._exchanges: set[asyncio.Timeout] = set()
        self._quiet = asyncio.Event()
        self._closings: set[asyncio.Task[None]] = set()
        # A transport of the user's serves every exchange. It pools as it likes, and is closed only
        # with the client.
        self._users = None if transport is None else Slot(self._client(transport))

    def _client(self, transport: httpx.AsyncBaseTransport | None = None) -> httpx.AsyncClient:
        return httpx.AsyncClient(
            transport=transport,
            verify=self._tls if transport is None else False,
            limits=httpx.Limits(
                max_connections=1, max_keepalive_connections=1, keepalive_expiry=KEEPALIVE_EXPIRY
            ),
            headers={
                "user-agent": self._user_agent,
                "accept": "application/json",
                "accept-encoding": "gzip",
            },
            # A policy that allows no domain: no cookie is ever stored, so none is sent for another
            # company.
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
            follow_redirects=False,
            trust_env=self._is_https,
        )

    @property
    def _is_https(self) -> bool:
        """Whether to heed the environment's proxies.

        Plain http stays on this machine: a proxy would be another.
        """
        return self._base_url.startswith("https:")

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        """One TLS context for all slots: reading the certificates costs more than many calls."""
        if self._is_https:
            return httpx.create_ssl_context()
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)

    async def send(
        self,
        prepared: Prepared,
        token: Secret | None,
        scheme: str | None,
        *,
        step: float,
        remaining: float,
    ) -> Reply | CallError:
        """Make one exchange, in at most ``remaining`` seconds, each step of it in at most ``step``.

        Cancelling the caller ends the exchange with it: what was not on the wire yet never will be.
        """
        until = asyncio.get_running_loop().time() + remaining
        try:
            async with asyncio.timeout_at(until):
                await self._free.acquire()
        except TimeoutError:
            return ConnectError(
                "no connection became free within the call's deadline, nothing was sent"
            )
        try:
            if self._closed:
                return ConnectError("the client was closed, nothing was sent")
            step = max(0.001, min(step, until - asyncio.get_running_loop().time()))
            return await self._exchange(
                self._take(), prepared, _authorized(prepared.headers, token, scheme), step, until
            )
        finally:
            self._free.release()

    async def _exchange(
        self, slot: Slot, prepared: Prepared, headers: Mapping[str, str], step: float, until: float
    ) -> Reply | CallError:
        limit = asyncio.timeout_at(until + _LATER)
        reusable = False
        try:
            async with limit:
                self._exchanges.add(limit)
                reply, reusable = await self._converse(slot, prepared, headers, step)
        except asyncio.CancelledError:
            if _is_cancelled():
                raise
            return ConnectionLostError(
                "the exchange was ended before its answer"
            )  # by a transport of the user's
        except Exception as error:  # noqa: BLE001 - every failure becomes a value
            if self._closed and limit.expired():
                return ConnectionLostError("the client was closed before the answer came")
            return _failure(error)
        else:
            return reply
        finally:
            self._exchanges.discard(limit)
            if not self._exchanges:
                self._quiet.set()
            self._put_back(slot, reusable=reusable)

    async def _converse(
        self, slot: Slot, prepared: Prepared, headers: Mapping[str, str], step: float
    ) -> tuple[Reply | CallError, bool]:
        """Send a request and read its answer; the second part says whether the connection may be used again."""
        try:
            request = self._request(slot, prepared, headers, step)
        except Exception as error:  # noqa: BLE001 - whatever a header or an address does to httpx
            return ConnectError(
                f"the request cannot be made, nothing was sent ({type(error).__name__})"
            ), True
        response = await slot.client.send(request, stream=True)
        try:
            reply = await self._read(response, slot)
            reusable = slot is self._users or (
                isinstance(reply, Reply) and not _has_leftover(response)
            )
        finally:
            if slot is self._users:
                await response.aclose()
        if reusable:
            await response.aclose()
        return reply, reusable

    def _request(
        self, slot: Slot, prepared: Prepared, headers: Mapping[str, str], step: float
    ) -> httpx.Request:
        return slot.client.build_request(
            prepared.method,
            self._base_url + prepared.path,
            params=dict(prepared.params) or None,
            headers=headers,
            content=prepared.content,
            timeout=httpx.Timeout(step, connect=min(step, CONNECT_TIMEOUT)),
        )

    async def _read(self, response: httpx.Response, slot: Slot) -> Reply | CallError:
        names = {name.lower(): value for name, value in response.headers.items()}
        head = Reply(response.status_code, names, b"", slot)
        try:
            if (
                response.is_stream_consumed
            ):  # by a transport of the user's that looked into it: it is decoded already
                content = await read_body(
                    _once(response.content), {}, self._max_answer_bytes, head.context
                )
            else:
                stream = cast(
                    "AsyncIterable[bytes]", response.stream
                )  # as an async client's always is
                content = await read_body(stream, names, self._max_answer_bytes, head.context)
        except BodyError as error:
            return error
        return evolve(head, content=content)

    def _take(self) -> Slot:
        """Take the warmest slot, or make one; those that have been idle for too long are closed."""
        if self._users is not None:
            return self._users
        coldest = asyncio.get_running_loop().time() - KEEPALIVE_EXPIRY
        while self._idle and self._idle[0].used_at < coldest:
            self._throw_away(self._idle.pop(0))
        return self._idle.pop() if self._idle else Slot(self._client())

    def _put_back(self, slot: Slot, *, reusable: bool) -> None:
        if slot is self._users:
            return
        if reusable and not self._closed:
            slot.used_at = asyncio.get_running_loop().time()
            self._idle.append(slot)
        else:
            self._throw_away(slot)

    def distrust(self, reply: Reply) -> None:
        """Throw away the connection that a reply came by, because the reply cannot be the one that
        was asked for.

        To be called before anything else is awaited: until then nobody else can have taken the
        slot.
        """
        if reply.slot in self._idle:
            self._idle.remove(reply.slot)
            self._throw_away(reply.slot)

    def _throw_away(self, slot: Slot) -> None:
        """Close a connection in a task of its own, which the cancellation of a caller does not reach."""
        closing = asyncio.get_running_loop().create_task(_close(slot.client))
        self._closings.add(closing)
        closing.add_done_callback(self._closings.discard)

    async def aclose(self) -> None:
        """Wait a bounded time for what is under way, end the rest, and close every connection."""
        self._closed = True
        await self._exchanges_end()
        for limit in self._exchanges:
            limit.reschedule(asyncio.get_running_loop().time())
        await self._exchanges_end()
        for slot in [*self._idle, *([self._users] if self._users else ())]:
            self._throw_away(slot)
        self._idle.clear()
        if self._closings:
            await asyncio.wait(set(self._closings), timeout=CLOSE_GRACE)

    async def _exchanges_end(self) -> None:
        if not self._exchanges:
            return
        self._quiet.clear()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(CLOSE_GRACE):
                await self._quiet.wait()


async def _once(content: bytes) -> AsyncIterator[bytes]:
    yield content


def _is_cancelled() -> bool:
    """Say whether somebody cancelled this task, rather than something that it waits for."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


async def _close(client: httpx.AsyncClient) -> None:
    try:
        async with asyncio.timeout(CLOSE_GRACE):
            await client.aclose()
    except Exception as error:  # noqa: BLE001 - a connection that cannot be closed well is gone all the same
        logger.warning("closing a connection failed with %s", type(error).__name__)


_LAYERS: Final = ("_stream", "_httpcore_stream", "_connection")
"""Attributes that lead from a response of httpx 0.28 to its HTTP/1.1 connection in httpcore 1.0."""


def _has_leftover(response: httpx.Response) -> bool:
    """Say whether bytes lie behind a whole answer, where the connection's next answer would begin.

    Such bytes are no answer to a later request (RFC 9112 section 9.2). Neither httpx nor httpcore
    shows them. h11, which holds them, does (``Connection.trailing_data``), so this looks through
    private attributes. Where these are not as expected, nothing can be told, and no connection is
    used twice: slow and safe, and a test fails.
    """
    layer: object = response.stream
    while layer is not None:
        if (state := getattr(layer, "_h11_state", None)) is not None:
            return bool(state.trailing_data[0])
        layer = next(
            (inner for name in _LAYERS if (inner := getattr(layer, name, None)) is not None), None
        )
    return True


def _authorized(
    headers: Mapping[str, str], token: Secret | None, scheme: str | None
) -> dict[str, str]:
    """Add the token. Documented: ``Bearer`` and the token; observed in 2022: the bare token."""
    if token is None:
        return dict(headers)
    return {**headers, "authorization": f"{scheme} {token.reveal()}" if scheme else token.reveal()}
