"""What stands in the document, and in which file."""

import copy
from typing import Any

import pytest
from spec.document import build, checks, overlays
from spec.references import resolve

pytestmark = pytest.mark.adopted

LISTED = [
    "GET /v1/customers",
    "POST /v1/customers",
    "GET /v1/customers/customfields",
    "POST /v1/customers/customfields",
    "GET /v1/customers/customfields/categories",
    "POST /v1/customers/customfields/categories",
    "DELETE /v1/customers/customfields/categories/{categoryId}",
    "GET /v1/customers/customfields/categories/{categoryId}",
    "PATCH /v1/customers/customfields/categories/{categoryId}",
    "DELETE /v1/customers/customfields/{fieldId}",
    "GET /v1/customers/customfields/{fieldId}",
    "PATCH /v1/customers/customfields/{fieldId}",
    "GET /v1/customers/global/{customerId}/events",
    "POST /v1/customers/import",
    "DELETE /v1/customers/{customerId}",
    "GET /v1/customers/{customerId}",
    "PATCH /v1/customers/{customerId}",
]
TOKEN = "POST /v1/auth/token"
OPERATION_IDS = """
create_customer create_customfield create_customfield_category create_token delete_customer delete_customfield
delete_customfield_category get_customer get_customfield get_customfield_category import_customers list_customers
list_customfield_categories list_customfields list_global_customer_events update_customer update_customfield
update_customfield_category
"""  # noqa: E501 - a list
DOCUMENTED = {
    "Customer": (
        "id externalId firstName lastName fullName email totalBookings createdAt updatedAt ts"
    ),
    "CustomerList": "data total meta status",
    "PageMeta": "page limit totalItems totalPages",
    "CustomerCreate": "customfields",
    "CustomerUpdate": "customfields",
    "CustomerImportRow": "importCustomerId id",
    "External": "",
}
EVENT = """
id externalId type title notes color price date duration startDate createdAt updatedAt rescheduleUntil companyName
timestamp isOnlineBooking isCourse maxParticipants participants customers resources serviceId service recurring bookings
tagIds tags enterpriseId
"""  # noqa: E501 - a list
FAILURES = {"400", "401", "403", "404", "409", "422", "429", "500", "502", "503", "504"}


def evidence(content: dict[str, Any]) -> dict[str, object]:
    return {place: element.get("x-evidence") for place, element in checks.elements(content)}


def marks(content: object) -> list[object]:
    """Every `x-evidence` that is written anywhere inside."""
    if isinstance(content, list):
        return [mark for part in content for mark in marks(part)]
    if isinstance(content, dict):
        return [value for key, value in content.items() if key == "x-evidence"] + marks(
            list(content.values())
        )
    return []


def test_operations_are_those_listed_and_the_token(customers: dict[str, Any]) -> None:
    """The document has at least the 17 operations of TIMIFY's listing and the token's, and no
    other tag's.
    """
    assert len(LISTED) == 17
    assert {place for place, _ in checks.operations(customers)} >= {*LISTED, TOKEN}
    assert {tag for _, operation in checks.operations(customers) for tag in operation["tags"]} == {
        "Auth",
        "Customers",
    }


def test_operation_ids_are_the_names_users_meet(customers: dict[str, Any]) -> None:
    """Each operation has the name under which the client has it."""
    names = {
        operation["operationId"]
        for place, operation in checks.operations(customers)
        if place in {*LISTED, TOKEN}
    }
    assert sorted(names) == OPERATION_IDS.split()


def test_every_element_names_its_evidence(customers: dict[str, Any]) -> None:
    """No operation, parameter, body, response, schema or property is without one of the
    levels of evidence.
    """
    found = evidence(customers)
    assert len(found) > 240
    assert set(found.values()) <= set(checks.EVIDENCE)
    assert checks.faults(customers) == []


@pytest.mark.parametrize(
    ("place", "where"),
    [
        ("GET /v1/customers", ("paths", "/v1/customers", "get")),
        ("schema Customer", ("components", "schemas", "Customer")),
        (
            "schema Customer property email",
            ("components", "schemas", "Customer", "properties", "email"),
        ),
        ("parameter CompanyId", ("components", "parameters", "CompanyId")),
        ("response Failure", ("components", "responses", "Failure")),
        ("POST /v1/customers request body", ("paths", "/v1/customers", "post", "requestBody")),
        (
            "GET /v1/customers/customfields parameter page",
            ("paths", "/v1/customers/customfields", "get", "parameters", 1),
        ),
    ],
)
@pytest.mark.parametrize("level", [None, "guessed"])
def test_missing_evidence_is_a_fault(
    customers: dict[str, Any], place: str, where: tuple[str | int, ...], level: str | None
) -> None:
    """An element without evidence, or with a level that is none, is named."""
    spoiled = copy.deepcopy(customers)
    part: Any = spoiled
    for key in where:
        part = part[key]
    part.pop("x-evidence")
    part.update({"x-evidence": level} if level else {})
    assert [fault.startswith(f"{place} has no x-evidence") for fault in checks.faults(spoiled)] == [
        True
    ]


