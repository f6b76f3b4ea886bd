"""Values by type, from Python to the wire and back."""

from __future__ import annotations

import datetime
import json
import pickle
import subprocess
import sys
from decimal import Decimal
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.strategies import (
    TYPES,
    anything,
    definitions,
    entries,
    json_values,
    options,
    texts,
    values,
)
from timify_customers import (
    ArgumentError,
    ConfigurationError,
    Formats,
    InvalidValueError,
    Phone,
    Unreadable,
)
from timify_customers._customfields.codecs import encode
from timify_customers._customfields.entry_codec import make_entry, read_entry
from timify_customers._customfields.verbatim import VerbatimText

KEYS = ("phone", "country", "prefix", "number")
BELGIAN = '{"phone":"+32470000000","country":"BE","prefix":"32","number":"470000000"}'
OPTIONS = [
    "gold",
    {"id": "s1", "value": "silver", "label": "Silber"},
    {"id": "b1", "label": "Bronze"},
    {"value": "x1", "label": "Twice"},
    {"value": "x2", "label": "Twice"},
    {"id": 7, "label": "Seven"},
    {},
    None,
    {"label": "Only"},
]


def write(kind: object, value: object, formats: Formats | None = None, **more: Any) -> Any:
    return encode("x", {"id": "f1", "type": kind, **more}, value, formats or Formats())


def read(kind: object, value: object, **more: Any) -> Any:
    return read_entry({"type": kind, **more}, "f1", {"value": value})


@pytest.mark.parametrize("kind", TYPES)
@pytest.mark.parametrize("value", [None, ""])
def test_none_and_empty_clear_a_field(kind: str | None, value: str | None) -> None:
    """None and the empty string clear a field of any type, of one value or several; unset reads as
    None.
    """
    field = {"id": "f1", "type": kind}
    assert make_entry("x", field, value, Formats()) == {"id": "f1", "value": ""}
    assert make_entry("x", {**field, "isMultiple": True}, value, Formats()) == {
        "id": "f1",
        "value": "",
        "values": [],
    }
    assert read(kind, value) is None


@pytest.mark.parametrize(
    ("kind", "value", "wire"),
    [
        ("TEXT", " as it is ", " as it is "),
        ("TEXTAREA", "a\nb", "a\nb"),
        ("SOMETHING", "x", "x"),
        (None, "x", "x"),
        (["odd"], "x", "x"),
        ("DATE", datetime.date(815, 2, 1), "0815-02-01"),
        ("DATE", datetime.datetime(1990, 1, 31, 23, 59, tzinfo=datetime.UTC), "1990-01-31"),
        ("DATE", "1990-01-31", "1990-01-31"),
        ("DATE", " 19900131 ", "1990-01-31"),
        ("DATE", "1990-01-31T10:00:00Z", "1990-01-31"),
        ("DATE", "31.01.1990", "1990-01-31"),
        ("DATE", "1/31/1990 10:30", "1990-01-31"),
        ("DATE", "1990/2/1", "1990-02-01"),
        ("DATE", "5/5/1990", "1990-05-05"),
        ("DATE", "13.1.0001", "0001-01-13"),
        ("DATE", "31 January 1990", "1990-01-31"),
        ("DATE", "Jan 5, 1990", "1990-01-05"),
        ("EMAIL", "ada@example.com", "ada@example.com"),
        ("PHONE", '{"number":"470000000","country":"BE"}', '{"number":"470000000","country":"BE"}'),
        ("PHONE", "+32 470 00 00 00", BELGIAN),
        ("PHONE", Phone("+32470000000"), BELGIAN),
        (
            "PHONE",
            Phone("+1", "ZZ", "9", "5"),
            '{"phone":"+1","country":"ZZ","prefix":"9","number":"5"}',
        ),
        ("NUMBER", 5, "5"),
        ("NUMBER", 5.5, "5.5"),
        ("NUMBER", Decimal("5.50"), "5.50"),
        ("NUMBER", "5.50", "5.50"),
        ("NUMBER", "-7", "-7"),
        ("CHECKBOX", True, "true"),
        ("CHECKBOX", False, "false"),
        ("CHECKBOX", "TRUE", "true"),
        ("SELECT", "anything without options", "anything without options"),
    ],
)
def test_values_are_encoded_by_type(kind: object, value: object, wire: str) -> None:
    """Each type has its wire format; a ready phone and an unknown type pass as they are."""
    assert write(kind, value) == wire


