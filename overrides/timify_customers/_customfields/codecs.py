"""Values of custom fields: from Python to the wire's texts, and back. Pure.

Observed: DATE is ``YYYY-MM-DD``; PHONE is a JSON object encoded as a string, which the API gives
    back byte for byte.
Inferred: NUMBER and CHECKBOX and their texts, and ``values`` for several. A text is read as
something else only when that is written as the same text again, so whatever was read can be written
back unchanged.
"""

from __future__ import annotations

import contextlib
import json
import re
import reprlib
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final, NamedTuple, Self

from attrs import field, frozen
from dateutil.parser import parse

from .._base.checks import check_text
from .._base.errors import InvalidValueError
from .._base.settings import PLAIN, Formats
from .names import Named, Names

_WHOLE_DATE = re.compile(r"[0-9]{4}-?[0-9]{2}-?[0-9]{2}(?![0-9])")
_YEAR = re.compile(r"(?<![0-9])[0-9]{4}(?![0-9])")
_NUMERIC_DATE = re.compile(r"([0-9]+)[\s./-]+([0-9]+)[\s./-]+([0-9]+)(?:\s+[0-9]{1,2}:[0-9:.]+)?")
_NUMBER = r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?"
_ORDERS: Final = {"DMY": "%d %m %Y", "MDY": "%m %d %Y", "YMD": "%Y %m %d"}
_OTHERS: Final = datetime(2000, 1, 1), datetime(2004, 3, 2)  # noqa: DTZ001 - differ in all that a date may lack
_PHONE_KEYS = ("phone", "country", "prefix", "number")


@frozen
class Phone:
    """A phone number, as the API holds it. One that was read is written back byte for byte.

    Attributes:
        phone: in E.164, such as ``+442079460958``. Made with this alone, a phone gets the rest when
            it is written.
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
        """Read the wire's JSON string.

        A short one (third party) has only ``number`` and ``country``.
        """
        found = json.loads(wire)
        if not isinstance(found, dict) or not isinstance(found.get("number"), str):
            raise ValueError("its JSON object needs a number")  # noqa: TRY004 - made an InvalidValueError
        phone = cls(*(str(found.get(key) or "") for key in _PHONE_KEYS))
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
        cls, held: object, field: object = None, wire: Any = None, reason: str = ""
    ) -> Self:
        """Keep a text, or the like of one for anything else."""
        made = super().__new__(cls, held if isinstance(held, str) else reprlib.repr(held))
        made.field, made.wire, made.reason = field, wire or {"value": held}, reason
        return made


class Unreadable(Stored):
    """The text of a value that is not what the type of its field says. ``reason`` says why."""

    __slots__ = ()


def entry(
    name: str, definition: Mapping[str, Any], value: object, formats: Formats
) -> dict[str, Any]:
    """Make the wire entry of a value. None, ``""`` and, for several values, an empty list clear the
    field.

    Args:
        name: for messages.
        definition: JSON of the field's definition. With ``isMultiple``, it takes a list of values.
        value: what to write.
        formats: how texts of people are to be understood.

    Raises:
        InvalidValueError: the value does not fit the type.
    """
    key, items = definition["id"], value if isinstance(value, list | tuple) else None
    if isinstance(value, Stored) and value.field == key:
        return {"id": key, **value.wire}
    if definition.get("isMultiple") is True:
        items = items if items is not None else [] if value in (None, "") else [value]
        return {
            "id": key,
            "value": "",
            "values": [encode(name, definition, item, formats) for item in items],
        }
    if items is not None:
        raise InvalidValueError(f"{name!r} holds one value, not a list of them")
    return {"id": key, "value": encode(name, definition, value, formats)}


def encode(
    name: str, definition: Mapping[str, Any], value: object, formats: Formats = PLAIN
) -> Any:
    """Make the wire's text of one value; raise InvalidValueError when it does not fit the type."""
    if value is None or (isinstance(value, str) and not value):
        return ""
    if isinstance(value, Stored) and value.field == definition.get("id"):
        return value.wire["value"]
    kind = _KINDS.get(str(definition.get("type")), _TEXT)
    if not isinstance(value, kind.types) or (isinstance(value, bool) and bool not in kind.types):
        raise InvalidValueError(f"{name!r} takes {kind.says}, not {type(value).__name__}")
    try:
        return kind.write(
            check_text("the text", value) if isinstance(value, str) else value, definition, formats
        )
    except (ArithmeticError, RecursionError, ValueError) as error:
        hint = f" ({error})" if isinstance(error, ValueError) and str(error) else ""
        raise InvalidValueError(f"{name!r}: {value!r} is not {kind.says}{hint}") from None


def decode(definition: Mapping[str, Any], key: object, wire: Mapping[str, Any]) -> Any:
    """Read what an entry holds.

    Args:
        definition: JSON of the field's definition, or of the entry, which says its type too.
        key: id of the field.
        wire: the entry's ``value``, and ``values`` if there are any.
    """
    value, values, several = (
        wire.get("value"),
        wire.get("values"),
        definition.get("isMultiple") is True,
    )
    if several and isinstance(values, list) and (values or not value):
        return [_decode(definition, key, item) for item in values]
    if values or (several and value):
        held = {"value": value, "values": values} if "values" in wire else {"value": value}
        return Unreadable(
            values or value, key, held, "the field and the entry disagree on one value or several"
        )
    return _decode(definition, key, value)


