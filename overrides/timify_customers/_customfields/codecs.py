"""Turns one value of a custom field into the text that is sent, and back. Pure.

Observed: DATE is ``YYYY-MM-DD``; PHONE is a JSON object encoded as a string, which the API returns
byte for byte.
Inferred: NUMBER and CHECKBOX and their texts.

A text is read as another type only if that value would be written as the same text again, so that
whatever was read can be written back unchanged.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, Final, NamedTuple

from .._base.checks import check_text
from .._base.errors import InvalidValueError
from .._base.settings import PLAIN, Formats
from .dates import write_date
from .phones import Phone, write_phone
from .select_options import write_option
from .verbatim import Unreadable, VerbatimText

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")
_NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?")

Definition = Mapping[str, Any]
"""JSON of a field's definition."""


def encode(name: str, definition: Definition, value: object, formats: Formats = PLAIN) -> Any:
    """Return the text that is sent for one value.

    Args:
        name: the field's name, for messages.
        definition: the field's definition.
        value: what to write; None and ``""`` clear the field.
        formats: how texts that people typed are to be understood.

    Raises:
        InvalidValueError: the value does not fit the type of the field.
    """
    if value is None or (isinstance(value, str) and not value):
        return ""
    if isinstance(value, VerbatimText) and value.field == definition.get("id"):
        return value.wire["value"]
    codec = _codec_of(definition)
    if not codec.takes(value):
        raise InvalidValueError(f"{name!r} takes {codec.expects}, not {type(value).__name__}")
    try:
        if isinstance(value, str):
            check_text("the text", value)
        return codec.write(value, definition, formats)
    except (ArithmeticError, RecursionError, ValueError) as error:
        hint = f" ({error})" if isinstance(error, ValueError) and str(error) else ""
        raise InvalidValueError(f"{name!r}: {value!r} is not {codec.expects}{hint}") from None


def decode(definition: Definition, field_id: object, wire: Any) -> Any:
    """Return the Python value of one JSON value: None if unset, else by the type of the field.

    A text is read by its type only if the value would be written as the same text::

        DATE    "1990-01-31"   date(1990, 1, 31)
        DATE    "19900131"     Unreadable: a date, but it would be written as "1990-01-31"
        NUMBER  "5.50"         Decimal("5.50")
        NUMBER  "007"          Unreadable: 7 would be written as "7"
    """
    if wire is None or wire == "":
        return None
    codec = _codec_of(definition)
    if isinstance(wire, bool | int | float) and type(wire) in codec.types:
        return wire
    with contextlib.suppress(ArithmeticError, RecursionError, TypeError, ValueError):
        value = codec.read(check_text("the value", wire))
        if encode("", definition, value) == wire:
            # An option that is removed from the definition later can still be written back.
            is_option = definition.get("type") == "SELECT"
            return VerbatimText(wire, field_id) if is_option else value
    return Unreadable(wire, field_id, reason=f"it is not {codec.expects}")


class _Codec(NamedTuple):
    """How the values of one type of field are written and read."""

    expects: str
    types: tuple[type, ...]
    write: Callable[[Any, Definition, Formats], str]
    read: Callable[[str], Any] = str

    def takes(self, value: object) -> bool:
        """Return whether the type of a value fits. A ``bool`` does not count as an ``int``."""
        if isinstance(value, bool):
            return bool in self.types
        return isinstance(value, self.types)


def _codec_of(definition: Definition) -> _Codec:
    return _CODECS.get(str(definition.get("type")), _TEXT)


def _write_email(text: str) -> str:
    if not _EMAIL.fullmatch(text):
        raise ValueError
    return text


def _write_number(value: str | float | Decimal) -> str:
    text = str(Decimal(str(value)))
    if not _NUMBER.fullmatch(text):
        raise ValueError
    return text


def _read_number(text: str) -> int | Decimal:
    is_whole = text.lstrip("-").isdecimal()
    return int(text) if is_whole else Decimal(text)


def _write_checkbox(value: str | bool) -> str:  # noqa: FBT001 - the value itself
    text = str(value).lower()
    if text not in {"true", "false"}:
        raise ValueError
    return text


_TEXT: Final = _Codec("text", (str,), lambda text, *_: text)
_CODECS: Final[Mapping[str, _Codec]] = {
    "EMAIL": _Codec("an email address", (str,), lambda text, *_: _write_email(text)),
    "NUMBER": _Codec(
        "a number", (str, int, float, Decimal), lambda value, *_: _write_number(value), _read_number
    ),
    "CHECKBOX": _Codec(
        "True or False",
        (str, bool),
        lambda value, *_: _write_checkbox(value),
        lambda text: text == "true",
    ),
    "DATE": _Codec(
        "a date such as 1815-12-10",
        (str, date),
        lambda value, _, formats: write_date(value, formats),
        date.fromisoformat,
    ),
    "PHONE": _Codec(
        "a phone number",
        (str, Phone),
        lambda value, _, formats: write_phone(value, formats),
        Phone.read,
    ),
    "SELECT": _Codec(
        "one of its options", (str,), lambda text, definition, _: write_option(text, definition)
    ),
}
