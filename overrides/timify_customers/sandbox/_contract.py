"""Checks requests against the document from which the client is generated.

The document is read on the first request of the process, and its part about an operation is
compiled when the operation is first called. Whatever the document leaves open is allowed, such as
unknown members of a body.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any, cast
from urllib.parse import unquote

import yaml
from attrs import frozen
from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

from .._base.package import document_path
from ._model import ReceivedRequest
from ._parameters import Parameter, compiled_parameter, query_values

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
_SEGMENT = re.compile(r"\\\{(\w+)\\\}")
JSON = "application/json"


def problem(request: ReceivedRequest) -> str | None:
    """Return why the document does not allow a request, or None if it does.

    One trailing slash is allowed, because the reference itself writes ``/?external=1``. So is a
    token without ``Bearer``, because it was observed.
    """
    path = request.path.removesuffix("/") or "/"
    for pattern, template, methods in _paths():
        if match := pattern.fullmatch(path):
            if request.method not in methods:
                return (
                    f"the document has no {request.method} at {template}, only {', '.join(methods)}"
                )
            reason = next(_problems(request, methods[request.method], match.groupdict()), None)
            return reason and f"{request.method} {template}: {reason}"
    return f"the document has no path {request.path}"


@frozen
class _DocumentedOperation:
    """What the document says about the requests of one operation."""

    parameters: tuple[Parameter, ...]
    secured: bool
    body: Draft202012Validator | None
    body_required: bool


def _problems(
    request: ReceivedRequest, operation: _DocumentedOperation, path: Mapping[str, str]
) -> Iterator[str]:
    if operation.secured and not request.headers.get("authorization"):
        yield "the authorization header is missing"
    query = query_values(request.query_items)
    known_names = {
        parameter.name for parameter in operation.parameters if parameter.place == "query"
    }
    if unknown := sorted(query.keys() - known_names):
        known = ", ".join(sorted(known_names)) or "none"
        yield f"it has no query parameter {unknown[0]}; known: {known}"
    for parameter in operation.parameters:
        places = {"path": path, "header": request.headers, "query": query}[parameter.place]
        texts = places.get(parameter.name, [])
        if isinstance(texts, str):
            texts = [unquote(texts) if parameter.place == "path" else texts]
        if reason := parameter.problem(texts):
            yield reason
    if reason := _body_problem(request, operation):
        yield reason


def _body_problem(request: ReceivedRequest, operation: _DocumentedOperation) -> str | None:
    if operation.body is None:
        return "it takes no body" if request.body else None
    if not request.body:
        return "the body is missing" if operation.body_required else None
    content_type = request.headers.get("content-type", "")
    if content_type.partition(";")[0].strip().lower() != JSON:
        return f"the content type must be {JSON}, not {content_type or 'absent'}"
    try:
        content = json.loads(request.body.decode(), parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        return f"the body is not JSON: {error}"
    mismatch = best_match(operation.body.iter_errors(content))
    return mismatch and f"the body at {mismatch.json_path}: {mismatch.message[:500]}"


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not a JSON value")


@cache
def document() -> dict[str, Any]:
    """Return the document from which the client is made.

    The wheel has it in the generated package, the project's tree among its sources.
    """
    text = document_path().read_bytes()
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return cast("dict[str, Any]", yaml.load(text, Loader=loader))  # noqa: S506 - both are safe


@cache
def external_id_key(schema: str, otherwise: str) -> str:
    """Return how the document spells the external id in a schema, or `otherwise`."""
    properties = document()["components"]["schemas"].get(schema, {}).get("properties", {})
    return next((name for name in properties if name in {"external_id", "externalId"}), otherwise)


def list_query(items: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """Return the query of a list of customers: the entries of its lists, and texts as they came."""
    documented = {parameter.name: parameter for parameter in _list_parameters()}
    return {
        name: documented[name].entries(texts) if name in documented else texts
        for name, texts in query_values(items).items()
    }


@cache
def _list_parameters() -> tuple[Parameter, ...]:
    operation = _compiled(document()["paths"]["/v1/customers"]["get"])
    return tuple(each for each in operation.parameters if each.place == "query")


@cache
def _paths() -> list[tuple[re.Pattern[str], str, "_Methods"]]:
    """Return the patterns of the paths, those without parameters first."""
    paths: list[tuple[re.Pattern[str], str, _Methods]] = []
    for template, item in sorted(
        document()["paths"].items(), key=lambda entry: ("{" in entry[0], entry[0])
    ):
        paths.append((path_pattern(template), template, _Methods(item)))
    return paths


def path_pattern(template: str) -> re.Pattern[str]:
    """Return a pattern for the paths that match a template of the document."""
    return re.compile(_SEGMENT.sub(r"(?P<\1>[^/]+)", re.escape(template)))


class _Methods(dict[str, Any]):
    """The operations of a path by method in capitals, each compiled on first use."""

    def __init__(self, item: Mapping[str, Any]) -> None:
        super().__init__({method.upper(): item[method] for method in METHODS if method in item})

    def __getitem__(self, method: str) -> _DocumentedOperation:
        operation = super().__getitem__(method)
        if not isinstance(operation, _DocumentedOperation):
            operation = self[method] = _compiled(operation)
        return operation


def _compiled(operation: Mapping[str, Any]) -> _DocumentedOperation:
    resolved = _resolved(operation)
    body = resolved.get("requestBody", {})
    schema = body.get("content", {}).get(JSON, {}).get("schema")
    security = operation.get("security", document().get("security", []))
    return _DocumentedOperation(
        tuple(compiled_parameter(raw) for raw in resolved.get("parameters", [])),
        secured=bool(security),
        # The remaining references lead to recursive schemas; see `_resolved`.
        body=None
        if schema is None
        else Draft202012Validator(schema | {"components": document()["components"]}),
        body_required=body.get("required", False),
    )


def _resolved(node: Any, inside: frozenset[str] = frozenset()) -> Any:
    """Return a part of the document with each reference replaced by its target.

    A reference within its own target stays as it is, so that recursive schemas come to an end.
    """
    if isinstance(node, dict):
        members = cast("dict[str, Any]", node)
        reference = members.get("$ref")
        if reference in inside:
            return members
        if isinstance(reference, str):
            inside |= {reference}
            members = target(members) | {
                name: value for name, value in members.items() if name != "$ref"
            }
        return {
            name: _resolved(value, inside) for name, value in members.items() if name != "responses"
        }
    if isinstance(node, list):
        return [_resolved(value, inside) for value in node]
    return node


def target(node: Mapping[str, Any]) -> dict[str, Any]:
    """Return the target of a reference, or the node itself if it is not a reference."""
    named: Any = node
    while "$ref" in named:
        steps = named["$ref"].removeprefix("#/").split("/")
        named = document()
        for step in steps:
            named = named[step]
    return cast("dict[str, Any]", named)
