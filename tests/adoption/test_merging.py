"""What adoption makes of one published statement: the table of openapi/README.md, line by line."""

from collections.abc import Callable
from typing import Any

import pytest
from adoption.shapes_of import known, shape
from fetch.documents import an_object, content, query
from spec.adopt.adopt import Adoption, adopt
from spec.adopt.notes import Note
from spec.compare.scope import operations
from spec.document.checks import faults
from spec.errors import NotADocumentError
from spec.names import property_name
from spec.references import resolve

TEXT: dict[str, Any] = {"type": "string"}
WHOLE: dict[str, Any] = {"type": "integer"}
CUSTOMER, LIST = "/v1/customers/{customerId}", "/v1/customers"
IMPORT, FIELDS = "/v1/customers/import", "/v1/customers/customfields"


def publishing(change: Callable[[dict[str, Any]], object]) -> Adoption:
    """Adopt a document of generic objects after a change."""
    document = shape("inline")
    change(document["paths"])
    return adopt(known(), document)


def answering(paths: dict[str, Any], data: Any, *, everywhere: bool = True) -> None:
    """Publish what a customer is, in one answer or in all that have one."""
    one = content(an_object(data=data))
    paths[CUSTOMER]["get"]["responses"]["200"]["content"] = one
    if everywhere:
        paths[CUSTOMER]["patch"]["responses"]["200"]["content"] = one
        paths[LIST]["post"]["responses"]["201"]["content"] = one
        rows = {"type": "array", "items": data}
        paths[LIST]["get"]["responses"]["200"]["content"] = content(an_object(data=rows))


def sending(paths: dict[str, Any], body: Any, path: str = LIST, method: str = "post") -> None:
    paths[path][method]["requestBody"]["content"] = content(body)


def schemas(adoption: Adoption) -> dict[str, Any]:
    found: dict[str, Any] = adoption.document["components"]["schemas"]
    return found


def body(adoption: Adoption, key: str = "POST /v1/customers") -> dict[str, Any]:
    form = operations(adoption.document)[key].content["requestBody"]["content"]["application/json"][
        "schema"
    ]
    return resolve(adoption.document, form)


def kinds(adoption: Adoption, where: str) -> set[str]:
    return {note.kind for note in adoption.notes if note.where.endswith(where)}


def test_a_generic_object_takes_nothing() -> None:
    """Where nothing is said ours stays, with its evidence."""
    ours = known()["components"]["schemas"]
    assert schemas(publishing(lambda paths: None))["Category"] == ours["Category"]


def test_what_both_say_is_documented() -> None:
    """An observed key that is published is documented, with the published description."""
    data = an_object(companyName=TEXT | {"description": "Where she works."})
    made = schemas(publishing(lambda paths: answering(paths, data, everywhere=False)))["Customer"][
        "properties"
    ]
    assert made["companyName"] == TEXT | {
        "description": "Where she works.",
        "x-evidence": "documented",
    }
    assert made["avatarUrl"]["x-evidence"] == "observed"


@pytest.mark.parametrize("everywhere", [True, False])
def test_required_only_where_required_everywhere(*, everywhere: bool) -> None:
    """A new property of an answer is required when it is so at all positions, and only then."""
    data = an_object("vip", vip={"type": "boolean"})
    made = schemas(publishing(lambda paths: answering(paths, data, everywhere=everywhere)))[
        "Customer"
    ]
    assert made["properties"]["vip"] == {"type": "boolean", "x-evidence": "documented"}
    assert ("vip" in made["required"]) == everywhere


def test_what_is_not_published_requires_nothing() -> None:
    """A key that is required wherever it is published is optional while one of our answers is
    not published.
    """
    data = an_object("vip", vip={"type": "boolean"})

    def change(paths: dict[str, Any], *, less: Callable[[dict[str, Any]], object]) -> None:
        answering(paths, data)
        less(paths)

    for less in (
        lambda paths: paths[CUSTOMER].pop("get"),
        lambda paths: paths[CUSTOMER]["get"]["responses"].pop("200"),
        lambda paths: paths[CUSTOMER]["get"]["responses"]["200"].pop("content"),
    ):
        made = schemas(publishing(lambda paths, less=less: change(paths, less=less)))["Customer"]
        assert "vip" in made["properties"]
        assert "vip" not in made["required"]


def test_failures_of_the_gateway_require_nothing() -> None:
    """The error body of a 400 has a required message; a 502 of the gateway has another body,
    so it is optional.
    """
    made = schemas(publishing(lambda paths: None))["Failure"]
    assert {"error", "errorCode", "details", "message"} <= made["properties"].keys()
    assert "required" not in made


