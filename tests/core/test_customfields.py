"""Payloads from names and values."""

from __future__ import annotations

import datetime
import json
from typing import Any

import pytest
from timify_customers import (
    AmbiguousFieldError,
    ArgumentError,
    ArgumentTypeError,
    Customfield,
    InvalidValueError,
    PayloadError,
    UnknownFieldError,
)
from timify_customers._customfields import FieldRegistry, ready_list
from timify_customers._values import encode as encoded

FIELDS = [
    {"id": "f1", "defaultId": "firstName", "type": "TEXT"},
    {"id": "f2", "defaultId": "birthday", "type": "DATE"},
    {"id": "f3", "defaultId": "mobilePhone", "type": "PHONE"},
    {"id": "f4", "defaultId": "email", "type": "EMAIL"},
    {"id": "f5", "defaultId": None, "label": "Tier", "type": "SELECT"},
    {"id": "f6", "defaultId": "twice"},
    {"id": "f7", "defaultId": "twice"},
    {"id": 8, "defaultId": ["nonsense"]},
]


def definitions() -> FieldRegistry:
    return FieldRegistry(Customfield.from_dict(field) for field in FIELDS)


def encode(name: str, kind: object, value: object) -> Any:
    return encoded(name, {"type": kind}, value)


def test_names_become_ids() -> None:
    """A default id or a field id names a field; values are encoded by its type."""
    values = {"firstName": "Ada", "birthday": datetime.date(1815, 12, 10), "f5": "gold"}
    assert definitions().payload(values) == [
        {"id": "f1", "value": "Ada"},
        {"id": "f2", "value": "1815-12-10"},
        {"id": "f5", "value": "gold"},
    ]


def test_all_problems_are_reported_together() -> None:
    """One error lists everything that is wrong with a payload."""
    values: dict[Any, object] = {
        "first nam": "x",
        "email": "no",
        "birthday": "soon",
        "twice": "x",
        5: "x",
        "f1": "a",
        "firstName": "b",
    }
    with pytest.raises(PayloadError) as caught:
        definitions().payload(values)
    assert [type(problem) for problem in caught.value.problems] == [
        UnknownFieldError,
        InvalidValueError,
        InvalidValueError,
        AmbiguousFieldError,
        ArgumentError,
        ArgumentError,
    ]
    for word in ("'first nam'", "'no'", "'soon'", "f6 twice; f7 twice", "5", "already has"):
        assert word in str(caught.value)


def test_one_problem_is_itself() -> None:
    """A single problem is raised as it is, and an unknown field is a KeyError with a readable text."""
    with pytest.raises(UnknownFieldError, match=r"^no custom field has") as caught:
        definitions().payload({"nope": "x"})
    assert isinstance(caught.value, KeyError)
    assert "birthday" in str(caught.value)


@pytest.mark.parametrize("kind", ["TEXT", "DATE", "PHONE", "EMAIL", "SELECT", "SOMETHING", None])
@pytest.mark.parametrize("value", [None, ""])
def test_none_and_empty_clear_a_field(kind: str | None, value: str | None) -> None:
    """None and the empty string clear a field of any type."""
    assert encode("x", kind, value) == ""


@pytest.mark.parametrize(
    ("kind", "value", "wire"),
    [
        ("TEXT", " as it is ", " as it is "),
        ("SOMETHING", "x", "x"),
        (None, "x", "x"),
        ("DATE", datetime.datetime(1990, 1, 31, 23, 59, tzinfo=datetime.UTC), "1990-01-31"),
        ("DATE", "1990-01-31", "1990-01-31"),
        ("DATE", "19900131", "1990-01-31"),
        ("DATE", "1990-01-31T10:00:00Z", "1990-01-31"),
        ("EMAIL", "ada@example.com", "ada@example.com"),
        ("PHONE", '{"number":"470000000","country":"BE"}', '{"number":"470000000","country":"BE"}'),
    ],
)
def test_values_are_encoded_by_type(kind: str | None, value: object, wire: str) -> None:
    """Each type has its wire format; a ready phone and an unknown type pass as they are."""
    assert encode("x", kind, value) == wire


def test_a_phone_becomes_the_observed_object() -> None:
    """An international number becomes the JSON string that the API was seen to use, leading zeros kept."""
    assert (
        encode("x", "PHONE", "+32 470 00 00 00")
        == '{"phone":"+32470000000","country":"BE","prefix":"32","number":"470000000"}'
    )
    assert json.loads(encode("x", "PHONE", "+39 06 698 12345"))["number"].startswith("06")


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("TEXT", 5),
        ("TEXT", True),
        ("TEXT", b"x"),
        ("TEXT", ["x"]),
        ("DATE", "1990-02-31"),
        ("DATE", 5),
        ("DATE", "01/02/1990"),
        ("DATE", "1984"),
        ("DATE", "1984-02"),
        ("DATE", "1984-W05"),
        ("DATE", "199"),
        ("PHONE", "+44 20 7946 0958 ext 5"),
        ("PHONE", "0470 00 00 00"),
        ("PHONE", "+1 1"),
        ("PHONE", "{broken"),
        ("PHONE", '{"country":"BE"}'),
        ("PHONE", "{}"),
        ("EMAIL", "ada"),
        ("EMAIL", "a b@example.com"),
        ("EMAIL", "@example.com"),
    ],
)
def test_what_does_not_fit_its_type_is_refused(kind: str, value: object) -> None:
    """A value that does not fit is an error that names the field."""
    with pytest.raises(InvalidValueError, match="'x'"):
        encode("x", kind, value)


def test_text_that_is_no_utf8_is_refused() -> None:
    """Half a surrogate pair cannot be sent."""
    with pytest.raises(ArgumentError, match="surrogate"):
        encode("x", "TEXT", "\ud83d")


def test_a_ready_list_is_sent_as_it_is() -> None:
    """A wire list keeps its entries, unknown keys too."""
    entries = [{"id": "f1", "value": "x", "values": ["y"]}]
    assert ready_list(entries) == entries
    for wrong in ([{"value": "x"}], ["x"], [{"id": 5}]):
        with pytest.raises(ArgumentError, match=r"customfields\[0\]"):
            ready_list(wrong)
    for wrong_type in ("text", 5, None):
        with pytest.raises(ArgumentTypeError):
            ready_list(wrong_type)
