"""The shape of a published document is nothing: what it says makes the adopted one."""

import json
from random import Random
from typing import Any

import pytest
from adoption.shapes_of import SHAPES, known, shape
from adoption.variations import remarked, varied
from fetch.documents import published
from hypothesis import given
from hypothesis import strategies as st
from spec.adopt.adopt import adopt

CONTENTS = [*SHAPES, "reconstruction"]
SEEDS = st.integers(0, 2**32)


def text(document: dict[str, Any]) -> str:
    return json.dumps(adopt(known(), document).document, indent=1)


@given(content=st.sampled_from(CONTENTS), seed=SEEDS)
def test_the_shape_of_a_document_makes_no_difference(content: str, seed: int) -> None:
    """Named, split, wrapped, 3.0 or 3.1, reordered, other paths and tags: one adopted
    document, to the letter.
    """
    chance = Random(seed)
    document = remarked(published() if content == "reconstruction" else shape(content), chance)
    assert text(varied(document, chance)) == text(document)


@pytest.mark.parametrize("content", CONTENTS)
def test_adoption_is_the_same_each_time_and_changes_nothing(content: str) -> None:
    """The same two documents make the same third one, and are as they were."""
    document = published() if content == "reconstruction" else shape(content)
    before = json.dumps([known(), document])
    assert text(document) == text(document)
    assert json.dumps([known(), document]) == before
