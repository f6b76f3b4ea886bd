"""Phone numbers: none is guessed, and the API's texts go back as they came."""

from __future__ import annotations

import json
from typing import Any

import attrs
import phonenumbers
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from phonenumbers import PhoneNumber, PhoneNumberFormat, PhoneNumberType
from timify_customers import Formats, InvalidValueError, Phone
from timify_customers._customfields.codecs import decode, encode
from timify_customers._customfields.entry_codec import make_entry, read_entry

FIELD = {"id": "f1", "type": "PHONE"}
LONG = '{"phone":"+32470000000","country":"BE","prefix":"32","number":"470000000"}'
SHORT = '{"number": "470000000", "country": "BE"}'
TRUNK_REGIONS = ("DE", "AT", "GB", "FR", "BE", "NL", "CH", "TR", "JP", "AU", "IN", "HU", "LT")
"""They write national numbers with a prefix of their own in front: 0 or 06."""
PLAIN_REGIONS = ("US", "CA", "ES", "IT", "PL", "DK", "PT", "CZ", "NO", "GR")
"""They write national numbers with nothing in front."""
REGIONS = (*TRUNK_REGIONS, *PLAIN_REGIONS, "CN", "BR", "RU")


@st.composite
def valid_numbers(draw: Any, regions: tuple[str, ...] = REGIONS) -> PhoneNumber:
    """The example number of a region, with other last digits."""
    region = draw(st.sampled_from(regions))
    kind = draw(st.sampled_from([PhoneNumberType.FIXED_LINE, PhoneNumberType.MOBILE]))
    example = phonenumbers.example_number_for_type(region, kind)
    e164 = phonenumbers.format_number(example, PhoneNumberFormat.E164)
    number = phonenumbers.parse(e164[:-4] + draw(st.text("0123456789", min_size=4, max_size=4)))
    assume(phonenumbers.is_valid_number(number))
    return number


def e164(number: PhoneNumber) -> str:
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


def national(number: PhoneNumber) -> str:
    return phonenumbers.format_number(number, PhoneNumberFormat.NATIONAL)


def region_of(number: PhoneNumber) -> str:
    return phonenumbers.region_code_for_number(number)


def written(text: object, region: str | None = None, *, plus_lost: bool = False) -> str:
    """Return the E.164 form that a typed phone is sent with."""
    wire = encode("x", FIELD, text, Formats(phone_region=region, plus_lost=plus_lost))
    return str(json.loads(wire)["phone"])


@pytest.mark.parametrize("wire", [LONG, SHORT], ids=["four keys", "two keys"])
def test_either_form_is_read_and_written_back_unchanged(wire: str) -> None:
    """The form with all four keys (observed) and the one with two (documented) keep every byte."""
    phone = read_entry(FIELD, "f1", {"value": wire})
    assert isinstance(phone, Phone)
    assert (phone.number, phone.country) == ("470000000", "BE")
    for value in (phone, wire):
        assert make_entry("x", FIELD, value, Formats()) == {"id": "f1", "value": wire}


@pytest.mark.parametrize(
    "value",
    [
        "+32 470 00 00 00",
        Phone("+32470000000"),
        Phone(country="BE", number="470000000"),
        Phone(prefix="32", number="470000000"),
        attrs.evolve(Phone.read(SHORT), country="BE"),
    ],
    ids=["typed", "E.164 alone", "number and country", "number and prefix", "changed short form"],
)
def test_what_we_write_has_all_four_keys(value: object) -> None:
    """Whatever a phone is made of, the observed form with four filled keys is sent."""
    assert encode("x", FIELD, value) == LONG


def test_a_phone_that_cannot_be_completed_is_refused() -> None:
    """A number without its country, or of another one, is not sent with empty keys."""
    for phone in (Phone(number="470000000"), Phone(country="BE", number="5"), Phone(country="BE")):
        with pytest.raises(InvalidValueError, match="'x'"):
            encode("x", FIELD, phone)


@pytest.mark.parametrize("text", ["32470000000", "32 470 00 00 00", "(32) 470 000 000"])
def test_a_number_of_two_readings_is_refused_with_both(text: str) -> None:
    """Without the 0 of a German number it may be Belgian: the message has both, and what to do."""
    with pytest.raises(InvalidValueError) as caught:
        written(text, "DE")
    for words in ("+49 32 470000000", "+32 470 00 00 00", "its +", "Formats(plus_lost=True)"):
        assert words in str(caught.value)
    assert written(text, "DE", plus_lost=True) == "+32470000000"
    assert written(f"+{text}", "DE") == "+32470000000"
    assert written("032 470000000", "DE") == "+4932470000000"


