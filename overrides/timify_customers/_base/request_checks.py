"""Checks of what `TimifyCustomers.request` sends: path, query parameters and headers. Pure.

Parts of a path may come from the users of a service. So a path is refused when it could be read as
leading to another place than the one that it names: servers and proxies differ in what they decode,
and in how often they do so.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final
from urllib.parse import unquote

from .checks import check_text
from .errors import ArgumentError, ArgumentTypeError, ConfigurationError
from .text import shorten

METHODS: Final = ("GET", "POST", "PUT", "PATCH", "DELETE")

_PATH: Final = re.compile(r"(?:[A-Za-z0-9._~!$&'()*+,;=:@/-]|%[0-9A-Fa-f]{2})*")
"""What a path is made of (RFC 3986 section 3.3)."""
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_HEADER_NAME: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
"""A token (RFC 9110 section 5.6.2)."""
_HEADER_VALUE: Final = re.compile(r"(?:[\x21-\x7e](?:[\t\x20-\x7e]*[\x21-\x7e])?)?")
_USER_AGENT: Final = re.compile(r"[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?")

_CONNECTION: Final = "it belongs to the connection"
_RESERVED_HEADERS: Final = {
    "accept-encoding": "an answer is read as gzip, or as it is",
    "authorization": "the client's credentials make it",
    "company-id": "use for_company() or with_options(company_id=)",
    "content-type": "it is application/json where there is a body",
    "user-agent": "use the client's setting user_agent",
    "connection": _CONNECTION,
    "content-length": _CONNECTION,
    "expect": _CONNECTION,
    "host": _CONNECTION,
    "keep-alive": _CONNECTION,
    "proxy-authorization": _CONNECTION,
    "proxy-connection": _CONNECTION,
    "te": _CONNECTION,
    "trailer": _CONNECTION,
    "transfer-encoding": _CONNECTION,
    "upgrade": _CONNECTION,
}
"""Headers that only the client sets, and why."""


def check_method(method: object) -> str:
    """Refuse anything but one of `METHODS`, in capitals."""
    if not isinstance(method, str):
        raise ArgumentTypeError(f"method must be a string, not {type(method).__name__}")
    if method not in METHODS:
        raise ArgumentError(f"method must be one of {', '.join(METHODS)}, not {method!r}")
    return method


def check_path(path: object) -> str:
    """Refuse a path that is not below the server's address, or may be read as another.

    Examples that are refused: ``v1/x``, ``//host/x``, ``https://host/x``, ``/v1/../x``,
    ``/v1/%2e%2e/x``, ``/v1/%252e%252e/x``, ``/v1/..%3Fx``, ``/v1//x``, ``/v1/x?page=2``,
    ``/v1/a b``.

    Raises:
        ArgumentError: says what is wrong. Nothing was sent.
        ArgumentTypeError: not a string.
    """
    path = check_text("path", path)
    if not path.startswith("/"):
        raise _path_error(path, "it must begin with a slash, and is added to base_url")
    if not _PATH.fullmatch(path):
        raise _path_error(
            path,
            "it holds what cannot stand in a path: percent-encode each part with "
            "urllib.parse.quote(part, safe=''), and give a query as params",
        )
    decoded = decode_fully(path)
    if "//" in path or decoded.startswith("//"):
        raise _path_error(path, "it has two slashes in a row")
    if _CONTROL.search(decoded):
        raise _path_error(path, "it holds a control character")
    plain = unicodedata.normalize(
        "NFKC", decoded
    )  # fullwidth dots and slashes are some servers' own
    segments = (re.split("[;?#]", part)[0].strip() for part in re.split(r"[/\\]", plain))
    if not {".", ".."}.isdisjoint(segments):
        raise _path_error(path, "a part of it is '.' or '..', which means another place")
    return path


def decode_fully(path: str) -> str:
    """Decode a path until nothing is left to decode."""
    try:
        while (decoded := unquote(path, errors="strict")) != path:
            path = decoded
    except UnicodeDecodeError:
        raise _path_error(path, "what it encodes is not UTF-8") from None
    return path


def _path_error(path: str, reason: str) -> ArgumentError:
    return ArgumentError(f"path {shorten(path, 100)!r} is refused: {reason}")


def write_params(params: object) -> dict[str, str | list[str]]:
    """Write query parameters as texts. None is left out; a list is joined by commas.

    A name of several pairs has a list of texts, and is sent once for each of them::

        {"ids": ["a", "b"]}              ids=a,b          {"ids": "a,b"}
        [("ids", "a"), ("ids", "b")]     ids=a&ids=b      {"ids": ["a", "b"]}

    Raises:
        ArgumentError: an entry of a list holds a comma, or a number is not finite.
        ArgumentTypeError: they are neither a mapping nor pairs, or a value is not a string, a
            number, a boolean or a list of these.
    """
    texts: dict[str, list[str]] = {}
    for name, value in _pairs(params):
        if value is not None:
            checked = check_text("the name of a parameter", name)
            texts.setdefault(checked, []).append(_param(checked, value))
    return {name: each[0] if len(each) == 1 else each for name, each in texts.items()}


def _pairs(params: object) -> Iterable[tuple[object, object]]:
    if params is None:
        return ()
    if isinstance(params, Mapping):
        return params.items()
    if isinstance(params, (list, tuple)) and all(map(_is_pair, params)):
        return params
    raise ArgumentTypeError(
        f"params must be a mapping, or pairs of a name and a value, not {type(params).__name__}"
    )


def _is_pair(value: object) -> bool:
    return isinstance(value, tuple) and len(value) == 2  # noqa: PLR2004 - a name and a value


def _param(name: str, value: object) -> str:
    if isinstance(value, (list, tuple)):
        texts = [_scalar(name, entry) for entry in value]
        if any("," in text for text in texts):
            raise ArgumentError(f"parameter {name}: an entry of a list must hold no comma")
        return ",".join(texts)
    return _scalar(name, value)


def _scalar(name: str, value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        if not math.isfinite(value):
            raise ArgumentError(f"parameter {name} must be finite, not {value}")
        return str(value)
    return check_text(f"parameter {name}", value)


def check_headers(headers: object) -> Mapping[str, str]:
    """Return headers with names in lower case.

    Raises:
        ArgumentError: a name is reserved for the client, or a name or value cannot be sent. The
            message does not show values, which may be secret.
        ArgumentTypeError: not a mapping of texts.
    """
    if headers is None:
        return MappingProxyType({})
    if not isinstance(headers, Mapping):
        raise ArgumentTypeError(f"headers must be a mapping, not {type(headers).__name__}")
    checked = {_header_name(name): _header_value(name, value) for name, value in headers.items()}
    if len(checked) < len(headers):
        raise ArgumentError("two headers have the same name, in upper and lower case")
    return MappingProxyType(checked)


def _header_name(name: object) -> str:
    if not _HEADER_NAME.fullmatch(check_text("the name of a header", name)):
        raise ArgumentError(f"{name!r} cannot be the name of a header")
    lower = str(name).lower()
    if reason := _RESERVED_HEADERS.get(lower):
        raise ArgumentError(f"the header {lower} cannot be set: {reason}")
    return lower


def _header_value(name: object, value: object) -> str:
    if not _HEADER_VALUE.fullmatch(check_text(f"the header {name}", value)):
        raise ArgumentError(
            f"the header {name} must be printable ASCII without blanks around it; "
            "check for a stray newline"
        )
    return str(value)


def check_user_agent(suffix: object) -> str:
    """Refuse a suffix that cannot follow the client's own user agent.

    Raises:
        ConfigurationError: not printable ASCII, empty, or with blanks around it.
        ArgumentTypeError: not a string.
    """
    if not _USER_AGENT.fullmatch(check_text("user_agent", suffix)):
        raise ConfigurationError(
            "user_agent must be printable ASCII without blanks around it, such as my-service/1.2"
        )
    return str(suffix)
