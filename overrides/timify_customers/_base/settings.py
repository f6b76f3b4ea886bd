"""Settings of a client and of its views, checked before anything is sent."""

from __future__ import annotations

import ipaddress
import math
import os
import re
from collections.abc import Mapping
from typing import Any, Final, Literal, NoReturn, TypeVar
from urllib.parse import urlsplit

from attrs import frozen

from .errors import ArgumentError, ArgumentTypeError, ConfigurationError

T = TypeVar("T", bound=Mapping[str, object])

PRODUCTION: Final = "https://api.timify.com"
"""Server of the published document (documented)."""

_COMPANY_ID = re.compile(r"[0-9a-fA-F]{24}")
_HEADER_SAFE = re.compile(r"[\x21-\x7e]+")
_RESERVED_IDS = frozenset({"import", "customfields", "global"})


class Secret:
    """A text that shows itself to nobody: not in ``repr``, not in tracebacks, not in a pickle."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """Give the text itself."""
        return self._text

    def __repr__(self) -> str:
        return "Secret('***')"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._text == self._text

    def __hash__(self) -> int:
        return hash(self._text)

    def __reduce__(self) -> NoReturn:
        raise ArgumentTypeError(
            "A secret cannot be pickled or copied; make the client where it is used"
        )


@frozen
class Formats:
    """How values that people typed are to be understood.

    Attributes:
        phone_region: region of national phone numbers, two capital letters such as "GB" (when a
            number is read, one that phonenumbers knows). Without it, phone numbers must be
            international.
        date_order: order of day, month and year in dates such as 10/12/1815: "DMY", "MDY" or "YMD".
            Without it, a date that has more than one reading is refused.

    Raises:
        ConfigurationError: not one of these.
    """

    phone_region: str | None = None
    date_order: Literal["DMY", "MDY", "YMD"] | None = None

    def __attrs_post_init__(self) -> None:
        if self.date_order not in (None, "DMY", "MDY", "YMD"):
            raise ConfigurationError(
                f'date_order must be "DMY", "MDY" or "YMD", not {self.date_order!r}'
            )
        if self.phone_region is not None and not re.fullmatch("[A-Z]{2}", str(self.phone_region)):
            raise ConfigurationError(
                f'phone_region must be two capitals such as "GB", not {self.phone_region!r}'
            )


PLAIN: Final = Formats()


@frozen(kw_only=True)
class Settings:
    """What each view of a client may set differently.

    Attributes:
        company_id: 24 hex digits, sent as the ``company-id`` header (documented), or None.
        timeout: seconds for each step of one attempt: connecting, sending, reading.
        deadline: seconds for a whole call with all its attempts, waits, lookups and token requests.
        retries: how often an attempt may be repeated.
        page_size: rows asked for in one page.
        formats: how values that people typed are to be understood.
        on_lost_answer: what a create does when its answer was lost and its lookup finds nothing.
        external_id_key: how bodies spell the external id; None for what the built document says.
    """

    company_id: str | None = None
    timeout: float = 30.0
    deadline: float = 120.0
    retries: int = 4
    page_size: int = 500
    formats: Formats = PLAIN
    on_lost_answer: Literal["raise", "repeat"] = "raise"
    external_id_key: Literal["external_id", "externalId"] | None = None

    def __attrs_post_init__(self) -> None:
        if self.company_id is not None:
            check_company_id(self.company_id)
        _check_positive("timeout", self.timeout)
        _check_positive("deadline", self.deadline)
        check_count("retries", self.retries, least=0)
        check_count("page_size", self.page_size)
        if not isinstance(self.formats, Formats):
            raise ArgumentTypeError(
                f"formats must be Formats(...), not {type(self.formats).__name__}"
            )
        if self.on_lost_answer not in ("raise", "repeat"):
            raise ConfigurationError(
                f'on_lost_answer must be "raise" or "repeat", not {self.on_lost_answer!r}'
            )
        if self.external_id_key not in (None, "external_id", "externalId"):
            names = 'must be "external_id" or "externalId"'
            raise ConfigurationError(f"external_id_key {names}, not {self.external_id_key!r}")


def _check_positive(name: str, value: object) -> None:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise ArgumentTypeError(f"{name} must be a number of seconds, not {type(value).__name__}")
    if not (math.isfinite(value) and value > 0):
        raise ConfigurationError(f"{name} must be a finite number of seconds above 0, not {value}")


def known(options: T, kind: type) -> T:
    """Refuse arguments by a name that a ``TypedDict`` does not have."""
    names = kind.__annotations__
    if unknown := sorted(set(options) - set(names)):
        raise ArgumentTypeError(
            f"there is no argument {', '.join(unknown)}; there are {', '.join(names)}"
        )
    return options


def check_count(name: str, value: object, *, least: int = 1) -> int:
    """Refuse what is not a whole number of at least ``least``."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise ArgumentTypeError(f"{name} must be a whole number, not {type(value).__name__}")
    if value < least:
        raise ConfigurationError(f"{name} must be at least {least}, not {value}")
    return value


def check_company_id(value: object) -> None:
    """Refuse what is not a company id: 24 hex digits (documented as "Company MongoDB id")."""
    if not _COMPANY_ID.fullmatch(check_text("company_id", value)):
        raise ConfigurationError(f"company_id must be 24 hexadecimal digits, not {value!r}")


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


def check_text(name: str, value: object) -> str:
    """Refuse what is not a string that can be sent as UTF-8."""
    if not isinstance(value, str):
        raise ArgumentTypeError(f"{name} must be a string, not {type(value).__name__}")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise ArgumentError(
            f"{name} holds half a surrogate pair, which cannot be sent as UTF-8"
        ) from None
    return value


def conceal(value: Any) -> Any:
    """Wrap a credential of any type, so that no frame of a traceback shows it; None and functions stay as they are."""
    return value if value is None or isinstance(value, Secret) or callable(value) else Secret(value)


def secret(name: str, value: object) -> Secret:
    """Wrap a credential; refuse one that is empty or could not be sent.

    The message never shows it.
    """
    hidden = conceal(value)
    if not isinstance(hidden, Secret) or not isinstance(hidden.reveal(), str):
        raise ArgumentTypeError(f"{name} must be a string")
    if not _HEADER_SAFE.fullmatch(hidden.reveal()):
        raise ConfigurationError(
            f"{name} must be visible ASCII without spaces; check for a stray newline or quote"
        )
    return hidden


def check_base_url(value: object, *, allow_http: bool) -> str:
    """Give the server's address without a closing slash.

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
            "base_url must be https, or credentials would travel in the clear; allow_http=True permits it"
        )
    return value.rstrip("/")


def is_loopback(host: str) -> bool:
    """Say whether a host name or address means this machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def from_environment() -> dict[str, Any]:
    """Read the client's arguments from ``TIMIFY_*`` variables; an empty variable counts as unset."""
    names = ("app_id", "app_secret", "company_id", "base_url", "access_token")
    return {
        name: Secret(text) if name in {"app_secret", "access_token"} else text
        for name in names
        if (text := os.environ.get(f"TIMIFY_{name.upper()}", "").strip())
    }
