"""Serves an application on a loopback socket, by uvicorn in a thread."""

import asyncio
import socket
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from ._inject import CONNECTION

START_SECONDS = 10.0
GRACE_SECONDS = 2
"""Seconds that answers under way may take when the server stops."""


@contextmanager
def serve(app: ASGIApp, port: int) -> Generator[str]:
    """Run a server and yield its base URL; on leaving, stop it within seconds."""
    with _listen(port) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        server = _Server(_config(app))
        thread = threading.Thread(
            target=server.run, args=([listener],), name="timify-sandbox", daemon=True
        )
        thread.start()
        try:
            _await_start(server, thread)
            yield url
        finally:
            _stop(server, thread)


class _Server(uvicorn.Server):
    """Also ends connections whose clients leave an answer unread, which uvicorn leaves open."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop within the grace period."""
        await super().shutdown(sockets)
        for connection in list(self.server_state.connections):
            connection.transport.abort()
        await asyncio.sleep(0)


class _Protocol(H11Protocol):
    """Passes the connection to the application, so that a fault can cut it."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Put the connection into the scope of each of its requests."""
        super().connection_made(transport)
        app = self.app

        async def connected(scope: Scope, receive: Receive, send: Send) -> None:
            await app({**scope, CONNECTION: transport}, receive, send)

        self.app = connected


def _listen(port: int) -> socket.socket:
    try:
        listener = socket.create_server(("127.0.0.1", port))
    except OSError as error:
        raise OSError(
            error.errno, f"cannot listen on 127.0.0.1:{port}: {error.strerror}"
        ) from error
    # asyncio turns Nagle's algorithm off only for sockets that say they are TCP. With it, each
    # answer takes 40 ms more.
    return socket.socket(
        listener.family, listener.type, socket.IPPROTO_TCP, fileno=listener.detach()
    )


def _config(app: ASGIApp) -> uvicorn.Config:
    """Use asyncio and h11, whatever else is installed, and leave the process's logging as it is."""
    return uvicorn.Config(
        app,
        loop="asyncio",
        http=_Protocol,
        ws="none",
        lifespan="off",
        log_config=None,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )


def _await_start(server: uvicorn.Server, thread: threading.Thread) -> None:
    end = time.monotonic() + START_SECONDS
    while not server.started:
        if not thread.is_alive() or time.monotonic() > end:
            raise RuntimeError("the sandbox's server did not start")
        time.sleep(0.002)


def _stop(server: uvicorn.Server, thread: threading.Thread) -> None:
    server.should_exit = True
    thread.join(GRACE_SECONDS + 8)
    if thread.is_alive():
        raise RuntimeError("the sandbox's server did not stop")
