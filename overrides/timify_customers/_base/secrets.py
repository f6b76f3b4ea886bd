"""Credentials that never show: not in a ``repr``, not in a traceback, not in a pickle."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final, NoReturn

from .errors import ArgumentTypeError, ConfigurationError

_HEADER_SAFE: Final = re.compile(r"[\x21-\x7e]+")
_SECRET_HEADER: Final = re.compile(
    "auth|cookie|credential|jwt|passw|secret|session|signature|token|api-?key"
)


class Secret:
    """A text that never shows: not in a ``repr``, not in a traceback, not in a pickle."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """Return the text itself."""
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


def may_be_secret(header: str) -> bool:
    """Return whether the name of a header, in lower case, says that its value may be secret."""
    return _SECRET_HEADER.search(header) is not None


def secret_values(headers: Mapping[str, str]) -> list[Secret]:
    """Return the values of headers whose names say that they may be secret."""
    return [Secret(value) for name, value in headers.items() if may_be_secret(name)]


def conceal(value: Any) -> Any:
    """Wrap a credential of any type, so that no frame of a traceback shows its text.

    None and functions stay as they are.
    """
    return value if value is None or isinstance(value, Secret) or callable(value) else Secret(value)


def secret(name: str, value: object) -> Secret:
    """Wrap a credential, or refuse one that is empty or cannot be sent.

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