def test_an_observed_type_stays() -> None:
    """A recorded type stands against a published one, and that is told; where ours was a guess
    both may come.
    """
    data = an_object(companyName=WHOLE, tags={"type": "array", "items": TEXT}, phone=TEXT)
    adoption = publishing(lambda paths: answering(paths, data))
    made = schemas(adoption)["Customer"]["properties"]
    assert made["companyName"]["type"] == "string"
    assert made["phone"]["$ref"] == "#/components/schemas/CustomerPhone"
    assert kinds(adoption, "$.data[].companyName") == kinds(adoption, "$.data[].phone") == {"kept"}
    field = an_object(data=an_object(categoryId=WHOLE))
    adoption = publishing(
        lambda paths: paths[f"{FIELDS}/{{fieldId}}"]["get"]["responses"]["200"].update(
            content=content(field)
        )
    )
    both = schemas(adoption)["Customfield"]["properties"]["categoryId"]
    assert both["anyOf"] == [{"type": ["string", "null"]}, {"type": "integer"}]
    assert kinds(adoption, "$.data.categoryId") == {"both"}


def test_an_answer_keeps_the_recorded_name() -> None:
    """Another spelling in an answer is told and read through `raw`: recorded answers have ours."""
    adoption = publishing(lambda paths: answering(paths, an_object(external_id=TEXT)))
    made = schemas(adoption)["Customer"]["properties"]
    assert "externalId" in made
    assert "external_id" not in made
    assert kinds(adoption, "$.data[].externalId") == {"kept"}


def test_both_spellings_in_a_body_leave_ours() -> None:
    """When a body has `external_id` and `externalId`, ours is ours, and the other has a Python
    name with a number, which is told.
    """
    sent = an_object(customfields={}, externalId=TEXT, external_id=TEXT)
    adoption = publishing(lambda paths: sending(paths, sent))
    made = body(adoption)["properties"]
    assert {name: property_name(name, made[name]) for name in ("external_id", "externalId")} == {
        "external_id": "external_id",
        "externalId": "external_id_2",
    }
    (told,) = (note for note in adoption.notes if note.where.endswith("body $.externalId"))
    assert told.message == "in Python it is external_id_2, since external_id is taken"
    assert faults(adoption.document) == []


def test_musts_survive_a_body_without_them() -> None:
    """A body that lists other properties alone leaves what the client cannot do without, and
    takes the rest.
    """
    adoption = publishing(lambda paths: sending(paths, an_object(name=TEXT, customfields=TEXT)))
    made = body(adoption)
    assert made["properties"].keys() >= {"customfields", "external_id", "name"}
    assert made["properties"]["customfields"]["type"] == "array"
    assert kinds(adoption, "POST /v1/customers body $.customfields") == {"kept"}


def test_the_import_keeps_its_wrapper() -> None:
    """Rows that are published under no name of ours do not take `customers` away, whatever the
    body is.
    """
    for sent in (
        an_object(rows={"type": "array", "items": {}}),
        {"type": "array", "items": an_object(id=TEXT)},
    ):
        adoption = publishing(lambda paths, sent=sent: sending(paths, sent, IMPORT))
        assert (
            body(adoption, "POST /v1/customers/import")["properties"]["customers"]["type"]
            == "array"
        )


def test_a_guess_is_dropped_from_a_body_that_has_it_not() -> None:
    """What was inferred of a body that lists its properties is gone, with a note; what is new
    is there.
    """
    sent = an_object("label", "colour", label=TEXT, colour=TEXT)
    adoption = publishing(lambda paths: sending(paths, sent, FIELDS))
    assert body(adoption, "POST /v1/customers/customfields")["properties"].keys() == {
        "label",
        "colour",
    }
    assert sorted(body(adoption, "POST /v1/customers/customfields")["required"]) == [
        "colour",
        "label",
    ]
    assert kinds(adoption, "body $.categoryId") == {"dropped"}
    assert kinds(adoption, "body $.colour") == {"added", "needed"}


def test_a_body_has_the_published_type() -> None:
    """A type that the published body does not take gives way; one that it takes stays."""
    sent = an_object("label", label=WHOLE, type=TEXT, isMultiple={"type": ["boolean", "string"]})
    adoption = publishing(lambda paths: sending(paths, sent, FIELDS))
    made = body(adoption, "POST /v1/customers/customfields")["properties"]
    assert made["label"]["type"] == "integer"
    assert kinds(adoption, "customfields body $.label") == {"replaced"}
    assert kinds(adoption, "customfields body $.isMultiple") == {"confirmed"}
    assert made["isMultiple"]["type"] == "boolean"


