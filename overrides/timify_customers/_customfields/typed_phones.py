"""Phone numbers as people type them. If there are two readings, none is guessed."""

from __future__ import annotations

import phonenumbers
from attrs import evolve
from phonenumbers import CountryCodeSource, PhoneNumber, PhoneNumberFormat

from .._base.settings import Formats
from .phones import Phone

_EXPLICIT = frozenset(
    {CountryCodeSource.FROM_NUMBER_WITH_PLUS_SIGN, CountryCodeSource.FROM_NUMBER_WITH_IDD}
)


def phone_of(number: PhoneNumber) -> Phone:
    """Return the `Phone` of a number that phonenumbers parsed."""
    return Phone(
        phone=_e164(number),
        country=phonenumbers.region_code_for_number(number) or "",
        prefix=str(number.country_code),
        number=phonenumbers.national_significant_number(number),
    )


def completed(phone: Phone) -> Phone:
    """Return a phone with the parts that follow from ``number`` and ``country`` or ``prefix``.

    Raises:
        ValueError: the number is not valid.
    """
    prefix = phone.prefix or phonenumbers.country_code_for_region(phone.country)
    number = _valid(f"+{prefix}{phone.number}", None)
    if number is None:
        raise ValueError(f"its number is not valid in the country {phone.country!r}")
    parsed = phone_of(number)
    return evolve(parsed, country=phone.country or parsed.country)


def read_typed_phone(text: str, formats: Formats) -> Phone:
    """Read a phone number that a person typed.

    A number with ``+``, or with the prefix for calls abroad, has one reading. Any other number has
    two: a national one of the region, and an international one whose ``+`` was lost. If only one of
    them is valid, or both are the same number, there is nothing to decide. Otherwise it depends on
    whether the number is written as its region writes national numbers, that is, with the digits
    that phonenumbers would write:

    ===============================  =========  ================
    the number is written            plus_lost  it is read as
    ===============================  =========  ================
    as its region writes numbers     False      national
    as its region writes numbers     True       refused
    otherwise                        False      refused
    otherwise                        True       international
    ===============================  =========  ================

    Examples, in Germany, which writes national numbers with a 0 in front::

        "032 470000000"  +49 32 470000000      "+032470000000" is not valid
        "32470000000"    refused               +49 32 470000000, or +32 470 00 00 00?
        "32470000000"    +32 470 00 00 00      with plus_lost=True

    In the United States, which writes nothing in front, one valid number in ten is also valid with
    a plus. Such numbers are not refused::

        "4795550123"     +1 479-555-0123       although +47 95 55 01 23 is valid too

    A number that is valid only with a ``+`` is refused without ``plus_lost``, and the message shows
    how it would be read.

    Raises:
        ValueError: no reading is valid, or two are valid and neither is certain. The message shows
            both.
    """
    region = formats.phone_region
    typed = _valid(text, region)
    if typed is not None and _is_international(typed):
        return phone_of(typed)
    with_plus = _valid(_with_plus(text), None)
    if typed is None:
        return phone_of(_only_with_plus(with_plus, formats))
    if with_plus is None or _e164(with_plus) == _e164(typed):
        return phone_of(typed)
    is_national = _is_written_nationally(text, typed)
    if is_national and not formats.plus_lost:
        return phone_of(typed)
    if formats.plus_lost and not is_national:
        return phone_of(with_plus)
    raise ValueError(_both_readings(typed, with_plus, formats))


def _valid(text: str, region: str | None) -> PhoneNumber | None:
    """Parse a valid number without an extension; return None for anything else."""
    try:
        number = phonenumbers.parse(text, region, keep_raw_input=True)
    except phonenumbers.NumberParseException:
        return None
    is_plain = phonenumbers.is_valid_number(number) and not number.extension
    return number if is_plain else None


def _is_international(number: PhoneNumber) -> bool:
    """Return whether a number was typed with a plus, or with a prefix for calls abroad."""
    return number.country_code_source in _EXPLICIT


def _with_plus(text: str) -> str:
    """Put a plus before the first digit, instead of anything before it, such as ``Tel. (``."""
    first_digit = next((place for place, char in enumerate(text) if char.isdigit()), len(text))
    return "+" + text[first_digit:]


def _is_written_nationally(text: str, number: PhoneNumber) -> bool:
    national = phonenumbers.format_number(number, PhoneNumberFormat.NATIONAL)
    digits_of = phonenumbers.normalize_digits_only
    return bool(digits_of(text) == digits_of(national))


def _only_with_plus(with_plus: PhoneNumber | None, formats: Formats) -> PhoneNumber:
    """Return the international reading of a text without another one, if it may be used."""
    if with_plus is not None and formats.plus_lost:
        return with_plus
    region = formats.phone_region
    national = f"or as in {region}" if region else "or set Formats(phone_region=...)"
    advice = f"write it like +44 20 7946 0958, {national}"
    if with_plus is None:
        raise ValueError(advice)
    lost = f"if it is {_shown(with_plus)}, write the + or set Formats(plus_lost=True)"
    raise ValueError(f"{advice}; {lost}")


def _both_readings(typed: PhoneNumber, with_plus: PhoneNumber, formats: Formats) -> str:
    readings = f"{_shown(typed)}, as in {formats.phone_region}, or {_shown(with_plus)}, its + lost"
    advice = "write the one that is meant with its +"
    if not formats.plus_lost:
        advice += ", or set Formats(plus_lost=True) to read such numbers the second way"
    return f"it may be {readings}: {advice}"


def _e164(number: PhoneNumber) -> str:
    return str(phonenumbers.format_number(number, PhoneNumberFormat.E164))


def _shown(number: PhoneNumber) -> str:
    return str(phonenumbers.format_number(number, PhoneNumberFormat.INTERNATIONAL))
