"""Building the document: always the same, and only when everything is right."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from spec import files
from spec.document import overlays
from spec.document.build import CUSTOMERS, UPSTREAM, published
from spec.document.build import build as build_document
from spec.errors import DocumentError

OLD = "what was there before\n"


def build(tmp_path: Path, upstream: dict[str, Any]) -> dict[str, Any]:
    """Build from a changed upstream."""
    (tmp_path / "upstream.yaml").write_text(json.dumps(upstream, indent=2), encoding="utf-8")
    build_document(tmp_path / "upstream.yaml", tmp_path / "customers.yaml")
    return files.load(tmp_path / "customers.yaml")


def refused(tmp_path: Path, upstream: dict[str, Any]) -> str:
    """Build what cannot be built, see that the old document is still there, and give the reason."""
    (tmp_path / "customers.yaml").write_text(OLD, encoding="utf-8")
    with pytest.raises(DocumentError) as failure:
        build(tmp_path, upstream)
    assert (tmp_path / "customers.yaml").read_text(encoding="utf-8") == OLD
    return str(failure.value)


def test_building_gives_the_committed_bytes(tmp_path: Path) -> None:
    """The document is the same byte for byte each time: built again, it is the committed one."""
    build_document(UPSTREAM, tmp_path / "customers.yaml", published())
    assert (tmp_path / "customers.yaml").read_bytes() == CUSTOMERS.read_bytes()


def test_the_document_says_that_it_is_built() -> None:
    """Who opens the document is told not to edit it, and what to do instead."""
    assert "Not to be edited" in CUSTOMERS.read_text(encoding="utf-8").split("openapi:")[0]


def test_other_parts_of_the_api_are_left_out(
    tmp_path: Path, upstream: dict[str, Any], known: dict[str, Any]
) -> None:
    """Of a larger document only the customers operations and the token stay, and only what
    these need.
    """
    large = copy.deepcopy(upstream)
    large["tags"] += [{"name": name} for name in ("Appointments", "Enterprise Customers")]
    reference = {"$ref": "#/components/schemas/Appointment"}
    answer = {
        "200": {"description": "One.", "content": {"application/json": {"schema": reference}}}
    }
    for number, tag in enumerate(["Appointments", "Enterprise Customers"] * 20):
        large["paths"][f"/v1/other/{number}"] = {"get": {"tags": [tag], "responses": answer}}
    large["paths"]["/v1/untagged"] = {"get": {"responses": answer}}
    large["paths"]["/v1/customers"]["put"] = {"tags": ["Companies"], "responses": answer}
    large["paths"]["/v1/auth/refreshtoken"] = {"post": {"tags": ["Auth"], "responses": answer}}
    large["paths"]["/v1/auth/token"] = {"get": {"tags": ["Auth"], "responses": answer}}
    large["components"]["schemas"]["Appointment"] = {
        "type": "object",
        "properties": {"tags": {"type": "array"}},
    }
    built = build(tmp_path, large)
    assert built["paths"] == known["paths"]
    assert built["components"] == known["components"]


def test_a_published_document_needs_no_evidence_of_its_own(
    tmp_path: Path, upstream: dict[str, Any]
) -> None:
    """What TIMIFY adds to its document is built in as documented, without anybody marking it."""
    more = copy.deepcopy(upstream)
    more["components"]["schemas"]["Customer"]["properties"]["shoeSize"] = {"type": "integer"}
    built = build(tmp_path, more)
    added = built["components"]["schemas"]["Customer"]["properties"]["shoeSize"]
    assert added == {"type": "integer", "x-evidence": "documented"}


def test_an_older_openapi_is_understood(
    tmp_path: Path, upstream: dict[str, Any], known: dict[str, Any]
) -> None:
    """A document in OpenAPI 3.0 is built as well: its `nullable` becomes the type null, and
    nothing else changes.
    """
    older = copy.deepcopy(upstream) | {"openapi": "3.0.3"}
    email = {"type": "string", "nullable": True, "enum": ["a"], "example": {"nullable": True}}
    older["components"]["schemas"]["Customer"]["properties"] |= {
        "email": email,
        "nullable": {"type": "boolean"},
    }
    built = build(tmp_path, older)["components"]["schemas"]["Customer"]["properties"]
    assert (
        built["email"].items()
        >= {"type": ["string", "null"], "enum": ["a", None], "example": {"nullable": True}}.items()
    )
    assert built.pop("nullable")["type"] == "boolean"
    assert built | {"email": 0} == known["components"]["schemas"]["Customer"]["properties"] | {
        "email": 0
    }


def test_properties_called_tags_stay(customers: dict[str, Any]) -> None:
    """Keeping operations by their tags does not drop schemas that have a property of that name."""
    assert "tags" in customers["components"]["schemas"]["Customer"]["properties"]


def test_a_stale_overlay_action_is_refused(tmp_path: Path, upstream: dict[str, Any]) -> None:
    """When TIMIFY drops what an overlay builds on, the build says which action is stale."""
    less = copy.deepcopy(upstream)
    del less["paths"]["/v1/customers/import"]
    reason = refused(tmp_path, less)
    assert "overlays/inferred.yaml" in reason
    assert "$.paths['/v1/customers/import'].post matches nothing" in reason


def test_an_overlay_that_no_longer_fits_is_refused(
    tmp_path: Path, upstream: dict[str, Any]
) -> None:
    """When TIMIFY publishes another type where an overlay lists several, the build says which
    action to mend.
    """
    more = copy.deepcopy(upstream)
    more["components"]["schemas"]["Customer"]["properties"]["globalId"] = {"type": "string"}
    reason = refused(tmp_path, more)
    assert "overlays/observed.yaml, action" in reason
    assert "type is 'string'" in reason


def test_a_reserved_name_is_refused(tmp_path: Path, upstream: dict[str, Any]) -> None:
    """A new property that would break the client stops the build with its name."""
    more = copy.deepcopy(upstream)
    more["components"]["schemas"]["Customer"]["properties"]["toDict"] = {"type": "string"}
    assert "schema Customer: the name 'toDict' is 'to_dict' in Python" in refused(tmp_path, more)


def test_what_redocly_refuses_is_refused_with_its_words(
    tmp_path: Path, upstream: dict[str, Any]
) -> None:
    """A document that Redocly's lint calls wrong is refused, and the message holds rule and
    place.
    """
    wrong = copy.deepcopy(upstream)
    wrong["components"]["schemas"]["Customer"]["type"] = "objekt"
    reason = refused(tmp_path, wrong)
    assert "Redocly could not lint" in reason
    assert "#/components/schemas/Customer/type" in reason


def test_a_reference_to_nothing_is_refused(tmp_path: Path, upstream: dict[str, Any]) -> None:
    """A document with a reference that leads nowhere is refused."""
    wrong = copy.deepcopy(upstream)
    wrong["components"]["schemas"]["CustomerList"]["properties"]["data"]["items"]["$ref"] = (
        "#/components/schemas/Nobody"
    )
    assert "Nobody" in refused(tmp_path, wrong)


def test_what_is_no_document_is_refused(tmp_path: Path) -> None:
    """A file that is not OpenAPI is refused in words, not with a traceback."""
    (tmp_path / "page.yaml").write_text("<!doctype html><title>Sign in</title>", encoding="utf-8")
    with pytest.raises(DocumentError, match="Redocly could not bundle"):
        build_document(tmp_path / "page.yaml", tmp_path / "customers.yaml")
    assert not (tmp_path / "customers.yaml").exists()


def test_without_a_published_document_it_is_what_is_known(
    tmp_path: Path, known: dict[str, Any]
) -> None:
    """As long as nothing is published, the document is what is known; and adopting says nothing."""
    assert build_document(UPSTREAM, tmp_path / "customers.yaml") == []
    assert files.load(tmp_path / "customers.yaml") == known


def test_a_name_for_what_is_published_alone_is_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An operation that only the published document has takes its name from
    overlays/python.yaml.
    """
    action = {
        "target": "$.paths['/v1/customers/{customerId}/notes'].get",
        "update": {"operationId": "list_notes"},
    }
    named = overlays.every()
    named["python"]["actions"].append(action)
    monkeypatch.setattr(overlays, "every", lambda: copy.deepcopy(named))
    shape = UPSTREAM.parents[1] / "tests" / "adoption" / "shapes" / "snake.yaml"
    build_document(UPSTREAM, tmp_path / "customers.yaml", shape)
    made = files.load(tmp_path / "customers.yaml")
    assert made["paths"]["/v1/customers/{customerId}/notes"]["get"]["operationId"] == "list_notes"
    action["target"] = "$.paths['/v1/nowhere'].get"
    named["python"]["actions"][-1] = action
    with pytest.raises(
        DocumentError, match=r"overlays/python.yaml, action .*nowhere.* matches nothing"
    ):
        build_document(UPSTREAM, tmp_path / "customers.yaml", shape)
