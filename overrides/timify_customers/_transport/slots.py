"""Slots: httpx clients of one connection each, made when needed and thrown away when in doubt.

A slot serves one exchange at a time, and waits on a stack in between, so that the connection used
last is used next. A transport of the user's takes the place of all slots: it serves every exchange,
pools as it likes, and is closed only with the client.
"""

from __future__ import annotations

import asyncio
import ssl
from functools import cached_property
from typing import Any, Final

from attrs import define, field

from .events import logger
from .library import AsyncBaseTransport, HttpLibrary

KEEPALIVE_EXPIRY: Final = 5.0
"""Seconds after which an unused connection is closed (httpx's own default)."""


@define(eq=False)
class Slot:
    """A place for one connection.

    Attributes:
        client: an httpx client with one connection, which handles proxies and certificates.
        transport: the part of the client that sends requests to the server or its proxy.
        used_at: when the slot was last used, in seconds of the loop's clock.
    """

    client: Any
    transport: AsyncBaseTransport
    used_at: float = 0.0


@define(eq=False, slots=False)
class Slots:
    """The slots of one client.

    Attributes:
        http: the library that sends.
        base_url: the server.
        transport: the user's transport, instead of slots; or None.
        ssl_context: the user's context, instead of one with the certificates of httpx; or None.
        proxy: address of a proxy for all connections, instead of the environment's; or None.
    """

    http: HttpLibrary
    base_url: str
    transport: AsyncBaseTransport | None = None
    ssl_context: ssl.SSLContext | None = None
    proxy: str | None = None
    idle: list[Slot] = field(init=False, factory=list)
    closings: set[asyncio.Task[None]] = field(init=False, factory=set)

    @cached_property
    def users(self) -> Slot | None:
        """The one slot of a user's transport, or None."""
        if self.transport is None:
            return None
        return Slot(self._client(self.transport), self.transport)

    def _slot(self) -> Slot:
        """Make a slot.

        Requests go directly to the transport: authentication, cookies and redirects, which this SDK
        does not need, make up a tenth of the cost of a call. The environment's proxies may require
        different transports, and only a private method of the client says which one to use.
        """
        client = self._client()
        return Slot(client, client._transport_for_url(self._address))  # noqa: SLF001

    @cached_property
    def _address(self) -> Any:
        return self.http.URL(self.base_url)

    def _client(self, transport: AsyncBaseTransport | None = None) -> Any:
        return self.http.AsyncClient(
            transport=transport,
            proxy=None if transport is not None else self.proxy,
            verify=self._tls if transport is None else False,
            limits=self.http.Limits(
                max_connections=1, max_keepalive_connections=1, keepalive_expiry=KEEPALIVE_EXPIRY
            ),
            trust_env=self._is_https,
        )

    @property
    def _is_https(self) -> bool:
        """Whether to heed the environment's proxies.

        Plain http is for this machine, unless the user permits another one, and a proxy would be
        another one.
        """
        return self.base_url.startswith("https:")

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        """The TLS context of all slots, since reading certificates costs more than many calls."""
        if self.ssl_context is not None:
            return self.ssl_context
        if self._is_https or self.proxy is not None:
            context: ssl.SSLContext = self.http.create_ssl_context()
            return context
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)

    def take(self) -> Slot:
        """Take the slot used last, or make one. Slots that were idle for too long are closed."""
        if self.users is not None:
            return self.users
        coldest = asyncio.get_running_loop().time() - KEEPALIVE_EXPIRY
        while self.idle and self.idle[0].used_at < coldest:
            self.throw_away(self.idle.pop(0))
        return self.idle.pop() if self.idle else self._slot()

    def put_back(self, slot: Slot) -> None:
        """Keep a slot for a later exchange."""
        if slot is not self.users:
            slot.used_at = asyncio.get_running_loop().time()
            self.idle.append(slot)

    def throw_away(self, slot: Slot) -> None:
        """Close a slot's connection, in a task that does not end when the caller is cancelled."""
        if slot is not self.users:
            self._close(slot)

    def distrust(self, slot: object) -> None:
        """Throw away a slot that was put back, unless another exchange has taken it since."""
        for idle in self.idle:
            if idle is slot:
                self.idle.remove(idle)
                self._close(idle)
                return

    def _close(self, slot: Slot) -> None:
        closing = asyncio.get_running_loop().create_task(_close_client(slot.client))
        self.closings.add(closing)
        closing.add_done_callback(self.closings.discard)

    async def aclose(self, seconds: float) -> None:
        """Close all slots in at most ``seconds``."""
        slots = [*self.idle, *([self.users] if self.users is not None else ())]
        self.idle.clear()
        for slot in slots:
            self._close(slot)
        if self.closings:
            _, hanging = await asyncio.wait(set(self.closings), timeout=seconds)
            for closing in hanging:
                closing.cancel()


async def _close_client(client: Any) -> None:
    try:
        await client.aclose()
    except Exception as error:  # noqa: BLE001 - the connection is gone all the same
        logger.warning("closing a connection failed with %s", type(error).__name__)
