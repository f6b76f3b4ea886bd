"""Overlay actions that do nothing are found, though Redocly passes over them."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from spec import redocly
from spec.document import overlays
from spec.errors import DocumentError


def stale(content: dict[str, Any], *actions: dict[str, Any]) -> list[tuple[int, str]]:
    return [
        (found.number, found.target)
        for found in overlays.stale_actions(content, {"made": {"actions": actions}})
    ]


def test_no_action_is_stale(upstream: dict[str, Any]) -> None:
    """Every action of every overlay finds what it changes, as the document stands when its
    turn comes.
    """
    assert overlays.stale_actions(upstream, overlays.every()) == []


@pytest.mark.parametrize("name", overlays.OVERLAYS)
def test_a_wrong_target_is_found(upstream: dict[str, Any], name: str) -> None:
    """An action with a misspelt target is named first, in whichever overlay it stands; then
    those that build on it.
    """
    ours = overlays.every()
    action = ours[name]["actions"][-1]
    action["target"] = action["target"].replace("$.", "$.wrong.", 1)
    found = overlays.stale_actions(upstream, ours)
    assert (found[0].overlay, found[0].number) == (name, len(ours[name]["actions"]))
    assert (
        str(found[0])
        == f"overlays/{name}.yaml, action {found[0].number}: {action['target']} matches nothing"
    )


def test_an_action_sees_what_earlier_ones_did() -> None:
    """A target that an earlier action made is there, and one that an earlier action removed is
    not.
    """
    make = {"target": "$.paths", "update": {"/a": {"get": {}}}}
    use = {"target": "$.paths['/a'].get", "update": {"summary": "A"}}
    remove = {"target": "$.paths['/a']", "remove": True}
    assert stale({"paths": {}}, use) == [(1, use["target"])]
    assert stale({"paths": {}}, make, use) == []
    assert stale({"paths": {}}, make, remove, use) == [(3, use["target"])]


def test_the_given_document_is_left_alone(upstream: dict[str, Any]) -> None:
    """Looking for stale actions changes neither document nor overlays."""
    ours = overlays.every()
    before = copy.deepcopy((upstream, ours))
    overlays.stale_actions(upstream, ours)
    overlays.applied(upstream, ours)
    assert (upstream, ours) == before


def test_a_target_that_is_no_jsonpath_is_refused() -> None:
    """A target that cannot be read is an error that names it."""
    with pytest.raises(DocumentError, match=r"made.yaml, action 1: \$\.\.\. is not a JSONPath"):
        stale({}, {"target": "$...", "update": {}})


def test_actions_are_applied_as_redocly_applies_them(
    upstream: dict[str, Any], tmp_path: Path
) -> None:
    """What is taken for the state of the document between actions is what Redocly makes of it."""
    (tmp_path / "upstream.json").write_text(json.dumps(upstream), encoding="utf-8")
    options = [f"--overlay={overlays.path(name)}" for name in overlays.OVERLAYS]
    redocly.run(
        "bundle",
        str(tmp_path / "upstream.json"),
        *options,
        "--skip-decorator=filter-in",
        f"-o={tmp_path / 'o.json'}",
    )
    theirs = json.loads((tmp_path / "o.json").read_text(encoding="utf-8"))
    assert json.dumps(overlays.applied(upstream, overlays.every()), sort_keys=True) == json.dumps(
        theirs, sort_keys=True
    )