def test_a_phone_becomes_the_observed_object() -> None:
    """An international number becomes the JSON string that the API was seen to use, leading zeros
    kept.
    """
    assert write("PHONE", "+32 470 00 00 00") == BELGIAN
    assert json.loads(write("PHONE", "+39 06 698 12345"))["number"].startswith("06")


def test_a_national_phone_needs_its_region() -> None:
    """With a region, national and international numbers are both understood."""
    assert write("PHONE", "0470 00 00 00", Formats(phone_region="BE")) == BELGIAN
    assert write("PHONE", "+32 470 00 00 00", Formats(phone_region="GB")) == BELGIAN
    with pytest.raises(InvalidValueError, match="phone_region"):
        write("PHONE", "0470 00 00 00")


@pytest.mark.parametrize(("order", "day"), [("DMY", "1815-12-10"), ("MDY", "1815-10-12")])
def test_the_order_of_a_date_is_the_callers(order: Any, day: str) -> None:
    """The same text is another date in another order, and none at all without one."""
    assert write("DATE", "10/12/1815", Formats(date_order=order)) == day
    assert write("DATE", "1815-12-10", Formats(date_order=order)) == "1815-12-10"
    assert write("DATE", "10 Dec 1815", Formats(date_order=order)) == "1815-12-10"
    with pytest.raises(InvalidValueError, match="date_order"):
        write("DATE", "10/12/1815")


@pytest.mark.parametrize(
    ("order", "text"),
    [("MDY", "31.01.1990"), ("DMY", "1/31/1990"), ("DMY", "1990/02/01"), ("YMD", "1.2.1990")],
)
def test_a_date_in_another_order_is_refused(order: Any, text: str) -> None:
    """A text that contradicts the order that was given is not turned round to fit."""
    with pytest.raises(InvalidValueError, match=order):
        write("DATE", text, Formats(date_order=order))


@given(st.dates(), st.sampled_from(["DMY", "MDY", "YMD"]), st.sampled_from("./- "))
def test_numeric_dates_are_read_in_their_order(
    day: datetime.date, order: Any, separator: str
) -> None:
    """What is written in an order is read in it; without an order, only if no other order gives
    another date.
    """
    parts = {"D": f"{day.day:02}", "M": f"{day.month:02}", "Y": f"{day.year:04}"}
    text = separator.join(parts[letter] for letter in order)
    assert write("DATE", text, Formats(date_order=order)) == day.isoformat()
    try:
        assert write("DATE", text) == day.isoformat()
    except InvalidValueError:
        assert day.day <= 12


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        *(("TEXT", value) for value in (5, True, b"x", {"x"}, {})),
        *(
            ("DATE", value)
            for value in (
                "1990-02-31",
                5,
                "01/02/1990",
                "1984",
                "1984-02",
                "1984-W05",
                "199",
                "soon",
            )
        ),
        *(
            ("DATE", value)
            for value in (
                "Tue 10/12/1815",
                "Dec 1815",
                "10 Dec",
                "10.12.15",
                "Tuesday",
                "10:30",
                "31.01.1990 soon",
            )
        ),
        *(
            ("DATE", value)
            for value in ("1990-01-31T99:00", "31011990", "1.1.1.1990", datetime.time())
        ),
        *(
            ("PHONE", value)
            for value in (
                "+44 20 7946 0958 ext 5",
                "0470 00 00 00",
                "+1 1",
                "{broken",
                "{}",
                32470000000,
            )
        ),
        *(
            ("PHONE", value)
            for value in ('{"country":"BE"}', '{"number":5}', "[]", '{"a":' * 5000, Phone(), 32)
        ),
        *(("EMAIL", value) for value in ("ada", "a b@example.com", "@example.com", 5)),
        *(
            ("NUMBER", value)
            for value in (
                "five",
                "1,5",
                "NaN",
                "1 000",
                True,
                float("inf"),
                float("nan"),
                Decimal("NaN"),
            )
        ),
        *(("CHECKBOX", value) for value in ("yes", "1", 1, 0, 0.0)),
        *(("SELECT", value) for value in (5, ("x",), True)),
    ],
)
def test_what_does_not_fit_its_type_is_refused(kind: str, value: object) -> None:
    """A value that does not fit is an error that names the field; incomplete dates are not filled
    in.
    """
    with pytest.raises(InvalidValueError, match="'x'"):
        make_entry("x", {"id": "f1", "type": kind}, value, Formats())


