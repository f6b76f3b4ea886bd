"""References: what a `$ref` of a document stands for. It never leaves the document."""

from typing import Any


def resolve(document: dict[str, Any], value: Any) -> dict[str, Any]:
    """Follow `$ref` to the object that it stands for.

    What leads nowhere, or to no object, is an empty one.
    """
    visited: set[str] = set()
    while isinstance(value, dict) and isinstance(reference := value.get("$ref"), str):
        if reference in visited:
            return {}
        visited.add(reference)
        value = at_pointer(document, reference)
    return value if isinstance(value, dict) else {}


def at_pointer(document: dict[str, Any], reference: str) -> Any:
    """Return what a local reference (`#/a/b~1c`) points to, None when that is not there."""
    value: Any = document
    for part in parts(reference):
        value = _child(value, part)
    return value


def parts(reference: str) -> list[str]:
    """Return the keys of a local reference: `#/a/b~1c` has `a` and `b/c`."""
    return [
        part.replace("~1", "/").replace("~0", "~")
        for part in reference.removeprefix("#").split("/")[1:]
    ]


def _child(value: Any, key: str) -> Any:
    if isinstance(value, dict):
        return value.get(key)
    if isinstance(value, list) and key.isdecimal() and int(key) < len(value):
        return value[int(key)]
    return None


def reached(document: dict[str, Any], roots: list[Any]) -> set[tuple[str, str]]:
    """Return kind and name of every component that `roots` refer to, directly or not."""
    components = document.get("components", {})
    components_reached: set[tuple[str, str]] = set()
    open_values = list(roots)
    while open_values:
        value = open_values.pop()
        for kind, name in _components_named_in(value) - components_reached:
            target = _child(_child(components, kind), name)
            if target is not None:
                components_reached.add((kind, name))
                open_values.append(target)
    return components_reached


def _components_named_in(value: Any) -> set[tuple[str, str]]:
    named: set[tuple[str, str]] = set()
    open_values = [value]
    while open_values:
        value = open_values.pop()
        if isinstance(value, dict):
            named |= _named(value)
            open_values += value.values()
        elif isinstance(value, list):
            open_values += value
    return named


def _named(value: dict[str, Any]) -> set[tuple[str, str]]:
    mapping = value.get("mapping")
    targets = [value.get("$ref"), *(mapping.values() if isinstance(mapping, dict) else ())]
    keys = [
        parts(each)
        for each in targets
        if isinstance(each, str) and each.startswith("#/components/")
    ]
    return {(each[1], each[2]) for each in keys if len(each) > 2}  # noqa: PLR2004
