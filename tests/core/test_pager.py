"""A list is read to its end, or the reading ends with an error."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from timify_customers import Pager, PaginationError


def server(
    rows: int,
    *,
    cap: int = 10_000,
    total: object = "true",
    meta: bool = False,
    ignore_page: bool = False,
    clamp: bool = False,
) -> tuple[Any, list[int]]:
    """A list of ids behind ``page`` and ``limit``, with the ways in which servers differ."""
    asked: list[int] = []

    async def fetch(page: int, size: int) -> tuple[dict[str, Any], list[Any]]:
        asked.append(page)
        assert len(asked) < 200, "endless"
        size = min(size, cap)
        last = max(1, -(-rows // size))
        number = 1 if ignore_page else min(page, last) if clamp else page
        data = [{"id": str(i)} for i in range(rows)][(number - 1) * size : number * size]
        count = rows if total == "true" else total
        envelope: dict[str, Any] = {"data": data, "status": 1}
        if meta:
            envelope["meta"] = {"totalItems": count}
        elif count is not None:
            envelope["total"] = count
        return envelope, data

    return fetch, asked


async def read(fetch: Any, size: int, start: int = 1) -> list[str]:
    return [row["id"] async for row in Pager(fetch, page_size=size, start_page=start)]


@given(
    rows=st.integers(0, 60),
    size=st.integers(1, 25),
    cap=st.integers(1, 30),
    total=st.sampled_from(["true", None]),
    meta=st.booleans(),
)
async def test_every_row_is_read_once(rows: int, size: int, cap: int, total: str | None, meta: bool) -> None:
    """Whatever the page size, the server's own limit and the totals it gives, every row comes once and in order."""
    fetch, _ = server(rows, cap=cap, total=total, meta=meta)
    assert await read(fetch, size) == [str(i) for i in range(rows)]


@given(rows=st.integers(0, 60), size=st.integers(1, 25), total=st.sampled_from(["true", None]))
async def test_a_server_that_clamps_the_last_page_ends(rows: int, size: int, total: str | None) -> None:
    """A server that gives its last page again and again neither loops nor repeats a row in silence."""
    fetch, _ = server(rows, total=total, clamp=True)
    try:
        ids = await read(fetch, size)
    except PaginationError:
        assert rows % size == 0  # a full page again: nothing tells whether more would follow
        assert rows > 0
    else:
        assert ids == [str(i) for i in range(rows)]


async def test_a_server_that_ignores_page_ends() -> None:
    """The same full page again means that the rest cannot be read, and says so."""
    fetch, asked = server(30, ignore_page=True)
    with pytest.raises(PaginationError, match="same page"):
        await read(fetch, 10)
    assert asked == [1, 2]


async def test_a_total_that_is_too_small_hides_nothing() -> None:
    """A total of the page instead of the list does not end the reading early."""
    fetch, _ = server(30, total=10)
    assert len(await read(fetch, 10)) == 30


async def test_a_total_that_is_too_large_is_an_error() -> None:
    """When the pages end before the total, rows may be missing, and the reading says so."""
    fetch, _ = server(30, total=31)
    with pytest.raises(PaginationError, match="ended early"):
        await read(fetch, 10)


@pytest.mark.parametrize("total", [-1, "30", True, 1.5, [], {}])
async def test_a_total_that_is_no_number_counts_as_absent(total: object) -> None:
    """A total of another type says nothing."""
    fetch, _ = server(25, total=total)
    assert len(await read(fetch, 10)) == 25


async def test_a_short_last_page_needs_no_further_request() -> None:
    """With a total, reading stops at the last page."""
    fetch, asked = server(25)
    await read(fetch, 10)
    assert asked == [1, 2, 3]


async def test_reading_from_a_later_page() -> None:
    """start_page skips what stands before it and still reads to the end."""
    fetch, _ = server(25)
    assert await read(fetch, 10, start=2) == [str(i) for i in range(10, 25)]
    fetch, _ = server(25, cap=5)
    assert await read(fetch, 10, start=2) == [str(i) for i in range(5, 25)]


async def test_pages_have_items_number_and_total() -> None:
    """Pages come one by one, with what the API says of them."""
    fetch, _ = server(3)
    pages = [page async for page in Pager(fetch, page_size=2).pages()]
    assert [(page.items, page.number, page.total) for page in pages] == [
        ([{"id": "0"}, {"id": "1"}], 1, 3),
        ([{"id": "2"}], 2, 3),
    ]


async def test_rows_without_an_id_are_told_apart_by_what_they_hold() -> None:
    """Rows of another shape do not stop a reading that gets on."""

    async def fetch(page: int, size: int) -> tuple[dict[str, Any], list[Any]]:
        rows = [f"row {page}", page, None] if page < 4 else []
        return {"data": rows}, rows

    rows = [row async for row in Pager(fetch, page_size=3)]
    assert len(rows) == 9
