"""Invented published documents of several shapes: from each a client is made, and what must
hold does.
"""

import ast
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from adoption.shapes_of import SHAPES, known, shape
from jsonschema import Draft202012Validator
from spec import files, redocly
from spec.adopt.adopt import Adoption, adopt
from spec.compare.scope import TAG, operations
from spec.document.checks import faults
from spec.names import property_name
from spec.references import resolve

ENTRIES = [{"id": "5d9f2a7c6d95c0112ca1cc96", "value": "Ada"}]
WRITES = {"POST /v1/customers": "CustomerCreate", "PATCH /v1/customers/{}": "CustomerUpdate"}
SPELLINGS = {"split": "externalId"}
"""How a shape's bodies spell the external id, where it is not `external_id`."""
PROOF = """
import sys
sys.path.insert(0, sys.argv[1])
from timify_customers_client import api, models

entry = models.CustomfieldValue(id="1", value="Ada")
body = models.CustomerCreate(customfields=[entry], external_id="crm-1")
request = api.customers.create_customer.build_request(body=body, company_id="0" * 24)
print(request.json)
print(api.customers.get_customer.build_request("crm-1", external=1).params)
print(api.auth.create_token.build_request(body=models.TokenRequest(appid="a", appsecret="b")).json)
answer = {"data": {"id": "1"}, "status": 1}
for status in (200, 201, 202):
    try:
        print(type(api.customers.create_customer.parse(status, answer)).__name__)
    except Exception as error:
        print(type(error).__name__)
"""
SPELLINGS_PROOF = """
import sys
sys.path.insert(0, sys.argv[1])
from timify_customers_client.models import CustomerCreate

body = CustomerCreate(customfields=[], external_id="ours", external_id_2="theirs")
assert (body.external_id, body.external_id_2) == ("ours", "theirs")
print({key: value for key, value in body.raw.items() if key != "customfields"})
"""


def document(tree: Path) -> dict[str, Any]:
    return files.load(tree / "openapi" / "customers.yaml")


def adopted(name: str) -> Adoption:
    return adopt(known(), shape(name))


def body_of(built: dict[str, Any], key: str) -> dict[str, Any]:
    schema = operations(built)[key].content["requestBody"]["content"]["application/json"]["schema"]
    return {**schema, "components": built["components"]}


def external_id_key(built: dict[str, Any], key: str) -> str:
    """Give the one property of a body that is `external_id` in Python."""
    properties = resolve(built, body_of(built, key))["properties"]
    named = {property_name(name, raw): name for name, raw in properties.items()}
    return named["external_id"]


def test_there_are_four_shapes() -> None:
    """At least four shapes are tried, of both versions of OpenAPI."""
    assert len(SHAPES) >= 4
    assert {shape(name)["openapi"] for name in SHAPES} == {"3.0.3", "3.1.0"}


def test_no_operation_is_lost(tree: Path) -> None:
    """The document has all of our operations under the names that users know, and no other of
    another tag.
    """
    built, ours = operations(document(tree)), operations(known())
    assert {key: built[key].content["operationId"] for key in ours} == {
        key: each.content["operationId"] for key, each in ours.items()
    }
    assert {tag for key in built.keys() - ours.keys() for tag in built[key].tags} <= {TAG}


def test_the_document_is_sound(tree: Path) -> None:
    """Each element has its evidence, names are possible in Python, and Redocly has no error to
    tell.
    """
    assert faults(document(tree)) == []
    assert (
        redocly.run("lint", str(tree / "openapi" / "customers.yaml"), check=False).returncode == 0
    )


def test_musts_are_kept(tree: Path) -> None:
    """What the client cannot do without is in the bodies that it writes, whatever is published."""
    built = document(tree)
    for key in WRITES:
        sent = {"customfields": ENTRIES, external_id_key(built, key): "crm-1"}
        assert list(Draft202012Validator(body_of(built, key)).iter_errors(sent)) == []
        assert "customfields" in resolve(built, body_of(built, key))["properties"]
    rows = resolve(built, body_of(built, "POST /v1/customers/import"))["properties"]["customers"][
        "items"
    ]
    assert "importCustomerId".lower() in {
        name.replace("_", "").lower() for name in resolve(built, rows)["properties"]
    }
    token = resolve(built, body_of(built, "POST /v1/auth/token"))
    assert {"appid", "appsecret"} <= token["properties"].keys()


def test_a_published_key_is_a_pair(shape_name: str, tree: Path) -> None:
    """The published spelling of the external id is sent, a change of it is one rename, and
    answers keep theirs.
    """
    built, published = document(tree), SPELLINGS.get(shape_name, "external_id")
    notes = adopted(shape_name).notes
    renames = {each.where: each.message for each in notes if each.kind == "renamed"}
    for key, each in operations(known()).items():
        if key in WRITES:
            ours = external_id_key(known(), key)
            told = None if ours == published else f"{ours} is written {published}"
            assert renames.get(f"{each.name} body $.{ours}") == told
            assert external_id_key(built, key) == published
    assert "externalId" in built["components"]["schemas"]["Customer"]["properties"]


