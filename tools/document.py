"""Builds `openapi/customers.yaml`, the one document that everything else reads.

`openapi/upstream.yaml` is what TIMIFY documents. Each overlay adds what is known in another way, and is named after
that way, its evidence. Redocly CLI applies the overlays, keeps the operations that the client is for, and checks the
outcome. This module sees to what Redocly passes over in silence: an overlay action that does nothing, a shape without
evidence, a name that would break the generated code.

Run it to build the document: `python tools/document.py`.
"""

import copy
import dataclasses
import json
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import jsonpath
import redocly
from openapi_python_client.strings import ClassName, PythonIdentifier
from ruamel.yaml import YAML

FOLDER = redocly.ROOT / "openapi"
UPSTREAM = FOLDER / "upstream.yaml"
CUSTOMERS = FOLDER / "customers.yaml"
OVERLAYS = ("observed", "sibling", "third-party", "inferred", "python")
"""In the order in which they are applied."""
EVIDENCE = ("documented", "observed", "sibling", "third-party", "inferred")
METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
HEAD = "# Built from upstream.yaml and overlays/. Not to be edited: change those and run `make generate`.\n"

_DATA = frozenset({"default", "enum", "example", "examples"})

RESERVED_PROPERTIES = frozenset({"from_dict", "raw", "to_dict"})
"""What every generated model has already, and so cannot be the name of a property."""
RESERVED_PARAMETERS = frozenset({"asyncio", "asyncio_detailed", "body", "build_request", "client", "errors", "parse"})
"""What the functions of an operation take or call, and so cannot be the name of an operation's own parameter."""
RESERVED_SCHEMAS = frozenset({"Any", "Client", "Literal", "Sequence"})
"""Classes that generated modules import under these names."""


class DocumentError(Exception):
    """The document could not be built; the message says what is wrong with which part of it."""


@dataclasses.dataclass(frozen=True)
class StaleAction:
    """An overlay action whose target matches nothing. `number` counts the actions of its overlay from 1."""

    overlay: str
    number: int
    target: str

    def __str__(self) -> str:
        """Say it in a line."""
        return f"overlays/{self.overlay}.yaml, action {self.number}: {self.target} matches nothing"


def build(upstream: Path, out: Path) -> None:
    """Build the document from `upstream` and the overlays and write it to `out`, which is left alone on failure.

    Raises DocumentError when Redocly refuses a part of it (with its words) or when one of our own checks fails.
    """
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        plain, built = scratch / "upstream.json", scratch / "customers.yaml"
        plain.write_text(json.dumps(_upstream(upstream, plain), indent=2), encoding="utf-8")
        overlays = [f"--overlay={FOLDER / 'overlays' / name}.yaml" for name in OVERLAYS]
        _redocly("bundle", str(plain), *overlays, "--remove-unused-components", f"--output={built}")
        _redocly("lint", str(built))
        _refuse("What would break the client", faults(load(built)))
        out.write_text(HEAD + built.read_text(encoding="utf-8"), encoding="utf-8", newline="\n")


def load(path: Path) -> dict[str, Any]:
    """Read a YAML file whose top is an object; DocumentError otherwise."""
    content = YAML(typ="safe", pure=True).load(path)
    if not isinstance(content, dict):
        raise DocumentError(f"{path.name} holds no object.")
    return content


def overlays() -> dict[str, dict[str, Any]]:
    """Read the overlays, by name, in the order in which they are applied."""
    return {name: load(FOLDER / "overlays" / f"{name}.yaml") for name in OVERLAYS}


def stamp(document: Mapping[str, Any]) -> None:
    """Note `documented` on each element that names no evidence: what stands in the published document is documented."""
    for _, element in elements(document):
        element.setdefault("x-evidence", "documented")


