"""Which JSON the document admits: recorded shapes (values invented), the published example,
requests.
"""

from typing import Any

import pytest
from jsonschema import Draft202012Validator
from spec.names import property_name

pytestmark = pytest.mark.adopted

RECORDED: dict[str, Any] = {
    "id": "624af9cbed7a899e0f233400",
    "externalId": "",
    "globalId": None,
    "firstName": "Jane",
    "lastName": "Doe",
    "fullName": "Jane Doe",
    "companyName": "",
    "email": "",
    "phone": {"phone": "+32470000000", "number": "470000000", "code": "BE"},
    "tags": [],
    "totalBookings": 0,
    "avatarUrl": "",
    "firstLetters": ["J", "D"],
    "fields": [
        {
            "id": "5d9f2a7c6d95c0112ca1cc96",
            "type": "TEXT",
            "value": "Jane",
            "values": [],
            "isMultiple": None,
            "defaultId": "firstName",
            "label": "",
        },
        {
            "id": "5d9f2a7c6d95c0112ca1cc99",
            "type": "PHONE",
            "value": '{"phone":"+32470000000","country":"BE","prefix":"32","number":"470000000"}',
            "values": [],
            "isMultiple": None,
            "defaultId": "mobilePhone",
            "label": "",
        },
    ],
    "createdAt": "2022-01-26T16:17:01Z",
    "updatedAt": "2022-01-26T16:17:01Z",
    "ts": "1643213821066",
}
PUBLISHED: dict[str, Any] = {
    "id": "624af9cbed7a899e0f233400",
    "externalId": "crm-1",
    "firstName": "Jane",
    "lastName": "Doe",
    "fullName": "Jane Doe",
    "email": "jane@example.com",
    "totalBookings": 3,
    "createdAt": "2022-01-26T16:17:01Z",
    "updatedAt": "2022-01-26T16:17:01Z",
    "ts": 1643213821,
}
META = {"page": 1, "limit": 10, "totalItems": 2, "totalPages": 1}
VALUE = {"id": "5d9f2a7c6d95c0112ca1cc96", "value": "Jane"}

ADMITTED: list[tuple[str, object]] = [
    ("Customer", RECORDED),
    ("Customer", PUBLISHED),
    ("Customer", RECORDED | {"phone": {}}),
    ("Customer", RECORDED | {"globalId": "624af9cbed7a899e0f233499"}),
    ("Customer", {"id": "624af9cbed7a899e0f233400", "customfields": RECORDED["fields"]}),
    ("Customer", {"id": "624af9cbed7a899e0f233400"}),
    ("Customer", RECORDED | {"somethingNew": {"a": [1]}}),
    ("CustomerList", {"total": 194, "data": [RECORDED], "status": 1}),
    ("CustomerList", {"total": 0, "data": [], "status": 1}),
    ("CustomerList", {"data": [RECORDED], "status": 1}),
    ("CustomerList", {"data": [PUBLISHED, PUBLISHED], "total": 2, "meta": META, "status": 1}),
    ("CustomerEnvelope", {"data": RECORDED, "status": 1}),
    ("CustomerCreate", {"customfields": [VALUE]}),
    ("CustomerCreate", {"customfields": []}),
    ("CustomerUpdate", {"customfields": [VALUE]}),
    ("CustomerImport", {"customers": [{"importCustomerId": "1", "customfields": [VALUE]}]}),
    ("Customfield", {"id": "5d9f2a7c6d95c0112ca1cc96", "defaultId": "firstName"}),
    (
        "Customfield",
        {
            "id": "5d9f2a7c6d95c0112ca1cc96",
            "label": "Tier",
            "selectOptions": ["gold", {"value": "silver"}],
        },
    ),
    (
        "Event",
        {
            "id": "1",
            "type": "booking",
            "date": "2024-05-22Z",
            "timestamp": "1716364800000",
            "price": None,
        },
    ),
    ("Token", {"accessToken": "a.b.c", "refreshToken": "d.e.f", "expires": 7200}),
    ("TokenRequest", {"appid": "app", "appsecret": "invented"}),
    ("Failure", {"status": 0, "message": "customer not found"}),
    ("Failure", {"message": "Internal server error"}),
    ("Failure", {}),
]
REFUSED: list[tuple[str, object]] = [
    ("Customer", {"firstName": "Jane"}),
    ("Customer", RECORDED | {"id": None}),
    ("Customer", RECORDED | {"ts": 1.5}),
    ("CustomerList", {"status": 1}),
    ("CustomerList", [RECORDED]),
    ("CustomerEnvelope", {"status": 1}),
    ("CustomerCreate", {}),
    ("CustomerCreate", {"customfields": [{"id": "5d9f2a7c6d95c0112ca1cc96"}]}),
    ("CustomerImport", {}),
    ("TokenRequest", {"appid": "app"}),
]


def validator(customers: dict[str, Any], schema: str) -> Draft202012Validator:
    return Draft202012Validator(
        {"$ref": f"#/components/schemas/{schema}", "components": customers["components"]}
    )


@pytest.mark.parametrize(("schema", "value"), ADMITTED)
def test_real_and_published_shapes_are_admitted(
    customers: dict[str, Any], schema: str, value: object
) -> None:
    """What was recorded, what is published, and what we send is valid."""
    assert list(validator(customers, schema).iter_errors(value)) == []


@pytest.mark.parametrize(("schema", "value"), REFUSED)
def test_what_cannot_be_used_is_refused(
    customers: dict[str, Any], schema: str, value: object
) -> None:
    """The document is not so lenient that it says nothing."""
    assert list(validator(customers, schema).iter_errors(value)) != []


def test_recorded_keys_are_all_known(customers: dict[str, Any]) -> None:
    """Each key of a recorded customer, its fields and its phone has a property, and so a typed
    attribute.
    """
    schemas = customers["components"]["schemas"]
    assert RECORDED.keys() <= schemas["Customer"]["properties"].keys()
    assert RECORDED["phone"].keys() == schemas["CustomerPhone"]["properties"].keys()
    assert RECORDED["fields"][0].keys() == schemas["CustomerField"]["properties"].keys()


@pytest.mark.parametrize("schema", ["CustomerCreate", "CustomerUpdate"])
def test_a_written_customer_has_one_external_id(customers: dict[str, Any], schema: str) -> None:
    """A create and an update take the external id as text, in the spelling that is ours in
    Python.
    """
    properties = customers["components"]["schemas"][schema]["properties"]
    named = {property_name(name, raw): name for name, raw in properties.items()}
    key = named["external_id"]
    value = {"customfields": [VALUE], key: "crm-1"}
    assert list(validator(customers, schema).iter_errors(value)) == []
    assert list(validator(customers, schema).iter_errors(value | {key: 1})) != []


def test_schemas_are_valid_json_schema(customers: dict[str, Any]) -> None:
    """The schemas of an OpenAPI 3.1 document are JSON Schema, and ours are correct."""
    for schema in customers["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)
