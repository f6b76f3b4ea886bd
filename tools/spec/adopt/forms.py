"""Bodies and answers of an operation, and the JSON among the forms in which they come."""

from collections.abc import Iterator
from typing import Any

from spec.adopt.classes import Graph
from spec.adopt.outcomes import MUSTS
from spec.compare.scope import Operation
from spec.compare.view import Schema, schema
from spec.compare.walk import by_media_type
from spec.names import python
from spec.references import resolve

Raw = dict[str, Any]
MOST_WRAPS = 20


def json_form(body: Raw) -> Raw | None:
    """Return the JSON among the forms in which a body comes, None when there is none."""
    forms = by_media_type(body)
    for name in sorted(forms, key=lambda each: (each != "application/json", each)):
        if name in {"application/json", "*/*"} or name.endswith("+json"):
            return forms[name]
    return None


def body_schema(document: Raw, body: Raw, operation: str, graph: Graph) -> Schema | None:
    """Return the schema of a published JSON body, None when it has no JSON form.

    Of several alternatives, it is the one that has most of what the client must send.
    """
    form = json_form(body)
    if form is None:
        return None
    root = _unwrapped(document, form.get("schema"))
    musts = {path[0] for path in MUSTS.get(operation, ()) if path}
    for key in ("oneOf", "anyOf"):
        arms = [schema(each) for each in root.get(key, ()) if isinstance(each, dict)]
        scores = [len(musts & _python_names(graph, arm)) for arm in arms]
        if len(arms) > 1 and max(scores) > 0:
            return arms[scores.index(max(scores))]
    return schema(form.get("schema"))


def _python_names(graph: Graph, arm: Schema) -> set[str]:
    return {python(name) for name in graph.view(arm).properties}


def _unwrapped(document: Raw, value: Any) -> Raw:
    """Return the schema behind references and behind an `allOf`, `oneOf` or `anyOf` of one."""
    root = resolve(document, value)
    for _ in range(MOST_WRAPS):
        several = [root.get(key, ()) for key in ("allOf", "oneOf", "anyOf")]
        alone = next((parts for parts in several if len(parts) == 1), None)
        if alone is None or "properties" in root:
            break
        root = resolve(document, alone[0])
    return root


def responses(document: Raw, operation: Operation) -> dict[str, Raw]:
    """Return the responses of an operation by their status."""
    raws = resolve(document, operation.content.get("responses"))
    return {str(status): resolve(document, raw) for status, raw in raws.items()}


def successes(by_status: dict[str, Raw]) -> dict[str, Raw]:
    """Return the responses that are a success."""
    return {status: raw for status, raw in by_status.items() if status.startswith("2")}


def own_answers(known: Raw, operation: Operation) -> Iterator[tuple[str, Raw]]:
    """Yield our schemas for answers, each with its status."""
    for status, raw in responses(known, operation).items():
        form = json_form(raw)
        if form:
            yield status, form["schema"]
