"""What names that people gave become in Python."""

from __future__ import annotations

import keyword

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.strategies import labels
from timify_customers._customfields.identifiers import alias, constant, identifiers, words


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("firstName", "FIRST_NAME"),
        ("companyVatID", "COMPANY_VAT_ID"),
        ("Loyalty tier", "LOYALTY_TIER"),
        ("Größe (cm)", "GROSSE_CM"),
        ("Été", "ETE"),
        ("2nd phone", "FIELD_2ND_PHONE"),
        ("class", "CLASS"),
        ("__init__", "INIT"),
        ("a\nb", "A_B"),
        ("x" * 99, "X" * 40),
        (
            "May we write to you about what is new in our shops?",
            "MAY_WE_WRITE_TO_YOU_ABOUT_WHAT_IS_NEW_IN",
        ),
    ],
)
def test_a_name_becomes_a_constant(name: str, expected: str) -> None:
    """Words of ASCII letters and digits, at most 40 characters, no digit first."""
    assert identifiers({"f1": name}) == {"f1": expected}


def test_a_name_becomes_a_type() -> None:
    """The type of a field's options is called after the field."""
    assert identifiers({"f1": "Loyalty tier"}, alias) == {"f1": "LoyaltyTierOption"}


def test_equal_names_have_ids_behind_them() -> None:
    """All of them, so that it does not matter which comes first; others stay as they are."""
    names = {"f1": "Tier", "f2": "tier!", "f3": "Other"}
    expected = {"f1": "TIER_F1", "f2": "TIER_F2", "f3": "OTHER"}
    assert identifiers(names) == expected
    assert identifiers(dict(reversed(names.items()))) == expected


def test_a_name_without_words_has_its_id() -> None:
    """A label in another script says nothing in ASCII."""
    assert identifiers({"f1": "会員"}) == {"f1": "FIELD_F1"}
    assert identifiers({"f1": ""}) == {"f1": "FIELD_F1"}


def test_ids_that_are_spelled_alike_are_numbered() -> None:
    """Even then, no two fields share an identifier."""
    assert identifiers({"f1": "T", "F1": "t", "f-1": "T_F1"}).values() != {"T_F1"}
    assert list(identifiers({"f1": "T", "F1": "t"}).values()) == ["T_F1", "T_F1_2"]


@given(names=st.dictionaries(st.text(max_size=4), labels, max_size=8))
@pytest.mark.parametrize("spell", [constant, alias])
def test_identifiers_are_valid_and_differ(names: dict[str, str], spell: object) -> None:
    """Whatever the names and ids are, each field has an identifier of its own."""
    found = identifiers(names, spell)  # type: ignore[arg-type]
    assert found.keys() == names.keys()
    assert len(set(found.values())) == len(names)
    for name in found.values():
        assert name.isidentifier()
        assert name.isascii()
        assert not keyword.iskeyword(name)


@given(st.text())
def test_any_text_has_words(name: str) -> None:
    """There is at least one, and the first begins with a letter."""
    assert words(name)[0][0].isalpha()
