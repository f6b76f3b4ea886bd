"""Models are views over the JSON: each row of the semantics that they promise."""

from __future__ import annotations

import copy
import datetime as dt
import pickle
from typing import Any

import pytest
from timify_customers._base.generated import EXTERNAL_ID_KEY
from timify_customers_client import models
from timify_customers_client.errors import DecodeError, TimifyError

pytestmark = pytest.mark.adopted

CUSTOMER: dict[str, Any] = {
    "id": "624af9cbed7a899e0f233400",
    "externalId": "",
    "globalId": None,
    "fullName": "Jane Doe",
    "phone": {"phone": "+32470000000", "number": "470000000", "code": "BE"},
    "fields": [
        {
            "id": "1",
            "type": "TEXT",
            "value": "Jane",
            "values": [],
            "isMultiple": None,
            "defaultId": "firstName",
        },
        {
            "id": "2",
            "type": "HOLOGRAM",
            "value": "?",
            "values": [],
            "isMultiple": None,
            "label": "New",
        },
    ],
    "createdAt": "2022-01-26T16:17:01Z",
    "ts": "1643213821066",
    "somethingNew": {"deep": [1]},
}


def customer(**changes: Any) -> models.Customer:
    return models.Customer.from_dict({**copy.deepcopy(CUSTOMER), **changes})


def without(key: str) -> models.Customer:
    return models.Customer.from_dict(
        {name: value for name, value in CUSTOMER.items() if name != key}
    )


def page(*rows: Any) -> models.CustomerList:
    return models.CustomerList.from_dict({"data": list(rows), "total": len(rows), "status": 1})


def test_values_are_read_typed() -> None:
    """Strings, numbers, dates, objects and lists are read as what the document says they are."""
    jane = customer()
    assert jane.full_name == "Jane Doe"
    assert jane.created_at == dt.datetime(2022, 1, 26, 16, 17, 1, tzinfo=dt.UTC)
    assert jane.phone is not None
    assert jane.phone.code == "BE"
    assert jane.fields is not None
    assert [field.value for field in jane.fields] == ["Jane", "?"]


@pytest.mark.parametrize(
    "jane", [customer(fullName=None, phone=None, createdAt=None, fields=None), without("fullName")]
)
def test_an_optional_key_that_is_absent_or_null_is_none(jane: models.Customer) -> None:
    """Absent and null read the same: None."""
    assert jane.full_name is None
    assert customer(phone=None).phone is None
    assert without("fields").fields is None


def test_a_required_key_that_is_absent_fails_alone() -> None:
    """The error names model, key and path, is no AttributeError, and the rest of the object
    works.
    """
    jane = without("id")
    with pytest.raises(DecodeError) as caught:
        _ = jane.id
    error = caught.value
    assert (error.model, error.key, error.path) == ("Customer", "id", "$.id")
    assert not isinstance(error, AttributeError)
    assert isinstance(error, ValueError)
    assert isinstance(error, TimifyError)
    assert jane.full_name == "Jane Doe"


@pytest.mark.parametrize("value", [None, 5, True, [], {}])
def test_a_required_value_of_another_type_fails(value: object) -> None:
    """Null or another type where the document requires a string is a DecodeError."""
    with pytest.raises(DecodeError, match=r"\$\.id"):
        _ = customer(id=value).id


@pytest.mark.parametrize(
    ("key", "name", "value"),
    [
        ("createdAt", "created_at", "yesterday"),
        ("createdAt", "created_at", "2022-13-01T00:00:00Z"),
        ("createdAt", "created_at", 1643213821),
        ("phone", "phone", "+32470000000"),
        ("fields", "fields", {"0": {}}),
        ("fields", "fields", "x"),
        ("totalBookings", "total_bookings", "5"),
        ("totalBookings", "total_bookings", True),
        ("fullName", "full_name", 5),
        ("ts", "ts", []),
    ],
)
def test_a_value_that_does_not_parse_fails_where_it_is_read(
    key: str, name: str, value: object
) -> None:
    """A bad date, object, list or number breaks its own property, and no other."""
    jane = customer(**{key: value})
    with pytest.raises(DecodeError) as caught:
        getattr(jane, name)
    assert (caught.value.model, caught.value.key, caught.value.path) == (
        "Customer",
        key,
        f"$.{key}",
    )
    assert jane.id == CUSTOMER["id"]