def test_a_number_that_is_only_international_is_refused_with_its_reading() -> None:
    """Valid with a + alone, it may have lost it; that is said, and done only when asked for."""
    for region in (None, "GB"):
        with pytest.raises(InvalidValueError, match=r"\+32 470 00 00 00, write the \+ or set"):
            written("32470000000", region)
        assert written("32470000000", region, plus_lost=True) == "+32470000000"


def test_a_national_number_that_is_also_international_is_national() -> None:
    """One US number in ten would be valid with a +. It is read; refused if some have lost it."""
    assert written("479 555 0123", "US") == "+14795550123"
    assert written("1 479 555 0123", "US", plus_lost=True) == "+14795550123"
    with pytest.raises(InvalidValueError, match=r"\+1 479-555-0123.*\+47 95 55 01 23") as caught:
        written("479 555 0123", "US", plus_lost=True)
    assert "plus_lost" not in str(caught.value)
    assert written("479 555 0123", plus_lost=True) == "+4795550123"


def test_what_says_that_it_is_international_has_one_reading() -> None:
    """A plus, or the prefix for calls abroad, is believed, whatever stands before it."""
    for text in ("+32 470 00 00 00", "0032 470 00 00 00", "Tel. +32 (0)470 00 00 00"):
        for plus_lost in (True, False):
            assert written(text, "DE", plus_lost=plus_lost) == "+32470000000"
    assert written("Tel. (32) 470 000 000", plus_lost=True) == "+32470000000"
    # From Russia one dials 810 before a Faroese number; +81 029 820 1234 would be Japanese.
    for plus_lost in (True, False):
        assert written("810 298 201234", "RU", plus_lost=plus_lost) == "+298201234"


@given(valid_numbers())
def test_a_number_as_its_region_writes_it_is_read(number: PhoneNumber) -> None:
    """No number in its own region's notation is refused or misread, in any region."""
    assert written(national(number), region_of(number)) == e164(number)


@given(valid_numbers(), st.sampled_from(TRUNK_REGIONS))
def test_a_foreign_number_without_plus_is_never_taken_for_a_national_one(
    number: PhoneNumber, region: str
) -> None:
    """It is refused in regions with a prefix for national numbers; with plus_lost it is read."""
    assume(number.country_code != phonenumbers.country_code_for_region(region))
    text = e164(number)[1:]
    with pytest.raises(InvalidValueError, match="plus_lost"):
        written(text, region)
    assert written(text, region, plus_lost=True) == e164(number)


@given(valid_numbers(PLAIN_REGIONS))
def test_regions_without_a_prefix_refuse_no_number(number: PhoneNumber) -> None:
    """Where national numbers have nothing in front, each of them is read, though without +."""
    digits = phonenumbers.national_significant_number(number)
    assert written(digits, region_of(number)) == e164(number)


@given(valid_numbers(), st.sampled_from(["", " ", "Tel. "]))
def test_without_a_region_every_lost_plus_is_put_back(number: PhoneNumber, before: str) -> None:
    """With plus_lost and no region there is one reading, and it is the number."""
    assert written(before + e164(number)[1:], plus_lost=True) == e164(number)


@given(valid_numbers(), st.none() | st.sampled_from(REGIONS), st.booleans())
def test_a_plus_leaves_no_doubt(number: PhoneNumber, region: str | None, lost: bool) -> None:
    """With its plus, a number is itself in every region."""
    assert written(e164(number), region, plus_lost=lost) == e164(number)


@given(
    st.text("0123456789+-() x", max_size=18), st.none() | st.sampled_from(REGIONS), st.booleans()
)
def test_any_text_is_a_valid_number_or_refused(text: str, region: str | None, lost: bool) -> None:
    """What is written is valid and reads back as what was written; the rest is our error."""
    assume(text)
    try:
        wire = encode("x", FIELD, text, Formats(phone_region=region, plus_lost=lost))
    except InvalidValueError:
        return
    phone = decode(FIELD, "f1", wire)
    assert phonenumbers.is_valid_number(phonenumbers.parse(phone.phone))
    assert phone.phone == f"+{phone.prefix}{phone.number}"
