"""Holds requests against the document that the generated client is made from.

The document is read on the first request of the process, and each operation's part of it is
compiled when that is first called. What the document leaves open is allowed: members of a body that
it does not know, for one.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any, cast
from urllib.parse import unquote

import yaml
from attrs import frozen
from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

from .._base.package import document_path
from ._model import ReceivedRequest

_METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
_SEGMENT = re.compile(r"\\\{(\w+)\\\}")
JSON = "application/json"


def problem(request: ReceivedRequest) -> str | None:
    """Why the document does not allow a request; None when it does.

    One slash behind the path is allowed, because the reference writes ``/?external=1`` itself. So
    is a token without ``Bearer`` before it, because it was observed.
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
class _Parameter:
    """A parameter: its place, whether it must be given, and its schema."""

    name: str
    place: str
    required: bool
    types: tuple[str, ...]
    schema: Draft202012Validator

    def problem(self, texts: Sequence[str]) -> str | None:
        """What is wrong with the values that were sent."""
        where = f"{self.place} parameter {self.name}"
        if not texts:
            return f"{where} is missing" if self.required else None
        if len(texts) > 1:
            return f"{where} is given {len(texts)} times"
        error = best_match(self.schema.iter_errors(_typed(texts[0], self.types)))
        return error and f"{where}: {error.message}"


@frozen
class _DocumentedOperation:
    """What the document says of the requests of one operation."""

    parameters: tuple[_Parameter, ...]
    secured: bool
    body: Draft202012Validator | None
    body_required: bool


def _problems(
    request: ReceivedRequest, operation: _DocumentedOperation, path: Mapping[str, str]
) -> Iterator[str]:
    if operation.secured and not request.headers.get("authorization"):
        yield "the authorization header is missing"
    query: dict[str, list[str]] = {}
    for name, value in request.query_items:
        query.setdefault(name, []).append(value)
    known = {parameter.name for parameter in operation.parameters if parameter.place == "query"}
    if unknown := sorted(query.keys() - known):
        yield f"it has no query parameter {unknown[0]}; known: {', '.join(sorted(known)) or 'none'}"
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
    wrong = best_match(operation.body.iter_errors(content))
    return wrong and f"the body at {wrong.json_path}: {wrong.message[:500]}"


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not a JSON value")


def _typed(text: str, types: tuple[str, ...]) -> str | int | list[str]:
    """The value that a parameter's text stands for: text, unless its schema names numbers or lists.

    Lists are comma-separated, as the document's ``style: form`` without ``explode`` says.
    """
    if "array" in types:
        return text.split(",")
    if "integer" in types and re.fullmatch(r"-?[0-9]{1,100}", text):
        return int(text)
    return text


@cache
def _document() -> dict[str, Any]:
    """The document as the wheel carries it beside the generated package, or as the tree has it."""
    text = document_path().read_bytes()
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return cast("dict[str, Any]", yaml.load(text, Loader=loader))  # noqa: S506 - both are safe


@cache
def external_id_key(schema: str, otherwise: str) -> str:
    """How the document spells the external id in a schema; `otherwise` where it has none."""
    properties = _document()["components"]["schemas"].get(schema, {}).get("properties", {})
    return next((name for name in properties if name in {"external_id", "externalId"}), otherwise)


@cache
def _paths() -> list[tuple[re.Pattern[str], str, "_Methods"]]:
    """Patterns of the paths, those without parameters first."""
    paths: list[tuple[re.Pattern[str], str, _Methods]] = []
    for template, item in sorted(
        _document()["paths"].items(), key=lambda entry: ("{" in entry[0], entry[0])
    ):
        pattern = _SEGMENT.sub(r"(?P<\1>[^/]+)", re.escape(template))
        paths.append((re.compile(pattern), template, _Methods(item)))
    return paths


class _Methods(dict[str, Any]):
    """The operations of a path by method in capitals, each compiled when it is first asked for."""

    def __init__(self, item: Mapping[str, Any]) -> None:
        super().__init__({method.upper(): item[method] for method in _METHODS if method in item})

    def __getitem__(self, method: str) -> _DocumentedOperation:
        operation = super().__getitem__(method)
        if not isinstance(operation, _DocumentedOperation):
            operation = self[method] = _compiled(operation)
        return operation


def _compiled(operation: Mapping[str, Any]) -> _DocumentedOperation:
    resolved = _resolved(operation)
    body = resolved.get("requestBody", {})
    schema = body.get("content", {}).get(JSON, {}).get("schema")
    security = operation.get("security", _document().get("security", []))
    return _DocumentedOperation(
        tuple(_parameter(parameter) for parameter in resolved.get("parameters", [])),
        secured=bool(security),
        body=None if schema is None else Draft202012Validator(schema),
        body_required=body.get("required", False),
    )


def _parameter(parameter: Mapping[str, Any]) -> _Parameter:
    schema = parameter["schema"]
    types = schema.get("type", ())
    listed = (
        {"integer"} if any(type(value) is int for value in schema.get("enum", ())) else set[str]()
    )
    types = {types} if isinstance(types, str) else set(types)
    return _Parameter(
        parameter["name"],
        parameter["in"],
        parameter.get("required", False),
        tuple(types | listed),
        Draft202012Validator(schema),
    )


def _resolved(node: Any) -> Any:
    """A part of the document with each reference in it replaced by what it names.

    Requests have no cycles.
    """
    if isinstance(node, dict):
        members = cast("dict[str, Any]", node)
        if "$ref" in members:
            target: Any = _document()
            for step in members["$ref"].removeprefix("#/").split("/"):
                target = target[step]
            members = {
                **target,
                **{name: value for name, value in members.items() if name != "$ref"},
            }
        return {name: _resolved(value) for name, value in members.items() if name != "responses"}
    if isinstance(node, list):
        return [_resolved(value) for value in node]
    return node
