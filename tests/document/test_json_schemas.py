"""The JSON schemas that pydantic is given are the document's."""

from __future__ import annotations

from typing import Any

import pytest
from spec import files
from spec.document.build import CUSTOMERS
from spec.document.json_schemas import json_schemas


def made(overrides: dict[str, Any] | None = None, /, **schemas: Any) -> dict[str, Any]:
    return json_schemas({"components": {"schemas": schemas}}, overrides or {})


def test_schemas_have_the_names_of_their_classes() -> None:
    """As the generator names them, by its rule and by our overrides; references follow."""
    found = made(
        {"External": {"class_name": "ExternalFlag"}},
        External={"type": "integer"},
        customer_list={"properties": {"flag": {"$ref": "#/components/schemas/External"}}},
    )
    assert found == {
        "ExternalFlag": {"type": "integer"},
        "CustomerList": {"properties": {"flag": {"$ref": "#/$defs/ExternalFlag"}}},
    }


def test_an_enum_becomes_examples() -> None:
    """There may be other values than the document knows, and models read these too."""
    found = made(Tier={"type": ["string", "null"], "enum": ["gold", None]})
    assert found["Tier"] == {"type": ["string", "null"], "examples": ["gold", None]}


@pytest.mark.parametrize("name", ["enum", "x-evidence", "$ref", "default"])
def test_a_property_may_be_called_as_a_keyword(name: str) -> None:
    """The keys of `properties` are names, whatever they are."""
    schema = {"properties": {name: {"type": "string"}}}
    assert made(Thing=schema)["Thing"] == schema


def test_data_are_left_alone() -> None:
    """An example or default is JSON of its own, in which nothing is a keyword."""
    schema = {"default": {"enum": [1], "x-y": 2}, "examples": [{"$ref": "x"}], "const": {"enum": 1}}
    assert made(Thing=schema)["Thing"] == schema


def test_what_only_the_document_is_for_is_left_out() -> None:
    """Evidence is no part of a JSON schema, at any depth."""
    deep = {"anyOf": [{"items": {"x-evidence": "observed", "type": "string"}}]}
    assert made(Thing=deep)["Thing"] == {"anyOf": [{"items": {"type": "string"}}]}


def test_every_schema_of_the_document_is_there() -> None:
    """None is forgotten, and none is of anything else."""
    document = files.load(CUSTOMERS)
    assert len(json_schemas(document, {})) == len(document["components"]["schemas"])
