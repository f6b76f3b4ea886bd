"""Reading back what was imported."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from bulk.api import Api, client, refuse
from timify_customers import ArgumentError, ImportInterruptedError
from timify_customers.sandbox import Sandbox

ROWS = [
    {
        "key": f"k{number}",
        "id": f"{number:024x}",
        "externalId": f"x{number}",
        "firstName": f"Ada {number}",
        "email": "",
    }
    for number in range(12)
]


def without(*columns: str) -> list[dict[str, str]]:
    return [{name: value for name, value in row.items() if name not in columns} for row in ROWS]


async def verified(api: Api, rows: Any, verify: str, **options: Any) -> Any:
    async with client(api) as timify:
        return await timify.customers.import_many(
            rows, key="key", chunk_size=5, verify=verify, **options
        )


@pytest.mark.parametrize("by", ["id", "externalId", "firstName"])
async def test_what_is_there_is_verified(by: str) -> None:
    """By id, external id or a custom field, each row is found with all its values."""
    report = await verified(Api(), ROWS, by)
    assert (report.accepted, report.verified, report.mismatched, report.missing) == (12, 12, 0, 0)
    assert report.ok


@pytest.mark.parametrize("by", ["id", "externalId", "firstName", "nickname"])
async def test_rows_that_cannot_be_found_are_refused_before_anything_is_sent(by: str) -> None:
    """When no row carries what it is to be found by, the import does not begin."""
    api = Api()
    with pytest.raises(ArgumentError, match=f"verify='{by}'"):
        await verified(api, without(by), by)
    assert not api.requests


async def test_what_is_otherwise_or_not_there_is_reported() -> None:
    """A value that differs, one that was to be cleared, and a customer that is not there are
    problems, by column.
    """

    class Careless(Api):
        def _respond(self, request: httpx.Request) -> httpx.Response:
            self.kept.pop("k1", None)
            for key, value in (("k3", "Eve"), ("k4", "Eve")):
                if key in self.kept:
                    self.kept[key]["customfields"] = [{"id": "f-firstName", "value": value}]
            if "k5" in self.kept:
                self.kept["k5"]["customfields"] = [
                    *self.kept["k5"]["customfields"],
                    {"id": "f-email", "value": "e@example.com"},
                ]
            return super()._respond(request)

    report = await verified(Careless(), ROWS, "externalId")
    assert (report.accepted, report.verified, report.mismatched, report.missing) == (12, 8, 3, 1)
    assert [(problem.number, problem.column) for problem in report.problems] == [
        (2, "externalId"),
        (4, "firstName"),
        (5, "firstName"),
        (6, "email"),
    ]
    assert not report.ok


async def test_rows_that_were_not_taken_are_not_looked_for() -> None:
    """Invalid and rejected rows are not missed, as they are no customers; unknown ones may be."""

    def answer(rows: list[dict[str, Any]]) -> Any:
        return httpx.Response(500) if rows[0]["importCustomerId"] == "k10" else refuse("k3")(rows)

    async with client(Api(answer), retries=0) as timify:
        rows = [*ROWS, {"key": "z", "email": "no", "externalId": "z"}]
        report = await timify.customers.import_many(
            rows, key="key", chunk_size=5, verify="externalId"
        )
    assert (report.accepted, report.rejected, report.unknown, report.invalid) == (9, 1, 2, 1)
    assert (report.verified, report.missing) == (9, 2)


async def test_a_number_that_is_shown_as_a_number_is_verified() -> None:
    """A value counts as read back when its JSON spells the same, be it text, number or boolean."""

    class Typed(Api):
        def _respond(self, request: httpx.Request) -> httpx.Response:
            for row in self.kept.values():
                row["customfields"] = [{"id": "f-firstName", "value": 0}]
            return super()._respond(request)

    report = await verified(Typed(), [{"key": "k", "id": "5" * 24, "firstName": "0"}], "id")
    assert (report.verified, report.mismatched) == (1, 0)


async def test_a_row_without_what_it_is_found_by_is_missing() -> None:
    """When only some rows carry it, the others are reported."""
    report = await verified(Api(), [*ROWS[:3], *without("externalId")[3:]], "externalId")
    assert (report.verified, report.missing) == (3, 9)


async def test_rows_of_an_earlier_run_are_verified_too(tmp_path: Any) -> None:
    """What a checkpoint knows is read back as well."""
    api, path = Api(), tmp_path / "x.sqlite"
    await verified(api, ROWS[:7], "firstName", checkpoint=path)
    report = await verified(api, ROWS, "firstName", checkpoint=path)
    assert (report.resumed, report.verified) == (7, 12)


async def test_a_list_that_cannot_be_read_is_an_error_with_the_report() -> None:
    """The rows are imported all the same, and the error says so."""

    class Blind(Api):
        def _respond(self, request: httpx.Request) -> httpx.Response:
            return (
                httpx.Response(403, json={})
                if request.url.path == "/v1/customers"
                else super()._respond(request)
            )

    with pytest.raises(ImportInterruptedError, match="reading them back failed") as caught:
        await verified(Blind(), ROWS, "id")
    assert (caught.value.report.accepted, caught.value.pending) == (12, ())


async def test_the_sandbox_shows_what_was_imported() -> None:
    """Over the sandbox, with pages and other customers beside: phones and dates included."""
    sandbox = Sandbox()
    home = sandbox.company()
    for number in range(20):
        home.create({home.default_field("firstName").id: "Other"}, external_id=f"o{number}")
    rows = [
        {
            "key": f"k{number}",
            "externalId": f"x{number}",
            "birthday": "1815-12-10",
            "mobilePhone": "+44 20 7946 0958",
        }
        for number in range(30)
    ]
    options: Any = {
        "base_url": "http://127.0.0.1",
        "transport": httpx.ASGITransport(app=sandbox.app),
        "page_size": 7,
    }
    from timify_customers import TimifyCustomers

    async with TimifyCustomers(
        sandbox.app_id, sandbox.app_secret, sandbox.company_id, **options
    ) as timify:
        report = await timify.customers.import_many(rows, key="key", verify="externalId")
    assert (report.accepted, report.verified) == (30, 30)
