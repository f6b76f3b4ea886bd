"""Values of custom fields: from Python to the wire's texts, and back. Pure.

Observed: DATE is ``YYYY-MM-DD``; PHONE is a JSON object encoded as a string, which the API gives back byte for byte.
Inferred: NUMBER and CHECKBOX and their texts, and ``values`` for several. A text is read as something else only when
that is written as the same text again, so whatever was read can be written back unchanged.
"""

from __future__ import annotations

import contextlib
import datetime
import decimal
import json
import re
import reprlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, NamedTuple, Self

from attrs import asdict, field, fields, frozen
from dateutil.parser import parse

from ._errors import InvalidValueError
from ._names import fold
from ._options import PLAIN, Formats, check_text

_WHOLE_DATE = re.compile(r"\d{4}-?\d\d-?\d\d(?!\d)", re.ASCII)
_YEAR = re.compile(r"(?<!\d)\d{4}(?!\d)", re.ASCII)
_THREE_NUMBERS = re.compile(r"(?<![\d:])(\d+)[\s./-]+(\d+)[\s./-]+(\d+)", re.ASCII)
_NUMBER = r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?"
_ORDERS: Final[Mapping[str, dict[str, Any]]] = {"DMY": {"dayfirst": True}, "MDY": {}, "YMD": {"yearfirst": True}}
_LONGEST_DATE = 60


@frozen
class Phone:
    """A phone number, as the API holds it. One that was read is written back byte for byte.

    Attributes:
        phone: in E.164, such as ``+442079460958``. Made with this alone, a phone gets the rest when it is written.
        country: two capital letters.
        prefix: calling code of the country, without plus.
        number: the number without it.
        wire: what was read; empty for a phone that was made otherwise.
    """

    phone: str = ""
    country: str = ""
    prefix: str = ""
    number: str = ""
    wire: str = field(init=False, default="", repr=False, eq=False)

    def __str__(self) -> str:
        return self.phone or self.number

    @classmethod
    def read(cls, wire: str) -> Phone:
        """Read the wire's JSON string. A short one (third party) has only ``number`` and ``country``."""
        try:
            found = json.loads(wire)
        except (ValueError, RecursionError):
            found = None
        if not isinstance(found, dict) or not isinstance(found.get("number"), str):
            raise ValueError("its JSON object needs a number")  # noqa: TRY004
        keys = (attribute.name for attribute in fields(cls) if attribute.init)
        phone = cls(*(text if isinstance(text := found.get(key), str) else "" for key in keys))
        object.__setattr__(phone, "wire", wire)
        return phone


class Stored(str):
    """A text as its field holds it, which that field takes back unchecked. A ``str`` in all else.

    Attributes:
        field: id of the field.
        wire: what the API holds, by the entry's keys.
        reason: why the text is not what the type of the field says.
    """

    __slots__ = ("field", "reason", "wire")
    field: object
    wire: Mapping[str, Any]
    reason: str

    def __new__(
        cls, held: object, field: object = None, wire: Mapping[str, Any] | None = None, reason: str = ""
    ) -> Self:
        """Keep a text, or the like of one for anything else."""
        made = super().__new__(cls, held if isinstance(held, str) else reprlib.repr(held))
        made.field, made.wire, made.reason = field, wire or {"value": held}, reason
        return made


class Unreadable(Stored):
    """The text of a value that is not what the type of its field says. ``reason`` says why."""

    __slots__ = ()


def entry(name: str, definition: Mapping[str, Any], value: object, formats: Formats) -> dict[str, Any]:
    """Make the wire entry of a value. None, ``""`` and, for several values, an empty list clear the field.

    Args:
        name: for messages.
        definition: JSON of the field's definition. With ``isMultiple``, it takes a list of values.
        value: what to write.
        formats: how texts of people are to be understood.

    Raises:
        InvalidValueError: the value does not fit the type.
    """
    key, several = definition["id"], isinstance(value, list | tuple)
    if isinstance(value, Stored) and value.field == key:
        return {"id": key, **value.wire}
    if definition.get("isMultiple") is not True:
        if several:
            raise InvalidValueError(f"{name!r} holds one value, not a list of them")
        return {"id": key, "value": encode(name, definition, value, formats)}
    values: Sequence[object] = value if isinstance(value, list | tuple) else [] if _unset(value) else [value]
    return {"id": key, "value": "", "values": [encode(name, definition, item, formats) for item in values]}


