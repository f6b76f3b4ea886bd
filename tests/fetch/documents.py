"""Documents for the tests: small ones to break, and what TIMIFY might publish, made from our own by
code.
"""

import copy
import json
from functools import cache
from pathlib import Path
from typing import Any

from spec import files, values
from spec.compare.scope import METHODS
from spec.document.overlays import OVERLAYS
from spec.references import at_pointer

# A copy of the reconstruction and its overlays, so that what these tests say of them stays true
# when the project's own files change. A new overlay has to be copied here too.
FROZEN = Path(__file__).parent / "frozen"


def reconstruction() -> dict[str, Any]:
    return copy.deepcopy(_reconstruction())


@cache
def _reconstruction() -> dict[str, Any]:
    found: dict[str, Any] = values.load((FROZEN / "upstream.yaml").read_text(encoding="utf-8"))
    return found


@cache
def overlays() -> dict[str, dict[str, Any]]:
    """Give the frozen overlays; they are not to be changed."""
    return {name: files.load(FROZEN / "overlays" / f"{name}.yaml") for name in OVERLAYS}


def published() -> dict[str, Any]:
    """Give what TIMIFY might publish: a larger document with many other tags, and none of our
    marks.
    """
    return with_other_tags(unmarked(reconstruction()))


def unmarked(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            key: unmarked(each)
            for key, each in value.items()
            if key not in {"x-evidence", "x-reconstruction"}
        }
    return [unmarked(each) for each in value] if isinstance(value, list) else value


def with_other_tags(document: dict[str, Any], count: int = 60) -> dict[str, Any]:
    """Add operations of other tags, and schemas for them that contain each other."""
    document = copy.deepcopy(document)
    for number in range(count):
        name, following = f"Other{number}", f"Other{(number + 1) % count}"
        both = {"next": {"$ref": f"#/components/schemas/{following}"}, "title": {"type": "string"}}
        document["components"]["schemas"][name] = {"type": "object", "properties": both}
        answer = {"description": "ok", "content": content({"$ref": f"#/components/schemas/{name}"})}
        document["paths"][f"/v1/others/{number}"] = {
            "get": {
                "tags": ["Resources"],
                "summary": f"Other {number}",
                "responses": {"200": answer},
            }
        }
    return document


def renamed(document: dict[str, Any]) -> dict[str, Any]:
    """Give every schema another name."""
    text = json.dumps(document).replace('"#/components/schemas/', '"#/components/schemas/Published')
    document = json.loads(text)
    schemas = document["components"]["schemas"]
    document["components"]["schemas"] = {
        f"Published{name}": schema for name, schema in schemas.items()
    }
    return document


def inlined(document: dict[str, Any], value: Any = None) -> Any:
    """Write every reference out in place, as far as the customers operations go, and drop the
    components.
    """
    if value is None:
        kept = {path: item for path, item in document["paths"].items() if "/others/" not in path}
        return {**document, "paths": inlined(document, kept), "components": {}}
    if isinstance(value, dict):
        if "$ref" in value:
            return inlined(document, at_pointer(document, value["$ref"]))
        return {key: inlined(document, each) for key, each in value.items()}
    return [inlined(document, each) for each in value] if isinstance(value, list) else value


def content(schema: Any) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}


def operation(
    body: Any = None, answer: Any = None, parameters: tuple[Any, ...] = (), **more: Any
) -> dict[str, Any]:
    """Give an operation of tag Customers that takes and gives JSON."""
    ok = {"description": "ok", **({} if answer is None else {"content": content(answer)})}
    sent = {} if body is None else {"requestBody": {"content": content(body)}}
    return {
        "tags": ["Customers"],
        "parameters": list(parameters),
        "responses": {"200": ok},
        **sent,
        **more,
    }


def query(name: str, kind: str = "string", **more: Any) -> dict[str, Any]:
    return {"name": name, "in": "query", "schema": {"type": kind}, **more}


def an_object(*required: str, **properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(required)}


def a_document(**operations: dict[str, Any]) -> dict[str, Any]:
    """Give a document with an operation at `post /v1/<name>` for each name."""
    paths = {f"/v1/{name}": {"post": each} for name, each in operations.items()}
    return {"openapi": "3.1.0", "info": {"title": "Small", "version": "1.0.0"}, "paths": paths}


def as_bytes(document: dict[str, Any]) -> bytes:
    return json.dumps(document, indent=1).encode()


def every_method(document: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        item[method] for item in document["paths"].values() for method in METHODS if method in item
    ]
