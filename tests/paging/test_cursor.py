"""A cursor goes on where a loop stood: in another loop, client or process, and says when the list
has moved.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from timify_customers import (
    ArgumentError,
    ListChangedError,
    ListChangedWarning,
    NotFoundError,
    Pager,
    PaginationError,
    TimifyCustomers,
)
from timify_customers.sandbox import Sandbox

Fetch = Callable[[int, int], Awaitable[Any]]


def listed(ids: list[str], *, total: bool = True, cap: int = 10**6) -> Any:
    async def fetch(page: int, size: int) -> tuple[dict[str, Any], list[Any]]:
        size = min(size, cap)
        rows = [{"id": it} for it in ids[(page - 1) * size : page * size]]
        return {"data": rows, "total": len(ids) if total else None}, rows

    return fetch


async def read(pager: Pager[Any], count: int = 10**6) -> list[str]:
    ids: list[str] = []
    async for row in pager:
        ids.append(row["id"])
        if len(ids) == count:
            break
    return ids


@given(
    rows=st.integers(0, 30),
    size=st.integers(1, 10),
    count=st.integers(1, 30),
    cap=st.integers(1, 12),
    total=st.booleans(),
)
async def test_what_comes_behind_the_cursor_is_the_rest(
    *, rows: int, size: int, count: int, cap: int, total: bool
) -> None:
    """Left behind any item, the cursor gives the items behind it: none twice, none missing, and no
    sign of change.
    """
    ids = [f"row {i}" for i in range(rows)]
    pager: Pager[Any] = Pager(listed(ids, cap=cap, total=total), page_size=size)
    first = await read(pager, count)
    if not first:
        assert pager.cursor is None
        return
    resumed: Pager[Any] = Pager(
        listed(ids, cap=cap, total=total), page_size=size, cursor=pager.cursor
    )
    assert first + await read(resumed) == ids
    assert await read(resumed, 1) == ids[len(first) :][:1]


@pytest.mark.parametrize("count", [1, 3, 4])
async def test_a_shift_on_the_page_is_followed_and_told(count: int) -> None:
    """Rows that came or went before the last one on its page: reading goes on right behind it, with
    a sign.
    """
    ids = [f"{i:02}" for i in range(12)]
    pager: Pager[Any] = Pager(listed(ids, total=False), page_size=6)
    first = await read(pager, count)
    more = ["a", "b", *ids]
    with pytest.warns(ListChangedWarning, match="not in its place"):
        assert (
            first + await read(Pager(listed(more, total=False), page_size=6, cursor=pager.cursor))
            == ids
        )
    with pytest.raises(ListChangedError, match="not in its place"):
        await read(
            Pager(listed(more, total=False), page_size=6, cursor=pager.cursor, on_shift="raise")
        )


@pytest.mark.parametrize("left", [[], ["x"], ["x", "y", "z", "05"]])
async def test_a_row_that_is_gone_is_told(left: list[str]) -> None:
    """When the last row is not on its page any more, the place is all there is to go by; that is a
    sign.
    """
    pager: Pager[Any] = Pager(listed([f"{i:02}" for i in range(6)], total=False), page_size=6)
    await read(pager, 3)
    with pytest.warns(ListChangedWarning, match="not in its place"):
        assert (
            await read(Pager(listed(left, total=False), page_size=6, cursor=pager.cursor))
            == left[3:]
        )


async def test_a_total_that_changed_since_is_told() -> None:
    """The total is remembered, too."""
    pager: Pager[Any] = Pager(listed(list("abcdef")), page_size=2)
    await read(pager, 2)
    with pytest.warns(ListChangedWarning, match="from 6 to 7"):
        assert await read(Pager(listed(list("abcdefg")), page_size=2, cursor=pager.cursor)) == list(
            "cdefg"
        )


async def test_pages_and_await_move_the_cursor_too() -> None:
    """Behind a page, the cursor is behind its last row; at the end, rows that came since are what
    it gives.
    """
    pager: Pager[Any] = Pager(listed(list("abcde"), total=False), page_size=2)
    await pager
    assert await read(Pager(listed(list("abcde")), page_size=2, cursor=pager.cursor)) == list("cde")
    async for page in pager.pages():
        if page.number == 2:
            break
    assert await read(Pager(listed(list("abcde")), page_size=2, cursor=pager.cursor)) == ["e"]
    await read(pager)
    assert (
        await read(Pager(listed(list("abcde"), total=False), page_size=2, cursor=pager.cursor))
        == []
    )
    assert await read(
        Pager(listed(list("abcdefgh"), total=False), page_size=2, cursor=pager.cursor)
    ) == list("fgh")


async def test_the_cursor_of_a_page_is_behind_its_last_row() -> None:
    """However many rows the page has; behind a page without any there is no place."""
    pager: Pager[Any] = Pager(listed(list("abcdefg")), page_size=3)
    async for _ in pager.pages():
        break
    rest = Pager(listed(list("abcdefg")), page_size=3, cursor=pager.cursor)
    assert await read(rest) == list("defg")
    nothing: Pager[Any] = Pager(listed([]), page_size=3)
    await nothing
    assert nothing.cursor is None


async def test_rows_before_the_cursor_count_to_the_total() -> None:
    """A list that a cursor continues is held against its total, too."""

    async def fetch(page: int, size: int) -> Any:
        rows = [{"id": row} for row in "abcd"[(page - 1) * size : page * size]]
        return {"data": rows, "total": 6}, rows

    pager: Pager[Any] = Pager(fetch, page_size=2)
    await pager
    with pytest.raises(PaginationError, match="read 4 rows, the API's total is 6"):
        await read(Pager(fetch, page_size=2, cursor=pager.cursor))


async def test_after_an_error_the_cursor_goes_on() -> None:
    """A page that could not be read costs no more than that page."""
    whole = listed(list("abcdef"))

    async def fetch(page: int, size: int) -> Any:
        if page == 2:
            raise NotFoundError("gone")
        return await whole(page, size)

    pager: Pager[Any] = Pager(fetch, page_size=2)
    with pytest.raises(NotFoundError):
        await read(pager)
    assert await read(Pager(whole, page_size=2, cursor=pager.cursor)) == list("cdef")
    resumed: Pager[Any] = Pager(fetch, page_size=2, cursor=pager.cursor)
    with pytest.raises(NotFoundError):
        await read(resumed)
    assert resumed.cursor == pager.cursor


async def test_a_rescan_has_no_cursor() -> None:
    """It would have to hold every id."""
    pager: Pager[Any] = Pager(listed(list("abc")), page_size=2, on_shift="rescan")
    assert await read(pager) == list("abc")
    assert pager.cursor is None
    with pytest.raises(ArgumentError, match="rescan"):
        Pager(listed([]), page_size=2, on_shift="rescan", cursor="x")


@given(st.data())
async def test_a_damaged_cursor_is_refused_or_harmless(data: st.DataObject) -> None:
    """A text that is no cursor is an ArgumentError; digits that changed give at worst another place
    of this list.
    """
    pager: Pager[Any] = Pager(listed(list("abcde")), page_size=2)
    await read(pager, 3)
    good = pager.cursor or ""
    place, char = data.draw(st.integers(0, len(good) - 1)), data.draw(st.characters(codec="utf-8"))
    for bad in (good[:place] + char + good[place + 1 :], good[:place], good + char):
        try:
            Pager(listed([]), page_size=2, cursor=bad)
        except ArgumentError as error:
            assert "cursor" in str(error)
        else:
            assert bad == good or char.isdigit() or (char in "abcdef" and place > len(good) - 17)


async def test_a_cursor_of_another_list_is_refused(
    sandbox: Sandbox, timify: TimifyCustomers
) -> None:
    """Another page size, company, operation or customer: refused with what it must go with, before
    any request.
    """
    sandbox.company().create({sandbox.company().default_field("firstName").id: "Ada"})
    pager = timify.customers.list(page_size=2)
    await pager
    cursor = pager.cursor
    assert cursor is not None
    timify.customers.list(page_size=2, cursor=cursor)
    sandbox.requests.clear()
    for other in (
        lambda: timify.customers.list(page_size=3, cursor=cursor),
        lambda: timify.customers.list(cursor=cursor),
        lambda: timify.for_company("5f0000000000000000000001").customers.list(
            page_size=2, cursor=cursor
        ),
        lambda: timify.customers.events("5", page_size=2, cursor=cursor),
    ):
        with pytest.raises(
            ArgumentError, match="another list; it goes with one operation, company id, arguments"
        ):
            other()
    assert not sandbox.requests


PROGRAM = """
import asyncio, json, sys
from timify_customers import TimifyCustomers

