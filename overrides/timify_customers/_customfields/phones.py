"""Phone numbers: as people type them, as `Phone`, and as the wire's JSON text."""

from __future__ import annotations

import contextlib
import json

from attrs import field, frozen

from .._base.settings import Formats

_KEYS = ("phone", "country", "prefix", "number")


@frozen
class Phone:
    """A phone number, as the API holds it. One that was read is written back byte for byte.

    Attributes:
        phone: in E.164, such as ``+442079460958``. When only this is set, the rest is added when
            the phone is written.
        country: two capital letters.
        prefix: calling code of the country, without plus.
        number: the number without it.
        wire: the text that was read; empty for a phone that was made in Python.
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
        """Read the wire's JSON text.

        The long form has all four keys (observed), the short one only ``number`` and ``country``
        (documented on a sibling).

        Raises:
            ValueError: it is not JSON, or has no number.
        """
        parts = json.loads(wire)
        if not isinstance(parts, dict) or not isinstance(parts.get("number"), str):
            raise ValueError("its JSON object needs a number")  # noqa: TRY004 - its text is wrong
        phone = cls(*(str(parts.get(key) or "") for key in _KEYS))
        object.__setattr__(phone, "wire", wire)
        return phone


def write_phone(value: str | Phone, formats: Formats) -> str:
    """Return the wire's JSON text of a phone.

    Args:
        value: a number as people type it, a `Phone`, or a ready JSON text.
        formats: how a number without ``+`` is to be understood.

    Raises:
        ValueError: it is no valid phone number.
    """
    if isinstance(value, str) and value.startswith("{"):
        value = Phone.read(value)
    if not isinstance(value, Phone):
        return _json(read_typed_phone(value, formats))
    if value.wire:
        return value.wire
    if not value.number:
        return _json(read_typed_phone(value.phone, formats))
    return _json(value)


def _json(phone: Phone) -> str:
    parts = {key: getattr(phone, key) for key in _KEYS}
    return json.dumps(parts, separators=(",", ":"))


def read_typed_phone(text: str, formats: Formats) -> Phone:
    """Read a phone number that a person typed.

    Raises:
        ValueError: it is not a valid number.
    """
    import phonenumbers  # noqa: PLC0415 - its metadata is large, and many programs write no phone

    region = formats.phone_region
    if region and region not in phonenumbers.SUPPORTED_REGIONS:
        raise ValueError(f"phonenumbers knows no phone_region {region!r}")
    with contextlib.suppress(phonenumbers.NumberParseException):
        number = phonenumbers.parse(text, region)
        if phonenumbers.is_valid_number(number) and not number.extension:
            return Phone(
                phone=phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164),
                country=phonenumbers.region_code_for_number(number) or "",
                prefix=str(number.country_code),
                number=phonenumbers.national_significant_number(number),
            )
    national = f"or as in {region}" if region else "or set Formats(phone_region=...)"
    raise ValueError(f"write it like +44 20 7946 0958, {national}")
