"""Operations that the document has but the sandbox does not implement.

A published document may add such operations. If the document allows a request of one, the answer is
the smallest value that the schema of its success admits; nothing is stored.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from ._contract import JSON, METHODS, document, path_pattern, target
from ._operations import OPERATIONS
from ._render import Fixed, encode

_SERVED = {operation.name for operation in OPERATIONS} | {"create_token"}
_TEXTS = {
    "date": "2026-01-31",
    "date-time": "2026-01-31T08:00:00Z",
    "uuid": "00000000-0000-4000-8000-000000000000",
}
_VALUES: dict[str, Any] = {"array": [], "boolean": False, "integer": 0, "number": 0, "null": None}


@dataclass(frozen=True, slots=True)
class Unserved:
    """One such operation, and the answer to it."""

    name: str
    answer: Fixed


@dataclass(frozen=True, slots=True)
class UnservedPath:
    """A path of the document with such operations, by method.

    `shared` says that the sandbox implements other methods of the path.
    """

    operations: Mapping[str, Unserved]
    shared: bool


def unserved_at(path: str) -> UnservedPath | None:
    """Return the operations at a path that only the document has, or None."""
    plain = path.removesuffix("/")
    return next((unserved for pattern, unserved in _unserved() if pattern.fullmatch(plain)), None)


@cache
def _unserved() -> list[tuple[re.Pattern[str], UnservedPath]]:
    """Return these paths, those without parameters first."""
    paths: list[tuple[re.Pattern[str], UnservedPath]] = []
    for template, item in sorted(document()["paths"].items(), key=lambda entry: "{" in entry[0]):
        raws = {method.upper(): item[method] for method in METHODS if method in item}
        operations = {
            method: _unserved_operation(raw)
            for method, raw in raws.items()
            if raw["operationId"] not in _SERVED
        }
        if operations:
            paths.append(
                (path_pattern(template), UnservedPath(operations, len(operations) < len(raws)))
            )
    return paths


def _unserved_operation(raw: Mapping[str, Any]) -> Unserved:
    status = min(code for code in raw["responses"] if code.startswith("2"))
    form = target(raw["responses"][status]).get("content", {}).get(JSON)
    content = encode(least(form["schema"])) if form else b""
    return Unserved(raw["operationId"], Fixed(content, int(status)))


def least(schema: Mapping[str, Any], inside: frozenset[str] = frozenset()) -> Any:
    """Return the smallest value that a schema of the document admits.

    That is an example of its own, or the first of its values; for an object, only the required
    properties. A schema that requires itself admits no value, so it is None there.
    """
    reference = schema.get("$ref")
    if reference in inside:
        return None
    if reference:
        return least(target(schema), inside | {reference})
    for key in ("examples", "enum"):
        if schema.get(key):
            return schema[key][0]
    if "anyOf" in schema:
        return least(schema["anyOf"][0], inside)
    types = schema.get("type", ())
    return _least_of(types if isinstance(types, str) else next(iter(types), ""), schema, inside)


def _least_of(kind: str, schema: Mapping[str, Any], inside: frozenset[str]) -> Any:
    if kind == "string":
        return _TEXTS.get(schema.get("format", ""), "")
    if kind in _VALUES:
        return _VALUES[kind]
    properties = schema.get("properties", {})
    return {name: least(properties[name], inside) for name in schema.get("required", ())}
