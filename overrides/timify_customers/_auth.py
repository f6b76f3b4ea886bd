"""The access token: pure decisions about its age, and one flight for everybody who needs it.

Observed: the token answer is ``{"accessToken", "refreshToken", "expires"}``, with ``expires`` in seconds from now.
"""

from __future__ import annotations

import asyncio
import copy
import math
import random
from collections.abc import Awaitable, Callable
from typing import Final, Literal

from attrs import evolve, field, frozen

from ._errors import ArgumentTypeError, CallError, CallTimeoutError, ClientStateError, TimifyError
from ._options import Secret, secret

EARLY: Final = 0.8
"""Share of a token's life after which it is renewed in the background, less up to a tenth of its life (jitter)."""
LATE: Final = 0.95
"""Share of a token's life after which calls wait for a new one."""
_ENDLESS: Final = 1e9
RENEWAL_BACKOFF: Final = 5.0
"""Seconds before a failed renewal of a token that is still good is tried again; doubled with each failure."""


@frozen
class AccessToken:
    """A token from a provider of your own: ``value``, and the seconds it is still good for.

    A number that cannot be (0, negative, not a number) counts as None: unknown, so the token is used until a 401.
    """

    value: str = field(repr=False)
    expires_in: float | None = None


TokenProvider = Callable[[], Awaitable["AccessToken | str"]]
"""Gives a token when one is needed: at first, ahead of expiry, and after a 401."""


@frozen
class Token:
    """A token with the moments (seconds of the loop's clock) at which it is to be renewed, and at which it ends."""

    value: Secret
    early: float = math.inf
    late: float = math.inf
    expires: float = math.inf

    @classmethod
    def issued(cls, token: AccessToken, now: float, jitter: float) -> Token:
        """Work out the two moments; ``jitter`` in [0, 1) spreads the early one over many clients."""
        value = secret("access token", token.value)
        life = min(token.expires_in or 0.0, _ENDLESS)
        if not life > 0:
            return cls(value)
        return cls(value, now + life * (EARLY - jitter / 10), now + life * LATE, now + life)


@frozen
class TokenState:
    """The token at hand, and after failed renewals the moment of the next one."""

    token: Token | None = None
    failures: int = 0
    next_renewal: float = 0.0

    def failed(self, now: float) -> TokenState:
        """Note a renewal that failed, so that the next one waits while the token is good."""
        delay = RENEWAL_BACKOFF * 2.0 ** min(self.failures, 6)
        return evolve(self, failures=self.failures + 1, next_renewal=now + delay)


def judge(state: TokenState, now: float) -> Literal["use", "use and renew", "wait"]:
    """Say what a call that needs a token does at ``now``."""
    token = state.token
    if token is None or now >= token.expires:
        return "wait"
    if now < max(token.early, state.next_renewal):
        return "use"
    return "wait" if now >= token.late else "use and renew"


class TokenSource:
    """Holds the token and lets one request at a time renew it.

    The flight is a task of its own, so that whoever started it can be cancelled without harm to those who wait.
    """

    def __init__(self, fetch: TokenProvider, patience: float, *, renewable: bool = True) -> None:
        """Make a source; ``patience``: seconds that one request for a token may take."""
        self.renewable = renewable
        self._fetch = fetch
        self._patience = patience
        self._state = TokenState()
        self._flight: asyncio.Task[Token | TimifyError] | None = None

    async def get(self, remaining: float) -> Token:
        """Give a token to call with.

        Raises:
            CallTimeoutError: none came within ``remaining`` seconds.
            TimifyError: what ended the token request.
        """
        token, need = self._state.token, judge(self._state, asyncio.get_running_loop().time())
        if token is None or need == "wait":
            return await self._join(remaining)
        if need == "use and renew":
            self._start()
        return token

    async def _join(self, remaining: float) -> Token:
        flight = self._start()
        # Whoever has a token that is still good leaves time to use it.
        await asyncio.wait({flight}, timeout=remaining / 2 if self._good() else remaining)
        result = None if not flight.done() or flight.cancelled() else flight.result()
        if token := result if isinstance(result, Token) else self._good():
            return token
        if isinstance(result, TimifyError):
            raise copy.copy(result)
        if flight.done():
            raise ClientStateError("the request for an access token was cancelled, as closing the client does")
        raise CallTimeoutError("no access token came within the call's deadline; nothing was sent")

    def _good(self) -> Token | None:
        token = self._state.token
        return token if token is not None and asyncio.get_running_loop().time() < token.expires else None

    def reject(self, token: Token) -> None:
        """Forget a token that got a 401, unless a newer one has taken its place."""
        if self.renewable and self._state.token is token:
            self._state = evolve(self._state, token=None)

    def _start(self) -> asyncio.Task[Token | TimifyError]:
        if self._flight is None or self._flight.done():
            self._flight = asyncio.create_task(self._renew())
        return self._flight

    async def _renew(self) -> Token | TimifyError:
        now = asyncio.get_running_loop().time
        try:
            async with asyncio.timeout(self._patience):
                given = await self._fetch()
            token = Token.issued(_checked(given), now(), random.random())  # noqa: S311 - spreads load
        except TimifyError as error:
            self._state = self._state.failed(now())
            return error
        except Exception as error:  # noqa: BLE001 - a user's provider may raise anything; every waiter hears of it
            self._state = self._state.failed(now())
            return CallError(f"the token provider failed with {type(error).__name__}")
        self._state = TokenState(token)
        return token

    async def aclose(self) -> None:
        """End a renewal that is under way; a provider that does not let itself be ended is left behind."""
        if self._flight is not None and not self._flight.done():
            self._flight.cancel()
            await asyncio.wait({self._flight}, timeout=1.0)


def _checked(given: object) -> AccessToken:
    if isinstance(given, str):
        return AccessToken(given)
    if isinstance(given, AccessToken):
        return given
    raise ArgumentTypeError(f"a token provider must give AccessToken or str, not {type(given).__name__}")
