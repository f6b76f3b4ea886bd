"""A proxy on loopback that records any program with the API's address in its environment.

Needs the extra ``sandbox`` (starlette, uvicorn).
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from .._base.checks import PRODUCTION, check_base_url
from ..sandbox._server import serve
from ._recorder import OF_THE_CONNECTION, Recorder


@contextmanager
def recording_proxy(
    path: str | Path, target: str = PRODUCTION, inner: httpx.AsyncBaseTransport | None = None
) -> Iterator[str]:
    """Serve a proxy for ``target`` on 127.0.0.1 until the block ends, and yield its base URL.

    Each request is passed on over a connection of its own. If the target cannot be reached, the
    answer is a 502, which is not recorded.

    Args:
        path: the file to make; see `Recorder`.
        target: base URL of the API; https, or on this machine.
        inner: the transport that sends; see `Recorder`.

    Warns:
        UserWarning: at the end, if some exchanges could not be written to the file.

    Raises:
        ConfigurationError: the file already exists, or the target is not an address of an API.
    """
    address = check_base_url(target, allow_http=False)
    # No connection is kept alive, so that none must be closed in the server's loop.
    sender = inner or httpx.AsyncHTTPTransport(limits=httpx.Limits(max_keepalive_connections=0))
    recorder = Recorder(path, sender)
    client = httpx.AsyncClient(transport=recorder, timeout=None)  # noqa: S113 - callers have their own
    client.headers.clear()  # only the request's own headers are passed on

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        response = await _forward(client, address, Request(scope, receive))
        await response(scope, receive, send)

    try:
        with serve(app, 0) as url:
            yield url
    finally:
        if recorder.missing:
            warnings.warn(
                f"{path} lacks exchanges, {recorder.missing} in number: {recorder.reason}",
                stacklevel=3,
            )


async def _forward(client: httpx.AsyncClient, address: str, request: Request) -> Response:
    url = f"{address}{request.scope['raw_path'].decode()}?{request.url.query}".removesuffix("?")
    headers = [header for header in request.headers.items() if header[0] not in OF_THE_CONNECTION]
    try:
        answer = await client.request(
            request.method, url, headers=headers, content=await request.body()
        )
    except httpx.HTTPError as error:
        return JSONResponse(
            {"message": f"the recording proxy got no answer ({type(error).__name__})"}, 502
        )
    response = Response(answer.content, answer.status_code)
    passed = [(name.lower(), value) for name, value in answer.headers.raw]
    response.raw_headers.extend(
        header for header in passed if header[0].decode() not in OF_THE_CONNECTION
    )
    return response
