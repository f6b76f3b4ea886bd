"""The part of a document that this client uses: the operations tagged Customers, and the one that gives a token."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from spec.references import reached, resolve

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
