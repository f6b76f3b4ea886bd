"""A customer's fields as the types that a ``TypedDict`` declares."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Literal, NewType, NotRequired, TypedDict

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.strategies import DEFAULT_IDS, definitions, entries, labels
from timify_customers import (
    AmbiguousFieldError,
    ArgumentTypeError,
    Customer,
    CustomerFields,
    Customfield,
    DecodeError,
    FieldRegistry,
    Phone,
    Unreadable,
)

Tier = Literal["gold", "silver"]


class Some(TypedDict, total=False):
    firstName: str | None
    birthday: datetime.date | None
    mobilePhone: Phone | None
    tier: Tier | None
    size: Decimal | float | None
    vip: bool | None
    visits: list[datetime.date] | None


class Lenient(TypedDict, total=False):
    birthday: datetime.date | Unreadable | None


class Needed(TypedDict):
    firstName: str
    birthday: NotRequired[datetime.date]


def entry(name: str, kind: str, value: Any, **more: Any) -> dict[str, Any]:
    return {
        "id": f"id of {name}",
        "label": name,
        "type": kind,
        "value": value,
        "values": [],
        **more,
    }


def fields(*entries: Any) -> CustomerFields:
    return Customer.from_dict({"id": "5", "fields": list(entries)}).customfields


def test_declared_fields_are_read_by_their_types() -> None:
    """The result is a plain dict of values as `customfields` reads them."""
    read = fields(
        entry("firstName", "TEXT", "Ada"),
        entry("birthday", "DATE", "1815-12-10"),
        entry("mobilePhone", "PHONE", '{"number":"470000000","country":"BE"}'),
        entry("tier", "SELECT", "gold"),
        entry("size", "NUMBER", "5.50"),
        entry("vip", "CHECKBOX", "true"),
        entry("visits", "DATE", "", values=["2026-01-01", "2026-01-02"], isMultiple=True),
        entry("other", "TEXT", "not asked for"),
    ).typed(Some)
    assert type(read) is dict
    assert read == {
        "firstName": "Ada",
        "birthday": datetime.date(1815, 12, 10),
        "mobilePhone": Phone("", "BE", "", "470000000"),
        "tier": "gold",
        "size": Decimal("5.50"),
        "vip": True,
        "visits": [datetime.date(2026, 1, 1), datetime.date(2026, 1, 2)],
    }


def test_only_what_the_customer_has_is_there() -> None:
    """A field without an entry is no key; one that is unset is None."""
    assert fields(entry("birthday", "DATE", "")).typed(Some) == {"birthday": None}
    assert fields().typed(Some) == {}


@pytest.mark.parametrize(
    ("kind", "name", "value", "found"),
    [
        ("DATE", "birthday", "10.12.1815", "a text that cannot be read: it is not a date"),
        ("TEXT", "birthday", "1815-12-10", "found str"),
        ("CHECKBOX", "size", "true", "found bool"),
        ("NUMBER", "vip", "1", "found int"),
        ("TEXT", "firstName", 5, "a text that cannot be read"),
        ("DATE", "visits", "2026-01-01", "found date"),
    ],
)
def test_a_value_of_another_type_is_an_error_that_names_it(
    kind: str, name: str, value: Any, found: str
) -> None:
    """A type that was checked is never wrong; the message has the type and no value."""
    read = fields(entry(name, kind, value), entry("tier", "SELECT", "gold"))
    with pytest.raises(DecodeError) as caught:
        read.typed(Some)
    assert (caught.value.model, caught.value.key) == ("Some", name)
    assert found in str(caught.value)
    assert f"customfields[{name!r}]" in str(caught.value)
    assert "10.12.1815" not in str(caught.value)
    assert read["tier"] == "gold"


def test_a_list_with_another_value_is_an_error() -> None:
    """Each value of a field of several is looked at."""
    visits = entry("visits", "DATE", "", values=["2026-01-01", "soon"], isMultiple=True)
    with pytest.raises(DecodeError, match=r"visits.*a list in which a value is another"):
        fields(visits).typed(Some)


def test_what_cannot_be_read_is_returned_to_who_admits_it() -> None:
    """A type that admits `Unreadable` says that the program looks at it."""
    read = fields(entry("birthday", "DATE", "soon")).typed(Lenient)
    assert isinstance(read.get("birthday"), Unreadable)
    dated = fields(entry("birthday", "DATE", "1815-12-10")).typed(Lenient)
    assert dated == {"birthday": datetime.date(1815, 12, 10)}


def test_an_option_that_is_new_is_read() -> None:
    """The module may be older than the option: it is the text that it is."""
    assert fields(entry("tier", "SELECT", "platinum")).typed(Some) == {"tier": "platinum"}


def test_a_required_key_must_be_there() -> None:
    """Without it the dict would not be what its type says."""
    assert fields(entry("firstName", "TEXT", "Ada")).typed(Needed) == {"firstName": "Ada"}
    with pytest.raises(DecodeError, match=r"firstName.*expected str, found nothing"):
        fields().typed(Needed)
    with pytest.raises(DecodeError, match=r"firstName.*expected str, found NoneType"):
        fields(entry("firstName", "TEXT", "")).typed(Needed)


@given(data=st.data())
@pytest.mark.parametrize("known", [True, False])
def test_keys_are_the_names_that_the_mapping_has(data: st.DataObject, known: bool) -> None:
    """In any spelling, with definitions and without: a key is there when ``in`` says so."""
    company = data.draw(definitions())
    rows = data.draw(entries(data.draw(st.permutations(company))))[:3]
    registry = FieldRegistry(map(Customfield.from_dict, company)) if known else None
    read = CustomerFields(rows, registry)
    names = data.draw(st.lists(labels | st.sampled_from((*DEFAULT_IDS, "first_name", "F1"))))
    cls: Any = TypedDict("cls", dict.fromkeys(names, Any), total=False)
    try:
        expected = {name for name in names if name in read}
    except AmbiguousFieldError:
        with pytest.raises(AmbiguousFieldError):
            read.typed(cls)
    else:
        assert read.typed(cls).keys() == expected


def test_a_name_of_several_fields_is_ambiguous() -> None:
    """Nothing is guessed, here as elsewhere."""
    twins = [entry("tier", "SELECT", "gold") | {"id": f"f{number}"} for number in (1, 2)]
    with pytest.raises(AmbiguousFieldError):
        fields(*twins).typed(Some)


@pytest.mark.parametrize("cls", [dict, dict[str, str], str, Customer, None, {}])
def test_only_a_typed_dict_is_taken(cls: Any) -> None:
    """Anything else is refused by what it is."""
    with pytest.raises(ArgumentTypeError, match=r"typed\(\) takes a TypedDict"):
        fields().typed(cls)


def test_a_type_that_is_not_imported_is_named() -> None:
    """One that only type checkers see cannot be looked at."""
    cls: Any = TypedDict("cls", {"birthday": "Nowhere"})  # type: ignore[name-defined]  # noqa: F821
    with pytest.raises(ArgumentTypeError, match=r"not imported.*Nowhere"):
        fields().typed(cls)


Tier = NewType("Tier", str)


def test_a_new_type_is_read_as_the_type_that_it_is_made_of() -> None:
    """``NewType`` is a name for type checkers; alone, in a list and beside None."""
    cls: Any = TypedDict("cls", {"a": Tier, "b": list[Tier], "c": Tier | None}, total=False)
    read = fields(
        entry("a", "TEXT", "gold"),
        entry("b", "TEXT", "", values=["gold"], isMultiple=True),
        entry("c", "TEXT", ""),
    ).typed(cls)
    assert read == {"a": "gold", "b": ["gold"], "c": None}
    with pytest.raises(DecodeError, match="expected Tier, found Decimal"):
        fields(entry("a", "NUMBER", "5.5")).typed(cls)


def test_types_of_ones_own() -> None:
    """`Any` and `object` admit everything, `Sequence` a list, `int` whole numbers, `float` both."""
    cls: Any = TypedDict(
        "cls", {"a": Any, "b": object, "c": Sequence[str], "d": int, "e": float}, total=False
    )
    read = fields(
        entry("a", "DATE", "soon"),
        entry("b", "DATE", "soon"),
        entry("c", "TEXT", "", values=["x"], isMultiple=True),
        entry("d", "NUMBER", "5"),
        entry("e", "NUMBER", "6"),
    ).typed(cls)
    assert read == {"a": "soon", "b": "soon", "c": ["x"], "d": 5, "e": 6}
    with pytest.raises(DecodeError, match="expected int, found Decimal"):
        fields(entry("d", "NUMBER", "5.5")).typed(cls)
    with pytest.raises(DecodeError, match=r"expected collections.abc.Sequence\[str\], found str"):
        fields(entry("c", "TEXT", "x")).typed(cls)
