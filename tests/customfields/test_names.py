"""Which field a name means."""

from __future__ import annotations

import pickle
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.strategies import definitions, labels, texts
from timify_customers import (
    AmbiguousFieldError,
    ArgumentError,
    Customfield,
    FieldRegistry,
    TimifyError,
    UnknownFieldError,
)
from timify_customers._customfields.names import FieldNames, NameIndex, fold

FIELDS = [
    {"id": "f1", "defaultId": "firstName", "label": ""},
    {"id": "f2", "defaultId": "mobilePhone", "label": None},
    {"id": "f3", "label": "Loyalty tier", "categoryId": "c1"},
    {"id": "f4", "label": "Größe", "defaultId": None},
    {"id": "f5", "label": "Tags", "categoryId": "c1"},
    {"id": "f6", "label": "Tags", "categoryId": "c9"},
    {"id": "f7", "label": "TAGS"},
    {"id": "f8", "label": "lastName"},
    {"id": "f9", "defaultId": "lastName"},
    {"id": "f10", "label": "f1"},
    {"id": "f11", "label": "first_name"},
    {"id": "f12", "defaultId": "zipcode"},
    {"id": "f13", "label": "ZIPCODE"},
    {"id": "f14", "label": "Café"},
    {"id": "f15", "label": "Cafe"},
    {"id": "F16", "label": "会員"},
    {"id": "f17", "defaultId": "companyVatID"},
    {"id": "f1", "label": "again"},
    {"id": "", "label": "no id"},
    {"id": 18, "label": "numbered"},
]


def registry(fields: list[Any] = FIELDS) -> FieldRegistry:
    return FieldRegistry(map(Customfield.from_dict, fields))


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("f3", "f3"),
        ("f1", "f1"),  # an id before a label
        ("F1", "f1"),
        ("firstName", "f1"),
        ("FIRSTNAME", "f1"),
        ("first_name", "f11"),  # a label before a Python spelling
        ("First_Name", "f11"),
        ("mobile_phone", "f2"),
        ("Mobile_Phone", "f2"),
        ("lastName", "f9"),  # a default id before a label
        ("last_name", "f9"),
        ("Loyalty tier", "f3"),
        ("LOYALTY TIER", "f3"),
        ("Größe", "f4"),
        ("Gro\u0308ße", "f4"),
        ("grosse", "f4"),
        ("TAGS", "f7"),  # exact before folded
        ("zipcode", "f12"),
        ("ZIPCODE", "f13"),
        ("ZipCode", "f12"),  # both but for case: the default id is first
        ("Café", "f14"),
        ("Cafe", "f15"),
        ("会員", "F16"),
        ("f16", "F16"),
        ("company_vat_id", "f17"),
    ],
)
def test_a_name_means_one_field(name: str, key: str) -> None:
    """Id, default id, label and Python spelling in this order, exactly before but for case and
    accents.
    """
    assert registry().find(name).id == key


@pytest.mark.parametrize(
    ("name", "positions"),
    [
        ("firstName", [0]),
        ("FIRSTNAME", [0]),
        ("first_name", [1]),
        ("f1", [0]),
        ("Cafe", [3]),
        ("CAFE", [2, 3]),
        ("tea", []),
    ],
)
def test_the_strongest_match_wins(name: str, positions: list[int]) -> None:
    """Exact before folded; then id, default id, label, Python spelling; equals are all found."""
    raws = [
        {"id": "f1", "defaultId": "firstName"},
        {"id": "f2", "label": "first_name"},
        {"id": "f3", "label": "Café"},
        {"id": "f4", "label": "Cafe"},
        {"id": "f5", "label": "f1"},
    ]
    index = NameIndex([FieldNames.of(raw) for raw in raws])
    assert list(index.find(name)) == positions


@pytest.mark.parametrize("name", ["Tags", "tags", "café ", "CAFE"])
def test_a_name_of_several_fields_is_not_guessed(name: str) -> None:
    """A label that two fields share is refused with their ids and categories; so is one that folds
    to two.
    """
    if name == "café ":
        with pytest.raises(UnknownFieldError):
            registry().find(name)
        return
    with pytest.raises(AmbiguousFieldError) as caught:
        registry().find(name)
    expected = {"Tags": ("f5", "f6"), "tags": ("f5", "f6", "f7"), "CAFE": ("f14", "f15")}[name]
    assert caught.value.ids == expected
    assert all(key in str(caught.value) for key in expected)
    if name == "Tags":
        assert "f5 (category c1); f6 (category c9)" in str(caught.value)
    assert pickle.loads(pickle.dumps(caught.value)).ids == expected


