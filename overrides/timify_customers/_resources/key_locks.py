"""Lets the upserts of one external id run one after the other, within a client and its views.

An upsert looks first and then writes. Two concurrent ones of the same key would both find nothing,
and create two customers if the API does not keep external ids unique (not documented).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from weakref import WeakValueDictionary

from attrs import define, field

from .._base.errors import CallTimeoutError
from .._calls.identity import comparable_key

Locks = WeakValueDictionary[tuple[str, str], asyncio.Lock]


@define(eq=False)
class KeyLocks:
    """A lock for each company and external id with an upsert under way.

    A lock disappears when nobody holds it or waits for it.
    """

    _locks: Locks = field(init=False, factory=WeakValueDictionary)

    @asynccontextmanager
    async def alone(self, company_id: str | None, key: str, seconds: float) -> AsyncIterator[None]:
        """Wait, but at most ``seconds``, until no other upsert of the key is under way.

        Raises:
            CallTimeoutError: the others took longer. Nothing was sent.
        """
        place = ((company_id or "").lower(), comparable_key(key))
        lock = self._locks.setdefault(place, asyncio.Lock())
        try:
            async with asyncio.timeout(seconds):
                await lock.acquire()
        except TimeoutError:
            raise CallTimeoutError(
                f"other upserts of external id {key!r} took until the call's deadline; "
                "nothing was sent"
            ) from None
        try:
            yield
        finally:
            lock.release()
