"""Operations that only the published document has, as operations of ours named by rule."""

import itertools
import re
from collections.abc import Iterable
from typing import Any

from spec.adopt import parameters
from spec.adopt.classes import Graph
from spec.adopt.components import DOCUMENTED
from spec.adopt.forms import body_schema, json_form, responses, successes
from spec.adopt.notes import Notes
from spec.adopt.positions import Published
from spec.adopt.remarks import line, text
from spec.compare.scope import TAG, Operation
from spec.compare.view import schema
from spec.compare.walk import by_media_type, parameters_of
from spec.names import pascal, python
from spec.references import resolve

Raw = dict[str, Any]
FAILURE: Raw = {"$ref": "#/components/responses/Failure"}
STATUS = re.compile(r"[1-5]\d\d")


def operation_name(operation: Operation) -> str:
    """Name an operation by rule.

    `GET /v1/customers/{}/notes` becomes `get_customers_by_customer_id_notes`.
    """
    names = iter(path_names(operation.path))
    words = [f"by {next(names)}" if "{" in each else each for each in _segments(operation.path)]
    return python(" ".join([operation.method, *words]))[:120]


def _segments(path: str) -> list[str]:
    segments = [each for each in path.split("/") if each]
    return segments[1:] if segments[:1] == ["v1"] else segments


def path_names(path: str) -> list[str]:
    """Name the parameters of a path by rule, each after what stands before it.

    `customers/{}` has a `customerId`.
    """
    names: list[str] = []
    before = "item"
    for each in _segments(path):
        if "{" not in each:
            before = each
            continue
        words = python(before).split("_")
        words[-1] = words[-1].removesuffix("s") or words[-1]
        name = words[0] + "".join(word.capitalize() for word in [*words[1:], "id"])
        names.append(name if name not in names else f"{name}{len(names) + 1}")
    return names


def renamed_path(path: str) -> str:
    """Return a path with the names that its parameters have by rule, without a slash at the end."""
    names = iter(path_names(path))
    return re.sub(r"{[^/}]*}", lambda _: "{" + next(names) + "}", path).rstrip("/")


def is_possible(document: Raw, operation: Operation) -> str:
    """Return why the client cannot have an operation; an empty string when it can."""
    body = resolve(document, operation.content.get("requestBody"))
    if body and by_media_type(body) and json_form(body) is None:
        return f"it sends {', '.join(sorted(by_media_type(body)))}"
    plain = re.fullmatch(r"(/[A-Za-z0-9._~-]+|/{[^/{}]+})+/?", operation.path)
    return "" if plain else "its path is none that the client can write"


def free_name(operation: Operation, taken: Iterable[str]) -> str:
    """Name an operation by rule, with a number when the name is taken.

    `foo-bar` and `foo/bar` would have the same name, so the second gets a number.
    """
    plain, used = operation_name(operation), {python(each) for each in taken}
    names = (plain if count == 1 else f"{plain}_{count}" for count in itertools.count(1))
    return next(name for name in names if name not in used)


def new_operation(
    document: Raw,
    operation: Operation,
    name: str,
    *,
    failing: Iterable[str],
    graph: Graph,
    notes: Notes,
) -> Raw:
    """Return an operation that only the published document has, as one of ours."""
    path = renamed_path(operation.path)
    fresh = {
        key: raw for key, raw in parameters_of(document, operation).items() if key[0] != "path"
    }
    named: list[Raw] = [
        {"name": each, "in": "path", "required": True, "schema": {"type": "string"}} | DOCUMENTED
        for each in path_names(operation.path)
    ]
    summary = line(operation.content.get("summary"))[:200] or name.replace("_", " ").capitalize()
    described = text(operation.content.get("description"))
    path_parameters = [each["name"] for each in named]
    content: Raw = {"tags": [TAG], "summary": summary} | (
        {"description": described} if described else {}
    )
    content["parameters"] = named + parameters.added(
        fresh, path_parameters, f"{operation.method.upper()} {path}", graph, notes
    )
    if json_form(resolve(document, operation.content.get("requestBody"))):
        content["requestBody"] = new_body(document, operation, name, graph)
    content["responses"] = _new_responses(responses(document, operation), name) | dict.fromkeys(
        failing, FAILURE
    )
    content["responses"] = dict(sorted(content["responses"].items()))
    return content | DOCUMENTED | {"security": [{"BearerAuth": []}], "operationId": name}


def new_body(document: Raw, operation: Operation, name: str, graph: Graph) -> Raw:
    """Return a body that only the published document has."""
    body = resolve(document, operation.content.get("requestBody"))
    body_content = body_schema(document, body, operation.key, graph)
    inside = {"$ref": Published(body_content or schema(None), f"{pascal(name)}Body")}
    required = body.get("required") is True
    return DOCUMENTED | {"required": required, "content": {"application/json": {"schema": inside}}}


def _new_responses(published_responses: dict[str, Raw], name: str) -> dict[str, Raw]:
    """Return the answers of a new operation.

    All that succeed are read by the schema of the first that has one.
    """
    forms = [
        form
        for _, raw in sorted(successes(published_responses).items())
        if (form := json_form(raw))
    ]
    answers: dict[str, Raw] = {}
    for status, raw in published_responses.items():
        if STATUS.fullmatch(status) and status[0] == "2":
            answers[status] = {"description": text(raw.get("description")) or "Done."} | DOCUMENTED
            if json_form(raw):
                published = schema(forms[0].get("schema"))
                inside = {"$ref": Published(published, f"{pascal(name)}Answer")}
                answers[status]["content"] = {"application/json": {"schema": inside}}
        elif STATUS.fullmatch(status) and status[0] in "45":
            answers[status] = FAILURE
    if not any(status[0] == "2" for status in answers):
        answers["200"] = {"description": "Done."} | DOCUMENTED
    return answers
