"""Lists of models are views too, and a view holds no more of an answer than its own part."""

from __future__ import annotations

import copy
import gc
import pickle
import weakref
from collections import defaultdict
from collections.abc import Sequence
from types import MappingProxyType
from typing import Any

import pytest
from timify_customers_client import models
from timify_customers_client.errors import DecodeError


def page(*rows: Any) -> models.CustomerList:
    return models.CustomerList.from_dict({"data": list(rows)})


def rows(count: int) -> list[dict[str, Any]]:
    return [{"id": str(number)} for number in range(count)]


def test_a_list_behaves_like_a_list() -> None:
    """Length, indexes from both ends, slices, membership, iteration and comparison are those of a
    list.
    """
    data = page(*rows(5)).data
    assert isinstance(data, Sequence)
    assert (len(data), data[0].id, data[-1].id) == (5, "0", "4")
    assert [row.id for row in data[1:4:2]] == ["1", "3"]
    assert [row.id for row in reversed(data)] == ["4", "3", "2", "1", "0"]
    assert models.Customer(id="3") in data
    assert data == [models.Customer(id=str(number)) for number in range(5)]
    assert data != page(*rows(4)).data
    assert data != "01234"
    for index in (5, -6):
        with pytest.raises(IndexError):
            _ = data[index]


def test_a_list_copies_and_pickles() -> None:
    """A copy is equal, a deep one shares nothing, and a pickled one still knows where it stood."""
    data = page({"id": "1", "fields": [{"id": 5}]}).data
    for again in (copy.copy(data), copy.deepcopy(data), pickle.loads(pickle.dumps(data))):
        assert again == data
        with pytest.raises(DecodeError, match=r"\$\.data\[0\]\.fields\[0\]\.id"):
            _ = (again[0].fields or ())[0].id
    assert copy.deepcopy(data)[0].raw is not data[0].raw


def test_a_long_list_has_a_short_repr() -> None:
    """Three entries are shown and the rest is dots; a row that is no object is shown as what
    it is.
    """
    text = repr(page("x", *rows(10_000)).data)
    assert text.startswith("[Customer(<a string>), Customer(id='0')")
    assert text.endswith("...]")
    assert len(text) < 500


def test_a_row_that_is_no_object_says_so() -> None:
    """Its properties, raw and to_dict() are DecodeErrors at the row's place; repr, == and copies
    work.
    """
    row = page({"id": "1"}, None).data[1]
    for read in (lambda: row.id, lambda: row.email, lambda: row.raw, row.to_dict):
        with pytest.raises(DecodeError, match=r"\$\.data\[1\]"):
            read()
    assert repr(row) == "Customer(<null>)"
    assert row == copy.deepcopy(row) == pickle.loads(pickle.dumps(row))


class Rows(list[Any]):
    """A list that tells when it is gone."""


def test_a_row_does_not_keep_its_page_alive() -> None:
    """Who keeps one customer of each page does not keep the pages."""
    data = Rows(rows(3))
    gone = weakref.ref(data)
    row = models.CustomerList.from_dict({"data": data}).data[1]
    del data
    gc.collect()
    assert gone() is None
    assert row.id == "1"


def test_reading_changes_nothing() -> None:
    """A mapping that makes up what is missing is not filled by reading; one that cannot change is
    read as well.
    """
    source: defaultdict[str, Any] = defaultdict(str, id="1")
    assert models.Customer.from_dict(source).email is None
    assert dict(source) == {"id": "1"}
    view = models.Customer.from_dict(
        MappingProxyType({"id": "1", "phone": MappingProxyType({"code": "BE"})})
    )
    assert view.phone is not None
    assert view.phone.code == "BE"
    assert view.to_dict() == {"id": "1", "phone": {"code": "BE"}}
    assert type(view.to_dict()) is dict


def test_lists_of_plain_values_are_copies() -> None:
    """Changing a list that was read does not change the customer."""
    view = models.Customer.from_dict({"id": "1", "firstLetters": ["J", "D"]})
    letters: Any = view.first_letters
    letters.append("X")
    assert view.first_letters == ["J", "D"]


def test_json_that_holds_itself_is_no_danger() -> None:
    """A dictionary that Python code has tied into a ring can be copied, pickled, compared and
    shown.
    """
    ring: dict[str, Any] = {"id": "1", "tags": []}
    ring["tags"].append(ring)
    view = models.Customer.from_dict(ring)
    again = view.to_dict()
    assert again["tags"][0] is again
    assert view == copy.deepcopy(view) == pickle.loads(pickle.dumps(view))
    assert len(repr(view)) < 1_000


def test_deep_json_differs_where_it_differs() -> None:
    """Equality below the reach of the stack tells apart what differs at the bottom only."""

    def deep(bottom: str) -> models.Customer:
        value: Any = bottom
        for _ in range(20_000):
            value = {"a": [value]}
        return models.Customer.from_dict({"id": "1", "x": value})

    assert deep("same") == deep("same")
    assert deep("one") != deep("other")
