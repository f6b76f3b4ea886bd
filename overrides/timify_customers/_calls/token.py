"""The access token and its age.

Observed: the token answer is ``{"accessToken", "refreshToken", "expires"}``, with ``expires`` in
    seconds from now.
"""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable
from typing import Final

from attrs import field, frozen

from .._base.errors import ArgumentTypeError
from .._base.secrets import Secret, secret
from .cache import CachedValue, RefreshingCache

EARLY: Final = 0.8
"""Share of a token's life after which it is renewed in the background.

Up to a tenth of its life is taken off (jitter), so that not all clients renew at once.
"""
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
    """Work out the moments of a token's life.

    Args:
        token: as it came.
        now: the moment, in seconds of the client's clock.
        jitter: a random number in [0, 1).
    """
    value = secret("access token", token.value)
    life = min(token.expires_in or 0.0, _ENDLESS)
    if not life > 0:
        return CachedValue(value)
    return CachedValue(value, now + life * (EARLY - jitter / 10), now + life * LATE, now + life)


def token_cache(
    provider: TokenProvider, patience: float, now: Callable[[], float]
) -> RefreshingCache[Secret]:
    """Make the cache of a client's token.

    Args:
        provider: brings a token.
        patience: seconds that a request for it may take.
        now: returns the moment that it is, in seconds of the client's clock.
    """

    async def fetch() -> CachedValue[Secret]:
        provided: object = await provider()
        token = AccessToken(provided) if isinstance(provided, str) else provided
        if not isinstance(token, AccessToken):
            kind = type(provided).__name__
            raise ArgumentTypeError(f"a token provider must return AccessToken or str, not {kind}")
        jitter = random.random()  # noqa: S311 - spreads load
        return issued(token, now(), jitter)

    return RefreshingCache("an access token", fetch, patience, now)
