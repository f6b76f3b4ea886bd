"""The first published document, held against what was believed in its stages."""

from collections import Counter
from typing import Any

import pytest
from fetch.documents import (
    a_document,
    an_object,
    inlined,
    operation,
    overlays,
    published,
    query,
    reconstruction,
    renamed,
    unmarked,
    with_other_tags,
)
from spec.compare import report
from spec.compare.reconcile import Finding, reconcile
from spec.fetch.take_over import stages

TEXT = {"type": "string"}


NUMBER = {"type": "integer"}
BODY, ANSWER, QUERY = "body $.a", "answer 200 $.a", "query parameter p"


def sent(*required: str, **properties: Any) -> dict[str, Any]:
    return operation(body=an_object(*required, **properties))


def given(*required: str, **properties: Any) -> dict[str, Any]:
    return operation(answer=an_object(*required, **properties))


def asked(*parameters: Any) -> dict[str, Any]:
    return operation(parameters=parameters)


def answers(*statuses: str) -> dict[str, Any]:
    return {status: {"description": "said"} for status in statuses}


def found(findings: list[Finding]) -> set[tuple[str, str, str]]:
    return {
        (each.outcome, each.evidence, each.pair.where.removeprefix("POST /v1/things").strip())
        for each in findings
    }


def held(believed: dict[str, Any], against: dict[str, Any]) -> set[tuple[str, str]]:
    """Hold one believed operation, of which nothing was documented but that it is there,
    against a published one.
    """
    stages = [
        ("documented", a_document(things=operation())),
        ("inferred", a_document(things=believed)),
    ]
    return {
        (outcome, where)
        for outcome, _, where in found(reconcile(a_document(things=against), stages))
    }


@pytest.mark.parametrize("written", [unmarked, with_other_tags, renamed, inlined])
def test_what_is_written_otherwise_is_confirmed(written: Any) -> None:
    """Our own document is confirmed to the last element, whatever its schemas are called and
    wherever they stand.
    """
    findings = reconcile(written(unmarked(reconstruction())), [("documented", reconstruction())])
    assert {each.outcome for each in findings} == {"confirmed"}
    assert Counter(each.pair.kind for each in findings)["operation"] == 17


def test_a_larger_document_is_held_against_all_stages() -> None:
    """In a document with many other tags, each stage is judged by what it says first; other
    tags do not count.
    """
    theirs = published()
    theirs["components"]["schemas"]["Customer"]["properties"] |= {
        "globalId": {"type": ["string", "null"]},
        "avatarUrl": {"type": "integer"},
        "loyalty": TEXT,
        "ts": TEXT,
    }
    del theirs["paths"]["/v1/customers/import"]
    theirs["paths"]["/v1/customers/export"] = {"post": operation()}
    findings = found(reconcile(renamed(theirs), list(stages(reconstruction(), overlays()))))
    rows = "GET /v1/customers answer 200 $.data[]"
    assert {
        ("confirmed", "documented", f"{rows}.email"),
        ("contradicted", "documented", f"{rows}.ts"),
        ("wider", "observed", f"{rows}.ts"),
        ("confirmed", "observed", f"{rows}.globalId"),
        ("contradicted", "observed", f"{rows}.avatarUrl"),
        ("not found", "observed", f"{rows}.firstLetters"),
        ("not found", "documented", "POST /v1/customers/import"),
        ("not found", "third-party", "POST /v1/auth/token"),
        ("not found", "inferred", "POST /v1/customers/customfields body"),
        ("new", "", f"{rows}.loyalty"),
        ("new", "", "POST /v1/customers/export"),
    } <= findings
    assert not [where for _, _, where in findings if "others" in where]
    assert [level for _, level, where in findings if where == f"{rows}.email"] == ["documented"]


@pytest.mark.parametrize(
    ("believed", "against", "expected"),
    [
        (sent(a=TEXT), sent(a=TEXT), ("confirmed", BODY)),
        (sent(a=TEXT), sent(a=NUMBER), ("contradicted", BODY)),
        (sent(a=TEXT), sent("a", a=TEXT), ("contradicted", BODY)),
        (sent("a", a=TEXT), sent(a=TEXT), ("contradicted", BODY)),
        (sent(a=TEXT), sent(), ("not found", BODY)),
        (sent(a=TEXT), sent(a={}), ("not found", BODY)),
        (sent(), sent(a=TEXT), ("new", BODY)),
        (sent(a={}), sent(a=TEXT), ("new", BODY)),
        (given(a={"type": ["string", "null"]}), given(a=TEXT), ("wider", ANSWER)),
        (given(a=TEXT), given("a", a=TEXT), ("confirmed", ANSWER)),
        (given("a", a=TEXT), given(a=TEXT), ("contradicted", ANSWER)),
        (given(a={"type": "number"}), given(a=NUMBER), ("wider", ANSWER)),
        (given(a=TEXT), given(a=TEXT | {"enum": ["x"]}), ("wider", ANSWER)),
        (
            given(a=TEXT | {"enum": ["x"]}),
            given(a=TEXT | {"enum": ["x", "y"]}),
            ("contradicted", ANSWER),
        ),
        (
            given(a=TEXT | {"format": "date"}),
            given(a=TEXT | {"format": "date-time"}),
            ("contradicted", ANSWER),
        ),
        (asked(query("p")), asked(query("p")), ("confirmed", QUERY)),
        (asked(query("p")), asked(query("p", "integer")), ("contradicted", QUERY)),
        (asked(query("p")), asked(query("p", required=True)), ("contradicted", QUERY)),
        (asked(query("p")), asked(), ("not found", QUERY)),
        (asked(), asked(query("p")), ("new", QUERY)),
        (
            operation(responses=answers("201")),
            operation(responses=answers("202")),
            ("contradicted", "answer 201"),
        ),
        (
            operation(responses=answers("200", "404")),
            operation(responses=answers("200")),
            ("not found", "answer 404"),
        ),
    ],
)
def test_each_element_is_judged(
    believed: dict[str, Any], against: dict[str, Any], expected: tuple[str, str]
) -> None:
    """An element of ours is confirmed, contradicted, wider, or not found; one of theirs alone
    is new.
    """
    assert expected in held(believed, against)


def test_a_path_that_is_written_otherwise_is_contradicted() -> None:
    """Another name of a path parameter is told, and the operation is compared all the same."""
    ours, theirs = a_document(), a_document()
    for target, name in ((ours, "thingId"), (theirs, "id")):
        target["paths"][f"/v1/things/{{{name}}}"] = {"get": operation(answer=an_object(a=TEXT))}
    findings = found(reconcile(theirs, [("documented", ours)]))
    assert ("contradicted", "documented", "GET /v1/things/{thingId}") in findings
    assert ("confirmed", "documented", "GET /v1/things/{thingId} answer 200 $.a") in findings


def test_the_report_tells_it_all() -> None:
    """The Markdown names the evidence at each line, counts by evidence, and lets failures
    share a line.
    """
    text = report.reconciliation(reconcile(published(), list(stages(reconstruction(), overlays()))))
    assert "| evidence | contradicted | not found | wider | confirmed |" in text
    assert "- `GET /v1/customers answer 200 $.data[].email` (documented): `string`" in text
    failures = "400, 401, 403, 404, 409, 422, 429, 500, 502, 503, 504"
    assert f"- `POST /v1/customers answer {failures}` (third-party)" in text
    order = [text.index(f"## {heading}") for heading in ("Contradicted", "Not found", "Confirmed")]
    assert order == sorted(order)
