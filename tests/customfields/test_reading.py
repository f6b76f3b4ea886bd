"""Custom fields read from answers, by name and typed."""

from __future__ import annotations

import copy
import json
import pickle
from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.strategies import definitions, entries, json_values
from timify_customers import (
    AmbiguousFieldError,
    Customer,
    CustomerFields,
    Customfield,
    DecodeError,
    FieldRegistry,
    Phone,
    TimifyError,
    UnknownFieldError,
    Unreadable,
)
from timify_customers._customfields.reading import customer_view
from timify_customers_client import models

PHONE = '{"phone":"+32470000000","country":"BE","prefix":"32","number":"470000000"}'


def row(
    key: str, kind: str, value: object, default_id: str | None = None, label: str = "", **more: Any
) -> dict[str, Any]:
    return {"id": key, "type": kind, "value": value, "values": [], "isMultiple": None} | {
        "defaultId": default_id,
        "label": label,
        **more,
    }


ENTRIES: list[Any] = [
    row("f1", "TEXT", "Jane", "firstName"),
    row("f2", "DATE", "1990-01-31", "birthday"),
    row("f3", "PHONE", PHONE, "mobilePhone"),
    row("f4", "DATE", "soon", None, "Since"),
    row("f5", "SELECT", "gold", None, "Tier"),
    row("f6", "TEXT", "", None, "Tags", isMultiple=True, values=["a", "b"]),
    row("f7", "NUMBER", "5", None, "Tier"),
    row("f8", "EMAIL", "", "email"),
]
_DEFINED = ("id", "type", "defaultId", "label", "isMultiple")
FIELDS = [{key: entry[key] for key in _DEFINED} for entry in ENTRIES]
ANSWER = {"id": "1", "fields": ENTRIES}


def registry(fields: list[Any]) -> FieldRegistry:
    return FieldRegistry(map(Customfield.from_dict, fields))


def test_values_are_read_by_name() -> None:
    """Default id, label, id and Python spelling find typed values, from the answer alone."""
    fields = Customer.from_dict(ANSWER).customfields
    assert isinstance(fields, Mapping)
    assert (
        fields["firstName"] == fields["first_name"] == fields["FIRSTNAME"] == fields["f1"] == "Jane"
    )
    assert fields["birthday"] == date(1990, 1, 31)
    assert fields["mobilePhone"] == Phone("+32470000000", "BE", "32", "470000000")
    assert fields["tags"] == ["a", "b"]
    assert fields["email"] is None
    assert fields["f7"] == 5
    assert isinstance(fields["Since"], Unreadable)
    assert fields["Since"] == "soon"
    assert fields.get("firstName") == "Jane"
    assert fields.get("nickname", "none") == "none"


def test_iteration_gives_the_best_names_in_order() -> None:
    """Default id, else label, else id, in the order of the server; fields that share a label are
    both there.
    """
    fields = Customer.from_dict(ANSWER).customfields
    names = ["firstName", "birthday", "mobilePhone", "Since", "f5", "Tags", "f7", "email"]
    assert list(fields) == names
    assert len(fields) == len(names)
    assert [fields[name] for name in fields] == list(fields.values())
    assert fields.raw is ENTRIES
    assert "firstName" in fields
    assert "nickname" not in fields
    assert 5 not in fields
    assert repr(fields).startswith("CustomerFields({'firstName': 'Jane', 'birthday'")


def test_a_name_of_two_entries_is_refused() -> None:
    """A label that two entries share is not guessed, by [] or by get."""
    fields = Customer.from_dict(ANSWER).customfields
    for read in (lambda: fields["Tier"], lambda: fields.get("tier"), lambda: "Tier" in fields):
        with pytest.raises(AmbiguousFieldError, match="f5; f7"):
            read()


def test_a_missing_name_is_unknown_to_the_answer() -> None:
    """Without definitions the error says why a field may be missing: it is a KeyError."""
    with pytest.raises(UnknownFieldError, match="ever written") as caught:
        _ = Customer.from_dict(ANSWER).customfields["first nam"]
    assert caught.value.closest[0] == "firstName"
    assert isinstance(caught.value, KeyError)


