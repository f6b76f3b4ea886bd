"""The document's schemas as JSON schemas by the names of their classes, for `schemas.py`.

A generated model reads any value of an enum, since there may be others than the document knows. So
its JSON schema shows the known values as `examples`, and refuses none.
"""

from collections.abc import Mapping
from typing import Any

from spec.names import pascal

_BY_NAME = frozenset({"properties", "patternProperties", "$defs"})
"""Keys whose value has schemas by name, so that any of its keys is a name."""
_DATA = frozenset({"const", "default", "example", "examples"})
"""Keys whose value is JSON, and no schema."""
_PREFIX = "#/components/schemas/"


def json_schemas(document: Mapping[str, Any], overrides: Mapping[str, Any]) -> dict[str, Any]:
    """Return the JSON schema of each of a document's component schemas, by the name of its class.

    References are `#/$defs/` and the name of a class. What only the document is for (`x-evidence`)
    is left out.

    Args:
        document: an OpenAPI 3.1 document whose references all lead to its own schemas.
        overrides: `class_overrides` of the generator's configuration.
    """
    schemas = document["components"]["schemas"]
    classes = {name: _class_name(name, overrides) for name in schemas}
    return {classes[name]: _schema(schema, classes) for name, schema in schemas.items()}


def _class_name(name: str, overrides: Mapping[str, Any]) -> str:
    override = overrides.get(pascal(name), {})
    return pascal(override.get("class_name", name))


def _schema(part: Any, classes: Mapping[str, str]) -> Any:
    if isinstance(part, list):
        return [_schema(item, classes) for item in part]
    if not isinstance(part, dict):
        return part
    own = {key: value for key, value in part.items() if not key.startswith("x-")}
    return dict(_keyword(key, value, classes) for key, value in own.items())


def _keyword(key: str, value: Any, classes: Mapping[str, str]) -> tuple[str, Any]:
    if key == "$ref":
        return key, f"#/$defs/{classes[value.removeprefix(_PREFIX)]}"
    if key == "enum":
        return "examples", value
    if key in _BY_NAME:
        return key, {name: _schema(schema, classes) for name, schema in value.items()}
    return key, value if key in _DATA else _schema(value, classes)
