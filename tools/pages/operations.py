"""The operations of the document with the evidence of each part, as Markdown."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

METHODS: Final = ("get", "post", "put", "patch", "delete")
UNMARKED: Final = "not marked"

Document = Mapping[str, Any]


def operations_page(document: Document) -> str:
    """Return a section for each operation, and after these one for each schema."""
    lines = ["## Operations", ""]
    for path, method, operation in operations(document):
        lines += _operation(document, path, method, operation)
    lines += ["## Schemas", ""]
    for name, schema in document["components"]["schemas"].items():
        lines += _schema(document, name, schema)
    return "\n".join(lines)


def operations(document: Document) -> Iterator[tuple[str, str, Document]]:
    """Yield path, method and operation in the order of the document."""
    for path, item in document["paths"].items():
        for method in METHODS:
            if method in item:
                yield path, method, item[method]


def _operation(document: Document, path: str, method: str, operation: Document) -> list[str]:
    lines = [
        f"### `{operation['operationId']}`",
        "",
        f"`{method.upper()} {path}`: {_evidence(operation)}.",
        "",
        *_quoted(operation.get("description", "")),
    ]
    parameters = [_resolved(document, parameter) for parameter in operation.get("parameters", [])]
    lines += _table(
        ("parameter", "in", "type", "evidence", "what it is"),
        [_parameter(document, parameter) for parameter in parameters],
    )
    if body := operation.get("requestBody"):
        lines += [f"Body: {_content(document, body)}: {_evidence(body)}.", ""]
    return lines + _table(("status", "answer", "evidence"), _answers(document, operation))


def _parameter(document: Document, parameter: Document) -> tuple[str, ...]:
    name = f"`{parameter['name']}`" + (", required" if parameter.get("required") else "")
    return (
        name,
        parameter["in"],
        _type(document, parameter.get("schema", {})),
        _evidence(parameter),
        parameter.get("description", ""),
    )


def _answers(document: Document, operation: Document) -> list[tuple[str, str, str]]:
    """Describe the answers; statuses that are answered alike share a row."""
    statuses: dict[tuple[str, str], list[str]] = {}
    for status, part in operation["responses"].items():
        answer = _resolved(document, part)
        alike = _content(document, answer), _evidence(answer)
        statuses.setdefault(alike, []).append(f"`{status}`")
    return [(", ".join(names), *alike) for alike, names in statuses.items()]


def _content(document: Document, part: Document) -> str:
    media = [
        _type(document, media_type.get("schema", {}))
        for media_type in part.get("content", {}).values()
    ]
    return " or ".join(dict.fromkeys(media)) or part.get("description", "no body")


def _schema(document: Document, name: str, schema: Document) -> list[str]:
    lines = [f"### `{name}`", "", f"{_evidence(schema).capitalize()}.", ""]
    lines += _quoted(schema.get("description", ""))
    required = schema.get("required", [])
    rows = [
        _property(document, key, value, required=key in required)
        for key, value in schema.get("properties", {}).items()
    ]
    if not rows:
        return [*lines, f"It is {_type(document, schema)}.", ""]
    return lines + _table(("key", "type", "evidence", "what it is"), rows)


def _property(document: Document, key: str, value: Document, *, required: bool) -> tuple[str, ...]:
    name = f"`{key}`" + (", required" if required else "")
    return name, _type(document, value), _evidence(value), value.get("description", "")


def _type(document: Document, schema: Document) -> str:
    """Name a type; a component by a link to its section."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f"[`{name}`](#{name.lower()})"
    for key in ("oneOf", "anyOf", "allOf"):
        if key in schema:
            return " or ".join(dict.fromkeys(_type(document, member) for member in schema[key]))
    if "enum" in schema:
        return ", ".join(f"`{member}`" for member in schema["enum"])
    kind = schema.get("type", "anything")
    if kind == "array":
        return f"list of {_type(document, schema.get('items', {}))}"
    return " or ".join(kind) if isinstance(kind, list) else str(kind)


def _resolved(document: Document, part: Document) -> Document:
    if "$ref" not in part:
        return part
    target: Any = document
    for step in part["$ref"].removeprefix("#/").split("/"):
        target = target[step]
    return target  # type: ignore[no-any-return] # what a reference leads to is an object


def _evidence(part: Document) -> str:
    return str(part.get("x-evidence", UNMARKED))


def _quoted(text: str) -> list[str]:
    return [*(f"> {line}" for line in text.splitlines()), ""] if text else []


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    if not rows:
        return []
    lines = [head, ["---"] * len(head), *([_cell(cell) for cell in row] for row in rows)]
    return [*(f"| {' | '.join(line)} |" for line in lines), ""]


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