def test_one_component_is_two_where_bodies_differ() -> None:
    """Entries of custom fields that the import describes otherwise are a component of their
    own there alone.
    """
    more = {
        "type": "array",
        "items": an_object("id", "value", "kind", id=TEXT, value=TEXT, kind=TEXT),
    }
    rows = {"type": "array", "items": an_object(importCustomerId=TEXT, customfields=more)}
    adoption = publishing(lambda paths: sending(paths, an_object(customers=rows), IMPORT))
    made = schemas(adoption)
    assert made["CustomfieldValue"]["properties"].keys() == {"id", "value"}
    assert made["ImportCustomersCustomfieldValue"]["properties"].keys() == {"id", "value", "kind"}
    assert body(adoption)["properties"]["customfields"]["items"]["$ref"].endswith(
        "/CustomfieldValue"
    )
    row = resolve(
        adoption.document,
        body(adoption, "POST /v1/customers/import")["properties"]["customers"]["items"],
    )
    assert row["properties"]["customfields"]["items"]["$ref"].endswith(
        "/ImportCustomersCustomfieldValue"
    )


def test_parameters_are_text() -> None:
    """`page` as text is ours; a new filter is there, without its default; one that cannot be
    sent is told.
    """
    added = [
        query("since", default="x", schema=TEXT | {"default": "x"}),
        query("filter", schema=an_object(a=TEXT)),
        {"name": "session", "in": "cookie", "schema": TEXT},
        query("client"),
        query("a b"),
    ]

    def change(paths: dict[str, Any]) -> None:
        parameters = paths[LIST]["get"]["parameters"]
        for each in parameters:
            if each["name"] == "page":
                each["schema"] = TEXT
        parameters += added

    adoption = publishing(change)
    raw = operations(adoption.document)["GET /v1/customers"].content["parameters"]
    found = {each["name"]: each for each in (resolve(adoption.document, one) for one in raw)}
    assert found["page"]["schema"]["type"] == "integer"
    assert found["since"]["schema"] == TEXT
    assert not found.keys() & {"filter", "session", "client", "a b"}
    assert (
        kinds(adoption, "cookie parameter session")
        == kinds(adoption, "query parameter client")
        == {"left out"}
    )
    assert found["ids"]["schema"] == {"type": "array", "items": TEXT}


COMMAS = {"style": "form", "explode": False}
EACH_ALONE = {"style": "form", "explode": True}


@pytest.mark.parametrize(
    ("published", "written", "kind", "message"),
    [
        (COMMAS, COMMAS, None, ""),
        ({"explode": False}, COMMAS, None, ""),
        ({"explode": True}, EACH_ALONE, "renamed", "ids=a,b is written ids=a&ids=b"),
        ({"style": "form"}, EACH_ALONE, "renamed", "ids=a,b is written ids=a&ids=b"),
        (
            {"style": "pipeDelimited"},
            {"style": "pipeDelimited", "explode": False},
            "renamed",
            "ids=a,b is written ids=a|b",
        ),
        (
            {"style": "spaceDelimited", "explode": False},
            {"style": "spaceDelimited", "explode": False},
            "renamed",
            "ids=a,b is written ids=a b",
        ),
        ({}, COMMAS, "kept", "the document gives this list no style"),
        ({"style": "deepObject"}, COMMAS, "kept", "OpenAPI has no such style of a list"),
        ({"explode": "no"}, COMMAS, "kept", "OpenAPI has no such style of a list"),
    ],
    ids=str,
)
def test_a_list_is_written_in_the_published_style(
    published: dict[str, Any], written: dict[str, Any], kind: str | None, message: str
) -> None:
    """A stated style is taken over, for lists of ours and for new ones; of any other a maintainer
    is told, and commas stay. A new list has no style that could change.
    """
    texts = {"type": "array", "items": TEXT}

    def change(paths: dict[str, Any]) -> None:
        parameters = paths[LIST]["get"]["parameters"]
        parameters.append(query("new_ids", schema=texts, **published))
        ours = next(each for each in parameters if each["name"] == "ids")
        ours.update(published)

    adoption = publishing(change)
    raw = operations(adoption.document)["GET /v1/customers"].content["parameters"]
    found = {each["name"]: each for each in (resolve(adoption.document, one) for one in raw)}
    for name in ("ids", "new_ids"):
        assert {key: found[name][key] for key in ("style", "explode")} == written
    (_, *told) = notes_of(adoption, "ids")
    assert [(each.kind, each.message[: len(message)]) for each in told] == (
        [(kind, message)] if kind else []
    )
    (_, *told_of_new) = notes_of(adoption, "new_ids")
    assert [each.kind for each in told_of_new] == (["kept"] if kind == "kept" else [])


