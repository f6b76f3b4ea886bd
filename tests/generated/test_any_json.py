"""Whatever JSON a server sends, a model gives a value of the annotated type or a DecodeError,
nothing else.
"""

from __future__ import annotations

import copy
import datetime as dt
import inspect
import json
import pickle
import types
import typing
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from timify_customers_client import models
from timify_customers_client.errors import DecodeError
from timify_customers_client.types import Model

MODELS: list[type[Model]] = [
    value
    for name in models.__all__
    if inspect.isclass(value := getattr(models, name)) and issubclass(value, Model)
]
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(min_value=10**400)
    | st.floats()
    | st.text()
    | st.sampled_from(
        [
            "",
            "2022-01-26T16:17:01Z",
            "2022-01-26",
            "9999-12-31T23:59:59-23:59",
            "TEXT",
            "\ud800",
            "-",
            "24:00",
        ]
    )
)
JSON = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=8,
)


def keys(cls: type[Model]) -> list[str]:
    return [field.key for field in cls._fields.values()]


def objects(cls: type[Model]) -> st.SearchStrategy[dict[str, Any]]:
    """Objects with some of the model's keys and others, holding anything, objects of any model
    too.
    """
    held = (
        JSON
        | st.deferred(lambda: st.sampled_from(MODELS).flatmap(objects))
        | st.lists(JSON, max_size=2)
    )
    known = st.dictionaries(st.sampled_from(keys(cls) or ["x"]), held, max_size=6)
    return st.tuples(known, st.dictionaries(st.text(max_size=4), JSON, max_size=2)).map(
        lambda pair: {**pair[1], **pair[0]}
    )


def fits(value: object, hint: Any) -> bool:  # noqa: PLR0911 - a case a line
    """Whether a value is of an annotated type, as deep as it goes."""
    if hint is Any:
        return True
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in {typing.Union, types.UnionType}:
        return any(fits(value, each) for each in arguments)
    if origin is typing.Literal:
        return value in arguments
    if origin is Sequence:
        return isinstance(value, Sequence) and not isinstance(value, str)
    if origin in {dict, typing.get_origin(typing.Mapping[str, Any])}:
        return isinstance(value, typing.Mapping)
    if hint is float:
        return isinstance(value, float | int) and not isinstance(value, bool)
    if hint is int:
        return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(value, hint)


def read_all(view: Model, depth: int = 3) -> None:
    """Read every property of a view and of the views in it."""
    for name, hint in typing.get_type_hints(type(view)).items():
        if name not in view._fields:
            continue
        try:
            value = getattr(view, name)
        except DecodeError as error:
            assert error.model == type(view).__name__
            assert error.path.startswith("$")
            assert error.key == view._fields[name].key or not error.key
            continue
        assert fits(value, hint), (type(view), name, value)
        inner = (
            [value]
            if isinstance(value, Model)
            else list(value)
            if isinstance(value, Sequence)
            else []
        )
        for each in inner:
            if isinstance(each, Model) and depth:
                read_all(each, depth - 1)


def use_all(view: Model) -> None:
    """Do what must never fail on bad data."""
    assert len(repr(view)) < 100_000
    assert isinstance(view == view, bool)  # noqa: PLR0124 - what is tested
    assert view != 5
    copies = [copy.copy(view), copy.deepcopy(view), pickle.loads(pickle.dumps(view))]
    assert [type(each) for each in copies] == [type(view)] * 3
    assert repr(view.to_dict()) == repr(dict(view.raw))


@pytest.mark.parametrize("cls", MODELS, ids=lambda cls: cls.__name__)
@settings(max_examples=25)
@given(data=st.data())
def test_a_model_reads_any_json(cls: type[Model], data: st.DataObject) -> None:
    """Missing, null, another type, extra or deep: reading gives a value or a DecodeError with
    model, key, path.
    """
    view = cls.from_dict(data.draw(objects(cls)))
    read_all(view)
    use_all(view)


@pytest.mark.parametrize("cls", MODELS, ids=lambda cls: cls.__name__)
@settings(max_examples=25)
@given(data=st.data())
def test_a_model_survives_the_wire(cls: type[Model], data: st.DataObject) -> None:
    """What was encoded, sent and parsed again reads the same."""
    source = data.draw(objects(cls))
    again = json.loads(json.dumps(source))
    assert repr(cls.from_dict(source)) == repr(cls.from_dict(again))


@pytest.mark.parametrize("depth", [100, 5_000])
@pytest.mark.parametrize("kind", ["list", "object"])
def test_json_deeper_than_the_stack_is_no_danger(depth: int, kind: str) -> None:
    """repr, ==, copies, pickles and to_dict work on JSON that is nested deeper than Python may
    recurse.
    """
    deep: Any = "x"
    for _ in range(depth):
        deep = [deep] if kind == "list" else {"a": deep}
    for key in ("tags", "fields", "phone", "new"):
        view = models.Customer.from_dict({"id": "5", key: deep})
        assert len(repr(view)) < 10_000
        assert view == copy.deepcopy(view)
        assert pickle.loads(pickle.dumps(view)) == view
        assert models.Customer.from_dict(view.to_dict()) == view


def test_dates_at_the_edge_are_read_or_refused() -> None:
    """Moments at the ends of the calendar do not overflow."""
    for text in ("0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "0000-00-00T00:00:00Z"):
        view = models.Customer.from_dict({"id": "5", "createdAt": text})
        try:
            assert isinstance(view.created_at, dt.datetime)
        except DecodeError as error:
            assert error.path == "$.createdAt"
