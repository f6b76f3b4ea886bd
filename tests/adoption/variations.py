"""The same document in another shape: what it says stays, how it says it is drawn at random."""

import copy
import re
from random import Random
from typing import Any

from spec.compare.scope import METHODS
from spec.references import resolve

Raw = dict[str, Any]
WRAPPERS = ("allOf", "oneOf", "anyOf")
MARKDOWN = (
    "# A heading\n\n* a [link](https://example.invalid) and `code`",
    'It\'s "quoted", \'\'\'thrice\'\'\' and """more"""',
    "back\\slash, {braces}, %percent, <b>bold</b>, | pipe |",
    "Gr\u00fc\u00dfe \u2014 \u65e5\u672c",
)


def remarked(document: Raw, chance: Random) -> Raw:
    """Give a document with descriptions in Markdown and quotes at random places."""
    document = copy.deepcopy(document)
    for schema in _schemas_of(document):
        if chance.random() < 0.3:
            schema["description"] = chance.choice(MARKDOWN)
    return document


def _schemas_of(value: Any, key: str = "") -> list[Raw]:
    if isinstance(value, list):
        return [found for each in value for found in _schemas_of(each)]
    if not isinstance(value, dict):
        return []
    own = [value] if key in {"schema", "items"} and "$ref" not in value else []
    held = value.get("properties")
    own += (
        [each for each in held.values() if "$ref" not in each]
        if isinstance(held, dict) and key != "properties"
        else []
    )
    return own + [found for name, each in value.items() for found in _schemas_of(each, name)]


def varied(document: Raw, chance: Random) -> Raw:
    """Give a document of the same content in another shape."""
    document = copy.deepcopy(document)
    document.setdefault("components", {}).setdefault("schemas", {})
    _Shaper(document, chance).everywhere()
    document = _with_other_paths(document, chance)
    document = _with_other_tags(document, chance)
    if chance.random() < 0.5:
        document = _renamed_components(document)
    document = (
        _as_3_0(document) | {"openapi": "3.0.3"}
        if chance.random() < 0.5
        else document | {"openapi": "3.1.0"}
    )
    return _shuffled(_with_extensions(document, chance), chance)


