"""Recorded traffic is held against the document: what differs is found, and nothing else."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
import spec_drift
from recording.evidence import unsure
from timify_customers import CallError, TimifyCustomers
from timify_customers.recording import Recorder
from timify_customers.sandbox import Sandbox

SHOWN = [
    "Customfield.label",
    "Category.name",
    "update_customfield 200",
    "get_customer 404",
    "create_customer 201",
]
"""Lines that the answers of a run show, as unsure as the built document says."""
Change = Callable[[httpx.Request, int, Any], tuple[int, Any]]


class Drifting(httpx.AsyncBaseTransport):
    """An API that has moved on: the sandbox, with its answers changed."""

    def __init__(self, sandbox: Sandbox, change: Change) -> None:
        self._inner = httpx.ASGITransport(app=sandbox.app)
        self._change = change

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        response = await self._inner.handle_async_request(request)
        status, body = self._change(
            request, response.status_code, json.loads(await response.aread())
        )
        return httpx.Response(status, json=body)


async def record(path: Path, change: Change) -> spec_drift.Drift:
    """Record every operation, and hold it against the document."""
    sandbox = Sandbox()
    sandbox.company().events["624af9cbed7a899e0f2334ff"] = [
        {"id": "1", "title": "Cut", "date": "2024-05-22Z"}
    ]
    recorder = Recorder(path, Drifting(sandbox, change))
    async with TimifyCustomers(
        sandbox.app_id,
        sandbox.app_secret,
        sandbox.company_id,
        base_url="http://127.0.0.1",
        transport=recorder,
    ) as timify:
        await every_operation(timify)
    return spec_drift.run(path)


async def every_operation(timify: TimifyCustomers) -> None:
    values = {
        "firstName": "Ada",
        "email": "ada@example.com",
        "mobilePhone": "+442079460958",
        "birthday": "1815-12-10",
    }
    category = await timify.categories.create("VIP")
    field = await timify.fields.create(
        "Tier", "SELECT", category=category.id, options=["gold", "silver"]
    )
    ada = await timify.customers.create({**values, field.id: "gold"}, external_id="crm-1815")
    await timify.customers.get(external_id="crm-1815")
    await timify.customers.update({"notes": "naïve 🎩"}, customer_id=ada.id)
    await timify.customers.import_many([{"importCustomerId": "crm-2", "firstName": "Bea"}])
    [_ async for _ in timify.customers.list(page_size=1)]
    [_ async for _ in timify.customers.events("624af9cbed7a899e0f2334ff")]
    await timify.fields.list()
    await timify.fields.get(field.id)
    await timify.fields.update(field.id, label="Rank")
    await timify.fields.delete(field.id)
    await timify.categories.list()
    await timify.categories.get(category.id)
    await timify.categories.update(category.id, name="Very important")
    await timify.categories.delete(category.id)
    await timify.customers.delete(ada.id)
    with pytest.raises(CallError):
        await timify.customers.get(ada.id)


async def test_a_run_without_drift_is_clean(tmp_path: Path) -> None:
    """All operations on the sandbox, recorded and anonymised, contradict nothing, and many unsure
    lines held.
    """
    drift = await record(tmp_path / "t.har", lambda request, status, body: (status, body))
    assert drift.problems == [], drift.text
    assert drift.exchanges >= 20
    held = dict(drift.held)
    shown = [*SHOWN, "Customer.externalId"]
    assert {line: level for line, level in held.items() if line in shown} == unsure(shown)
    assert held
    assert "create_customer 200" not in held


def wrong_type(request: httpx.Request, status: int, body: Any) -> tuple[int, Any]:
    if request.url.path == "/v1/customers/customfields" and request.method == "GET":
        body["data"][0]["orderIndex"] = "first"
    return status, body


def new_key(request: httpx.Request, status: int, body: Any) -> tuple[int, Any]:
    if request.url.path == "/v1/customers" and request.method == "POST":
        body["data"]["loyaltyPoints"] = 4
    return status, body


def new_status(request: httpx.Request, status: int, body: Any) -> tuple[int, Any]:
    return (207, body) if request.url.path == "/v1/customers/import" else (status, body)


def new_type_of_field(request: httpx.Request, status: int, body: Any) -> tuple[int, Any]:
    if request.url.path == "/v1/customers/customfields" and request.method == "GET":
        body["data"][0]["type"] = "COLOUR"
    return status, body


def renamed(request: httpx.Request, status: int, body: Any) -> tuple[int, Any]:
    if "/categories/" in request.url.path and request.method == "GET":
        body["data"]["title"] = body["data"].pop("name")
    return status, body


DRIFTS = {
    wrong_type: [
        "error: GET /v1/customers/customfields (200)",
        "must be integer",
        "The document has Customfield.orderIndex as inferred.",
    ],
    new_key: ["error: POST /v1/customers (201)", 'undocumented field "data.loyaltyPoints"'],
    new_status: ["error: POST /v1/customers/import (207): Status 207 is not in the document."],
    new_type_of_field: [
        "error: GET /v1/customers/customfields (200)",
        "COLOUR",
        "Customfield.type as inferred",
    ],
    renamed: [
        "error: GET /v1/customers/customfields/categories/{categoryId} (200)",
        'undocumented field "data.title"',
    ],
}


@pytest.mark.parametrize("change", DRIFTS, ids=lambda it: it.__name__)
async def test_a_drift_is_found(change: Change, tmp_path: Path) -> None:
    """A type, a key, a status, a value that the document does not have is reported, in spite of the
    look-alikes.
    """
    drift = await record(tmp_path / "t.har", change)
    assert len(drift.problems) >= 1
    for word in DRIFTS[change]:
        assert word in drift.text
    if change is wrong_type:
        assert "Customfield.orderIndex" not in dict(drift.held)


@pytest.mark.parametrize("name", ["clean", "new", "none"])
def test_the_command(name: str, tmp_path: Path) -> None:
    """The command prints the report; it fails when there is a finding or no file."""
    if name != "none":
        change = new_key if name == "new" else lambda request, status, body: (status, body)
        asyncio.run(record(tmp_path / f"{name}.har", change))
    done = subprocess.run(
        [sys.executable, spec_drift.ROOT / "tools" / "spec_drift.py", tmp_path / f"{name}.har"],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    code, word = {"clean": (0, " 0 findings"), "new": (1, " 1 findings"), "none": (1, "not found")}[
        name
    ]
    assert done.returncode == code, done.stderr
    assert word in done.stdout + done.stderr
    assert ("not of TIMIFY's API" in done.stderr) == (name != "none")  # it is the sandbox's


@pytest.mark.parametrize(
    ("urls", "elsewhere"),
    [
        (["https://api.timify.com/v1/customers", "https://api-stg.timify.com/v1/customers"], []),
        (["https://docs2.timify.com/_mock/apis/openapi/v1/customers"], ["docs2.timify.com"]),
        (
            ["http://127.0.0.1:8000/v1/customers", "https://api.timify.com/v1/customers"],
            ["127.0.0.1"],
        ),
        (
            ["https://api.timify.com.example.invalid/v1/customers"],
            ["api.timify.com.example.invalid"],
        ),
    ],
)
def test_traffic_of_another_host_is_warned_of(
    urls: list[str], elsewhere: list[str], tmp_path: Path
) -> None:
    """What a sandbox or a mock server answers proves nothing of the API, and the report says so."""
    har = tmp_path / "t.har"
    har.write_text(
        json.dumps({"log": {"entries": [{"request": {"url": url}} for url in urls]}}), "utf-8"
    )
    drift = spec_drift.Drift(1, [], [], spec_drift._elsewhere(har))
    assert drift.elsewhere == elsewhere
    assert bool(drift.warning) == bool(elsewhere)
    assert all(host in drift.warning for host in elsewhere)
