"""An access token that the processes of an app share."""

from __future__ import annotations

import asyncio
import contextlib
import json
import ssl
from collections.abc import AsyncGenerator
from typing import Any, Final

from attrs import field, frozen
from redis.asyncio import Redis
from redis.asyncio.lock import Lock
from redis.exceptions import LockError

from .._base.checks import PRODUCTION, check_base_url
from .._base.errors import TimifyError
from .._base.secrets import Secret, conceal, secret
from .._base.settings import app_credentials
from .._calls.token import AccessToken
from .._client import TimifyCustomers
from ._seal import Seal
from ._shared_server import Server, ServerDownError, logger

RENEWED_AT: Final = 0.35
"""Share of its life that a token still has when it is renewed.

Clients ask for a token when 0.2 to 0.3 are left (see `EARLY` of `_calls.token`).
"""
LEASE: Final = 3.0
"""Seconds after which other processes take over from one that died while it requested a token."""
_POLL: Final = 0.1


@frozen
class _Kept:
    """The token in the server, and the seconds that it has left, or None if they are unknown."""

    value: str = field(repr=False)
    life: float | None
    left: float | None

    def is_good(self, rejected: str | None) -> bool:
        return self.value != rejected

    @property
    def is_due(self) -> bool:
        return bool(self.life and self.left is not None and self.left < self.life * RENEWED_AT)

    def token(self) -> AccessToken:
        return AccessToken(self.value, self.left)


