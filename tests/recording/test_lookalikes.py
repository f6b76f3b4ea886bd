"""What a recording shows of the values in it."""

from __future__ import annotations

import datetime
import json
import re
from typing import Any

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from timify_customers.recording import Lookalikes

LIKE = Lookalikes(b"a secret of the tests")
PHONE = '{"phone":"+32470000000","country":"BE","prefix":"32","number":"470000000"}'
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhZGEifQ.c2lnbmF0dXJl-_x"

FORMS = [
    ("624af9cbed7a899e0f233400", r"[0-9a-f]{24}"),
    ("5D9F2A7C6D95C0112CA1CC96", r"[0-9A-F]{24}"),
    ("8f14e45f-ceea-467f-ab8b-6e3f1a2b3c4d", r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"),
    ("ada.lovelace@example.com", r"[a-z]{3}\.[a-z]{8}@[a-z]{7}\.[a-z]{3}"),
    ("+32470000000", r"\+[1-9]\d{10}"),
    ("1643213821066", r"[1-9]\d{12}"),
    (
        "https://cdn.example.com/Ada.png",
        r"https://[a-z]{3}\.[a-z]{7}\.[a-z]{3}/[A-Z][a-z]{2}\.[a-z]{3}",
    ),
    (JWT, r"eyJ[A-Za-z0-9]{17}\.[A-Za-z0-9]{18}\.[A-Za-z0-9]{12}-_[a-z]"),
    (f"Bearer {JWT}", r"Bearer eyJ[\w-]+\.[\w-]+\.[\w-]+"),
    ("Søren Ångström", r"[A-Z][^\x00-\x7f][a-z]{3} [^\x00-\x7f][a-z]{5}[^\x00-\x7f][a-z]"),
    ("<html>Bad Gateway</html>", r"<[a-z]{4}>[A-Z][a-z]{2} [A-Z][a-z]{6}</[a-z]{4}>"),
]


@pytest.mark.parametrize(("value", "form"), FORMS)
def test_the_form_stays(value: str, form: str) -> None:
    """A look-alike has the form of what it stands for: ids, addresses, numbers, tokens, names, web
    pages.
    """
    other = LIKE.text(value)
    assert re.fullmatch(form, other), other
    assert other != value


@pytest.mark.parametrize(
    "value",
    [
        "1990-01-31",
        "2022-01-26T16:17:01Z",
        "2022-01-26T16:17:01.123+01:00",
        "2024-02-29 23:59",
        "2024-02-29",
    ],
)
def test_dates_stay_dates(value: str) -> None:
    """Another date, or moment of the same zone and precision, that exists."""
    other = LIKE.text(value)
    assert (
        datetime.datetime.fromisoformat(other).tzinfo
        == datetime.datetime.fromisoformat(value).tzinfo
    )
    assert (len(other), other[:10] != value[:10]) == (len(value), True)


def test_a_date_with_a_zone_stays_one() -> None:
    """The form in which events have their date, which no standard knows, stays too."""
    assert re.fullmatch(r"\d{4}-[01]\d-[012]\dZ", LIKE.text("2024-05-22Z"))


def test_a_phone_stays_a_phone() -> None:
    """JSON within a string keeps its keys and its way of writing, and the same number is the same
    look-alike.
    """
    other = json.loads(LIKE.json({"value": PHONE})["value"])
    assert list(other) == ["phone", "country", "prefix", "number"]
    assert other["phone"] == LIKE.text("+32470000000")
    assert len(LIKE.body(PHONE)) == len(PHONE)
    assert '": ' in LIKE.body(json.dumps(json.loads(PHONE)))


def test_what_the_document_knows_stays() -> None:
    """Counts, types of fields, default ids, null, true, false and the empty string are shown as
    they are.
    """
    known = {
        "data": [
            {
                "type": "TEXTAREA",
                "defaultId": "mobilePhone",
                "isMultiple": None,
                "values": [],
                "label": "",
            }
        ],
        "meta": {"page": 1, "limit": 500, "totalItems": 1234, "totalPages": 3},
        "total": 1234,
        "status": 1,
        "isDefault": True,
    }
    assert LIKE.json(known) == known


def test_what_it_does_not_know_does_not() -> None:
    """A value of another key, or of another form than the document's, is replaced."""
    told = {
        "type": "Ada Lovelace",
        "defaultId": "ada@example.com",
        "total": "1234",
        "price": 1234,
        "message": "No Ada",
    }
    other = LIKE.json(told)
    assert list(other) == list(told)
    assert not {str(value) for value in other.values()} & {str(value) for value in told.values()}
    assert [type(value) for value in other.values()] == [type(value) for value in told.values()]


def test_keys_that_are_data_are_replaced() -> None:
    """A key stays when it can be the name of a property; an id or an address as a key does not."""
    assert LIKE.key("externalId") == "externalId"
    assert (LIKE.key("is_multiple2"), LIKE.key("12")) == ("is_multiple2", "12")
    for key in (
        "624af9cbed7a899e0f233400",
        "deadbeefdeadbeefdeadbeef",
        "ada@example.com",
        "Ada Lovelace",
        "tel470000000",
    ):
        assert LIKE.key(key) != key


def test_urls() -> None:
    """Routes and pages are shown; ids, credentials, other queries and hosts of one's own are not,
    and stay encoded.
    """
    url = "https://api.timify.com/v1/customers/crm%2Fada%20l/?external=1&page=2&limit=500"
    assert re.fullmatch(
        r"https://api\.timify\.com/v1/customers/[a-z]{3}%2F[a-z]{3}%20[a-z]/\?external=1&page=2&limit=500",
        LIKE.url(url),
    )
    assert "crm" not in LIKE.url(url)
    other = LIKE.url("https://gate.acme.example/v1/auth/token?appid=my-app&appsecret=hunter22")
    assert re.fullmatch(
        r"https://[a-z]{4}\.[a-z]{4}\.[a-z]{7}/v1/auth/token\?appid=\S+&appsecret=\S+", other
    )
    assert not {"acme", "my-app", "hunter22"} & set(re.split(r"[./=&]", other))
    assert "ada:pw" not in LIKE.url("https://ada:pw@api.timify.com/v1/customers")


def test_headers() -> None:
    """Media types, Retry-After and what is left of a rate are shown; anything else is not."""
    for name, value in (
        ("content-type", "text/html"),
        ("retry-after", "7"),
        ("x-ratelimit-remaining", "99"),
    ):
        assert LIKE.header(name, value) == value
    for name, value in (
        ("authorization", f"Bearer {JWT}"),
        ("set-cookie", "sid=ada"),
        ("x-amzn-requestid", "8f14e45f"),
    ):
        assert LIKE.header(name, value) != value
    assert LIKE.header("x-ratelimit-user", "ada") != "ada"


@pytest.mark.parametrize("body", ["", "[", '{"a":', "[" * 10_000, "\x00\ufffd", "null"])
def test_any_body(body: str) -> None:
    """A body that is no JSON, cut off, or nested beyond reason is replaced as a text of the same
    length.
    """
    assert len(LIKE.body(body)) == len(body)


def test_the_secret_decides() -> None:
    """The same value is the same look-alike within a recording, and another one in another."""
    assert LIKE.text("Ada Lovelace") == Lookalikes(b"a secret of the tests").text("Ada Lovelace")
    assert LIKE.text("Ada Lovelace") != Lookalikes(b"another").text("Ada Lovelace")


JSON_BLANKS = " \t\n\r"
leaves = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text()
)
trees = st.recursive(
    leaves,
    lambda inner: st.lists(inner) | st.dictionaries(st.text(min_size=8), inner),
    max_leaves=20,
)


