"""One request out, one reply or failure back.

A client has slots instead of a connection pool (see `slots`), and a semaphore that counts them. So
httpcore's pool, which can hang for good when tasks are cancelled (encode/httpcore#1093), never has
connections to share.

An exchange runs in its caller's task and ends with its caller. A connection is kept only after a
whole answer with nothing behind it; if an exchange ends in any other way, its connection is thrown
away at once, because the next answer on it could be anybody's. An example: a middlebox appends a
second answer to the one for company A. If the connection were kept, company B's next call would
read those bytes as its own answer.

An exchange ends in a value, so no exception of httpx leaves this module, and no traceback has a
frame that holds a token.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterable, AsyncIterator, Mapping
from typing import Any, Final, cast

from .._base.errors import (
    ArgumentTypeError,
    BodyError,
    CallError,
    ConfigurationError,
    ConnectError,
    ConnectionLostError,
)
from .._base.secrets import Secret
from .body import read_body
from .failures import translate
from .leftover import has_leftover
from .library import AsyncBaseTransport as AsyncBaseTransport  # noqa: PLC0414 - for the client
from .library import HttpLibrary, load_library
from .messages import PreparedRequest, Reply
from .slots import Slot, Slots

CONNECT_TIMEOUT: Final = 10.0
"""The most seconds that connecting may take, whatever ``timeout`` is."""
CLOSE_GRACE: float = 2.0
"""Seconds that closing waits for exchanges still under way."""
_LATER: Final = 0.05
"""Seconds that a call's own timeout comes after the timeouts of its steps.