def test_text_that_is_no_utf8_is_refused() -> None:
    """Half a surrogate pair cannot be sent."""
    with pytest.raises(ArgumentError, match="surrogate"):
        write("TEXT", "\ud83d")


@pytest.mark.parametrize(
    ("text", "sent"),
    [
        *(
            ("gold", "gold"),
            ("GOLD", "gold"),
            ("silver", "silver"),
            ("s1", "silver"),
            ("Silber", "silver"),
        ),
        *(
            ("silber", "silver"),
            ("b1", "b1"),
            ("bronze", "b1"),
            ("x2", "x2"),
            ("7", "7"),
            ("Seven", "7"),
            ("Only", "Only"),
        ),
    ],
)
def test_an_option_is_meant_by_value_or_label(text: str, sent: str) -> None:
    """Options are texts or objects with id, value or label; what is sent is the value, else the id,
    else the label.
    """
    assert write("SELECT", text, selectOptions=OPTIONS) == sent


@pytest.mark.parametrize(("text", "words"), [("Twice", "several"), ("copper", "Silber, Bronze")])
def test_an_option_that_is_none_or_two_is_refused(text: str, words: str) -> None:
    """The error lists the options."""
    with pytest.raises(InvalidValueError, match=words):
        write("SELECT", text, selectOptions=OPTIONS)


def test_several_values_are_a_list() -> None:
    """A field of several takes a list, or one value alone; a field of one takes no list."""
    many = {"id": "f1", "type": "DATE", "isMultiple": True}
    day = datetime.date(1990, 1, 31)
    expected = {"id": "f1", "value": "", "values": ["1990-01-31"]}
    for value in (day, [day], (day,), "1990-01-31"):
        assert make_entry("x", many, value, Formats()) == expected
    assert make_entry("x", many, [], Formats())["values"] == []
    assert read_entry(many, "f1", expected) == [day]
    assert read_entry(many, "f1", {"value": "", "values": []}) == []
    with pytest.raises(InvalidValueError, match="one value"):
        make_entry("x", {"id": "f1", "type": "DATE"}, [day], Formats())


@pytest.mark.parametrize(
    ("kind", "wire", "value"),
    [
        ("TEXT", "x", "x"),
        ("DATE", "1990-01-31", datetime.date(1990, 1, 31)),
        ("PHONE", BELGIAN, Phone("+32470000000", "BE", "32", "470000000")),
        ("PHONE", '{"number": "5"}', Phone(number="5")),
        ("NUMBER", "5", 5),
        ("NUMBER", "-5.50", Decimal("-5.50")),
        ("NUMBER", 5, 5),
        ("NUMBER", 5.5, 5.5),
        ("CHECKBOX", "true", True),
        ("CHECKBOX", "false", False),
        ("CHECKBOX", True, True),
        ("SELECT", "x", "x"),
        ("EMAIL", "ada@example.com", "ada@example.com"),
        (["odd"], "x", "x"),
    ],
)
def test_values_are_read_by_type(kind: object, wire: object, value: object) -> None:
    """A text is read as its field's type says, and is then no Unreadable; JSON's own numbers and
    booleans too.
    """
    found = read(kind, wire)
    assert found == value
    assert type(found) in {type(value), VerbatimText}
    assert not isinstance(found, Unreadable)