def encode(name: str, definition: Mapping[str, Any], value: object, formats: Formats = PLAIN) -> Any:
    """Make the wire's text of one value; raise InvalidValueError when it does not fit the type."""
    if _unset(value):
        return ""
    if isinstance(value, Stored) and value.field == definition.get("id"):
        return value.wire["value"]
    kind = _KINDS.get(str(definition.get("type")), _TEXT)
    if not isinstance(value, kind.types) or (isinstance(value, bool) and bool not in kind.types):
        raise InvalidValueError(f"{name!r} takes {kind.says}, not {type(value).__name__}")
    try:
        return kind.write(check_text("it", value) if isinstance(value, str) else value, definition, formats)
    except ValueError as error:
        hint = f" ({error})" if str(error) else ""
        raise InvalidValueError(f"{name!r}: {value!r} is not {kind.says}{hint}") from None


def _unset(value: object) -> bool:
    return value is None or (isinstance(value, str) and not value)


def decode(definition: Mapping[str, Any], key: object, wire: Mapping[str, Any]) -> Any:
    """Read what an entry holds.

    Args:
        definition: JSON of the field's definition, or of the entry, which says its type too.
        key: id of the field.
        wire: the entry's ``value``, and ``values`` if there are any.
    """
    value, values, several = wire.get("value"), wire.get("values"), definition.get("isMultiple") is True
    if several and isinstance(values, list) and (values or not value):
        return [_decode(definition, key, item) for item in values]
    if values or (several and value):
        held = {"value": value, "values": values} if values else {"value": value}
        return Unreadable(values or value, key, held, "is it one value or several?")
    return _decode(definition, key, value)


def _decode(definition: Mapping[str, Any], key: object, value: Any) -> Any:
    if value is None or value == "":
        return None
    kind = _KINDS.get(str(definition.get("type")), _TEXT)
    if type(value) in {bool, int, float} & {*kind.types}:
        return value
    with contextlib.suppress(ArithmeticError, TypeError, ValueError):
        read = kind.read(value)
        if encode("", definition, read) == value:
            return Stored(value, key) if kind.choice else read
    return Unreadable(value, key, reason=f"the field takes {kind.says}")


class _Kind(NamedTuple):
    """A type of custom fields: what it takes, how it is written, and how a text is read."""

    says: str
    types: tuple[type, ...]
    write: Callable[[Any, Mapping[str, Any], Formats], str]
    read: Callable[[str], Any] = str
    choice: bool = False


def _matching(pattern: str, spell: Callable[[Any], str] = str) -> Callable[[Any, Mapping[str, Any], Formats], str]:
    def write(value: object, _: Mapping[str, Any], __: Formats) -> str:
        if not re.fullmatch(pattern, text := spell(value)):
            raise ValueError
        return text

    return write


def _number(text: str) -> int | decimal.Decimal:
    return int(text) if text.lstrip("-").isdecimal() else decimal.Decimal(text)


def _choice(text: str, definition: Mapping[str, Any], _: Formats) -> str:
    """Give the option that a text means: by value, else by any name, else by one but for case and accents."""
    options, folded = choices(definition), fold(text)
    for fits in (lambda names: names[0] == text, lambda names: text in names, lambda names: folded in map(fold, names)):
        if len(found := {names[0] for names in options if fits(names)}) == 1:
            return found.pop()
        if found:
            raise ValueError(f"it may be several: {', '.join(sorted(found))}")
    if options:
        raise ValueError(", ".join(names[-1] for names in options))
    return text


