"""Whether an answer is about the customer that was asked for: the decision alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from timify_customers._calls.identity import Identity, same_id, same_key

ID = "624af9cbed7a899e0f233400"
OTHER = "5" * 24


@pytest.mark.parametrize(
    ("asked", "shown", "contradicts"),
    [
        (Identity(id=ID), {"id": ID}, False),
        (Identity(id=ID), {"id": f" {ID.upper()} "}, False),
        (Identity(id=ID), {"id": OTHER}, True),
        (Identity(id=ID), {"id": OTHER, "externalId": "a"}, True),
        (Identity(id=ID), {}, False),
        (Identity(id=ID), {"id": " "}, False),
        (Identity(id=ID), {"id": 7}, False),
        (Identity(id=ID), {"externalId": "a"}, False),
        (Identity(external_ids=("a",)), {"externalId": "a"}, False),
        (Identity(external_ids=("a",)), {"externalId": "b"}, True),
        (Identity(external_ids=("a", "b")), {"externalId": "b"}, False),
        (Identity(external_ids=("a", "b")), {"externalId": "c"}, True),
        (Identity(external_ids=("a",)), {"id": ID, "externalId": "b"}, True),
        (Identity(external_ids=("a",)), {}, False),
        (Identity(external_ids=("a",)), {"externalId": " "}, False),
        (Identity(external_ids=("a",)), {"externalId": 7}, False),
        (Identity(ID, ("a",)), {"id": ID, "externalId": "b"}, False),
        (Identity(ID, ("a",)), {"id": OTHER, "externalId": "a"}, True),
        (Identity(ID, ("a",)), {"id": "", "externalId": "b"}, True),
        (Identity(ID, ("a",)), {"externalId": "a"}, False),
        (Identity(), {"id": ID, "externalId": "a"}, False),
    ],
)
def test_an_answer_contradicts_only_by_what_it_shows(
    asked: Identity, shown: dict[str, object], contradicts: bool
) -> None:
    """The id counts before the external id, and what is missing, blank or no text counts not."""
    assert asked.contradicts(shown) is contradicts


@given(st.text("0123456789abcdef", min_size=24, max_size=24), st.text(max_size=5))
def test_an_id_outweighs_a_key(identity: str, key: str) -> None:
    """A customer with the id that was asked for is that customer, whatever its key."""
    asked = Identity(id=identity, external_ids=("crm-1",))
    assert not asked.contradicts({"id": identity.upper(), "externalId": key})
    assert asked.contradicts({"id": "z" + identity[1:], "externalId": "crm-1"})


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [(ID, f"\t{ID.upper()} ", True), (f" {ID.upper()}", ID, True), (ID, OTHER, False)],
)
def test_ids_are_compared_without_case_and_blanks(one: str, other: str, same: bool) -> None:
    """An id is hex digits: their case means nothing, on either side."""
    assert same_id(one, other) is same


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("crm-1", " crm-1\n", True),
        (" crm-1", "crm-1", True),
        ("Zo\u00eb", "Zoe\u0308", True),
        ("Zoe\u0308", "Zo\u00eb", True),
        ("\u2460", "1", False),  # the compatibility forms (NFKC) of these are the same
        ("CRM-1", "crm-1", False),
        (None, "None", False),
        (7, "7", False),
    ],
)
def test_keys_are_compared_as_people_read_them(one: object, other: str, same: bool) -> None:
    """Blanks around a key and its composed form make no difference, on either side; case does."""
    assert same_key(one, other) is same
