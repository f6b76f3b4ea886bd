"""The transport: one request out, one reply or failure back. The only module that imports httpx.

httpcore's pool can wedge for good when a task is cancelled inside (encode/httpcore#1093). So callers wait here, in a
semaphore of the pool's size; the exchange then runs in a task of its own that a caller's cancellation does not reach,
and gives its permit back when it is done. One that nobody waits for any more is ended by an anyio scope: unlike
asyncio's cancellation it spares what httpcore shields, where the pool puts itself in order.

Nothing of httpx is raised from here, and no frame that a traceback can show holds a token: an exchange ends in a value.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Final

import anyio
import httpx
from attrs import field, frozen

from ._errors import ArgumentTypeError, CallError, CallTimeoutError, ConnectError, ConnectionLostError, shorten
from ._events import logger
from ._options import Secret

CONNECT_TIMEOUT: Final = 10.0
"""Seconds that connecting may take at most, whatever ``timeout`` is."""
OVERTIME: float = 5.0
"""Seconds after which an exchange that its caller no longer waits for is ended by force."""
CLOSE_GRACE: float = 2.0
"""Seconds that closing waits for exchanges still under way."""


@frozen
class Prepared:
    """A request ready to be sent. Shows neither its body nor its headers."""

    method: str
    path: str
    params: Mapping[str, str] = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    content: bytes | None = field(repr=False)


@frozen
class Reply:
    """An answer, read to its end; header names in lower case."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    content: bytes = field(repr=False)


_NEVER_SENT: Final = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)
_BROKEN: Final = (httpx.NetworkError, httpx.RemoteProtocolError, httpx.ProxyError, httpx.DecodingError)


def _failure(error: Exception) -> CallError:
    """Translate what httpx or a transport raised. What is not known counts as "may have been received"."""
    name = type(error).__name__
    if isinstance(error, _NEVER_SENT):
        return ConnectError(f"could not connect, nothing was sent ({name}: {shorten(str(error), 200)})")
    if isinstance(error, (httpx.TimeoutException, TimeoutError)):
        return CallTimeoutError(f"no answer in time ({name})")
    if isinstance(error, _BROKEN):
        return ConnectionLostError(f"the connection broke ({name}: {shorten(str(error), 200)})")
    return ConnectionLostError(f"the exchange failed in an unforeseen way ({name})")


class Transport:
    """Connections to one server, shared by every view of a client."""

    def __init__(
        self, base_url: str, max_connections: int, user_agent: str, transport: httpx.AsyncBaseTransport | None
    ) -> None:
        if transport is not None and not isinstance(transport, httpx.AsyncBaseTransport):
            raise ArgumentTypeError(f"transport must be an httpx.AsyncBaseTransport, not {type(transport).__name__}")
        self._base_url = base_url
        self._closed = False
        self._free = asyncio.Semaphore(max_connections)
        self._running: set[asyncio.Task[Reply | CallError]] = set()
        self._client = httpx.AsyncClient(
            transport=transport,
            limits=httpx.Limits(max_connections=max_connections, max_keepalive_connections=max_connections),
            headers={"user-agent": user_agent, "accept": "application/json"},
            # A policy that allows no domain: no cookie is ever stored, so none is sent for another company.
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
            follow_redirects=False,
            # Plain http stays on this machine: a proxy named in the environment would be another.
            trust_env=base_url.startswith("https:"),
        )

    async def send(
        self, prepared: Prepared, token: Secret | None, scheme: str | None, *, step: float, remaining: float
    ) -> Reply | CallError:
        """Make one exchange, in at most ``remaining`` seconds, each step of it in at most ``step``.

        A caller that is cancelled leaves the exchange behind to end by itself.
        """
        loop = asyncio.get_running_loop()
        until = loop.time() + remaining
        try:
            async with asyncio.timeout_at(until):
                await self._free.acquire()
        except TimeoutError:
            return ConnectError("no connection became free within the call's deadline, nothing was sent")
        if self._closed:
            self._free.release()
            return ConnectError("the client was closed, nothing was sent")
        step = max(0.001, min(step, until - loop.time()))
        scope = anyio.CancelScope()
        task = loop.create_task(self._exchange(prepared, token, scheme, step, scope))
        self._running.add(task)
        task.add_done_callback(self._finished)
        try:
            # A little later than the steps' own timeouts, which know whether the request was sent.
            await asyncio.wait({task}, timeout=max(0.0, until - loop.time()) + 0.05)
        finally:
            if not task.done():
                loop.call_later(OVERTIME, scope.cancel)
        if not task.done():
            return CallTimeoutError("no answer within the call's deadline")
        return ConnectionLostError("the exchange was ended before its answer") if task.cancelled() else task.result()

    def _finished(self, task: asyncio.Task[Reply | CallError]) -> None:
        self._running.discard(task)
        self._free.release()

    async def _exchange(
        self, prepared: Prepared, token: Secret | None, scheme: str | None, step: float, scope: anyio.CancelScope
    ) -> Reply | CallError:
        try:
            request = self._client.build_request(
                prepared.method,
                self._base_url + prepared.path,
                params=dict(prepared.params) or None,
                headers=_authorized(prepared.headers, token, scheme),
                content=prepared.content,
                timeout=httpx.Timeout(step, connect=min(step, CONNECT_TIMEOUT)),
            )
        except Exception as error:  # noqa: BLE001 - as below
            return ConnectError(f"the request cannot be made, nothing was sent ({type(error).__name__})")
        with scope:
            try:
                response = await self._client.send(request)
                headers = {name.lower(): value for name, value in response.headers.items()}
                return Reply(response.status_code, headers, response.content)
            except Exception as error:  # noqa: BLE001 - every failure becomes a value
                return _failure(error)
        return CallTimeoutError("no answer in time")

    async def aclose(self) -> None:
        """Wait a bounded time for what is still running, end the rest, and close every connection."""
        self._closed = True
        if self._running:
            await asyncio.wait(set(self._running), timeout=CLOSE_GRACE)
        for task in (left := set(self._running)):
            task.cancel()
        if left:
            await asyncio.wait(left, timeout=CLOSE_GRACE)
        try:
            async with asyncio.timeout(CLOSE_GRACE):
                await self._client.aclose()
        except Exception as error:  # noqa: BLE001 - a connection that cannot be closed well is gone all the same
            logger.warning("closing the connections failed with %s", type(error).__name__)


def _authorized(headers: Mapping[str, str], token: Secret | None, scheme: str | None) -> dict[str, str]:
    """Add the token. Documented: ``Bearer`` and the token; observed in 2022: the bare token."""
    if token is None:
        return dict(headers)
    return {**headers, "authorization": f"{scheme} {token.reveal()}" if scheme else token.reveal()}
