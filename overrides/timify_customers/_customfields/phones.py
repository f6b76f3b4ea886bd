"""Phone numbers, as `Phone` and as the JSON text that is sent."""

from __future__ import annotations

import json

from attrs import field, frozen

from .._base.settings import Formats

_KEYS = ("phone", "country", "prefix", "number")


@frozen
class Phone:
    """A phone number, as the API has it. One that was read is written back byte for byte.

    Attributes:
        phone: the number in E.164, such as ``+442079460958``. If only this is set, the rest is
            added when the phone is written.
        country: two capital letters.
        prefix: calling code of the country, without plus.
        number: the number without the calling code.
        wire: the JSON text that was read; empty for a phone that was made in Python.
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
        """Read the JSON text of a phone.

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
    """Return the JSON text that is sent for a phone.

    A phone that was read, or a text that is already JSON, stays as it is, even in the short form.
    Anything else is written with all four keys (observed). All of these become the same text::

        "+32 470 00 00 00"
        Phone("+32470000000")
        Phone(country="BE", number="470000000")

        {"phone":"+32470000000","country":"BE","prefix":"32","number":"470000000"}

    Args:
        value: a number as people type it, a `Phone`, or a ready JSON text.
        formats: how a number without ``+`` is to be understood.

    Raises:
        ValueError: it is not a valid phone number, or has several readings.
    """
    if isinstance(value, str) and value.startswith("{"):
        value = Phone.read(value)
    if isinstance(value, Phone) and value.wire:
        return value.wire
    return phone_json(_with_all_parts(value, formats))


def _with_all_parts(value: str | Phone, formats: Formats) -> Phone:
    if isinstance(value, Phone) and value.phone and value.number:
        return value
    # Imported on use: the metadata of phonenumbers is large, and many programs write no phone.
    from .typed_phones import completed, read_typed_phone  # noqa: PLC0415

    if isinstance(value, Phone) and value.number:
        return completed(value)
    return read_typed_phone(str(value), formats)


def phone_json(phone: Phone) -> str:
    """Return the JSON text of a phone with all four keys (observed)."""
    parts = {key: getattr(phone, key) for key in _KEYS}
    return json.dumps(parts, separators=(",", ":"))