def test_with_definitions_a_field_never_written_is_none() -> None:
    """A field of the company without an entry reads as None and is not iterated over; another name
    is unknown.
    """
    known = registry([*FIELDS, {"id": "f9", "type": "TEXT", "label": "Nickname"}])
    fields = customer_view(ANSWER, known).customfields
    assert fields["nickname"] is None
    assert fields.get("Nickname", "none") == "none"
    assert "Nickname" not in fields
    assert "Nickname" not in list(fields)
    with pytest.raises(UnknownFieldError, match="closest are Nickname"):
        _ = fields["nikname"]
    with pytest.raises(AmbiguousFieldError):
        _ = fields["Tier"]


def test_definitions_say_what_a_value_is() -> None:
    """Type, options and several values are those of the definition; names too, and a newer field
    stays readable.
    """
    known = registry(
        [
            {"id": "f1", "label": "Anrede", "type": "SELECT", "selectOptions": ["mr"]},
            {"id": "f2", "label": "Geburtstag", "type": "TEXT"},
            {"id": "f4", "label": "firstName"},
        ]
    )
    fields = known.read(ANSWER)
    assert isinstance(fields["Anrede"], Unreadable)
    assert (fields["Geburtstag"], fields["birthday"]) == ("1990-01-31", "1990-01-31")
    assert fields["mobile_phone"] == Phone("+32470000000", "BE", "32", "470000000")
    assert fields["firstName"] == "soon"
    assert list(fields)[:4] == ["f1", "birthday", "mobilePhone", "Since"]
    for source in (Customer.from_dict(ANSWER), ENTRIES, tuple(ENTRIES)):
        assert known.read(source) == fields


def test_definitions_decide_about_the_names_that_they_know() -> None:
    """The answer decides about other names only, though it has newer labels."""
    tier, size = {"id": "f1", "label": "Tier"}, {"id": "f2", "label": "Size"}
    answer = [row("f1", "TEXT", "gold", label="Rank"), row("f3", "TEXT", "new", label="Tier")]
    fields = registry([tier, size]).read(answer)
    assert fields["Tier"] == fields["Rank"] == "gold"
    assert fields["Size"] is None
    assert fields["f3"] == "new"
    with pytest.raises(UnknownFieldError):
        _ = fields["Club"]


@pytest.mark.parametrize("key", ["fields", "customfields"])
def test_the_answers_key_may_be_either(key: str) -> None:
    """Entries are under fields (observed) or customfields; neither or null is no entry."""
    assert Customer.from_dict({"id": "1", key: ENTRIES}).customfields["firstName"] == "Jane"
    assert (
        Customer.from_dict({"id": "1", "fields": None, key: ENTRIES}).customfields["firstName"]
        == "Jane"
    )
    assert (
        Customer.from_dict({"id": "1", "fields": [], key: ENTRIES}).customfields["firstName"]
        == "Jane"
    )
    assert list(Customer.from_dict({"id": "1", key: None}).customfields) == []


def test_what_is_no_list_is_a_decode_error() -> None:
    """Entries that are none fail where they are read, and the rest of the customer works."""
    odd = Customer.from_dict({"id": "1", "fields": "x"})
    with pytest.raises(DecodeError, match=r"\$\.fields"):
        _ = odd.customfields
    assert odd.id == "1"
    with pytest.raises(DecodeError):
        registry([]).read({"fields": {"f1": "x"}})


def test_malformed_entries_break_no_others() -> None:
    """What is no object, or has odd keys, is in raw alone; the first of two entries with one id has
    it.
    """
    odd = [
        None,
        5,
        "x",
        [],
        {},
        {"id": 5, "value": "x"},
        {"id": None, "label": ["y"]},
        {"value": "z"},
    ]
    again = row("f1", "TEXT", "second", None, "Other")
    fields = Customer.from_dict({"id": "1", "fields": [*odd, *ENTRIES, again]}).customfields
    assert list(fields)[:2] == ["firstName", "birthday"]
    assert len(fields.raw) == len(odd) + len(ENTRIES) + 1
    assert fields["f1"] == "Jane"
    assert fields["Other"] == "second"


