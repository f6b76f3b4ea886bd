"""The Redis or Valkey server that processes share, and how its failures are handled.

Features that can do without the server, such as a shared token, go on without it: `Server.run`
raises `ServerDownError` within seconds, and after a failure the server is not used for a while, so
that not every call waits for a server that is down.
"""

from __future__ import annotations

import asyncio
import logging
import os
import time
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from .._base.errors import ArgumentTypeError, ConfigurationError, TimifyError
from .._base.package import NAME

T = TypeVar("T")

PATIENCE: Final = 2.0
"""Seconds that the server may take, including connecting, before it counts as down."""
PROBE_AFTER: Final = 5.0
"""Seconds after a failure during which the server is not used."""

logger = logging.getLogger(f"{NAME}.workers")


class SharedServerError(TimifyError, ConnectionError):
    """The Redis or Valkey server cannot be used."""


class ServerDownError(Exception):
    """The server did not respond in time. It stays within this room: callers go on without it."""


def check_server(server: object) -> str | Redis:
    """Refuse anything but the URL of a server or an asyncio client of redis-py.

    Raises:
        ConfigurationError: redis-py does not accept the URL.
        ArgumentTypeError: it is neither of them.
    """
    if isinstance(server, Redis):
        return server
    if not isinstance(server, str):
        kind = type(server).__name__
        raise ArgumentTypeError(f"server must be a URL or a redis.asyncio.Redis, not {kind}")
    try:
        Redis.from_url(server)
    except (ValueError, TypeError) as error:
        raise ConfigurationError(
            "server must be a URL such as redis://host:6379/0, rediss://... or unix:///path: "
            f"{type(error).__name__}"  # the text of the error may hold a password
        ) from None
    return server


class Server:
    """One object's access to the server, which connects on first use and survives outages.

    A client made from a URL belongs to one event loop of one process. Another loop or process gets
    a new one.
    """

    def __init__(self, server: str | Redis, instead: str) -> None:
        """Set the server, without connecting to it.

        Args:
            server: a URL, or a client, which its owner closes.
            instead: what is done instead while the server is down, for the log.
        """
        self._given = check_server(server)
        self._instead = instead
        self._client: Redis | None = None
        self._place: tuple[object, int] | None = None
        self._asked_again_at = 0.0
        self._down = False

    async def run(self, work: Callable[[Redis], Awaitable[T]]) -> T:
        """Do work on the server.

        Raises:
            ServerDownError: it could not be done in time, or the server has just failed.
        """
        if time.monotonic() < self._asked_again_at:
            raise ServerDownError
        try:
            async with asyncio.timeout(PATIENCE):
                result = await work(self._connected())
        except (RedisError, OSError) as error:  # TimeoutError is an OSError
            self._note_failure(error)
            raise ServerDownError from error
        self._down = False
        return result

    def _connected(self) -> Redis:
        if isinstance(self._given, Redis):
            return self._given
        place = asyncio.get_running_loop(), os.getpid()
        if self._client is None or self._place != place:
            self._client, self._place = connect(self._given), place
        return self._client

    def _note_failure(self, error: Exception) -> None:
        self._asked_again_at = time.monotonic() + PROBE_AFTER
        if not self._down:  # once for each outage
            logger.warning(
                "the Redis server cannot be used (%s); %s", type(error).__name__, self._instead
            )
        self._down = True

    async def aclose(self) -> None:
        """Close the connections, unless the client was passed in."""
        client, self._client = self._client, None
        if client is not None and self._place == (asyncio.get_running_loop(), os.getpid()):
            await client.aclose()


def connect(url: str, *, retry: Retry | None = None) -> Redis:
    """Make a client that fails soon: redis-py's own retries take longer than `PATIENCE`."""
    return Redis.from_url(
        url,
        socket_connect_timeout=PATIENCE,
        socket_timeout=PATIENCE,
        retry=retry or Retry(NoBackoff(), 1),
    )


async def check_reachable(server: str | Redis) -> None:
    """Ping the server once.

    Raises:
        SharedServerError: the server does not answer.
    """
    client = server if isinstance(server, Redis) else connect(server)
    try:
        await client.ping()
    except (RedisError, OSError) as error:
        raise unusable(error) from error
    finally:
        if client is not server:
            await client.aclose()


def unusable(error: Exception) -> SharedServerError:
    """Return the error for a server that cannot be used, without the URL's password."""
    return SharedServerError(
        f"the Redis server cannot be used: {type(error).__name__}; see that it runs, and that its "
        "URL is right"
    )
