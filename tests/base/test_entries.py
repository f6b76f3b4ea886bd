"""What is read of the custom fields in a customer's JSON."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from timify_customers._base.entries import entries, entry_text, raw_entries, texts_by_field

NAME = {"id": "f1", "value": "Jane", "values": []}


@pytest.mark.parametrize(
    "source", [{"fields": [NAME]}, {"customfields": [NAME]}, [NAME], (NAME,)], ids=repr
)
def test_entries_of_answers_rows_and_lists_are_the_same(source: Any) -> None:
    """Under ``fields``, under ``customfields`` or by themselves, entries are found and read."""
    assert entries(source) == [NAME]
    assert texts_by_field(source) == {"f1": "Jane"}


def test_an_empty_list_of_fields_hides_no_customfields() -> None:
    """What an answer repeats of the request counts where it has no fields of its own."""
    assert entries({"fields": [], "customfields": [NAME]}) == [NAME]


@pytest.mark.parametrize("other", [None, 5, "text", {"f1": "Jane"}, [5, "x", None, [NAME]]])
def test_what_is_no_entry_is_left_out(other: Any) -> None:
    """Something else in the place of entries is left out; `raw_entries` shows it as it is."""
    assert entries({"fields": other}) == []
    assert texts_by_field({"fields": other}) == {}
    assert raw_entries({"fields": other}) == (other or [])


def test_an_entry_without_the_id_of_a_field_has_no_text() -> None:
    """Entries with another id than a string are of no field."""
    assert texts_by_field([{"id": 5, "value": "x"}, {"value": "x"}]) == {}


@pytest.mark.parametrize(
    ("entry", "text"),
    [
        ({"value": "Jane"}, "Jane"),
        ({"value": "Jane", "values": ["x"]}, "Jane"),
        ({"value": "", "values": ["a", "b"]}, '["a", "b"]'),
        ({"value": None, "values": ["a"]}, '["a"]'),
        ({"values": ["a"]}, '["a"]'),
        ({"value": 0}, "0"),
        ({"value": False, "values": []}, "false"),
        ({"value": 1.5}, "1.5"),
        ({"value": [], "values": {}}, ""),
        ({"value": None}, ""),
        ({}, ""),
    ],
    ids=repr,
)
def test_the_text_of_an_entry(entry: dict[str, Any], text: str) -> None:
    """It is ``value``; where that is empty, ``values``; and a number 0 or false is not empty."""
    assert entry_text(entry) == text


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["fields", "customfields", "id", "value", "values"]), inner, max_size=3
        )
    ),
    max_leaves=20,
)


@given(st.dictionaries(st.sampled_from(["fields", "customfields"]), json_values))
def test_any_json_is_read(customer: dict[str, Any]) -> None:
    """Whatever came, each field has a text."""
    assert all(isinstance(text, str) for text in texts_by_field(customer).values())
