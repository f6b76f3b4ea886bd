"""What a document says, element by element, and what would make it unusable.

Each element carries its evidence as `x-evidence`. Redocly passes over one without, and over names
that would break the generated code.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from spec.compare.scope import METHODS
from spec.names import (
    RESERVED_PARAMETERS,
    RESERVED_PROPERTIES,
    RESERVED_SCHEMAS,
    pascal,
    property_name,
    python,
)
from spec.references import resolve

EVIDENCE = ("documented", "observed", "sibling", "third-party", "inferred")


def stamp(document: Mapping[str, Any]) -> None:
    """Set `documented` on each element that names no evidence.

    What stands in the published document is documented.
    """
    for _, element in elements(document):
        element.setdefault("x-evidence", "documented")


def faults(document: Mapping[str, Any]) -> list[str]:
    """Return what makes a built document unusable.

    That is elements without evidence, and names that would break the client.
    """
    unproven = [
        f"{place} has no x-evidence, or none of {', '.join(EVIDENCE)}"
        for place, element in elements(document)
        if element.get("x-evidence") not in EVIDENCE
    ]
    return unproven + list(_bad_names(document))


# The elements that carry evidence


def elements(document: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each element that carries evidence, with the place where it stands.

    Elements are operations, parameters, request bodies, responses, schemas and properties.
    References are not followed: what they point at stands among the components.
    """
    for path, item in document["paths"].items():
        yield from _parameters(path, item)
    for place, operation in operations(document):
        yield from _operation(place, operation)
    yield from _components(document.get("components", {}))


def _components(components: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, parameter in components.get("parameters", {}).items():
        yield from _part(f"parameter {name}", parameter)
    for name, body in components.get("requestBodies", {}).items():
        yield from _part(f"request body {name}", body)
    for name, response in components.get("responses", {}).items():
        yield from _part(f"response {name}", response)
    for name, schema in components.get("schemas", {}).items():
        yield f"schema {name}", schema
        yield from _properties(f"schema {name}", schema)


def _operation(place: str, operation: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    yield place, operation
    yield from _parameters(place, operation)
    yield from _part(f"{place} request body", operation.get("requestBody", {"$ref": ""}))
    for status, response in operation.get("responses", {}).items():
        yield from _part(f"{place} response {status}", response)


def _parameters(place: str, owner: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for parameter in owner.get("parameters", []):
        yield from _part(f"{place} parameter {parameter.get('name')}", parameter)


def _part(place: str, part: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield a parameter, body or response, and the properties written out in its schemas."""
    if "$ref" not in part:
        yield place, part
        yield from _properties(place, part.get("schema"))
        for media in part.get("content", {}).values():
            yield from _properties(place, media.get("schema"))


def _properties(place: str, schema: object) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the properties of a schema, and those of the schemas inside it."""
    if not isinstance(schema, dict):
        return
    for name, child in schema.get("properties", {}).items():
        if isinstance(child, dict):
            yield f"{place} property {name}", child
        yield from _properties(f"{place} property {name}", child)
    for key in ("items", "additionalProperties", "not"):
        yield from _properties(place, schema.get(key))
    for key in ("allOf", "anyOf", "oneOf", "prefixItems"):
        for part in schema.get(key, []):
            yield from _properties(place, part)


# Names


def _bad_names(document: Mapping[str, Any]) -> Iterator[str]:
    schemas = document.get("components", {}).get("schemas", {})
    yield from _clashes("schemas", [(name, pascal(name)) for name in schemas], RESERVED_SCHEMAS)
    for name, schema in schemas.items():
        properties = schema.get("properties", {})
        named = [(each, property_name(each, raw)) for each, raw in properties.items()]
        yield from _clashes(f"schema {name}", named, RESERVED_PROPERTIES)
    yield from _clashes("operations", _python(_operation_ids(document)), frozenset())
    for place, operation in operations(document):
        if "operationId" not in operation:
            yield (
                f"{place} has no operationId: "
                "overlays/python.yaml gives each operation the name that users meet"
            )
        used = [
            resolve(dict(document), parameter)["name"]
            for parameter in operation.get("parameters", [])
        ]
        yield from _clashes(place, _python(used), RESERVED_PARAMETERS)


def _operation_ids(document: Mapping[str, Any]) -> list[str]:
    return [
        operation["operationId"]
        for _, operation in operations(document)
        if "operationId" in operation
    ]


def operations(document: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each operation with its method and path."""
    for path, item in document["paths"].items():
        for method in METHODS:
            if method in item:
                yield f"{method.upper()} {path}", item[method]


def _python(names: Iterable[str]) -> list[tuple[str, str]]:
    return [(name, python(name)) for name in names]


def _clashes(place: str, names: list[tuple[str, str]], reserved: frozenset[str]) -> Iterator[str]:
    """Say which names the generated code uses for itself, and which two become one in Python."""
    by_identifier: dict[str, str] = {}
    for name, identifier in names:
        if identifier in reserved:
            yield (
                f"{place}: the name {name!r} is {identifier!r} in Python, "
                "which the generated code uses itself"
            )
        if identifier in by_identifier:
            yield (
                f"{place}: the names {by_identifier[identifier]!r} and {name!r} "
                f"are both {identifier!r} in Python"
            )
        by_identifier[identifier] = name