def test_an_error_never_shows_the_value() -> None:
    """The message says the type that was found, not the value: it may be somebody's name."""
    with pytest.raises(DecodeError) as caught:
        _ = customer(createdAt="Jane Doe, Main Street 5").created_at
    assert "Jane" not in str(caught.value)


def test_a_path_leads_through_lists_and_objects() -> None:
    """The path says where in the whole answer the value stands."""
    rows = page({**CUSTOMER, "id": "a"}, {**CUSTOMER, "fields": [CUSTOMER["fields"][0], {"id": 5}]})
    bad = (rows.data[1].fields or ())[1]
    with pytest.raises(DecodeError) as caught:
        _ = bad.id
    assert caught.value.path == "$.data[1].fields[1].id"
    again = pickle.loads(pickle.dumps(caught.value))
    assert (str(again), again.path) == (str(caught.value), caught.value.path)


def test_one_bad_row_does_not_lose_a_page() -> None:
    """A row that is no object fails when it is read; the rows around it work."""
    rows = page(CUSTOMER, None, "x", CUSTOMER).data
    assert len(rows) == 4
    assert [rows[0].full_name, rows[3].full_name] == ["Jane Doe", "Jane Doe"]
    with pytest.raises(DecodeError, match=r"\$\.data\[1\]"):
        _ = rows[1].id


def test_an_unknown_enum_value_is_the_string_itself() -> None:
    """A field type that nobody has seen yet is read as the text it is."""
    assert [field.type_ for field in customer().fields or ()] == ["TEXT", "HOLOGRAM"]


def test_unknown_keys_are_kept() -> None:
    """to_dict() gives back a copy of all that came in; raw is the object itself."""
    source = copy.deepcopy(CUSTOMER)
    jane = models.Customer.from_dict(source)
    assert jane.raw is source
    given = jane.to_dict()
    assert given == CUSTOMER
    given["somethingNew"]["deep"].append(2)
    assert source == CUSTOMER


@pytest.mark.parametrize("ts", ["1643213821066", 1643213821])
def test_both_spellings_of_a_value_are_read(ts: object) -> None:
    """Ts is a string in recorded answers and an integer in the published example."""
    assert customer(ts=ts).ts == ts


def test_an_empty_phone_is_an_object() -> None:
    """A customer without a phone has an empty object there."""
    phone = customer(phone={}).phone
    assert phone is not None
    assert phone.phone is None


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2022-01-26T16:17:01Z", dt.datetime(2022, 1, 26, 16, 17, 1, tzinfo=dt.UTC)),
        ("2022-01-26T16:17:01.5+02:00", dt.datetime(2022, 1, 26, 14, 17, 1, 500000, tzinfo=dt.UTC)),
        ("2022-01-26T16:17:01", dt.datetime(2022, 1, 26, 16, 17, 1, tzinfo=dt.UTC)),
    ],
)
def test_a_timestamp_has_a_zone(text: str, moment: dt.datetime) -> None:
    """Offsets and fractions are read; without an offset a timestamp is UTC, as every observed one
    is.
    """
    read = customer(createdAt=text).created_at
    assert read is not None
    assert read == moment
    assert read.tzinfo is not None


def test_equality_is_by_value() -> None:
    """Views of equal JSON are equal, of other JSON or another model are not, and none has a
    hash.
    """
    assert customer() == customer()
    assert customer() != customer(fullName="John")
    assert customer() != models.CustomerPhone.from_dict(CUSTOMER)
    assert customer() != CUSTOMER
    with pytest.raises(TypeError):
        hash(customer())


