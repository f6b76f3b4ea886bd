"""Overlay actions that a published document has overtaken, though they still match something in it."""

from collections.abc import Iterator, Mapping
from typing import Any

import jsonpath

from spec.references import resolve

REMARKS = frozenset({"description", "example", "examples", "summary", "title", "x-evidence"})


def pointless(document: Mapping[str, Any], overlays: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Name the actions whose target is in `document` and holds all that they would add to it.

    What only describes a thing is not counted. Actions that match nothing are for `document.stale_actions` to name.
    """
    return [
        f"overlays/{name}.yaml, action {number}: {action['target']} holds all of it already"
        for name, overlay in overlays.items()
        for number, action in enumerate(overlay["actions"], 1)
        if _is_pointless(document, action)
    ]


def _is_pointless(document: Mapping[str, Any], action: Mapping[str, Any]) -> bool:
    if "update" not in action or action.get("remove"):
        return False
    found = [match.obj for match in jsonpath.finditer(action["target"], document)]
    return bool(found) and all(_holds(value, action["update"]) for value in found)


def _holds(value: Any, update: Any) -> bool:
    if isinstance(value, list):
        wanted = update if isinstance(update, list) else [update]
        return all(any(_holds(each, one) for each in value) for one in wanted)
    if isinstance(value, dict) and isinstance(update, dict):
        keys = update.keys() - REMARKS
        return bool(keys) and all(key in value and _holds(value[key], update[key]) for key in keys)
    return bool(value == update)


def repeating(
    document: Mapping[str, Any], overlays: Mapping[str, Mapping[str, Any]], whole: dict[str, Any]
) -> list[str]:
    """Name the actions that would add a parameter which `document` has in its place, so that it would be there twice.

    References are looked up in `whole`, the document with all overlays applied.
    """
    return [
        f"overlays/{name}.yaml, action {number}: {action['target']} has the {sent_in} parameter {parameter} already"
        for name, overlay in overlays.items()
        for number, action in enumerate(overlay["actions"], 1)
        for sent_in, parameter in sorted(_repeated(document, action, whole))
    ]


def _repeated(document: Mapping[str, Any], action: Mapping[str, Any], whole: dict[str, Any]) -> set[tuple[str, str]]:
    added = set(_parameters(action.get("update"), whole))
    if not added:
        return set()
    found = [match.obj for match in jsonpath.finditer(action["target"], document)]
    return added & {each for value in found for each in _parameters(value, whole)}


def _parameters(value: Any, whole: dict[str, Any]) -> Iterator[tuple[str, str]]:
    several = value.get("parameters") if isinstance(value, dict) else None
    for each in several if isinstance(several, list) else ():
        parameter = resolve(whole, each)
        if "name" in parameter:
            yield str(parameter.get("in")), str(parameter["name"])