def test_every_success_is_read_by_the_same_schema(tree: Path) -> None:
    """Whatever the number of a success, its answer is read alike; a published 201 is documented."""
    built = operations(document(tree))
    for each in built.values():
        read = [
            json.dumps(response["content"])
            for status, response in each.content["responses"].items()
            if status.startswith("2") and "content" in response
        ]
        assert len(set(read)) <= 1, each.name
    assert built["POST /v1/customers"].content["responses"]["201"]["x-evidence"] == "documented"


def test_typed_answers_stay_where_data_is_generic(tree: Path) -> None:
    """A generic object takes nothing from what was recorded of customers and definitions."""
    ours, built = known()["components"]["schemas"], document(tree)["components"]["schemas"]
    for name in (
        "Customer",
        "CustomerField",
        "CustomerPhone",
        "Customfield",
        "Category",
        "CustomerList",
    ):
        assert ours[name]["properties"].keys() <= built[name]["properties"].keys()


def test_the_client_does_what_users_write(shape_name: str, tree: Path) -> None:
    """The client imports, and the calls that users write make the same requests in the
    published spelling.
    """
    answer = subprocess.run(
        [sys.executable, "-B", "-P", "-W", "error", "-c", PROOF, tree],
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.stderr == ""
    lines = answer.stdout.splitlines()
    assert ast.literal_eval(lines[0]) == {
        "customfields": [{"id": "1", "value": "Ada"}],
        SPELLINGS.get(shape_name, "external_id"): "crm-1",
    }
    assert "external" in lines[1]
    assert ast.literal_eval(lines[2]) == {"appid": "a", "appsecret": "b"}
    assert lines[3:5] == ["CustomerEnvelope", "CustomerEnvelope"]


@pytest.mark.parametrize("shape_name", ["inline"], indirect=True)
def test_both_spellings_can_be_sent(tree: Path) -> None:
    """Where a body has both spellings of a name, each can be sent, and each goes under its own."""
    answer = subprocess.run(
        [sys.executable, "-B", "-P", "-W", "error", "-c", SPELLINGS_PROOF, tree],
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.stderr == ""
    assert ast.literal_eval(answer.stdout) == {"external_id": "ours", "externalId": "theirs"}


@pytest.mark.parametrize("package", ["timify_customers_client", "timify_customers"])
def test_types_hold(tree: Path, package: str) -> None:
    """The client, and the hand-written layer on it, pass mypy as strictly as ever."""
    folders = ":".join(map(str, [tree, tree / "overrides"]))
    answer = subprocess.run(
        [
            sys.executable,
            "-m",
            "mypy",
            "--strict",
            "--config-file=",
            "--cache-dir",
            tree / "build" / "mypy",
            "-p",
            package,
        ],
        capture_output=True,
        text=True,
        check=False,
        cwd=tree,
        env={"MYPYPATH": folders, "PATH": ""},
    )
    assert answer.stdout.startswith("Success"), answer.stdout[-2000:]


def test_new_operations_have_a_name_by_rule() -> None:
    """An operation of the module that is new is there under a name from its path; one that
    sends no JSON is told.
    """
    adoption = adopted("snake")
    notes = operations(adoption.document)["GET /v1/customers/{}/notes"]
    assert notes.content["operationId"] == "get_customers_by_customer_id_notes"
    assert notes.path == "/v1/customers/{customerId}/notes"
    assert [each.message for each in adoption.notes if "avatar" in each.where] == [
        "it sends multipart/form-data"
    ]


def test_a_missing_operation_is_kept_and_marked() -> None:
    """What is no longer published stays, deprecated and reported."""
    adoption = adopted("snake")
    events = operations(adoption.document)["GET /v1/customers/global/{}/events"]
    assert events.content["deprecated"] is True
    assert [each.where for each in adoption.notes if each.kind == "missing operation"] == [
        events.name
    ]


def test_schemas_that_contain_each_other_stay_references() -> None:
    """A customer whose companions are customers comes to an end."""
    schemas = adopted("split").document["components"]["schemas"]
    item = schemas["Customer"]["properties"]["companions"]["items"]["$ref"].rpartition("/")[2]
    again = schemas[item]["properties"]["companions"]["items"]["$ref"].rpartition("/")[2]
    assert item == again == "CustomerCompanionsItem"


def test_of_alternatives_the_one_with_our_musts_is_sent() -> None:
    """Where a body is one of several, ours is held against the one that has custom fields."""
    properties = adopted("split").document["components"]["schemas"]["CustomerCreate"]["properties"]
    assert "ignore_mandatory_validation" in properties
    assert "leadSource" not in properties
