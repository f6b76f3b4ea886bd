"""The part of a document that this client uses: the customers module, and the token operation.

What belongs to the module is known by its path, and by a tag that stands mostly on operations of
such paths: a document may call the tag as it likes.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from spec.compare.servers import PRODUCTION, base_paths, is_production, joined, servers_of
from spec.references import reached, resolve

TAG = "Customers"
MODULE = "/v1/customers"
TOKEN = "POST /v1/auth/token"  # noqa: S105 - an operation, not a token
METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of a document, with what its path says for all methods.

    Its path is the one that goes over the wire: what the server puts before it is part of it.
    """

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
        """Method and path without what is not sent.

        That is the names of path parameters, and a slash at the end.
        """
        return f"{self.method.upper()} {re.sub(r'{[^/}]*}', '{}', self.path).rstrip('/')}"

    @property
    def in_module(self) -> bool:
        """Whether it is filed below `/v1/customers` by its path."""
        return f"{self.key.partition(' ')[2]}/".startswith(f"{MODULE}/")

    @property
    def is_ours(self) -> bool:
        """Whether the client uses it for its path, whatever it is filed under."""
        return self.in_module or self.key == TOKEN

    @property
    def tags(self) -> list[Any]:
        """What the operation is filed under."""
        tags = self.content.get("tags")
        return tags if isinstance(tags, list) else []


def every_operation(document: dict[str, Any]) -> Iterator[Operation]:
    """Yield all operations of a document, whoever uses them."""
    for path, raw_item in document["paths"].items():
        item = resolve(document, raw_item)
        for method in METHODS:
            if isinstance(item.get(method), dict):
                yield _operation(document, method, path, item)


def _operation(document: dict[str, Any], method: str, path: str, item: dict[str, Any]) -> Operation:
    """Return an operation at the server's path at which it is one of ours, else at production's.

    A document may write `/v1` both into its server and into its paths.
    """
    content = item[method]
    candidates = [
        Operation(method, joined(base, path), item, content)
        for base in [*base_paths(content, item, document), ""]
    ]
    return next((each for each in candidates if each.is_ours), candidates[0])


def operations(document: dict[str, Any]) -> dict[str, Operation]:
    """Return the operations that the client uses, by their key."""
    return {each.key: each for each in used_operations(document)}


def used_operations(document: dict[str, Any]) -> list[Operation]:
    """Return the operations that the client uses, including those with the same key."""
    every = list(every_operation(document))
    tags = {TAG} | _tags_of_the_module(every)
    return [each for each in every if each.is_ours or tags & _texts(each.tags)]


def _tags_of_the_module(every: list[Operation]) -> set[str]:
    carrying = Counter(tag for each in every for tag in _texts(each.tags))
    inside = Counter(tag for each in every if each.in_module for tag in _texts(each.tags))
    return {tag for tag, count in inside.items() if 2 * count > carrying[tag]}


def _texts(values: list[Any]) -> set[str]:
    return {value for value in values if isinstance(value, str)}


def narrow(document: dict[str, Any]) -> dict[str, Any]:
    """Return a document of only what the client uses: its operations and the components they reach.

    Names of operations are left out, since `overlays/python.yaml` gives them, and of the servers
    all but production, since the client's default address is that one. Its path is in the paths.
    """
    narrowed: dict[str, Any] = {
        key: document[key] for key in ("openapi", "info", "security") if key in document
    }
    servers = [each for each in servers_of(document) if is_production(each)]
    narrowed["servers"] = [each | {"url": PRODUCTION} for each in servers[:1]]
    narrowed["paths"] = _paths(document)
    narrowed["components"] = _components(document, narrowed)
    return narrowed


def _paths(document: dict[str, Any]) -> dict[str, Any]:
    paths: dict[str, Any] = {}
    for each in operations(document).values():
        shared = {
            key: value for key, value in each.item.items() if key not in {*METHODS, "servers"}
        }
        left_out = {"operationId", "servers"}
        content = {key: value for key, value in each.content.items() if key not in left_out}
        paths.setdefault(each.path, shared)[each.method] = content
    return paths


def _components(document: dict[str, Any], narrowed: dict[str, Any]) -> dict[str, Any]:
    components: dict[str, Any] = {}
    schemes = resolve(document, document.get("components")).get("securitySchemes")
    if isinstance(schemes, dict):
        components["securitySchemes"] = schemes
    for kind, name in sorted(reached(document, [narrowed["paths"]])):
        components.setdefault(kind, {})[name] = document["components"][kind][name]
    return components
