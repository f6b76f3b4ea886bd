"""What the demo does to the company, seen from within the sandbox."""

import json
import runpy
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from demo.runs import DEMO, INVALID, Row
from support.operations import columns_of
from timify_customers import ImportReport, TimifyCustomers
from timify_customers.sandbox import Sandbox, StoredCustomer


class Silence:
    """Takes what the demo would show."""

    def line(self, text: str) -> None:
        assert text

    @contextmanager
    def bar(self, label: str, total: int) -> Iterator[Callable[[], object]]:
        assert label
        assert total
        yield lambda: None


@pytest.fixture
def sandbox() -> Sandbox:
    return Sandbox()


@pytest.fixture(scope="module")
def demo() -> SimpleNamespace:
    return SimpleNamespace(**runpy.run_path(str(DEMO)))


@pytest.fixture
async def timify(sandbox: Sandbox) -> AsyncGenerator[TimifyCustomers, None]:
    transport = httpx.ASGITransport(app=sandbox.app)
    async with TimifyCustomers(
        sandbox.app_id,
        sandbox.app_secret,
        sandbox.company_id,
        base_url="https://sandbox.invalid",
        transport=transport,
    ) as client:
        yield client


@pytest.fixture
async def outcome(demo: SimpleNamespace, timify: TimifyCustomers, rows: list[Row]) -> Any:
    outcome = await demo.move_in(timify, rows, Silence())
    await demo.check(timify, outcome, rows)
    return outcome


def columns(sandbox: Sandbox, customer: StoredCustomer) -> dict[str, str]:
    """Give what a customer holds by column of the file, its phone by its international number."""
    fields = sandbox.company().fields
    held = {
        fields[key].default_id or fields[key].label: text for key, text in customer.values.items()
    }
    if phone := held.get("mobilePhone"):
        held["mobilePhone"] = json.loads(phone)["phone"]
    return held


def expected(row: Mapping[str, str]) -> dict[str, str]:
    given = {column: cell for column, cell in row.items() if cell and column != "crm_id"}
    if phone := given.get("mobilePhone"):
        given["mobilePhone"] = "+" + "".join(filter(str.isdigit, phone))
    return given


async def test_the_company_holds_what_the_file_says(
    outcome: Any, sandbox: Sandbox, rows: list[Row]
) -> None:
    """Every good row is a customer with exactly its values, emoji and all, but for the two that
    change.
    """
    good = {
        row["crm_id"]: expected(row) for number, row in enumerate(rows, 1) if number not in INVALID
    }
    del good["crm-0815"]
    good["crm-0042"]["Loyalty tier"] = "platinum"
    customers = sandbox.company().customers.values()
    assert {it.external_id: columns(sandbox, it) for it in customers} == good
    assert all(it.external_id == it.import_customer_id for it in customers)


async def test_bad_rows_are_never_sent(outcome: Any, sandbox: Sandbox, rows: list[Row]) -> None:
    """The import requests carry the good rows once each and in order, and none of the bad ones."""
    sent = [
        columns_of(row)
        for it in sandbox.requests
        if it.operation == "import_customers"
        for row in it.json["customers"]
    ]
    assert [row["importCustomerId"] for row in sent] == [
        row["crm_id"] for number, row in enumerate(rows, 1) if number not in INVALID
    ]
    assert list(dict.fromkeys(it.number for it in outcome.report.problems)) == list(INVALID)


async def test_a_second_move_updates(
    outcome: Any, demo: SimpleNamespace, timify: TimifyCustomers, sandbox: Sandbox, rows: list[Row]
) -> None:
    """A second move into the same company creates no field, updates who is there and brings back
    who was deleted.
    """
    company = sandbox.company()
    fields, people = dict(company.fields), set(company.customers)
    again = await demo.move_in(timify, rows, Silence())
    await demo.check(timify, again, rows)
    assert (again.created, again.customers) == ((), (1199, 1200, 1199))
    assert company.fields == fields
    assert set(company.customers) == people


async def test_figures_that_do_not_fit_are_found(
    outcome: Any, demo: SimpleNamespace, timify: TimifyCustomers, rows: list[Row]
) -> None:
    """The demo's own check refuses each figure that is not as it should be, by what it means."""
    before, _ = outcome.updated
    wrong: dict[str, dict[str, Any]] = {
        "each row is accepted or invalid": {"report": ImportReport(accepted=1200, requests=13)},
        "all that was accepted can be read": {"found": 1199},
        "the update shows": {"updated": (before, before)},
        "one customer is gone": {"customers": (0, 1200, 1200)},
    }
    for fact, change in wrong.items():
        with pytest.raises(demo.UnexpectedError, match=f"expected, but not so: {fact}$"):
            await demo.check(timify, outcome._replace(**change), rows)


async def test_a_deletion_that_was_none_is_found(
    outcome: Any, demo: SimpleNamespace, timify: TimifyCustomers, rows: list[Row]
) -> None:
    """The demo's own check fails when the deleted customer is still there."""
    await timify.customers.create({"firstName": "Joelle"}, external_id="crm-0815")
    with pytest.raises(demo.UnexpectedError, match="crm-0815 was deleted, and is still there"):
        await demo.check(timify, outcome, rows)
