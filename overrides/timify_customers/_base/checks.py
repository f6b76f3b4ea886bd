"""Checks of what callers pass.

Each says what was wrong, where, and what to do, before anything is sent.
"""

from __future__ import annotations

import ipaddress
import math
import re
from typing import Final
from urllib.parse import urlsplit

from .errors import ArgumentError, ArgumentTypeError, CompanyIdError, ConfigurationError

PRODUCTION: Final = "https://api.timify.com"
"""Server of the published document (documented)."""

_COMPANY_ID = re.compile(r"[0-9a-fA-F]{24}")
_RESERVED_IDS = frozenset({"import", "customfields", "global"})


def check_text(name: str, value: object) -> str:
    """Refuse anything but a string that can be sent as UTF-8."""
    if not isinstance(value, str):
        raise ArgumentTypeError(f"{name} must be a string, not {type(value).__name__}")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise ArgumentError(
            f"{name} holds half a surrogate pair, which cannot be sent as UTF-8"
        ) from None
    return value


def check_choice(name: str, value: object, choices: tuple[str, ...]) -> None:
    """Refuse a value that is not one of the choices.

    Raises:
        ConfigurationError: the value is not one of them.
    """
    if value not in choices:
        names = " or ".join(f'"{choice}"' for choice in choices)
        raise ConfigurationError(f"{name} must be {names}, not {value!r}")


def check_count(name: str, value: object, *, least: int = 1) -> int:
    """Refuse anything but a whole number of at least ``least``."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise ArgumentTypeError(f"{name} must be a whole number, not {type(value).__name__}")
    if value < least:
        raise ConfigurationError(f"{name} must be at least {least}, not {value}")
    return value


def check_seconds(name: str, value: object) -> None:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise ArgumentTypeError(f"{name} must be a number of seconds, not {type(value).__name__}")
    if not (math.isfinite(value) and value > 0):
        raise ConfigurationError(f"{name} must be a finite number of seconds above 0, not {value}")


def check_company_id(value: object) -> None:
    """Refuse anything but a company id: 24 hex digits (documented as "Company MongoDB id").

    Raises:
        CompanyIdError: another text.
        ArgumentTypeError: not a string.
    """
    if not _COMPANY_ID.fullmatch(check_text("company_id", value)):
        raise CompanyIdError(f"company_id must be 24 hexadecimal digits, not {value!r}")


def check_id(name: str, value: object, *, reserved: bool = True) -> str:
    """Refuse an id that cannot be one segment of a path.

    ``reserved`` also refuses names of the API's own routes below ``/v1/customers``.

    Raises:
        ArgumentError: empty, blank, ``.``, ``..``, not encodable, or the name of another route.
        ArgumentTypeError: not a string.
    """
    value = check_text(name, value)
    if not value.strip():
        raise ArgumentError(
            f"{name} must not be empty or blank: the request would address the whole list"
        )
    if value in {".", ".."}:
        raise ArgumentError(f"{name} must not be {value!r}: in a path it means another place")
    if reserved and value.lower() in _RESERVED_IDS:
        raise ArgumentError(
            f"{name} {value!r} is the name of another route of the API, which cannot address it"
        )
    return value


def check_base_url(value: object, *, allow_http: bool) -> str:
    """Return the server's address without a trailing slash.

    Raises:
        ConfigurationError: not absolute, with credentials, query or fragment, or plain http to
            another machine.
        ArgumentTypeError: not a string.
    """
    value = check_text("base_url", value)
    try:
        parts = urlsplit(value)
        host, _ = parts.hostname or "", parts.port
    except ValueError as error:
        raise ConfigurationError(f"base_url is not a valid address: {error}") from None
    if parts.scheme not in {"http", "https"} or not host:
        raise ConfigurationError(f"base_url must be an absolute address such as {PRODUCTION}")
    if parts.username is not None or parts.query or parts.fragment or re.search(r"[\s\\]", value):
        raise ConfigurationError(
            "base_url must hold no credentials, query, fragment or white space"
        )
    if parts.scheme == "http" and not (allow_http or is_loopback(host)):
        raise ConfigurationError(
            "base_url must be https, or credentials would travel in the clear; "
            "allow_http=True permits it"
        )
    return value.rstrip("/")


def is_loopback(host: str) -> bool:
    """Return whether a host name or address means this machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