@pytest.mark.parametrize(
    ("kind", "wire", "words"),
    [
        ("DATE", "soon", "date"),
        ("DATE", "19900131", "date"),
        ("DATE", 5, "date"),
        ("PHONE", "0470 00 00 00", "phone"),
        ("PHONE", '{"number":5}', "phone"),
        ("PHONE", "[" * 100_000, "phone"),
        ("EMAIL", "ada", "email"),
        ("NUMBER", "007", "number"),
        ("NUMBER", "9" * 5000, "number"),
        ("NUMBER", True, "number"),
        ("CHECKBOX", "1", "True or False"),
        ("TEXT", {"a": [1]}, "text"),
        ("TEXT", "\ud83d", "text"),
    ],
)
def test_what_cannot_be_read_stays_text(kind: str, wire: object, words: str) -> None:
    """It is a str that says why, keeps what the API holds, and pickles."""
    found = read(kind, wire)
    assert isinstance(found, Unreadable)
    assert words in found.reason
    assert found.wire == {"value": wire}
    assert isinstance(wire, dict | int) or found == wire
    again = pickle.loads(pickle.dumps(found))
    assert (again, again.reason, again.wire, again.field) == (found, found.reason, found.wire, "f1")
    assert make_entry("x", {"id": "f1", "type": kind}, again, Formats()) == {
        "id": "f1",
        "value": wire,
    }


def test_an_unknown_option_is_reported_and_taken_back() -> None:
    """An option that was removed is an Unreadable that its field takes back; a new text is not."""
    known = {"id": "f1", "type": "SELECT", "selectOptions": ["gold"]}
    found = read_entry(known, "f1", {"value": "lead"})
    assert isinstance(found, Unreadable)
    for value in (found, read("SELECT", "lead")):
        assert make_entry("x", known, value, Formats()) == {"id": "f1", "value": "lead"}
        with pytest.raises(InvalidValueError):
            make_entry("x", {**known, "id": "f2"}, value, Formats())
        with pytest.raises(InvalidValueError):
            make_entry("x", known, str(value), Formats())


@pytest.mark.parametrize("several", [True, None])
def test_one_value_or_several_that_is_unclear_is_kept(several: Any) -> None:
    """An entry that contradicts its field is read as text, and written back whole."""
    field = {"id": "f1", "type": "TEXT", "isMultiple": several}
    wire = {"value": "x"} if several else {"value": "", "values": ["x"]}
    found = read_entry(field, "f1", wire)
    assert isinstance(found, Unreadable)
    assert make_entry("x", field, found, Formats()) == {"id": "f1", **wire}


@pytest.mark.parametrize("empty", [[], None, ""])
def test_one_value_in_a_field_of_several_is_kept(empty: Any) -> None:
    """An entry whose ``values`` hold nothing and whose ``value`` does is read as that text, and
    written back whole.
    """
    field, wire = {"id": "f1", "type": "TEXT", "isMultiple": True}, {"value": "x", "values": empty}
    found = read_entry(field, "f1", wire)
    assert isinstance(found, Unreadable)
    assert found == "x"
    assert "one value or several" in found.reason
    assert make_entry("x", field, found, Formats()) == {"id": "f1", **wire}


@pytest.mark.parametrize("beside", [None, "", "a, x"])
def test_several_values_are_read_whatever_stands_beside_them(beside: str | None) -> None:
    """In a field of several, ``values`` count, and are written back as they were; ``value`` is
    written empty.
    """
    field, wire = (
        {"id": "f1", "type": "TEXT", "isMultiple": True},
        {"value": beside, "values": ["a", "x"]},
    )
    found = read_entry(field, "f1", wire)
    assert found == ["a", "x"]
    assert make_entry("x", field, found, Formats()) == {
        "id": "f1",
        "value": "",
        "values": ["a", "x"],
    }


@given(definitions(), st.data())
def test_what_is_written_reads_as_it_was(fields: list[dict[str, Any]], data: st.DataObject) -> None:
    """Python values come back equal: dates, numbers, booleans, texts; phones by their E.164."""
    for field in fields:
        value = data.draw(values(field))
        found = read_entry(field, field["id"], make_entry("x", field, value, Formats()))
        pairs = zip(value, found, strict=True) if field["isMultiple"] else [(value, found)]
        assert all(same(*pair) for pair in pairs)


