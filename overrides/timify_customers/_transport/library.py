"""The HTTP library that a client sends with: httpx, or httpx2, which has the same interface.

Neither is imported before a client is made that uses it. Then everything is imported that its first
request would import, so that no call blocks the event loop while modules load. An example: a
program that only reads definitions from a file never imports either.
"""

from __future__ import annotations

import importlib
import os
from typing import Any, Final, Protocol

from .._base.errors import ArgumentTypeError, ConfigurationError
from .._base.package import how_to_install

NAMES: Final = ("httpx", "httpx2")
_BACKENDS: Final = ("anyio", "anyio.to_thread", "anyio._backends._asyncio")
"""What either library imports with its first request on asyncio."""

HttpLibrary = Any
"""The module itself. No type says that a value is one of two modules."""


class AsyncBaseTransport(Protocol):
    """What sends requests: an ``AsyncBaseTransport`` of httpx or of httpx2."""

    async def handle_async_request(self, request: Any) -> Any:
        """Send a request and return the answer, whose body is not read yet."""
        ...

    async def aclose(self) -> None:
        """Close the connections."""
        ...


def load_library(transport: object, name: str | None) -> HttpLibrary:
    """Import the library of the user's transport, else the library with this name.

    Without either, import the one that ``TIMIFY_HTTP`` names, else httpx.

    Raises:
        ArgumentTypeError: ``transport`` belongs to neither library.
        ConfigurationError: there is no such library, it is not installed, or the transport belongs
            to the other one.
    """
    if name is not None:
        _check_name("http", name)
    if transport is None:
        return _loaded(name or _named_by_environment())
    own = _library_name(transport)
    if own is None:
        kind = type(transport).__name__
        raise ArgumentTypeError(f"transport must be an httpx.AsyncBaseTransport, not {kind}")
    if name not in (None, own):
        raise ConfigurationError(f"transport is of {own}: leave http out, or give http={own!r}")
    return _loaded(own)


def _named_by_environment() -> str:
    name = os.environ.get("TIMIFY_HTTP", "").strip()
    if not name:
        return "httpx"
    _check_name("TIMIFY_HTTP", name)
    return name


def _check_name(where: str, name: object) -> None:
    if name not in NAMES:
        raise ConfigurationError(f"{where} must be {' or '.join(map(repr, NAMES))}, not {name!r}")


def _library_name(transport: object) -> str | None:
    """Return the library that a transport belongs to, without importing the other."""
    for base in type(transport).__mro__:
        root = base.__module__.partition(".")[0]
        if root in NAMES and base.__name__ == "AsyncBaseTransport":
            return root
    return None


def _loaded(name: str) -> HttpLibrary:
    try:
        library = importlib.import_module(name)
    except ImportError:
        raise ConfigurationError(f"{name} is not installed: {how_to_install(name)}") from None
    for module in (*_BACKENDS, "httpcore" if name == "httpx" else "httpcore2"):
        importlib.import_module(module)
    return library
