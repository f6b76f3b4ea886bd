"""What an exchange that failed means: what httpx or a transport raised, as an error of ours."""

from __future__ import annotations

from .._base.errors import CallError, CallTimeoutError, ConnectError, ConnectionLostError
from .._base.text import shorten
from .library import HttpLibrary


def translate(error: Exception, http: HttpLibrary) -> CallError:
    """Translate what the library or a transport raised.

    What is not known counts as "may have been received".
    """
    never_sent = (
        http.ConnectError,
        http.ConnectTimeout,
        http.PoolTimeout,
        http.UnsupportedProtocol,
    )
    broken = (http.NetworkError, http.RemoteProtocolError, http.ProxyError)
    name = type(error).__name__
    if isinstance(error, never_sent):
        return ConnectError(
            f"could not connect, nothing was sent ({name}: {shorten(str(error), 200)})"
        )
    if isinstance(error, (http.TimeoutException, TimeoutError)):
        return CallTimeoutError(f"no answer in time ({name})")
    if isinstance(error, broken):
        return ConnectionLostError(f"the connection broke ({name}: {shorten(str(error), 200)})")
    return ConnectionLostError(f"the exchange failed in an unforeseen way ({name})")
