"""docs/lists.md: its way to read a list with steady renames, and its advice for each job."""

from __future__ import annotations

import random
import re
import textwrap
from pathlib import Path
from typing import Any, get_args

import httpx
import pytest
from attrs import define, field
from timify_customers._paging.pager import OnShift
from timify_customers.sandbox import Sandbox

ROOT = Path(__file__, "../../..").resolve()
DOCS = (ROOT / "docs/lists.md").read_text("utf-8")


@define
class Renaming(httpx.AsyncBaseTransport):
    """The sandbox, where somebody is renamed before each page of the list.

    Attributes:
        contradicting: the requests for pages, by number, that are answered with an empty page.
    """

    sandbox: Sandbox
    contradicting: set[int] = field(factory=set)
    luck: random.Random = field(factory=lambda: random.Random(1815))
    pages: int = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.path == "/v1/customers":
            self.pages += 1
            self._rename()
            if self.pages in self.contradicting:
                return httpx.Response(200, json={"data": [], "total": 60, "status": 1})
        return await self.sandbox.transport().handle_async_request(request)

    def _rename(self) -> None:
        company = self.sandbox.company()
        customer = self.luck.choice([*company.customers.values()])
        name = company.default_field("firstName").id
        values = {**customer.values, name: f"P{self.luck.random()}"}
        company.put(type(customer)(**{**_attributes(customer), "values": values}))


def _attributes(customer: Any) -> dict[str, Any]:
    return {name: getattr(customer, name) for name in type(customer).__slots__}


async def read_as_documented(transport: Renaming) -> dict[str, Any]:
    """Run the example of the page, with pages of ten."""
    section = DOCS.partition("## Lists with steady renames")[2]
    example = re.search(r"```python\n(.*?)```", section, re.DOTALL)
    assert example
    code = example[1].replace("page_size=1000", "page_size=10")
    names: dict[str, Any] = {}
    body = textwrap.indent(f"{code}\nreturn customers", "    ")
    exec(f"async def read(timify):\n{body}", names)
    async with transport.sandbox.client(transport=transport) as timify:
        found: dict[str, Any] = await names["read"](timify)
        return found


@pytest.fixture
def transport() -> Renaming:
    sandbox = Sandbox()
    sandbox.add_customers([{"firstName": f"P{number / 60}"} for number in range(60)])
    return Renaming(sandbox)


async def test_the_documented_way_finds_everybody_here(transport: Renaming) -> None:
    """Three readings, with a rename before each page, have all customers between them."""
    found = await read_as_documented(transport)
    assert set(found) == set(transport.sandbox.company().customers)
    assert transport.pages >= 18


async def test_the_documented_way_outlives_a_reading_that_fails(transport: Renaming) -> None:
    """What a reading found before its pages contradicted each other is kept."""
    transport.contradicting = {4}
    found = await read_as_documented(transport)
    assert set(found) == set(transport.sandbox.company().customers)


@pytest.mark.parametrize("choice", get_args(OnShift))
def test_each_choice_is_recommended_for_a_job(choice: str) -> None:
    """The page's table of jobs and the README say what each `on_shift` is for."""
    jobs = DOCS.partition("## Which `on_shift` to use")[2].partition("What each of them does")[0]
    uses = [row.split("|")[2] for row in jobs.splitlines() if row.startswith("| ")]
    assert any(f'"{choice}"' in use for use in uses)
    assert re.search(rf'"{choice}"`[^`;]* for ', (ROOT / "README.md").read_text("utf-8"))