def choices(definition: Mapping[str, Any]) -> list[list[str]]:
    """Give the names of each option, first the one that is sent. The shape is not documented: texts or objects."""
    options, keys = definition.get("selectOptions"), ("value", "id", "label")
    given = [
        [option.get(key) for key in keys] if isinstance(option, Mapping) else [option]
        for option in (options if isinstance(options, list | tuple) else ())
    ]
    return [
        names for row in given if (names := [str(name) for name in row if isinstance(name, str | int) and name != ""])
    ]


def _date(value: str | datetime.date, _: Mapping[str, Any], formats: Formats) -> str:
    day = _typed_date(value.strip(), formats.date_order) if isinstance(value, str) else value
    return (day.date() if isinstance(day, datetime.datetime) else day).isoformat()


def _typed_date(text: str, order: str | None) -> datetime.date:
    """Read a typed date. Nothing is filled in: two readings with other defaults must agree."""
    if _WHOLE_DATE.match(text):
        return datetime.datetime.fromisoformat(text)
    if len(text) > _LONGEST_DATE or not _YEAR.search(text):
        raise ValueError("write the year with four digits")
    try:
        readings: dict[datetime.date, None] = {
            parse(text, default=default, ignoretz=True, **flags).date(): None
            for name, flags in _ORDERS.items()
            for default in (datetime.datetime(2000, 1, 1), datetime.datetime(2004, 3, 2))  # noqa: DTZ001 - a date
            if order in {None, name}
        }
    except (ArithmeticError, LookupError, TypeError, ValueError):
        raise ValueError from None
    day, *more = [*readings]
    if more:
        raise ValueError("a part lacks, or it has several readings: write it so, or give formats with a date_order")
    typed = _THREE_NUMBERS.search(text)
    if (
        order
        and typed
        and [*map(int, typed.groups())] != [{"D": day.day, "M": day.month, "Y": day.year}[x] for x in order]
    ):
        raise ValueError(f"the date_order is {order}")
    return day


def _phone(value: str | Phone, _: Mapping[str, Any], formats: Formats) -> str:
    if isinstance(value, Phone) and (value.wire or value.number):
        return value.wire or _json(asdict(value, filter=lambda attribute, _: attribute.init))
    text = str(value)
    return Phone.read(text).wire if text.startswith("{") else _typed_phone(text, formats.phone_region)


def _typed_phone(text: str, region: str | None) -> str:
    import phonenumbers  # noqa: PLC0415 - its metadata is large, and many programs never write a phone

    if region and region not in phonenumbers.SUPPORTED_REGIONS:
        raise ValueError(f"phonenumbers knows no phone_region {region!r}")
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        number = None
    if number is None or number.extension or not phonenumbers.is_valid_number(number):
        others = f"as in {region}" if region else "others need formats.phone_region"
        raise ValueError(f"write it as +44 20 7946 0958; {others}")
    e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    country, national = (
        phonenumbers.region_code_for_number(number) or "",
        phonenumbers.national_significant_number(number),
    )
    return _json({"phone": e164, "country": country, "prefix": str(number.country_code), "number": national})


def _json(phone: Mapping[str, str]) -> str:
    return json.dumps(phone, separators=(",", ":"))


_TEXT: Final = _Kind("text", (str,), lambda text, *_: text)
_KINDS: Final[Mapping[str, _Kind]] = {
    "EMAIL": _Kind("an email address", (str,), _matching(r"[^@\s]+@[^@\s]+")),
    "NUMBER": _Kind(
        "a number such as 18.15",
        (str, int, float, decimal.Decimal),
        _matching(_NUMBER, lambda value: value if isinstance(value, str) else str(decimal.Decimal(str(value)))),
        _number,
    ),
    "CHECKBOX": _Kind("True or False", (str, bool), _matching("true|false", lambda it: str(it).lower()), "true".__eq__),
    "DATE": _Kind("a date such as 1815-12-10", (str, datetime.date), _date, datetime.date.fromisoformat),
    "PHONE": _Kind("a phone number", (str, Phone), _phone, Phone.read),
    "SELECT": _Kind("one of its options", (str,), _choice, choice=True),
}