def notes_of(adoption: Adoption, name: str) -> list[Note]:
    """The notes on a parameter of the list of customers: what became of it, then its style."""
    return [each for each in adoption.notes if each.where.endswith(f"query parameter {name}")]


def test_a_list_in_json_is_told() -> None:
    """A parameter that is published as `content` is written as before."""
    texts = {"application/json": {"schema": {"type": "array", "items": TEXT}}}

    def change(paths: dict[str, Any]) -> None:
        for each in paths[LIST]["get"]["parameters"]:
            if each["name"] == "ids":
                del each["schema"]
                each["content"] = texts

    (_, told) = notes_of(publishing(change), "ids")
    assert (told.kind, told.message) == (
        "kept",
        "the client sends no `content`; it is written ids=a,b",
    )


def test_a_list_that_is_published_as_a_text_stays_a_list() -> None:
    """What is sent is the same text; a maintainer is told how it is written."""

    def change(paths: dict[str, Any]) -> None:
        for each in paths[LIST]["get"]["parameters"]:
            if each["name"] == "ids":
                each["schema"] = TEXT

    adoption = publishing(change)
    raw = operations(adoption.document)["GET /v1/customers"].content["parameters"]
    found = {each["name"]: each for each in (resolve(adoption.document, one) for one in raw)}
    assert found["ids"]["schema"]["type"] == "array"
    (told,) = notes_of(adoption, "ids")
    assert told.message == "published is string; the client writes a list as one text, ids=a,b"


def test_a_header_cannot_hold_a_list() -> None:
    """A new header that is a list is left out, and told."""

    def change(paths: dict[str, Any]) -> None:
        texts = {"type": "array", "items": TEXT}
        paths[LIST]["get"]["parameters"].append({"name": "X-Tags", "in": "header", "schema": texts})

    assert kinds(publishing(change), "header parameter X-Tags") == {"left out"}


@pytest.mark.parametrize("published", [TEXT, WHOLE, {"type": "boolean"}])
def test_external_stays_one(published: dict[str, Any]) -> None:
    """Whatever `external` is published as, it is sent as 1."""

    def change(paths: dict[str, Any]) -> None:
        for operation in paths[CUSTOMER].values():
            operation["parameters"][-1] = query("external", schema=published, required=True)

    adoption = publishing(change)
    external = adoption.document["components"]["parameters"]["External"]
    assert external["schema"]["$ref"].endswith("/External")
    assert external["required"] is False
    assert schemas(adoption)["External"]["enum"] == [1]


def test_schemas_that_differ_inside_are_two() -> None:
    """Objects that say the same of themselves and hold others that differ are components of
    their own.
    """
    data = an_object(
        first=an_object(it=an_object(a=TEXT)),
        second=an_object(it=an_object(a=WHOLE)),
        third=an_object(it=an_object(a=TEXT)),
    )
    made = schemas(publishing(lambda paths: answering(paths, data)))
    names = [
        made["Customer"]["properties"][name]["$ref"].rpartition("/")[2]
        for name in ("first", "second", "third")
    ]
    assert names == ["CustomerFirst", "CustomerSecond", "CustomerFirst"]


def test_an_adopted_document_is_no_reconstruction() -> None:
    """Title and version are the published ones, and the mark of the reconstruction is gone."""
    info = publishing(lambda paths: None).document["info"]
    assert info["version"] == "0.0.5"
    assert "x-reconstruction" not in info


def test_examples_of_answers_are_not_taken() -> None:
    """A mock server makes answers of examples: a published `total` of 2 would contradict its rows.

    Bodies have them.
    """
    made = schemas(publishing(lambda paths: None))
    assert "examples" not in made["CustomerList"]["properties"]["total"]
    assert made["CustomerList"]["properties"]["status"]["examples"] == [1]
    assert made["CustomerCreate"]["properties"]["external_id"]["examples"] == ["crm-1"]


def test_values_of_answers_grow() -> None:
    """Published types of custom fields are added to those that were seen."""
    row = an_object(
        fields={"type": "array", "items": an_object(type=TEXT | {"enum": ["TEXT", "IBAN"]})}
    )
    made = schemas(publishing(lambda paths: answering(paths, row)))["CustomfieldType"]["enum"]
    assert {"TEXT", "SELECT", "IBAN"} <= set(made)


def test_less_than_half_is_another_api() -> None:
    """Fewer than half of our operations are not this API."""
    document = shape("inline")
    document["paths"] = dict(list(document["paths"].items())[:3])
    with pytest.raises(NotADocumentError, match="6 of our 17 operations"):
        adopt(known(), document)