async def main(cursor):
    async with TimifyCustomers.from_env() as timify:
        pager = timify.customers.list(page_size=3, cursor=cursor)
        ids = []
        async for customer in pager:
            ids.append(customer.id)
            if len(ids) == 4:
                break
        print(json.dumps([ids, pager.cursor, pager.total]))

asyncio.run(main(sys.argv[1] or None))
"""


def test_a_cursor_goes_on_in_another_process(served: tuple[Sandbox, str]) -> None:
    """Four customers in each process, until there are none: every customer once, in order, and no
    id in a cursor.
    """
    sandbox, url = served
    company = sandbox.company()
    first_name = company.default_field("firstName").id
    for number in range(10):
        company.create({first_name: f"Ada {number}"})
    everyone = [
        it.id
        for it in sorted(company.customers.values(), key=lambda it: (it.values[first_name], it.id))
    ]
    environment = {
        "TIMIFY_BASE_URL": url,
        "TIMIFY_APP_ID": sandbox.app_id,
        "TIMIFY_APP_SECRET": sandbox.app_secret,
        "TIMIFY_COMPANY_ID": sandbox.company_id,
    }
    found: list[str] = []
    cursor, ids = "", ["more"]
    for _ in range(5):
        command = [sys.executable, "-P", "-W", "error", "-c", PROGRAM, cursor]
        done = subprocess.run(
            command, capture_output=True, text=True, check=True, env=environment, timeout=60
        )
        ids, cursor, total = json.loads(done.stdout)
        assert total == 10
        assert not any(it in cursor for it in everyone)
        found += ids
        if not ids:
            break
    assert found == everyone
    assert ids == []
