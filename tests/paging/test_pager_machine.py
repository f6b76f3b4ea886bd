"""Readings of one list in all modes side by side, while a state machine adds, renames and deletes
between pages.
"""

from __future__ import annotations

import asyncio
import warnings
from collections.abc import AsyncGenerator
from typing import Any

import httpx
from attrs import define, field
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from timify_customers import ListChangedWarning, Page, PaginationError, TimifyCustomers
from timify_customers.sandbox import CustomerInput, Sandbox

NAMES = st.sampled_from("abcde")
MODES = ("warn", "raise", "rescan")


@define
class OneReading:
    """A loop over pages that has begun: what it gave, and what it owes.

    Attributes:
        steady: customers that were there when it began, and were neither renamed nor deleted since.
        edits: how many edits there have been since.
        signs: how many warnings it gave.
        end: how it ended; None while it goes on.
    """

    mode: str
    pages: AsyncGenerator[Page[Any], None]
    steady: set[str]
    given: list[list[str]] = field(factory=list)
    edits: int = 0
    signs: int = 0
    end: Exception | str | None = None

    @property
    def ids(self) -> list[str]:
        return [it for page in self.given for it in page]


class Paging(RuleBasedStateMachine):
    """Pager and sandbox."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.sandbox = Sandbox()
        self.company = self.sandbox.company()
        self.first_name = self.company.default_field("firstName").id
        self.timify = TimifyCustomers(
            self.sandbox.app_id,
            self.sandbox.app_secret,
            self.sandbox.company_id,
            base_url="http://127.0.0.1",
            transport=httpx.ASGITransport(app=self.sandbox.app),
        )
        self.readings: list[OneReading] = []

    @initialize(names=st.lists(NAMES, min_size=4, max_size=10), size=st.integers(1, 3))
    def fill(self, names: list[str], size: int) -> None:
        for name in names:
            self.company.create({self.first_name: name})
        for mode in MODES:
            self.begin(mode, size)

    @rule(mode=st.sampled_from(MODES), size=st.integers(1, 4))
    @precondition(lambda self: sum(it.end is None for it in self.readings) < 3)
    def begin(self, mode: Any, size: int) -> None:
        pages = self.timify.customers.list(page_size=size, on_shift=mode).pages()
        self.readings.append(OneReading(mode, pages, set(self.company.customers)))

    @rule(which=st.integers(0, 3), turns=st.integers(1, 3))
    @precondition(lambda self: any(it.end is None for it in self.readings))
    def turn(self, which: int, turns: int) -> None:
        for _ in range(turns):
            if going := [it for it in self.readings if it.end is None]:
                self._turn(going[which % len(going)])

    def _turn(self, reading: OneReading) -> None:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always", ListChangedWarning)
            try:
                page = self.runner.run(anext(reading.pages))  # type: ignore[arg-type]
                reading.given.append([customer.id for customer in page.items])
            except StopAsyncIteration:
                reading.end = "whole"
            except PaginationError as error:
                reading.end = error
        reading.signs += sum(it.category is ListChangedWarning for it in caught)

    @rule(name=NAMES)
    def insert(self, name: str) -> None:
        self.company.create({self.first_name: name})
        self._edited()

    @rule(place=st.integers(0, 20), name=NAMES)
    @precondition(lambda self: self.company.customers)
    def rename(self, place: int, name: str) -> None:
        chosen = sorted(self.company.customers)[place % len(self.company.customers)]
        self.company.update(
            self.company.customers[chosen], CustomerInput(values={self.first_name: name})
        )
        self._edited(chosen)

    @rule(place=st.integers(0, 20))
    @precondition(lambda self: self.company.customers)
    def delete(self, place: int) -> None:
        chosen = sorted(self.company.customers)[place % len(self.company.customers)]
        self.company.remove(self.company.customers[chosen])
        self._edited(chosen)

    def _edited(self, *touched: str) -> None:
        for reading in self.readings:
            if reading.end is None:
                reading.edits += 1
                reading.steady.difference_update(touched)

    @invariant()
    def nothing_is_given_twice_where_that_is_promised(self) -> None:
        for reading in self.readings:
            rows = (
                reading.ids
                if reading.mode == "rescan"
                else [it for page in reading.given[-2:] for it in page]
            )
            if reading.mode == "rescan" or reading.signs == 0:
                assert len(rows) == len(set(rows))

    @invariant()
    def one_warning_at_most_and_none_without_a_change(self) -> None:
        for reading in self.readings:
            assert reading.signs <= (1 if reading.mode == "warn" and reading.edits else 0)

    @invariant()
    def a_rescan_that_ended_well_missed_nobody(self) -> None:
        for reading in self.readings:
            if reading.mode == "rescan" and reading.end == "whole":
                assert reading.steady <= set(reading.ids)

    @invariant()
    def a_list_that_stayed_as_it_was_is_read_whole(self) -> None:
        for reading in self.readings:
            if not reading.edits and reading.end is not None:
                assert (reading.end, set(reading.ids)) == ("whole", reading.steady)

    def teardown(self) -> None:
        """Every reading ends in the end, and none is left under way."""
        for reading in self.readings:
            for _ in range(200):
                if reading.end is None:
                    self._turn(reading)
            assert reading.end is not None
        self.nothing_is_given_twice_where_that_is_promised()
        self.a_rescan_that_ended_well_missed_nobody()
        self.a_list_that_stayed_as_it_was_is_read_whole()
        self.runner.run(self.timify.aclose())
        self.runner.close()


TestPaging = Paging.TestCase
TestPaging.settings = settings(max_examples=300, stateful_step_count=25, deadline=None)
