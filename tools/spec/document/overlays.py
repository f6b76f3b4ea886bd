"""Overlays: reading them, applying them as Redocly does, and finding actions that do nothing.

Redocly passes over an action whose target matches nothing in silence. An overlay is named after its
evidence.
"""

import copy
import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import jsonpath

from spec.errors import DocumentError
from spec.files import load
from spec.redocly import ROOT

FOLDER = ROOT / "openapi" / "overlays"
OVERLAYS = ("observed", "sibling", "third-party", "inferred", "python")
"""In the order in which they are applied."""
NAMES = "python"
"""The overlay that names things in Python, and says nothing of the API."""


@dataclasses.dataclass(frozen=True)
class StaleAction:
    """An overlay action whose target matches nothing.

    `number` counts the actions of its overlay from 1.
    """

    overlay: str
    number: int
    target: str

    def __str__(self) -> str:
        """Say it in a line."""
        return f"overlays/{self.overlay}.yaml, action {self.number}: {self.target} matches nothing"


def every() -> dict[str, dict[str, Any]]:
    """Read the overlays, by name, in the order in which they are applied.

    Raises DocumentError when a file is no overlay.
    """
    return {name: _read(path(name)) for name in OVERLAYS}


def _read(path: Path) -> dict[str, Any]:
    overlay = load(path)
    actions = overlay.get("actions")
    for number, action in enumerate(actions if isinstance(actions, list) else [None], 1):
        if not isinstance(action, dict) or not isinstance(action.get("target"), str):
            raise DocumentError(f"overlays/{path.name}, action {number}: it has no target.")
    return overlay


def path(name: str) -> Path:
    """Return the place of an overlay."""
    return FOLDER / f"{name}.yaml"


def stale_actions(
    document: Mapping[str, Any], overlays: Mapping[str, Mapping[str, Any]]
) -> list[StaleAction]:
    """Return the actions whose target matches nothing in `document` when their turn comes.

    Redocly passes over these in silence. `overlays` are given by name, in the order in which they
    are applied.
    """
    return list(_apply(copy.deepcopy(dict(document)), overlays))


def only(
    overlays: Mapping[str, Mapping[str, Any]], actions: Sequence[StaleAction]
) -> dict[str, dict[str, Any]]:
    """Return overlays of some of their actions alone."""
    return {
        name: {
            "actions": [
                overlay["actions"][each.number - 1] for each in actions if each.overlay == name
            ]
        }
        for name, overlay in overlays.items()
    }


def applied(
    document: Mapping[str, Any], overlays: Mapping[str, Mapping[str, Any]]
) -> dict[str, Any]:
    """Return `document` with the overlays applied, as Redocly applies them."""
    outcome = copy.deepcopy(dict(document))
    for _ in _apply(outcome, overlays):
        pass
    return outcome


def _apply(
    document: dict[str, Any], overlays: Mapping[str, Mapping[str, Any]]
) -> Iterator[StaleAction]:
    for name, overlay in overlays.items():
        for number, action in enumerate(overlay["actions"], 1):
            matches = _matches(name, number, action["target"], document)
            if not matches:
                yield StaleAction(name, number, action["target"])
            for match in reversed(matches):
                try:
                    _act(match, copy.deepcopy(action))
                except _UnlikeError as unlike:
                    raise DocumentError(
                        f"overlays/{name}.yaml, action {number}: {action['target']}: {unlike}"
                    ) from None


def _matches(
    name: str, number: int, target: str, document: dict[str, Any]
) -> list[jsonpath.JSONPathMatch]:
    try:
        return list(jsonpath.finditer(target, document))
    except jsonpath.JSONPathError as bad:
        raise DocumentError(
            f"overlays/{name}.yaml, action {number}: {target} is not a JSONPath: {bad}"
        ) from bad


def _act(match: jsonpath.JSONPathMatch, action: Mapping[str, Any]) -> None:
    if "update" in action:
        _merge(match.obj, action["update"])
    if action.get("remove") and match.parent:
        holder: Any = match.parent.obj
        del holder[match.parts[-1]]


class _UnlikeError(Exception):
    """What an action adds does not go with what is there."""


def _merge(old: Any, new: Any, place: str = "") -> None:
    """Merge as the Overlay Specification says.

    Objects are merged key by key; what is new is appended to an array.
    """
    if isinstance(old, list):
        old.extend(new if isinstance(new, list) else [new])
        return
    if not isinstance(old, dict) or not isinstance(new, dict):
        raise _UnlikeError(
            f"{place or 'the target'} is {old!r}, which {new!r} cannot be merged into; "
            "remove it first"
        )
    for key, value in new.items():
        if isinstance(value, (dict, list)) and key in old:
            _merge(old[key], value, key)
        else:
            old[key] = value
