"""The part of a document that this client uses: the operations tagged Customers, and the one that gives a token."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

TAG = "Customers"
TOKEN = "POST /v1/auth/token"  # noqa: S105 - an operation, not a token
PRODUCTION = "https://api.timify.com"
METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of a document, with what its path says for all methods."""

    method: str
    path: str
    item: dict[str, Any]
    content: dict[str, Any]

    @property
    def name(self) -> str:
        """Method and path as they are written, for people."""
        return f"{self.method.upper()} {self.path}"

    @property
    def key(self) -> str:
        """Method and path without what is not sent: names of path parameters, a slash at the end."""
        return f"{self.method.upper()} {re.sub(r'{[^/}]*}', '{}', self.path).rstrip('/')}"

    @property
    def tags(self) -> list[Any]:
        """What the operation is filed under."""
        tags = self.content.get("tags")
        return tags if isinstance(tags, list) else []


def every_operation(document: dict[str, Any]) -> Iterator[Operation]:
    """Give all operations of a document, whoever uses them."""
    for path, found in document["paths"].items():
        item = resolve(document, found)
        for method in METHODS:
            if isinstance(item.get(method), dict):
                yield Operation(method, path, item, item[method])


def operations(document: dict[str, Any]) -> dict[str, Operation]:
    """Give the operations that the client uses, by their key."""
    return {each.key: each for each in every_operation(document) if TAG in each.tags or each.key == TOKEN}


def resolve(document: dict[str, Any], value: Any) -> dict[str, Any]:
    """Follow `$ref` to the object that it stands for; what leads nowhere, or is no object, is an empty one."""
    seen: set[str] = set()
    while isinstance(value, dict) and isinstance(reference := value.get("$ref"), str):
        if reference in seen:
            return {}
        seen.add(reference)
        value = at_pointer(document, reference)
    return value if isinstance(value, dict) else {}


def at_pointer(document: dict[str, Any], reference: str) -> Any:
    """Give what a local reference (`#/a/b~1c`) points to, None when that is not there."""
    value: Any = document
    for part in reference.removeprefix("#").split("/")[1:]:
        value = _child(value, part.replace("~1", "/").replace("~0", "~"))
    return value


def _child(value: Any, key: str) -> Any:
    if isinstance(value, dict):
        return value.get(key)
    if isinstance(value, list) and key.isdecimal() and int(key) < len(value):
        return value[int(key)]
    return None


def narrow(document: dict[str, Any]) -> dict[str, Any]:
    """Give a document of only what the client uses: its operations and the components that these reach.

    Names of operations are left out, since `overlays/python.yaml` gives them, and of the servers all but production,
    since the client's default address is that one.
    """
    kept: dict[str, Any] = {key: document[key] for key in ("openapi", "info", "security") if key in document}
    kept["servers"] = [each for each in _dicts(document.get("servers")) if each.get("url") == PRODUCTION]
    kept["paths"] = _paths(document)
    kept["components"] = _components(document, kept)
    return kept


def _dicts(values: Any) -> list[dict[str, Any]]:
    return [each for each in values if isinstance(each, dict)] if isinstance(values, list) else []


def _paths(document: dict[str, Any]) -> dict[str, Any]:
    paths: dict[str, Any] = {}
    for each in operations(document).values():
        shared = {key: value for key, value in each.item.items() if key not in METHODS}
        content = {key: value for key, value in each.content.items() if key != "operationId"}
        paths.setdefault(each.path, shared)[each.method] = content
    return paths


def _components(document: dict[str, Any], kept: dict[str, Any]) -> dict[str, Any]:
    components: dict[str, Any] = {}
    schemes = resolve(document, document.get("components")).get("securitySchemes")
    if isinstance(schemes, dict):
        components["securitySchemes"] = schemes
    for kind, name in sorted(reached(document, [kept["paths"]])):
        components.setdefault(kind, {})[name] = document["components"][kind][name]
    return components


def reached(document: dict[str, Any], roots: list[Any]) -> set[tuple[str, str]]:
    """Give kind and name of every component that `roots` refer to, directly or not."""
    found: set[tuple[str, str]] = set()
    open_values = list(roots)
    while open_values:
        value = open_values.pop()
        for component in _components_named_in(value) - found:
            target = at_pointer(document, "#/components/" + "/".join(map(_escaped, component)))
            if target is not None:
                found.add(component)
                open_values.append(target)
    return found


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
    parts = [each.split("/") for each in targets if isinstance(each, str) and each.startswith("#/components/")]
    return {(_plain(each[2]), _plain(each[3])) for each in parts if len(each) > 3}  # noqa: PLR2004


def _escaped(part: str) -> str:
    return part.replace("~", "~0").replace("/", "~1")


def _plain(part: str) -> str:
    return part.replace("~1", "/").replace("~0", "~")