def test_an_unknown_name_says_what_is_close() -> None:
    """The error has the closest names, and without any the names that there are; it is a KeyError
    of ours.
    """
    with pytest.raises(UnknownFieldError, match=r"the closest are Loyalty tier$") as caught:
        registry().find("loyalti tier")
    assert caught.value.closest == ("Loyalty tier",)
    assert isinstance(caught.value, KeyError)
    assert pickle.loads(pickle.dumps(caught.value)).closest == ("Loyalty tier",)
    with pytest.raises(UnknownFieldError, match="there are first_name, mobilePhone, ") as caught:
        registry().find("§§§§§§§§")
    assert caught.value.closest == ()
    with pytest.raises(UnknownFieldError, match="there are none"):
        registry([]).find("x")
    with pytest.raises(UnknownFieldError):
        registry().find("")


def test_an_unknown_name_lists_twenty_at_most() -> None:
    """Where nothing is close the names that there are get listed, but not a company's hundreds."""
    fields = [{"id": f"f{number}", "label": f"label {number}"} for number in range(30)]
    with pytest.raises(UnknownFieldError) as caught:
        registry(fields).find("§§§§§§§§")
    assert str(caught.value).count("label ") == 20


def test_an_ambiguous_name_lists_bare_ids_where_there_is_no_more_to_say() -> None:
    """Without notes, such as categories, the error lists the ids alone."""
    rows = [FieldNames("", "Tags", "", "f5"), FieldNames("", "Tags", "", "f6")]
    with pytest.raises(AmbiguousFieldError, match=r"one of their ids: f5; f6$"):
        NameIndex(rows).one("Tags")


@pytest.mark.parametrize(
    ("default_id", "python"),
    [("firstName", "first_name"), ("companyVatID", "company_vat_id"), ("zipcode", "zipcode")],
)
def test_the_python_spelling_is_in_small_letters(default_id: str, python: str) -> None:
    """Default ids are spelled as Python attributes are."""
    assert FieldNames.of({"defaultId": default_id}).python == python


def test_a_field_without_an_id_has_no_name() -> None:
    """What could not be written is not found; the rest is, beside what is no object."""
    for name in ("no id", "numbered"):
        with pytest.raises(UnknownFieldError):
            registry().find(name)
    broken = FieldRegistry(Customfield.from_dict({"x": row}) for row in FIELDS[:1])
    assert len(broken) == 1


@pytest.mark.parametrize("name", [5, None, b"f1", ("f1",), ["f1"]])
def test_a_name_is_a_string(name: Any) -> None:
    """Another type is an error that says so."""
    with pytest.raises(ArgumentError, match="named by a string"):
        registry().find(name)


@given(texts | labels)
def test_folding_once_is_enough(name: str) -> None:
    """A folded name folds to itself, and so do its capitals."""
    assert fold(fold(name)) == fold(name)
    assert fold(name.upper()) == fold(name.upper().lower())


@given(definitions(), labels)
def test_every_name_ends_clearly(fields: list[dict[str, Any]], name: str) -> None:
    """Whatever clashes, a name finds a field that has it, or an error of ours."""
    try:
        found = registry(fields).find(name).raw
    except TimifyError:
        return
    spelled = FieldNames.of(found)
    assert fold(name) in map(fold, spelled)


@given(definitions())
def test_an_id_always_finds_its_field(fields: list[dict[str, Any]]) -> None:
    """No label or default id can hide a field from its id."""
    for field in fields:
        assert registry(fields).find(field["id"]).raw == field


@given(st.lists(st.builds(FieldNames, labels, labels, labels, labels), max_size=5), labels)
def test_positions_are_of_what_has_the_name(rows: list[FieldNames], name: str) -> None:
    """Only what has the name is found, and of things with one id only the first."""
    found = NameIndex(rows).find(name)
    assert all(fold(name) in map(fold, rows[number]) for number in found)
    keys = [rows[number].id for number in found if rows[number].id]
    assert len(keys) == len(set(keys))


def test_what_comes_after_a_repeated_id_is_still_found() -> None:
    """Of rows with one id the first is indexed, and the rows behind them as ever."""
    rows = [
        FieldNames("", label, "", key) for label, key in (("A", "f1"), ("B", "f1"), ("C", "f2"))
    ]
    index = NameIndex(rows)
    assert (list(index.find("A")), list(index.find("B")), list(index.find("C"))) == ([0], [], [2])


def test_messages_name_what_was_asked_for_and_list_with_commas() -> None:
    """An ambiguous name stands in its message; closest names are separated by commas."""
    twins = NameIndex([FieldNames("", "Tags", "", key) for key in ("f1", "f2")])
    with pytest.raises(AmbiguousFieldError, match="'tags' fits several"):
        twins.one("tags")
    near = NameIndex([FieldNames("", label, "", label) for label in ("Shoe size", "Shoe sizes")])
    with pytest.raises(UnknownFieldError, match=r"the closest are Shoe sizes?, Shoe sizes?$"):
        near.one("Shoe siz")