class _Shaper:
    """Names, writes out, wraps and splits schemas."""

    def __init__(self, document: Raw, chance: Random) -> None:
        self._document = document
        self._chance = chance
        self._schemas: Raw = document["components"]["schemas"]

    def everywhere(self) -> None:
        for name, schema in list(self._schemas.items()):
            self._schemas[name] = self._inside(schema)
        self._document["paths"] = self._walk(self._document["paths"])

    def _walk(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self._walk(each) for each in value]
        if not isinstance(value, dict):
            return value
        return {
            key: self._shaped(each) if key == "schema" else self._walk(each)
            for key, each in value.items()
        }

    def _shaped(self, schema: Raw) -> Raw:
        if schema.keys() == {"$ref"} and self._chance.random() < 0.3:
            schema = copy.deepcopy(resolve(self._document, schema))
        schema = self._inside(schema)
        if self._chance.random() < 0.3:
            schema = self._split(schema)
        if self._chance.random() < 0.3:
            name = f"Drawn{len(self._schemas)}"
            self._schemas[name] = schema
            schema = {"$ref": f"#/components/schemas/{name}"}
        return {self._chance.choice(WRAPPERS): [schema]} if self._chance.random() < 0.2 else schema

    def _inside(self, schema: Raw) -> Raw:
        schema = dict(schema)
        if isinstance(schema.get("properties"), dict):
            schema["properties"] = {
                name: self._shaped(each) for name, each in schema["properties"].items()
            }
        if isinstance(schema.get("items"), dict):
            schema["items"] = self._shaped(schema["items"])
        for key in WRAPPERS:
            if key in schema:
                schema[key] = [self._inside(each) for each in schema[key]]
        return schema

    def _split(self, schema: Raw) -> Raw:
        properties = schema.get("properties", {})
        if len(properties) < 2 or schema.get("type") != "object":
            return schema
        names = self._chance.sample(sorted(properties), len(properties) // 2)
        rest = {
            key: value for key, value in schema.items() if key not in {"properties", "required"}
        }
        parts = [
            {
                "type": "object",
                "properties": {
                    name: properties[name] for name in properties if (name in names) is first
                },
            }
            for first in (True, False)
        ]
        if "required" in schema:
            parts[self._chance.randrange(2)]["required"] = schema["required"]
        return rest | {"allOf": parts}


def _with_other_paths(document: Raw, chance: Random) -> Raw:
    """Rename the parameters of paths, put slashes at ends, and hoist parameters to their path."""
    paths: Raw = {}
    for path, item in document["paths"].items():
        names = {
            name: f"{chance.choice(('the', 'my', 'p'))}_{name}"
            for name in re.findall(r"{([^}]+)}", path)
        }
        written = re.sub(
            r"{([^}]+)}", lambda found, names=names: "{" + names[found[1]] + "}", path
        ).rstrip("/")
        paths[written + chance.choice(("", "/"))] = _with_other_names(document, item, names, chance)
    return document | {"paths": paths}


def _with_other_names(document: Raw, item: Raw, names: dict[str, str], chance: Random) -> Raw:
    item = copy.deepcopy(item)
    for owner in [item, *(item[method] for method in METHODS if method in item)]:
        if "parameters" in owner:
            owner["parameters"] = [
                copy.deepcopy(resolve(document, each)) for each in owner["parameters"]
            ]
        for parameter in owner.get("parameters", []):
            if parameter.get("in") == "path":
                parameter["name"] = names[parameter["name"]]
    methods = [method for method in METHODS if method in item]
    if len(methods) == 1 and chance.random() < 0.3 and "parameters" in item[methods[0]]:
        item["parameters"] = item.get("parameters", []) + item[methods[0]].pop("parameters")
    return item


def _with_other_tags(document: Raw, chance: Random) -> Raw:
    """Rename the tags, describe none, and list one twice."""
    tagged = [
        each for item in document["paths"].values() for each in item.values() if "tags" in each
    ]
    found = sorted({tag for operation in tagged for tag in operation["tags"]})
    names = {tag: f"{tag} {chance.randrange(100)}" for tag in found}
    for operation in tagged:
        operation["tags"] = [names[tag] for tag in operation["tags"]]
    return document | {"tags": [{"name": name} for name in [*names.values(), names[found[0]]]]}


def _renamed_components(document: Raw) -> Raw:
    def renamed(value: Any) -> Any:
        if isinstance(value, list):
            return [renamed(each) for each in value]
        if not isinstance(value, dict):
            return value
        found = {key: renamed(each) for key, each in value.items()}
        if isinstance(found.get("$ref"), str):
            found["$ref"] = found["$ref"].replace("/schemas/", "/schemas/Other_")
        return found

    document = renamed(document)
    schemas = document["components"]["schemas"]
    document["components"]["schemas"] = {
        f"Other_{name}": schema for name, schema in schemas.items()
    }
    return document


def _as_3_0(value: Any) -> Any:
    """Write null as OpenAPI 3.0 does, and several types as alternatives."""
    if isinstance(value, list):
        return [_as_3_0(each) for each in value]
    if not isinstance(value, dict):
        return value
    value = {key: _as_3_0(each) for key, each in value.items()}
    types = value.get("type")
    if isinstance(types, list):
        del value["type"]
        real = [each for each in types if each != "null"]
        value |= (
            {"type": real[0]} if len(real) == 1 else {"anyOf": [{"type": each} for each in real]}
        )
        value |= {"nullable": True} if "null" in types and len(real) == 1 else {}
        if "null" in types and len(real) > 1:
            value["anyOf"].append({"type": "null"})
    return value


def _with_extensions(value: Any, chance: Random, key: str = "") -> Any:
    if isinstance(value, list):
        return [_with_extensions(each, chance) for each in value]
    if not isinstance(value, dict):
        return value
    found = {name: _with_extensions(each, chance, name) for name, each in value.items()}
    named = {"properties", "schemas", "responses", "content", "paths", "example"}
    if key not in named and chance.random() < 0.2:
        found["x-internal-id"] = {"$comment": chance.random()}
    return found


def _shuffled(value: Any, chance: Random, key: str = "") -> Any:
    if isinstance(value, dict):
        names = list(value)
        chance.shuffle(names)
        return {name: _shuffled(value[name], chance, name) for name in names}
    if isinstance(value, list):
        found = [_shuffled(each, chance) for each in value]
        if key in {"parameters", "required", "tags"}:
            chance.shuffle(found)
        return found
    return value