def same(written: Any, found: Any) -> bool:
    if isinstance(written, datetime.datetime):
        written = written.date()
    if isinstance(written, float):
        found = float(found)
    return getattr(found, "phone", found) == (
        written or None if isinstance(written, str) else written
    ) and not isinstance(found, Unreadable)


@given(definitions().flatmap(lambda fields: st.tuples(st.just(fields), entries(fields))))
def test_what_is_read_is_written_back_unchanged(
    drawn: tuple[list[dict[str, Any]], list[dict[str, Any]]],
) -> None:
    """Whatever text an entry holds, reading and writing it gives the same, with the definition or
    from it alone.
    """
    for field, wire in zip(*drawn, strict=True):
        kept = {"id": wire["id"], "value": wire["value"]} | (
            {"values": wire["values"]} if field["isMultiple"] else {}
        )
        for known in (field, wire):
            value = pickle.loads(pickle.dumps(read_entry(known, wire["id"], wire)))
            assert make_entry("x", field, value, Formats()) == kept


@given(st.sampled_from(TYPES), options(), anything)
def test_any_value_is_written_or_refused(
    kind: str | None, choices: list[Any], value: object
) -> None:
    """No value brings another error than ours, and what is written is text."""
    try:
        written = write(kind, value, Formats("GB", "DMY"), selectOptions=choices)
    except InvalidValueError:
        return
    assert isinstance(written, str)


@given(
    st.sampled_from(TYPES),
    st.sampled_from([True, None, "x"]),
    json_values,
    json_values,
    json_values,
)
def test_any_json_can_be_read(
    kind: str | None, several: Any, value: Any, held: Any, choices: Any
) -> None:
    """No answer brings an error while it is read."""
    wire = {"value": value, "values": held}
    found = read_entry({"type": kind, "isMultiple": several, "selectOptions": choices}, "f1", wire)
    assert found is None or repr(found)


@given(texts)
def test_a_typed_date_is_a_date_or_refused(text: str) -> None:
    """Nothing that dateutil makes of a text gets out but whole dates and errors of ours."""
    for formats in (Formats(), Formats(date_order="YMD")):
        try:
            datetime.date.fromisoformat(write("DATE", f"1990 {text}", formats))
        except InvalidValueError:
            continue


def test_a_changed_phone_is_written_as_it_is_now() -> None:
    """A copy of a phone that was read, with another number, does not send the old one."""
    phone = read("PHONE", BELGIAN)
    assert (str(phone), phone.wire) == ("+32470000000", BELGIAN)
    assert json.loads(write("PHONE", attrs.evolve(phone, number="5")))["number"] == "5"
    assert pickle.loads(pickle.dumps(phone)).wire == BELGIAN


@pytest.mark.parametrize(
    "wrong",
    [
        {"phone_region": "gb"},
        {"phone_region": 5},
        {"phone_region": ""},
        {"phone_region": "XX"},
        {"date_order": "YDM"},
        {"date_order": []},
        {"plus_lost": "yes"},
    ],
)
def test_formats_are_checked(wrong: dict[str, Any]) -> None:
    """A region or order that is none is refused at once."""
    with pytest.raises(ConfigurationError, match=next(iter(wrong))):
        Formats(**wrong)


@pytest.mark.parametrize(("wrong", "right"), [("UK", "GB"), ("EL", "GR")])
def test_a_region_that_goes_by_another_code_is_named(wrong: str, right: str) -> None:
    """It is refused when it is set, not row by row, and the message has the code to use."""
    with pytest.raises(ConfigurationError, match=f"'{wrong}' is not known: use \"{right}\""):
        Formats(phone_region=wrong)
    assert Formats(phone_region=right).phone_region == right


def test_formats_without_a_region_load_no_phone_numbers() -> None:
    """Who sets no region does not pay for its check."""
    code = "import sys, timify_customers as t; t.Formats(); print('phonenumbers' in sys.modules)"
    command = [sys.executable, "-P", "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