def _decode(definition: Mapping[str, Any], key: object, value: Any) -> Any:
    kind = _KINDS.get(str(definition.get("type")), _TEXT)
    if value is None or value == "":
        return None
    if type(value) in {bool, int, float} & {*kind.types}:
        return value
    with contextlib.suppress(ArithmeticError, RecursionError, TypeError, ValueError):
        read = kind.read(check_text("it", value))
        if encode("", definition, read) == value:
            return Stored(value, key) if definition.get("type") == "SELECT" else read
    return Unreadable(value, key, reason=f"it is not {kind.says}")


class _Kind(NamedTuple):
    """A type of custom fields: what it takes, how that is written, and how a text is read."""

    says: str
    types: tuple[type, ...]
    write: Callable[[Any, Mapping[str, Any], Formats], str]
    read: Callable[[str], Any] = str


def _matching(
    pattern: str, spell: Callable[[Any], str] = str
) -> Callable[[Any, Mapping[str, Any], Formats], str]:
    def write(value: object, _: Mapping[str, Any], __: Formats) -> str:
        if not re.fullmatch(pattern, text := spell(value)):
            raise ValueError
        return text

    return write


def _read_number(text: str) -> int | Decimal:
    return int(text) if text.lstrip("-").isdecimal() else Decimal(text)


def choices(definition: Mapping[str, Any]) -> list[Named]:
    """Give the options: texts, or objects (the shape is not documented).

    What is sent is ``id`` here.
    """
    options = definition.get("selectOptions")
    rows = (
        [it if isinstance(it, Mapping) else {"value": it} for it in options]
        if isinstance(options, list)
        else []
    )
    texts = [[str(row.get(key) or "") for key in ("value", "id", "label")] for row in rows]
    return [
        Named("", label, key, value or key or label)
        for value, key, label in texts
        if value or key or label
    ]


def _choice(text: str, definition: Mapping[str, Any], _: Formats) -> str:
    options = choices(definition)
    if not options or any(text == option.id for option in options):
        return text
    if len(found := Names(options).find(text)) == 1:
        return options[found[0]].id
    listed = ", ".join(option.label or option.id for option in options)
    raise ValueError(f"{'it may be several of' if found else 'which are'} {listed}")


def _date(value: str | date, _: Mapping[str, Any], formats: Formats) -> str:
    day = _typed_date(value.strip(), formats.date_order) if isinstance(value, str) else value
    return (day.date() if isinstance(day, datetime) else day).isoformat()


def _typed_date(text: str, order: str | None) -> date:
    """Read a date that a person typed. Nothing is guessed or filled in: all readings must agree."""
    if _WHOLE_DATE.match(text):
        return datetime.fromisoformat(text)
    if not _YEAR.search(text):
        raise ValueError("the year needs four digits")
    found = set[date]()
    if numbers := _NUMERIC_DATE.fullmatch(text):
        for form in [_ORDERS[order]] if order else _ORDERS.values():
            with contextlib.suppress(ValueError):
                found.add(datetime.strptime(" ".join(numbers.groups()), form).date())  # noqa: DTZ007 - a date
    else:
        with contextlib.suppress(ArithmeticError, LookupError, TypeError, ValueError):
            firsts = (True, False)
            found = {
                parse(text, default=it, dayfirst=one, ignoretz=True).date()
                for it in _OTHERS
                for one in firsts
            }
    if len(found) == 1:
        return found.pop()
    several = (
        "a part lacks or it has several readings: write it so, or give formats with a date_order"
    )
    raise ValueError(several if found else f"in the order {order}" if order else "")


def _phone(value: str | Phone, _: Mapping[str, Any], formats: Formats) -> str:
    phone = Phone.read(value) if isinstance(value, str) and value.startswith("{") else value
    if not isinstance(phone, Phone) or not (phone.wire or phone.number):
        phone = _typed_phone(str(phone), formats.phone_region)
    return phone.wire or json.dumps(
        {key: getattr(phone, key) for key in _PHONE_KEYS}, separators=(",", ":")
    )


def _typed_phone(text: str, region: str | None) -> Phone:
    import phonenumbers  # noqa: PLC0415 - its metadata is large, and many programs never write a phone

    if region and region not in phonenumbers.SUPPORTED_REGIONS:
        raise ValueError(f"phonenumbers knows no phone_region {region!r}")
    with contextlib.suppress(phonenumbers.NumberParseException):
        number = phonenumbers.parse(text, region)
        if phonenumbers.is_valid_number(number) and not number.extension:
            e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
            country = phonenumbers.region_code_for_number(number) or ""
            return Phone(
                e164,
                country,
                str(number.country_code),
                phonenumbers.national_significant_number(number),
            )
    raise ValueError(
        f"write +44 20 7946 0958, {f'or as in {region}' if region else 'or give formats a phone_region'}"
    )


_TEXT: Final = _Kind("text", (str,), lambda text, *_: text)
_KINDS: Final[Mapping[str, _Kind]] = {
    "EMAIL": _Kind("an email address", (str,), _matching(r"[^@\s]+@[^@\s]+")),
    "NUMBER": _Kind(
        "a number",
        (str, int, float, Decimal),
        _matching(_NUMBER, lambda it: str(Decimal(str(it)))),
        _read_number,
    ),
    "CHECKBOX": _Kind(
        "True or False",
        (str, bool),
        _matching("true|false", lambda it: str(it).lower()),
        "true".__eq__,
    ),
    "DATE": _Kind("a date such as 1815-12-10", (str, date), _date, date.fromisoformat),
    "PHONE": _Kind("a phone number", (str, Phone), _phone, Phone.read),
    "SELECT": _Kind("one of its options", (str,), _choice),
}