def faults(document: Mapping[str, Any]) -> list[str]:
    """Name what makes a built document unusable: elements without evidence and names that would break the client."""
    unproven = [
        f"{place} has no x-evidence, or none of {', '.join(EVIDENCE)}"
        for place, element in elements(document)
        if element.get("x-evidence") not in EVIDENCE
    ]
    return unproven + list(_bad_names(document))


def _upstream(upstream: Path, scratch: Path) -> dict[str, Any]:
    """Read `upstream` as Redocly does (dates stay text), stamp it, and see that each overlay action has its target."""
    _redocly("bundle", str(upstream), "--skip-decorator=filter-in", f"--output={scratch}")
    document: dict[str, Any] = json.loads(scratch.read_text(encoding="utf-8"))
    if str(document.get("openapi")).startswith("3.0"):
        document = _nulls_as_in_3_1(document)
    _drop_other_auth(document)
    stamp(document)
    _refuse("What overlays would change is not there", stale_actions(document, overlays()))
    return document


def _drop_other_auth(document: dict[str, Any]) -> None:
    """Drop what a published document may have beside `POST /v1/auth/token`: the client has no use for it."""
    for path, item in list(document["paths"].items()):
        for method in METHODS:
            if "Auth" in item.get(method, {}).get("tags", []) and (method, path) != ("post", "/v1/auth/token"):
                del item[method]
        if not item:
            del document["paths"][path]


def _nulls_as_in_3_1(part: Any) -> Any:
    """Write OpenAPI 3.0's `nullable` as a type; it means nothing without one. The overlays are for 3.1."""
    if isinstance(part, list):
        return [_nulls_as_in_3_1(each) for each in part]
    if not isinstance(part, dict):
        return part
    part = {key: value if key in _DATA else _nulls_as_in_3_1(value) for key, value in part.items()}
    if isinstance(part.get("nullable"), bool) and part.pop("nullable") and isinstance(part.get("type"), str):
        part["type"] = [part["type"], "null"]
        part |= {"enum": [*part["enum"], None]} if None not in part.get("enum", [None]) else {}
    return part


def _redocly(*args: str) -> None:
    answer = redocly.run(*args, check=False)
    if answer.returncode:
        raise DocumentError(f"Redocly could not {args[0]} {args[1]}:\n{answer.stdout}{answer.stderr}".rstrip())


def _refuse(what: str, reasons: Sequence[object]) -> None:
    if reasons:
        raise DocumentError(f"{what}:\n" + "\n".join(f"- {reason}" for reason in reasons))


# The elements that carry evidence


