"""What a failed exchange means: the exceptions of httpx and of transports as this SDK's errors."""

from __future__ import annotations

from .._base.errors import CallError, CallTimeoutError, ConnectError, ConnectionLostError
from .._base.text import shorten
from .library import HttpLibrary


def translate(error: Exception, http: HttpLibrary) -> CallError:
    """Translate an exception of the library or of a transport.

    An unknown one counts as "may have been received".
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
