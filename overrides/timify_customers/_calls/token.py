"""The access token and its age.

Observed: the token answer is ``{"accessToken", "refreshToken", "expires"}``, with ``expires`` in
    seconds from now.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import Final

from attrs import field, frozen

from .._base.errors import ArgumentTypeError
from .._base.secrets import Secret, secret
from .cache import CachedValue, RefreshingCache

EARLY: Final = 0.8
"""Share of a token's life after which it is renewed in the background, less up to a tenth of its life (jitter)."""
LATE: Final = 0.95
"""Share of a token's life after which calls wait for a new one."""
_ENDLESS: Final = 1e9


@frozen
class AccessToken:
    """A token from a provider of your own: ``value``, and the seconds it is still good for.

    A number that cannot be (0, negative, not a number) counts as None: unknown, so the token is
    used until a 401.
    """

    value: str = field(repr=False)
    expires_in: float | None = None


TokenProvider = Callable[[], Awaitable[AccessToken | str]]
"""Returns a token when one is needed: at first, ahead of expiry, and after a 401."""


def issued(token: AccessToken, now: float, jitter: float) -> CachedValue[Secret]:
    """Work out the moments of a token's life; ``jitter`` in [0, 1) spreads the early one over many clients."""
    value = secret("access token", token.value)
    life = min(token.expires_in or 0.0, _ENDLESS)
    if not life > 0:
        return CachedValue(value)
    return CachedValue(value, now + life * (EARLY - jitter / 10), now + life * LATE, now + life)


def token_cache(provider: TokenProvider, patience: float) -> RefreshingCache[Secret]:
    """Make the cache of a client's token; ``patience``: seconds that one request for it may take."""

    async def fetch() -> CachedValue[Secret]:
        given = await provider()
        token = AccessToken(given) if isinstance(given, str) else given
        if not isinstance(token, AccessToken):
            raise ArgumentTypeError(
                f"a token provider must give AccessToken or str, not {type(given).__name__}"
            )
        return issued(token, asyncio.get_running_loop().time(), random.random())  # noqa: S311 - spreads load

    return RefreshingCache("an access token", fetch, patience)
