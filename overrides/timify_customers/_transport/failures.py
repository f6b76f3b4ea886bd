"""What an exchange that failed means: what httpx or a transport raised, as an error of ours."""

from __future__ import annotations

from typing import Final

import httpx

from .._base.errors import CallError, CallTimeoutError, ConnectError, ConnectionLostError
from .._base.text import shorten

_NEVER_SENT: Final = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.UnsupportedProtocol,
)
_BROKEN: Final = (httpx.NetworkError, httpx.RemoteProtocolError, httpx.ProxyError)


def translate(error: Exception) -> CallError:
    """Translate what httpx or a transport raised.

    What is not known counts as "may have been received".
    """
    name = type(error).__name__
    if isinstance(error, _NEVER_SENT):
        return ConnectError(
            f"could not connect, nothing was sent ({name}: {shorten(str(error), 200)})"
        )
    if isinstance(error, (httpx.TimeoutException, TimeoutError)):
        return CallTimeoutError(f"no answer in time ({name})")
    if isinstance(error, _BROKEN):
        return ConnectionLostError(f"the connection broke ({name}: {shorten(str(error), 200)})")
    return ConnectionLostError(f"the exchange failed in an unforeseen way ({name})")