def elements(document: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Give each operation, parameter, request body, response, schema and property, with the place where it stands.

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
    """Give a parameter, body or response, and the properties that are written out in its schemas."""
    if "$ref" not in part:
        yield place, part
        yield from _properties(place, part.get("schema"))
        for media in part.get("content", {}).values():
            yield from _properties(place, media.get("schema"))


def _properties(place: str, schema: object) -> Iterator[tuple[str, dict[str, Any]]]:
    """Give the properties of a schema, and those of the schemas inside it."""
    if not isinstance(schema, dict):
        return
    for name, held in schema.get("properties", {}).items():
        if isinstance(held, dict):
            yield f"{place} property {name}", held
        yield from _properties(f"{place} property {name}", held)
    for key in ("items", "additionalProperties", "not"):
        yield from _properties(place, schema.get(key))
    for key in ("allOf", "anyOf", "oneOf", "prefixItems"):
        for part in schema.get(key, []):
            yield from _properties(place, part)


# Names


def _bad_names(document: Mapping[str, Any]) -> Iterator[str]:
    schemas = document.get("components", {}).get("schemas", {})
    yield from _clashes("schemas", [(name, ClassName(name, "")) for name in schemas], RESERVED_SCHEMAS)
    for name, schema in schemas.items():
        yield from _clashes(f"schema {name}", _python(schema.get("properties", {})), RESERVED_PROPERTIES)
    yield from _clashes("operations", _python(_operation_ids(document)), frozenset())
    for place, operation in operations(document):
        if "operationId" not in operation:
            yield f"{place} has no operationId: overlays/python.yaml gives each operation the name that users meet"
        used = [_resolve(document, parameter)["name"] for parameter in operation.get("parameters", [])]
        yield from _clashes(place, _python(used), RESERVED_PARAMETERS)


def _operation_ids(document: Mapping[str, Any]) -> list[str]:
    return [operation["operationId"] for _, operation in operations(document) if "operationId" in operation]


def operations(document: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Give each operation with its method and path."""
    for path, item in document["paths"].items():
        for method in METHODS:
            if method in item:
                yield f"{method.upper()} {path}", item[method]


def _resolve(document: Mapping[str, Any], part: Mapping[str, Any]) -> Mapping[str, Any]:
    if "$ref" not in part:
        return part
    found: Any = document
    for key in part["$ref"].removeprefix("#/").split("/"):
        found = found[key.replace("~1", "/").replace("~0", "~")]
    return _resolve(document, found)


def _python(names: Iterable[str]) -> list[tuple[str, str]]:
    return [(name, str(PythonIdentifier(name, "field_"))) for name in names]


def _clashes(place: str, names: list[tuple[str, str]], reserved: frozenset[str]) -> Iterator[str]:
    """Say which names the generated code uses for itself, and which two become one in Python."""
    seen: dict[str, str] = {}
    for name, python in names:
        if python in reserved:
            yield f"{place}: the name {name!r} is {python!r} in Python, which the generated code uses itself"
        if python in seen:
            yield f"{place}: the names {seen[python]!r} and {name!r} are both {python!r} in Python"
        seen[python] = name


# Overlays


def stale_actions(document: Mapping[str, Any], overlays: Mapping[str, Mapping[str, Any]]) -> list[StaleAction]:
    """Name the actions whose target matches nothing in `document` as it stands when their turn comes.

    Redocly passes over these in silence. `overlays` are given by name, in the order in which they are applied.
    """
    return list(_apply(copy.deepcopy(dict(document)), overlays))


def applied(document: Mapping[str, Any], overlays: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Give `document` with the overlays applied, as Redocly applies them."""
    outcome = copy.deepcopy(dict(document))
    for _ in _apply(outcome, overlays):
        pass
    return outcome


def _apply(document: dict[str, Any], overlays: Mapping[str, Mapping[str, Any]]) -> Iterator[StaleAction]:
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


def _matches(name: str, number: int, target: str, document: dict[str, Any]) -> list[jsonpath.JSONPathMatch]:
    try:
        return list(jsonpath.finditer(target, document))
    except jsonpath.JSONPathError as bad:
        raise DocumentError(f"overlays/{name}.yaml, action {number}: {target} is not a JSONPath: {bad}") from bad


def _act(match: jsonpath.JSONPathMatch, action: Mapping[str, Any]) -> None:
    if "update" in action:
        _merge(match.obj, action["update"])
    if action.get("remove") and match.parent:
        holder: Any = match.parent.obj
        del holder[match.parts[-1]]


class _UnlikeError(Exception):
    """What an action adds does not go with what is there."""


def _merge(old: Any, new: Any, place: str = "") -> None:
    """Merge as the Overlay Specification says: objects key by key, what is new is appended to an array."""
    if isinstance(old, list):
        old.extend(new if isinstance(new, list) else [new])
        return
    if not isinstance(old, dict) or not isinstance(new, dict):
        raise _UnlikeError(f"{place or 'the target'} is {old!r}, which {new!r} cannot be merged into; remove it first")
    for key, value in new.items():
        if isinstance(value, (dict, list)) and key in old:
            _merge(old[key], value, key)
        else:
            old[key] = value


def main() -> int:
    """Build the document in its place; the exit code is 1 when that fails."""
    try:
        build(UPSTREAM, CUSTOMERS)
    except (DocumentError, redocly.NodeError) as failure:
        print(failure, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