def test_properties_deep_inside_are_elements() -> None:
    """Properties of schemas that are written out inside others need evidence too."""
    deep = {
        "allOf": [{"items": {"additionalProperties": {"properties": {"deep": {"type": "string"}}}}}]
    }
    body = {"content": {"application/json": {"schema": deep}}}
    found = checks.elements({"paths": {"/": {"post": {"requestBody": body}}}})
    assert [place for place, _ in found] == [
        "POST /",
        "POST / request body",
        "POST / request body property deep",
    ]


def test_each_overlay_brings_only_its_own_evidence(upstream: dict[str, Any]) -> None:
    """What an overlay adds carries the evidence that the overlay is named after, and it leaves
    that of others alone.
    """
    content = copy.deepcopy(upstream)
    checks.stamp(content)
    for name, overlay in overlays.every().items():
        before = evidence(content)
        content = overlays.applied(content, {name: overlay})
        added = {place: level for place, level in evidence(content).items() if place not in before}
        assert {place: level for place, level in added.items() if level != name} == {}
        assert before == {place: evidence(content)[place] for place in before}
        assert bool(added) == (name != "python")


def test_overlays_write_no_foreign_evidence() -> None:
    """No overlay marks anything as better or worse known than itself; the Python overlay marks
    nothing.
    """
    written = {name: set(marks(overlay["actions"])) for name, overlay in overlays.every().items()}
    assert written == {
        "observed": {"observed"},
        "sibling": {"sibling"},
        "third-party": {"third-party"},
        "inferred": {"inferred"},
        "python": set(),
    }


def test_upstream_holds_nothing_but_what_is_documented(upstream: dict[str, Any]) -> None:
    """The reconstruction has the listed operations, the documented keys, and the one published
    answer.
    """
    operations = dict(checks.operations(upstream))
    assert sorted(operations) == sorted(LISTED)
    assert marks(upstream) == []
    assert {place for place, operation in operations.items() if "responses" in operation} == {
        "GET /v1/customers"
    }
    bodies = {place for place, operation in operations.items() if "requestBody" in operation}
    assert bodies == {"POST /v1/customers", "PATCH /v1/customers/{customerId}"}
    schemas = upstream["components"]["schemas"]
    assert {
        name: " ".join(schema.get("properties", {})) for name, schema in schemas.items()
    } == DOCUMENTED
    parameters = {parameter["name"] for parameter in upstream["components"]["parameters"].values()}
    assert parameters == {"company-id", "customerId", "fieldId", "categoryId", "external"}


def test_upstream_says_that_it_is_a_reconstruction(upstream: dict[str, Any]) -> None:
    """A reader, and a program, sees at once that the file is not TIMIFY's."""
    head = build.UPSTREAM.read_text(encoding="utf-8").split("openapi:")[0]
    assert "reconstruction" in head
    assert "not TIMIFY's" in head
    assert upstream["info"]["x-reconstruction"] is True


def test_company_can_be_chosen_on_every_operation_of_a_company(customers: dict[str, Any]) -> None:
    """The 17 operations take the `company-id` header and a bearer token; asking for a token
    takes neither.
    """
    for place, operation in checks.operations(customers):
        taken = {resolve(customers, each)["name"] for each in operation.get("parameters", [])}
        assert place not in {*LISTED, TOKEN} or ("company-id" in taken) == (place != TOKEN)
        assert operation["security"] == ([{"BearerAuth": []}] if place != TOKEN else [])


def test_every_operation_tells_how_it_fails(customers: dict[str, Any]) -> None:
    """Each status that callers handle is a failure everywhere, and everything else a success."""
    for _, operation in checks.operations(customers):
        failures = {
            status for status, response in operation["responses"].items() if "$ref" in response
        }
        assert failures >= FAILURES
        assert {status[0] for status in operation["responses"].keys() - failures} == {"2"}
    creations = [
        operation for place, operation in checks.operations(customers) if place in LISTED[1:6:2]
    ]
    assert [{"200", "201"} <= operation["responses"].keys() for operation in creations] == [
        True
    ] * 3


def test_lists_have_pages_and_lookups_have_external(customers: dict[str, Any]) -> None:
    """`page` and `limit` are on the four lists, `external` on reading, changing and deleting
    one customer.
    """
    taken: dict[str, set[str]] = {}
    for place, operation in checks.operations(customers):
        for parameter in operation.get("parameters", []):
            taken.setdefault(resolve(customers, parameter)["name"], set()).add(place)
    lists = {LISTED[0], LISTED[2], LISTED[4], LISTED[12]}
    assert taken["page"] & set(LISTED) == taken["limit"] & set(LISTED) == lists
    assert taken["external"] & set(LISTED) == set(LISTED[14:])


def test_events_have_all_keys_that_were_seen(customers: dict[str, Any]) -> None:
    """An event has every recorded key; its `date`, which no parser takes, is plain text."""
    properties = customers["components"]["schemas"]["Event"]["properties"]
    assert set(properties) >= set(EVENT.split())
    assert "format" not in properties["date"]


def test_no_parameter_has_a_default(customers: dict[str, Any]) -> None:
    """A default in the document would be sent by the client without being asked for."""
    inline = [
        part
        for _, operation in checks.operations(customers)
        for part in operation.get("parameters", [])
    ]
    parameters = [*customers["components"]["parameters"].values(), *inline]
    assert [parameter for parameter in parameters if "default" in parameter.get("schema", {})] == []
