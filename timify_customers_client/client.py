"""Sends requests of the operations in `api`, asyncio only."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from . import errors
from .types import Request, Response, Unset

if TYPE_CHECKING:
    import httpx  # imported with the first request: models and requests do without it

T = TypeVar("T")

_NO_BODY = {204, 205, 304}


class Client:
    """Where requests go, and with what. Immutable but for the connections, which no other client shares.

    Redirects are not followed, and cookies neither kept nor sent.

    Args:
        base_url: Scheme and host, such as `https://api.timify.com`.
        token: The access token; without one no `Authorization` header is sent.
        prefix: What stands before the token, nothing when empty.
        headers: Sent with each request that has none of the same name; an `Authorization` here replaces the token's.
        timeout: Seconds for each of connecting, sending, a piece of the answer and waiting for a connection.
        transport: An httpx transport in place of the network. Closing it is up to you.

    Raises:
        ValueError: `timeout` is not a positive, finite number.
    """

    __slots__ = ("_base_url", "_headers", "_http", "_prefix", "_timeout", "_token", "_transport")

    def __init__(
        self,
        base_url: str,
        token: str | None = None,
        *,
        prefix: str = "Bearer",
        headers: Mapping[str, str] | None = None,
        timeout: float = 30.0,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        if not (math.isfinite(timeout) and timeout > 0):
            raise ValueError(f"timeout: expected a positive number of seconds, not {timeout}")
        self._base_url = base_url
        self._token = token
        self._prefix = prefix
        self._headers = dict(headers or {})
        self._timeout = timeout
        self._transport = transport
        self._http: httpx.AsyncClient | None = None

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._base_url!r}, timeout={self._timeout})"

    def with_headers(self, headers: Mapping[str, str]) -> Self:
        """Give another client that sends these headers too, or in place of those of the same name."""
        import httpx

        merged = httpx.Headers(self._headers)
        merged.update(headers)
        return self._other(headers=merged)

    def with_token(self, token: str | None) -> Self:
        """Give another client with this token."""
        return self._other(token=token)

    def with_timeout(self, timeout: float) -> Self:
        """Give another client with this timeout in seconds."""
        return self._other(timeout=timeout)

    def _other(self, **changed: Any) -> Self:
        options = {name: getattr(self, f"_{name}") for name in ("token", "prefix", "headers", "timeout", "transport")}
        return type(self)(self._base_url, **options | changed)

    async def call(self, request: Request, parse: Callable[[int, object], T]) -> Response[T]:
        """Send a request and read the answer with the operation's `parse`.

        Raises what `parse` raises, InvalidBody when the body is not JSON, and httpx's own errors.
        """
        answer = await self._pool().request(
            request.method,
            request.path,
            params=request.params or None,
            headers=request.headers,
            json=None if isinstance(request.json, Unset) else request.json,
        )
        parsed = parse(answer.status_code, _decoded(answer))
        return Response(answer.status_code, answer.headers, answer.content, parsed)

    async def aclose(self) -> None:
        """Close the connections. No request can be sent any more."""
        await self._pool().aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    def _pool(self) -> httpx.AsyncClient:
        if self._http is None:
            import http.cookiejar

            import httpx

            self._http = httpx.AsyncClient(
                base_url=self._base_url,
                headers=self._authorization() | self._headers,
                cookies=http.cookiejar.CookieJar(http.cookiejar.DefaultCookiePolicy(allowed_domains=())),
                timeout=self._timeout,
                transport=None if self._transport is None else _borrowed(self._transport),
                follow_redirects=False,
            )
        return self._http

    def _authorization(self) -> dict[str, str]:
        if self._token is None:
            return {}
        return {"Authorization": f"{self._prefix} {self._token}" if self._prefix else self._token}


class _Borrowed:
    """A transport that stays open when a client of several is closed."""

    def __init__(self, transport: httpx.AsyncBaseTransport) -> None:
        self._transport = transport

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return await self._transport.handle_async_request(request)

    async def aclose(self) -> None:
        """Close nothing."""


def _borrowed(transport: httpx.AsyncBaseTransport) -> httpx.AsyncBaseTransport:
    return cast("httpx.AsyncBaseTransport", _Borrowed(transport))  # httpx asks for no more than its methods


def _decoded(answer: httpx.Response) -> object:
    if not answer.content and answer.status_code in _NO_BODY:
        return None
    try:
        return answer.json()
    except (ValueError, RecursionError):
        raise errors.InvalidBody(answer.status_code, answer.content) from None


__all__ = ("Client",)
