"""Redocly's `diff` beside our own rules: what it says, and where it says too little."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from fetch.documents import a_document, an_object, operation, published, query
from spec import redocly
from spec.compare import redocly_diff, rules
from spec.compare.rules import Change, Impact, highest
from spec.compare.scope import narrow
from spec.errors import RejectedError

TEXT = {"type": "string"}
BREAKING: dict[str, tuple[dict[str, Any], dict[str, Any] | None]] = {
    "gone": (operation(), None),
    "sent-gone": (operation(body=an_object(a=TEXT, b=TEXT)), operation(body=an_object(a=TEXT))),
    "sent-renamed": (
        operation(body=an_object(externalId=TEXT)),
        operation(body=an_object(external_id=TEXT)),
    ),
    "sent-required": (
        operation(body=an_object(a=TEXT)),
        operation(body=an_object("b", a=TEXT, b=TEXT)),
    ),
    "became-required": (operation(body=an_object(a=TEXT)), operation(body=an_object("a", a=TEXT))),
    "type": (operation(body=an_object(a=TEXT)), operation(body=an_object(a={"type": "integer"}))),
    "format": (
        operation(body=an_object(a=TEXT)),
        operation(body=an_object(a=TEXT | {"format": "date"})),
    ),
    "values": (
        operation(body=an_object(a={"enum": ["x", "y"]})),
        operation(body=an_object(a={"enum": ["x"]})),
    ),
    "received-gone": (
        operation(answer=an_object(a=TEXT, b=TEXT)),
        operation(answer=an_object(a=TEXT)),
    ),
    "received-renamed": (
        operation(answer=an_object(aB=TEXT)),
        operation(answer=an_object(a_b=TEXT)),
    ),
    "received-unsure": (
        operation(answer=an_object("a", a=TEXT)),
        operation(answer=an_object(a=TEXT)),
    ),
    "query-gone": (
        operation(parameters=(query("a"), query("b"))),
        operation(parameters=(query("a"),)),
    ),
    "query-renamed": (operation(parameters=(query("aB"),)), operation(parameters=(query("a_b"),))),
    "query-required": (operation(), operation(parameters=(query("p", required=True),))),
}
# Where Redocly alone would have let a break pass as something harmless. When a new version of it
# says more, this test says so, and our rule may go.
TOO_LITTLE = {"sent-gone", "sent-renamed"}


@pytest.fixture(scope="module")
def verdicts() -> dict[str, tuple[Impact, Impact]]:
    """Give, for each breaking change, what Redocly alone and what our rules alone make of it: all
    of them in one go.
    """
    old = a_document(**{name: before for name, (before, _) in BREAKING.items()})
    new = a_document(**{name: after for name, (_, after) in BREAKING.items() if after})
    found = redocly_diff.changes(old, new), rules.changes(old, new)
    return {name: (_of(found[0], f"/v1/{name}"), _of(found[1], f"/v1/{name}")) for name in BREAKING}


def _of(changes: list[Change], path: str) -> Impact:
    return highest(
        each.impact
        for each in changes
        if f"{path}/" in f"{each.where}/" or f"{path} " in each.where
    )


@pytest.mark.parametrize("name", BREAKING)
def test_every_breaking_change_is_major(
    name: str, verdicts: dict[str, tuple[Impact, Impact]]
) -> None:
    """Our rules call each of them major, and Redocly most; where it does not, it is known that it
    does not.
    """
    redoclys, ours = verdicts[name]
    assert ours == "major"
    assert (redoclys != "major") == (name in TOO_LITTLE)


def test_redocly_sees_only_what_the_client_uses() -> None:
    """Operations of other tags, their schemas, other servers and names of operations are kept from
    it.
    """
    document = published()
    document["paths"]["/v1/customers"]["get"]["operationId"] = "getV1Customers"
    kept = narrow(document)
    assert len(kept["paths"]) == 8
    assert "Other1" not in kept["components"]["schemas"]
    assert {"Customer", "CustomerList", "PageMeta", "CustomerCreate", "CustomerUpdate"} <= set(
        kept["components"]["schemas"]
    )
    assert [each["url"] for each in kept["servers"]] == ["https://api.timify.com"]
    assert "operationId" not in json.dumps(kept)
    assert "getV1Customers" in json.dumps(document)


def test_a_refusal_of_redocly_is_passed_on() -> None:
    """When it cannot compare two documents, its own words say why."""
    with pytest.raises(RejectedError, match="Redocly could not compare it: "):
        redocly_diff.changes(a_document(), a_document() | {"openapi": "3.9.0"})


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (None, "gave no report"),
        ("no JSON", "gave no report"),
        (
            '{"changes": [{"impact": "huge", "path": "#/x", "kind": "k", "verdicts": []}]}',
            "rated a change 'huge'",
        ),
    ],
)
def test_an_unknown_report_is_refused(
    answer: str | None, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A report that is not there or not understood is no clean bill."""

    def run(*_: str, cwd: Path, **__: Any) -> subprocess.CompletedProcess[str]:
        if answer is not None:
            (cwd / "report.json").write_text(answer, encoding="utf-8")
        return subprocess.CompletedProcess([], 0, "", "")

    monkeypatch.setattr(redocly, "run", run)
    with pytest.raises(RejectedError, match=reason):
        redocly_diff.changes(a_document(), a_document())


def test_a_missing_redocly_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """When it cannot be installed, that is why there is no rating."""

    def run(*_: str, **__: Any) -> subprocess.CompletedProcess[str]:
        raise redocly.NodeError("npm is offline")

    monkeypatch.setattr(redocly, "run", run)
    with pytest.raises(RejectedError, match="npm is offline"):
        redocly_diff.changes(a_document(), a_document())
