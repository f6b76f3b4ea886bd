"""What each mode of the pager promises while the list changes, held against the sandbox."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, Literal

import httpx
from attrs import define, field
from hypothesis import given
from hypothesis import strategies as st
from timify_customers import ListChangedError, ListChangedWarning, PaginationError, TimifyCustomers
from timify_customers.sandbox import CustomerInput, Sandbox

Edit = tuple[Literal["insert", "delete", "rename"], int, str]
NAMES = st.sampled_from("abcde")
SIZES = st.integers(1, 4)
LISTS = st.lists(NAMES, max_size=12)


def scripts(
    *kinds: str, places: tuple[int, int] = (0, 11)
) -> st.SearchStrategy[dict[int, list[Edit]]]:
    """Edits by the number of pages that were answered before them: at least one, so that they come
    in between.
    """
    edit = st.tuples(st.sampled_from(kinds), st.integers(*places), NAMES)
    return st.dictionaries(st.integers(1, 10), st.lists(edit, min_size=1, max_size=3), max_size=6)


@define
class Changing(httpx.AsyncBaseTransport):
    """Hands requests to the sandbox, and changes its customers between pages.

    Attributes:
        steady: the customers that were there all the time, and were not renamed.
        pages: the ids of each page that was answered.
        edited: how many edits were done before a page that was answered.
    """

    sandbox: Sandbox
    script: Mapping[int, Sequence[Edit]]
    steady: set[str] = field(factory=set)
    pages: list[list[str]] = field(factory=list)
    edited: int = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        lists = request.url.path == "/v1/customers"
        if lists:
            for edit in self.script.get(len(self.pages), ()):
                self._edit(*edit)
        response = await httpx.ASGITransport(app=self.sandbox.app).handle_async_request(request)
        await response.aread()
        if lists:
            self.pages.append([row["id"] for row in response.json()["data"]])
        return response

    def _edit(self, kind: str, place: int, name: str) -> None:
        company = self.sandbox.company()
        values = {company.default_field("firstName").id: name}
        if kind == "insert":
            company.create(values)
            self.edited += 1
        elif company.customers:
            chosen = sorted(company.customers)[place % len(company.customers)]
            self.steady.discard(chosen)
            self.edited += 1
            if kind == "delete":
                company.remove(company.customers[chosen])
            else:
                company.update(company.customers[chosen], CustomerInput(values=values))


@define
class Outcome:
    """What a loop came to."""

    transport: Changing
    ids: list[str] = field(factory=list)
    signs: int = 0
    error: PaginationError | None = None

    @property
    def twice(self) -> bool:
        return len({*self.ids}) < len(self.ids)


async def read(
    names: list[str], size: int, script: Mapping[int, Sequence[Edit]], mode: Any
) -> Outcome:
    sandbox = Sandbox()
    company = sandbox.company()
    first_name = company.default_field("firstName").id
    steady = {company.create({first_name: name}).id for name in names}
    outcome = Outcome(Changing(sandbox, script, steady))
    app = sandbox.app_id, sandbox.app_secret, sandbox.company_id
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", ListChangedWarning)
        async with TimifyCustomers(
            *app, base_url="http://127.0.0.1", transport=outcome.transport
        ) as timify:
            try:
                async for customer in timify.customers.list(page_size=size, on_shift=mode):
                    outcome.ids.append(customer.id)
            except PaginationError as error:
                outcome.error = error
    outcome.signs = len([warning for warning in caught if warning.category is ListChangedWarning])
    return outcome


def check_error(outcome: Outcome) -> None:
    """Only a change ends the reading of an honest server: one that is told, or one that made two
    pages the same.
    """
    if outcome.error is not None:
        assert outcome.transport.edited
        known = "same page", "circles", "list changed"
        assert any(word in str(outcome.error) for word in known)


def unlike_the_page_before(pages: list[list[str]]) -> list[str]:
    return [it for before, page in pairwise([[], *pages]) for it in page if it not in before]


@given(names=LISTS, size=SIZES, script=scripts("insert", "delete", "rename"))
async def test_rescan_misses_nobody(
    names: list[str], size: int, script: dict[int, list[Edit]]
) -> None:
    """Ended without an error, a rescan gave each id once, and every customer that was there and
    stayed in place.
    """
    outcome = await read(names, size, script, "rescan")
    check_error(outcome)
    assert not outcome.twice
    assert not outcome.signs
    if outcome.error is None:
        assert outcome.transport.steady <= {*outcome.ids}


@given(names=LISTS, size=SIZES, script=scripts("insert", "delete", "rename"))
async def test_warn_drops_what_it_remembers(
    names: list[str], size: int, script: dict[int, list[Edit]]
) -> None:
    """At most one warning, and no row that was on the page before; without edits nothing is twice
    or missing.
    """
    outcome = await read(names, size, script, "warn")
    check_error(outcome)
    assert outcome.signs <= 1
    expected = unlike_the_page_before(outcome.transport.pages)
    assert outcome.ids == expected[: len(outcome.ids)]
    if outcome.error is None:
        assert outcome.ids == expected
    if not outcome.transport.edited:
        assert (outcome.error, outcome.signs, {*outcome.ids}) == (None, 0, outcome.transport.steady)


@given(names=LISTS, size=SIZES, script=st.one_of(scripts("insert"), scripts("delete")))
async def test_a_change_of_number_is_never_silent(
    names: list[str], size: int, script: dict[int, list[Edit]]
) -> None:
    """Customers that only come, or only go, while pages are read: a warning or an error."""
    warned, raised = (
        await read(names, size, script, "warn"),
        await read(names, size, script, "raise"),
    )
    assert bool(warned.signs or warned.error) is (warned.transport.edited > 0)
    assert bool(raised.error) is (raised.transport.edited > 0)
    if raised.error is None:
        assert {*raised.ids} == raised.transport.steady
        assert not raised.twice


@given(names=LISTS, size=SIZES, script=scripts("insert"))
async def test_customers_that_come_hide_nobody(
    names: list[str], size: int, script: dict[int, list[Edit]]
) -> None:
    """What is added shifts the rest behind, so that rows come again; none is missed."""
    outcome = await read(names, size, script, "warn")
    if outcome.error is None:
        assert outcome.transport.steady <= {*outcome.ids}


@given(names=LISTS, size=SIZES, script=scripts("insert", "delete", "rename"))
async def test_raise_gives_nothing_behind_the_sign(
    names: list[str], size: int, script: dict[int, list[Edit]]
) -> None:
    """Up to the page with the sign, "raise" gives what "warn" gives, and then ends; without a sign
    it is the same.
    """
    raised, warned = (
        await read(names, size, script, "raise"),
        await read(names, size, script, "warn"),
    )
    assert len(raised.ids) <= len(warned.ids)
    assert not raised.signs
    assert raised.ids == unlike_the_page_before(raised.transport.pages)[: len(raised.ids)]
    if not warned.signs and warned.error is None:
        assert raised.error is None
        assert len(raised.ids) == len(warned.ids)
    elif warned.signs:
        assert isinstance(raised.error, ListChangedError)


async def test_a_deletion_and_an_insertion_that_cancel_out_stay_unseen() -> None:
    """As the documentation says: one goes before the page, one comes behind it, and "warn" misses a
    row.
    """
    script: dict[int, list[Edit]] = {1: [("delete", 0, ""), ("insert", 0, "z")]}
    warned = await read(list("aabbcc"), 2, script, "warn")
    assert (warned.signs, warned.error) == (0, None)
    assert len(warned.transport.steady - {*warned.ids}) == 1
    rescanned = await read(list("aabbcc"), 2, script, "rescan")
    assert rescanned.error is None
    assert rescanned.transport.steady <= {*rescanned.ids}