class SharedToken:
    """One access token for all processes of an app, kept in Redis or Valkey.

    Use it as ``TimifyCustomers(access_token=SharedToken(url, app_id, app_secret))``. However many
    processes start at once, one of them requests a token from the API, and the others wait for it.
    One renews it before it expires, while the others go on with the old one. When it meets a 401,
    the first process renews it for all. A process that dies during its request delays the others by
    3 seconds.

    The server stores the token encrypted with a key that is derived from the app's secret (see
    `workers._seal`). While the server is down, each process requests a token of its own, and logs
    one warning.

    Several clients may use it, in any event loop and process. Connections to the server are opened
    for each request for a token and closed after it, so there is nothing to close.
    """

    def __init__(
        self,
        server: str | Redis,
        app_id: str,
        app_secret: str | Secret,
        *,
        base_url: str = PRODUCTION,
        allow_http: bool = False,
        ssl_context: ssl.SSLContext | None = None,
        proxy: str | None = None,
        timeout: float = 30.0,
        deadline: float = 120.0,
    ) -> None:
        """Check the settings; nothing is sent before the first token is needed.

        Args:
            server: URL of the server, such as ``redis://host:6379/0``, or a client of redis-py
                (``redis.asyncio.Redis``), which stays open.
            app_id: id of your app.
            app_secret: its secret.
            base_url: as for `TimifyCustomers`, like all that follow; they apply to requests for
                tokens.
            allow_http: permit plain http to another machine.
            ssl_context: decides which servers are trusted.
            proxy: address of a proxy.
            timeout: seconds for each step of an attempt.
            deadline: seconds for a whole request with its attempts.

        Raises:
            ConfigurationError: a setting cannot work.
            ArgumentTypeError: a setting has the wrong type.
        """
        credentials = app_credentials(app_id, checked_secret(app_secret), None)
        assert credentials is not None  # noqa: S101 - without a token, an app is all there may be
        self._app_id, self._app_secret = credentials
        self._settings: dict[str, Any] = {
            "base_url": check_base_url(base_url, allow_http=allow_http),
            "allow_http": allow_http,
            "ssl_context": ssl_context,
            "proxy": proxy,
            "timeout": timeout,
            "deadline": deadline,
        }
        self._seal = Seal(self._app_id, self._app_secret, self._settings["base_url"])
        self._key = f"timify:{self._seal.name}:token"
        self._server = Server(server, "each process asks for an access token of its own")
        self._asking = 0

    async def __call__(self, *, rejected: str | None = None) -> AccessToken:
        """Return the token, with the seconds that it has left.

        Args:
            rejected: a token that met a 401. Unless another process has replaced it, a new one is
                requested.

        Raises:
            TimifyError: the request for a token failed.
        """
        self._asking += 1
        try:
            return await self._shared(rejected)
        except ServerDownError:
            return await self._request()
        finally:
            self._asking -= 1
            if not self._asking:
                await self._server.aclose()

    async def _shared(self, rejected: str | None) -> AccessToken:
        while True:
            good = await self._good(rejected)
            if good and not good.is_due:
                return good.token()
            async with self._turn() as is_mine:
                if is_mine:
                    return await self._renewed_or_good(rejected)
            if good:
                return good.token()  # another process is renewing it
            await asyncio.sleep(_POLL)

    async def _good(self, rejected: str | None) -> _Kept | None:
        """Return the token in the server, unless it was rejected or has expired."""
        stored = await self._server.run(self._read)
        return stored if stored and stored.is_good(rejected) else None

    async def _renewed_or_good(self, rejected: str | None) -> AccessToken:
        """Renew the token. If that fails, go on with the old one, unless it has expired by then."""
        try:
            return await self._renew(rejected)
        except TimifyError as error:
            good = None
            with contextlib.suppress(ServerDownError):
                good = await self._good(rejected)
            if good is None:
                raise
            logger.warning("renewing the access token failed (%s)", type(error).__name__)
            return good.token()

    async def _read(self, client: Redis) -> _Kept | None:
        async with client.pipeline(transaction=True) as pipeline:
            pipeline.get(self._key)
            pipeline.pttl(self._key)
            sealed, milliseconds = await pipeline.execute()
        content = self._seal.open(sealed) if sealed else None
        if content is None:
            return None
        stored = json.loads(content)
        remaining = milliseconds / 1000 if milliseconds > 0 else None
        return _Kept(stored["value"], stored["life"], remaining)

    @contextlib.asynccontextmanager
    async def _turn(self) -> AsyncGenerator[bool, None]:
        """Take the lock for token requests if it is free, and yield whether it was.

        The lock ends with the process.
        """

        async def acquire(client: Redis) -> Lock | None:
            lock = client.lock(f"{self._key}:lock", timeout=LEASE, thread_local=False)
            return lock if await lock.acquire(blocking=False) else None

        lock = await self._server.run(acquire)
        if lock is None:
            yield False
            return
        holding = asyncio.create_task(self._hold(lock))
        try:
            yield True
        finally:
            holding.cancel()
            with contextlib.suppress(ServerDownError):
                await self._server.run(lambda _: _release(lock))

    async def _hold(self, lock: Lock) -> None:
        with contextlib.suppress(ServerDownError):
            while True:
                await asyncio.sleep(LEASE / 3)
                await self._server.run(lambda _: _extend(lock))

    async def _renew(self, rejected: str | None) -> AccessToken:
        good = await self._good(rejected)
        if good and not good.is_due:
            return good.token()  # another process was faster
        token = await self._request()
        with contextlib.suppress(ServerDownError):
            await self._server.run(lambda client: self._keep(client, token))
        return token

    async def _keep(self, client: Redis, token: AccessToken) -> None:
        life = token.expires_in
        content = json.dumps({"value": token.value, "life": life}).encode()
        milliseconds = int(life * 1000) if life and life > 0 else None
        await client.set(self._key, self._seal.close(content), px=milliseconds)

    async def _request(self) -> AccessToken:
        async with TimifyCustomers(self._app_id, self._app_secret, **self._settings) as timify:
            return await timify._scope.caller.request_token()  # noqa: SLF001 - of the same package

    def __repr__(self) -> str:
        return f"<SharedToken app_id={self._app_id!r}>"


async def _extend(lock: Lock) -> None:
    with contextlib.suppress(LockError):  # it expired, so another process may have it now
        await lock.reacquire()


async def _release(lock: Lock) -> None:
    with contextlib.suppress(LockError):  # it has expired
        await lock.release()


def checked_secret(app_secret: str | Secret) -> Secret | None:
    hidden = conceal(app_secret)
    return None if hidden is None else secret("app_secret", hidden)