def test_copies_and_pickles_are_equal_and_apart() -> None:
    """copy, deepcopy and pickle give equal views; a deep one shares nothing."""
    jane = page(CUSTOMER).data[0]
    for again in (copy.copy(jane), copy.deepcopy(jane), pickle.loads(pickle.dumps(jane))):
        assert again == jane
        assert type(again) is models.Customer
    assert copy.deepcopy(jane).raw is not jane.raw


def test_a_view_is_immutable() -> None:
    """Attributes can be neither set nor deleted, and none can be made up."""
    jane = customer()
    for name in ("id", "full_name", "nickname", "raw"):
        with pytest.raises(AttributeError):
            setattr(jane, name, "x")
    with pytest.raises(AttributeError):
        del jane.id


def test_repr_shows_the_fields_and_stays_short() -> None:
    """A page of ten thousand is a line, and bad data are shown, not raised."""
    assert "full_name='Jane Doe'" in repr(customer())
    assert len(repr(page(*[CUSTOMER] * 10_000))) < 10_000
    assert "Customer(" in repr(customer(createdAt="never", phone=5, fields={}, id=None))


def test_repr_hides_secrets() -> None:
    """Tokens and app secrets are not in a repr."""
    token = models.Token.from_dict(
        {"accessToken": "canary", "refreshToken": "canary", "expires": 7200}
    )
    request = models.TokenRequest(appid="app", appsecret="canary")
    assert "canary" not in f"{token!r} {request!r} {token} {request}"
    assert token.access_token == "canary"


def test_a_request_is_built_by_keywords() -> None:
    """What is given is sent under the wire's name, what is not given is not sent."""
    entry = models.CustomfieldValue(id="5", value="x")
    create = models.CustomerCreate(customfields=[entry], external_id="crm-1")
    assert create.raw == {"customfields": [{"id": "5", "value": "x"}], EXTERNAL_ID_KEY: "crm-1"}
    assert models.CustomerCreate(customfields=[]).raw == {"customfields": []}


def test_a_wrong_request_is_a_clear_error() -> None:
    """Positional, unknown, missing and wrongly typed arguments are TypeErrors that name what is
    wrong.
    """
    with pytest.raises(TypeError):
        models.CustomerCreate([])  # type: ignore[call-arg, misc]
    with pytest.raises(TypeError, match=r"external_idd.*external_id"):
        models.CustomerCreate(customfields=[], external_idd="x")  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="needs customfields"):
        models.CustomerCreate()  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="customfields"):
        models.CustomerCreate(customfields="x")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="external_id"):
        models.CustomerCreate(customfields=[], external_id=5)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="external_id"):
        models.CustomerCreate(customfields=[], external_id=None)


def test_text_that_is_no_utf8_is_refused() -> None:
    """Half a surrogate pair cannot be sent, and is refused when the request is built."""
    with pytest.raises(ValueError, match="surrogate"):
        models.CategoryCreate(name="\ud83d")


def test_a_view_can_be_subclassed() -> None:
    """A subclass sees the same JSON, at the same place."""

    class Mine(models.Customer):
        __slots__ = ()

        @property
        def initials(self) -> str:
            return "".join(word[0] for word in (self.full_name or "").split())

    rows = [Mine.from_dict(row) for row in page(CUSTOMER, {**CUSTOMER, "id": 5}).data]
    assert rows[0].initials == "JD"
    with pytest.raises(DecodeError, match=r"Mine.*\$\.data\[1\]\.id"):
        _ = rows[1].id


@pytest.mark.parametrize("source", [None, 5, "x", [], [{}]])
def test_what_is_no_object_is_refused(source: Any) -> None:
    """A model is made of an object only."""
    with pytest.raises(DecodeError):
        models.Customer.from_dict(source)