@pytest.mark.parametrize(
    ("held", "sent"),
    [
        ({"value": "x", "values": []}, {"value": "x", "values": []}),
        ({"value": None, "values": ["a"]}, {"value": "", "values": ["a"]}),
    ],
    ids=["one value", "several beside null"],
)
def test_a_field_of_several_loses_nothing(held: dict[str, Any], sent: dict[str, Any]) -> None:
    """Whichever of ``value`` and ``values`` has it, what is read with definitions or without is
    sent as it was.
    """
    entry = row("f6", "TEXT", "", None, "Tags", isMultiple=True) | held
    known = registry([entry])
    for fields in (known.read([entry]), CustomerFields([entry])):
        assert known.payload({"Tags": fields["Tags"]}) == [{"id": "f6", **sent}]


@given(definitions().flatmap(lambda fields: st.tuples(st.just(fields), entries(fields))))
def test_what_is_read_can_be_sent_unchanged(
    drawn: tuple[list[dict[str, Any]], list[dict[str, Any]]],
) -> None:
    """A payload of all that was read is what the API holds, read with definitions or without."""
    known = registry(drawn[0])
    expected = [
        {"id": entry["id"], "value": entry["value"]}
        | ({"values": entry["values"]} if entry["isMultiple"] else {})
        for entry in drawn[1]
    ]
    fields = known.read(drawn[1])
    assert len(fields) == len(drawn[1])
    assert known.payload(dict(fields)) == expected
    alone = CustomerFields(drawn[1])
    assert len(alone) == len(drawn[1])
    assert known.payload({entry["id"]: alone[entry["id"]] for entry in drawn[1]}) == expected


@given(
    st.lists(
        json_values
        | st.dictionaries(
            st.sampled_from(["id", "defaultId", "label", "value", "values", "type"]), json_values
        )
    )
)
def test_any_json_can_be_read(odd: list[Any]) -> None:
    """Iterating over any list of entries, showing and reading it brings no error."""
    for fields in (CustomerFields(odd), registry(FIELDS).read(odd)):
        assert len(dict(fields)) == len(fields)
        assert repr(fields)
        with pytest.raises(TimifyError):
            _ = fields["§ no such name §"]


def test_a_customer_reads_with_its_definitions() -> None:
    """== and repr do not see them; a deep copy and a pickle are the answer alone."""
    known = registry([{"id": "f9", "label": "Nickname"}])
    plain, jane = Customer.from_dict(ANSWER), customer_view(ANSWER, known)
    assert jane.customfields["Nickname"] is None
    assert customer_view(ANSWER) == jane == plain
    assert repr(jane) == repr(plain)
    for again in (copy.deepcopy(jane), pickle.loads(pickle.dumps(jane)), customer_view(ANSWER)):
        assert again == plain
        assert type(again) is Customer
        with pytest.raises(UnknownFieldError):
            _ = again.customfields["Nickname"]
    assert copy.copy(jane) == plain
    assert copy.deepcopy(jane).raw is not jane.raw
    fields = pickle.loads(pickle.dumps(jane.customfields))
    assert fields == jane.customfields
    assert fields["Nickname"] is None


def test_a_row_of_a_list_keeps_its_place() -> None:
    """A customer made of a row tells its place in the page when a value cannot be read."""
    page = models.CustomerList.from_dict({"data": [ANSWER, {"id": 5}]})
    jane = customer_view(page.data[1], registry([]))
    with pytest.raises(DecodeError, match=r"\$\.data\[1\]\.id"):
        _ = jane.id
    assert json.dumps(jane.to_dict()) == '{"id": 5}'
