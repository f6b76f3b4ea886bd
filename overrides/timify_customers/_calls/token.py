"""The access token and its age.

Observed: the token answer is ``{"accessToken", "refreshToken", "expires"}``, with ``expires`` in
    seconds from now.
"""

from __future__ import annotations

import inspect
import random
from collections.abc import Awaitable, Callable
from typing import Any, Final

from attrs import field, frozen

from .._base.errors import ArgumentTypeError
from .._base.secrets import Secret, secret
from .cache import CachedValue, RefreshingCache

EARLY: Final = 0.8
"""Share of a token's life after which it is renewed in the background.

Up to a tenth of its life is taken off (jitter), so that not all clients renew at once.
"""
LATE: Final = 0.95
"""Share of a token's life after which calls wait for a new token."""
_ENDLESS: Final = 1e9


@frozen
class AccessToken:
    """A token from your own provider: ``value``, and for how many seconds it is still good.

    An impossible number (0, negative, not a number) counts as None: the life is unknown, so the
    token is used until a 401.
    """

    value: str = field(repr=False)
    expires_in: float | None = None


TokenProvider = Callable[[], Awaitable[AccessToken | str]]
"""Returns a token whenever one is needed: at first, before it expires, and after a 401.

A provider may also take the keyword ``rejected`` (``async def provide(*, rejected: str | None =
None)``), which is the token that met a 401, or None. Where several processes share a token, the
provider can then tell whether another process has renewed it meanwhile.
"""


def issued(token: AccessToken, now: float, jitter: float) -> CachedValue[Secret]:
    """Calculate the moments of a token's life.

    Args:
        token: the token, as it was issued.
        now: the present moment, in seconds of the client's clock.
        jitter: a random number in [0, 1).
    """
    value = secret("access token", token.value)
    life = min(token.expires_in or 0.0, _ENDLESS)
    if not life > 0:
        return CachedValue(value)
    return CachedValue(value, now + life * (EARLY - jitter / 10), now + life * LATE, now + life)


class TokenCache(RefreshingCache[Secret]):
    """The cache of a client's token; it tells the provider which token met a 401."""

    def __init__(self, provider: TokenProvider, patience: float, now: Callable[[], float]) -> None:
        """Make the cache of a client's token.

        Args:
            provider: returns a token.
            patience: seconds that one request for it may take.
            now: returns the present moment, in seconds of the client's clock.
        """
        super().__init__("an access token", self._provide, patience, now)
        self._clock = now
        self._provider: Callable[..., Awaitable[object]] = provider
        self._takes_rejected = _takes_rejected(provider)
        self._rejected: Secret | None = None

    def drop(self, value: CachedValue[Secret]) -> None:
        """Forget a token that met a 401, unless a newer one has already replaced it."""
        if self._state.cached is value:
            self._rejected = value.value
        super().drop(value)

    async def _provide(self) -> CachedValue[Secret]:
        options: dict[str, Any] = {}
        if self._takes_rejected:
            options["rejected"] = self._rejected.reveal() if self._rejected else None
        provided = await self._provider(**options)
        token = AccessToken(provided) if isinstance(provided, str) else provided
        if not isinstance(token, AccessToken):
            kind = type(provided).__name__
            raise ArgumentTypeError(f"a token provider must return AccessToken or str, not {kind}")
        self._rejected = None
        jitter = random.random()  # noqa: S311 - spreads load
        return issued(token, self._clock(), jitter)


def _takes_rejected(provider: Callable[..., object]) -> bool:
    try:
        return "rejected" in inspect.signature(provider).parameters
    except (TypeError, ValueError):  # some callables have no signature
        return False