The steps come first because they know whether the request was sent.
"""


class Transport:
    """Connections to one server, shared by every view of a client."""

    def __init__(
        self,
        base_url: str,
        *,
        max_connections: int,
        max_answer_bytes: int,
        user_agent: str,
        transport: AsyncBaseTransport | None = None,
        ssl_context: ssl.SSLContext | None = None,
        proxy: str | None = None,
        http: str | None = None,
    ) -> None:
        self._http = load_library(transport, http)
        _check(transport, ssl_context, proxy, self._http)
        self._base_url = base_url
        self._headers = {
            "user-agent": user_agent,
            "accept": "application/json",
            "accept-encoding": "gzip",
            "connection": "keep-alive",
        }
        self._max_answer_bytes = max_answer_bytes
        self._closed = False
        self._free = asyncio.Semaphore(max_connections)
        self._slots = Slots(self._http, base_url, transport, ssl_context, proxy)
        self._exchanges: set[asyncio.Timeout] = set()
        self._quiet = asyncio.Event()

    async def send(
        self,
        prepared: PreparedRequest,
        token: Secret | None,
        scheme: str | None,
        *,
        step: float,
        remaining: float,
    ) -> Reply | CallError:
        """Make one exchange in at most ``remaining`` seconds, with at most ``step`` for each step.

        Cancelling the caller ends the exchange: whatever was not sent by then never will be.
        """
        until = asyncio.get_running_loop().time() + remaining
        if not await self._free_until(until):
            return ConnectError(
                "no connection became free within the call's deadline, nothing was sent"
            )
        try:
            if self._closed:
                return ConnectError("the client was closed, nothing was sent")
            headers = _authorized(prepared.headers, token, scheme)
            return await self._exchange(prepared, headers, step, until)
        finally:
            self._free.release()

    async def _free_until(self, until: float) -> bool:
        """Wait for a free connection; return False when none became free in time."""
        if not self._free.locked():
            return await self._free.acquire()
        try:
            async with asyncio.timeout_at(until):
                return await self._free.acquire()
        except TimeoutError:
            return False

    async def _exchange(
        self, prepared: PreparedRequest, headers: Mapping[str, str], step: float, until: float
    ) -> Reply | CallError:
        limit = asyncio.timeout_at(until + _LATER)
        step = max(0.001, min(step, until - asyncio.get_running_loop().time()))
        try:
            slot = self._slots.take()
        except Exception as error:  # noqa: BLE001 - whatever certificates or proxies do to the library
            reason = f"no connection can be made, nothing was sent ({type(error).__name__}"
            advice = "check ssl_context, proxy, SSL_CERT_FILE and the proxy variables"
            return ConnectError(f"{reason}): {advice}")
        reusable = False
        try:
            async with limit:
                self._exchanges.add(limit)
                reply, reusable = await self._converse(slot, prepared, headers, step)
        except asyncio.CancelledError:
            if _is_cancelled():
                raise
            # The user's transport cancelled itself.
            return ConnectionLostError("the exchange was ended before its answer")
        except Exception as error:  # noqa: BLE001 - every failure becomes a value
            if self._closed and limit.expired():
                return ConnectionLostError("the client was closed before the answer came")
            return translate(error, self._http)
        else:
            return reply
        finally:
            self._exchanges.discard(limit)
            if not self._exchanges:
                self._quiet.set()
            if reusable and not self._closed:
                self._slots.put_back(slot)
            else:
                self._slots.throw_away(slot)

    async def _converse(
        self, slot: Slot, prepared: PreparedRequest, headers: Mapping[str, str], step: float
    ) -> tuple[Reply | CallError, bool]:
        """Send a request and read its answer.

        The second part of the result says whether the connection may be used again.
        """
        try:
            request = self._request(prepared, headers, step)
        except Exception as error:  # noqa: BLE001 - whatever a header or an address does to httpx
            reason = f"the request cannot be made, nothing was sent ({type(error).__name__})"
            return ConnectError(reason), True
        response = await slot.transport.handle_async_request(request)
        if slot is self._slots.users:
            try:
                return await self._read(response, slot), True
            finally:
                await response.aclose()
        reply = await self._read(response, slot)
        if isinstance(reply, CallError) or has_leftover(response):
            return reply, False
        await response.aclose()
        return reply, True

    def _request(self, prepared: PreparedRequest, headers: Mapping[str, str], step: float) -> Any:
        connect = min(step, CONNECT_TIMEOUT)
        steps = {"connect": connect, "read": step, "write": step, "pool": step}
        return self._http.Request(
            prepared.method,
            self._base_url + prepared.path,
            params=prepared.params or None,
            headers={**self._headers, **headers},
            content=prepared.content,
            extensions={"timeout": steps},
        )

    async def _read(self, response: Any, slot: Slot) -> Reply | CallError:
        names = dict(response.headers.items())  # httpx has lower-case names
        head = Reply(response.status_code, names, b"", slot)
        stream = cast("AsyncIterable[bytes]", response.stream)  # as an async client's always is
        if response.is_stream_consumed:
            # The user's transport has read it, so what remains is already decoded.
            stream, names = _once(response.content), {}
        try:
            content = await read_body(stream, names, self._max_answer_bytes, head)
        except BodyError as error:
            return error
        return Reply(head.status, head.headers, content, slot)

    def distrust(self, reply: Reply) -> None:
        """Throw away the connection of a reply that cannot belong to its request.

        Call this before awaiting anything else: until then no other exchange can have taken the
        slot.
        """
        self._slots.distrust(reply.slot)

    async def aclose(self) -> None:
        """Wait a bounded time for exchanges under way, end the rest, and close every connection."""
        self._closed = True
        await self._exchanges_end()
        for limit in self._exchanges:
            if not limit.expired():  # an expired timeout cannot be rescheduled
                limit.reschedule(asyncio.get_running_loop().time())
        await self._exchanges_end()
        await self._slots.aclose(CLOSE_GRACE)

    async def _exchanges_end(self) -> None:
        if not self._exchanges:
            return
        self._quiet.clear()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(CLOSE_GRACE):
                await self._quiet.wait()


def _check(transport: object, ssl_context: object, proxy: object, http: HttpLibrary) -> None:
    """Refuse settings that no connection can be made with.

    Raises:
        ArgumentTypeError: a value has the wrong type.
        ConfigurationError: the proxy is not an address, or settings exclude each other.
    """
    if ssl_context is not None and not isinstance(ssl_context, ssl.SSLContext):
        kind = type(ssl_context).__name__
        raise ArgumentTypeError(f"ssl_context must be an ssl.SSLContext, not {kind}")
    if transport is not None and not (ssl_context is None and proxy is None):
        raise ConfigurationError(
            "transport brings connections of its own: give ssl_context and proxy to it"
        )
    if proxy is not None:
        _check_proxy(proxy, http)


def _check_proxy(proxy: object, http: HttpLibrary) -> None:
    if not isinstance(proxy, str):
        raise ArgumentTypeError(f"proxy must be a string, not {type(proxy).__name__}")
    try:
        url = http.Proxy(proxy).url
    except Exception:  # noqa: BLE001 - whatever httpx makes of it; the text may hold a password
        url = None
    if url is None or not url.host:
        raise ConfigurationError("proxy must be an address such as http://proxy.example:3128")


async def _once(content: bytes) -> AsyncIterator[bytes]:
    yield content


def _is_cancelled() -> bool:
    """Return whether this task itself was cancelled, rather than something that it awaits."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


def _authorized(
    headers: Mapping[str, str], token: Secret | None, scheme: str | None
) -> dict[str, str]:
    """Add the token. Documented: ``Bearer`` and the token; observed in 2022: the bare token."""
    if token is None:
        return dict(headers)
    value = f"{scheme} {token.reveal()}" if scheme else token.reveal()
    return {**headers, "authorization": value}