@given(trees)
@example({"624af9cbed7a899e0f233400": ["Ada", 1.5e300, -0.0, 10**40, "\ud800"]})
@example("\x85[")  # a blank, but not one of JSON (RFC 8259, section 2)
def test_the_structure_stays(tree: Any) -> None:
    """Types, numbers of entries and lengths of texts stay, whatever JSON it is."""
    other = LIKE.json(tree)
    assert shape(other) == shape(tree)
    json.dumps(other)


def shape(value: Any) -> Any:
    if isinstance(value, dict):
        return [(len(key), shape(item)) for key, item in value.items()]
    if isinstance(value, list):
        return [shape(item) for item in value]
    if isinstance(value, str):
        start = value.lstrip(JSON_BLANKS)[:1]
        return len(value) if start not in {"{", "["} else "perhaps JSON"
    return type(value)


names = st.text(
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 .-@+éøЖ漢🎩",
    min_size=4,
    max_size=40,
)
keys = st.sampled_from(["q", "x", "zz"]) | names
telling = st.recursive(
    names | st.integers(min_value=10**7),
    lambda inner: st.lists(inner, min_size=1) | st.dictionaries(keys, inner, min_size=1),
    max_leaves=10,
)


@settings(derandomize=True)
@given(telling)
def test_no_value_survives(tree: Any) -> None:
    """No text or number of at least 4 characters is in what is shown, within another or in a string
    of JSON either.
    """
    values = [value for value in told(tree) if re.search(r"\w{4}|[^\x00-\x7f]", value)]
    assume(values)
    for shown in (
        json.dumps(LIKE.json(tree), ensure_ascii=False),
        LIKE.body(json.dumps({"q": json.dumps(tree)})),
    ):
        assert not [value for value in values if value in shown]


def told(value: Any) -> list[str]:
    """Every value and every key that cannot be the name of a property."""
    if isinstance(value, dict):
        return [it for it in value if LIKE.key(it) != it] + [
            it for inner in value.values() for it in told(inner)
        ]
    if isinstance(value, list):
        return [it for inner in value for it in told(inner)]
    return [str(value)]
