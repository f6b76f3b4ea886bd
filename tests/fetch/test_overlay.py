"""Overlay actions that a published document makes pointless."""

from typing import Any

import pytest
from spec.fetch.overlaps import pointless

DOCUMENT = {
    "paths": {"/v1/things": {"get": {"parameters": [{"name": "page", "in": "query", "description": "theirs"}]}}},
    "components": {"schemas": {"Thing": {"type": "object", "properties": {"id": {"type": "string"}}}}},
}


def action(target: str, **more: Any) -> dict[str, dict[str, Any]]:
    return {"observed": {"actions": [{"target": target, **more}]}}


@pytest.mark.parametrize(
    "update",
    [
        {"properties": {"id": {"type": "string", "x-evidence": "observed", "description": "ours"}}},
        {"type": "object"},
        {"type": "object", "description": "ours"},
    ],
)
def test_an_action_that_adds_nothing_is_named(update: dict[str, Any]) -> None:
    """An action is pointless when all of its update is there; what only describes is not counted."""
    (line,) = pointless(DOCUMENT, action("$.components.schemas.Thing", update=update))
    assert line == "overlays/observed.yaml, action 1: $.components.schemas.Thing holds all of it already"


def test_entries_of_lists_are_looked_for() -> None:
    """An update appends to a list: it is pointless when the list has the entry."""
    target = "$.paths['/v1/things'].get"
    assert pointless(DOCUMENT, action(target, update={"parameters": [{"name": "page", "in": "query"}]}))
    assert not pointless(DOCUMENT, action(target, update={"parameters": [{"name": "limit", "in": "query"}]}))
    assert pointless(DOCUMENT, action(f"{target}.parameters", update={"name": "page", "in": "query"}))


@pytest.mark.parametrize(
    "overlays",
    [
        action("$.components.schemas.Thing", update={"type": "string"}),
        action("$.components.schemas.Thing", update={"type": "object", "required": ["id"]}),
        action("$.components.schemas.Thing", update={"description": "ours"}),
        action("$.components.schemas.Other", update={"type": "object"}),
        action("$.components.schemas.Thing", remove=True),
        action("$..*", update={"type": "object"}),
    ],
)
def test_an_action_that_does_something_is_not(overlays: dict[str, Any]) -> None:
    """What adds, changes, removes, only describes, or matches nothing is not called pointless."""
    assert pointless(DOCUMENT, overlays) == []
