"""A list that stays as it is, behind servers of all kinds, is read to its end, or the reading ends
with an error.
"""

from __future__ import annotations

from contextlib import aclosing
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from timify_customers import (
    ArgumentError,
    ArgumentTypeError,
    ConfigurationError,
    ListChangedError,
    ListChangedWarning,
    Page,
    Pager,
    PaginationError,
    TimifyCustomers,
)


def server(
    rows: int,
    *,
    cap: int = 10_000,
    total: object = "true",
    meta: bool = False,
    ignore_page: bool = False,
    ignore_limit: bool = False,
    clamp: bool = False,
) -> tuple[Any, list[int]]:
    """A list of ids behind ``page`` and ``limit``, with the ways in which servers differ."""
    asked: list[int] = []

    async def fetch(page: int, size: int) -> tuple[dict[str, Any], list[Any]]:
        asked.append(page)
        assert len(asked) < 200, "endless"
        size = max(1, rows) if ignore_limit else min(size, cap)
        last = max(1, -(-rows // size))
        number = 1 if ignore_page else min(page, last) if clamp else page
        data = [{"id": str(i)} for i in range(rows)][(number - 1) * size : number * size]
        count = rows if total == "true" else rows + len(asked) if total == "growing" else total
        envelope: dict[str, Any] = {"data": data, "status": 1}
        if meta:
            envelope["meta"] = {"totalItems": count}
        elif count is not None:
            envelope["total"] = count
        return envelope, data

    return fetch, asked


async def read(fetch: Any, size: int, **options: Any) -> list[str]:
    return [row["id"] async for row in Pager(fetch, page_size=size, **options)]


async def collect(pager: Pager[Any], into: list[str]) -> None:
    async for row in pager:
        into.append(row["id"])  # noqa: PERF401 - what came before an error counts


MODES = pytest.mark.parametrize("mode", ["warn", "raise", "rescan"])


@given(
    rows=st.integers(0, 60),
    size=st.integers(1, 25),
    cap=st.integers(1, 30),
    total=st.sampled_from(["true", None]),
    meta=st.booleans(),
)
async def test_every_row_is_read_once(
    rows: int, size: int, cap: int, total: str | None, meta: bool
) -> None:
    """Whatever the page size, the server's own limit and the totals it gives, every row comes once
    and in order.
    """
    fetch, _ = server(rows, cap=cap, total=total, meta=meta)
    assert await read(fetch, size) == [str(i) for i in range(rows)]


@given(rows=st.integers(0, 60), size=st.integers(1, 25), total=st.sampled_from(["true", None]))
async def test_a_server_that_clamps_the_last_page_ends(
    rows: int, size: int, total: str | None
) -> None:
    """A server that repeats its last page for ever neither loops nor repeats a row in silence."""
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


@pytest.mark.parametrize("meta", [False, True])
async def test_pages_have_items_number_and_total(meta: bool) -> None:
    """Pages come one by one, with the total from either place where the API may say it."""
    fetch, _ = server(3, meta=meta)
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


@given(
    rows=st.integers(0, 40),
    size=st.integers(1, 15),
    cap=st.integers(1, 15),
    total=st.one_of(st.sampled_from(["true", "growing", None]), st.integers(0, 50)),
    ignore_page=st.booleans(),
    ignore_limit=st.booleans(),
    clamp=st.booleans(),
    mode=st.sampled_from(["warn", "raise", "rescan"]),
)
@pytest.mark.filterwarnings("ignore::timify_customers.ListChangedWarning")
async def test_no_lie_makes_a_reading_endless_or_leaves_rows_out(mode: Any, **lies: Any) -> None:
    """All lies together: an error, or every row once; but for a short first page that is said to be
    all there is.
    """
    rows, size = lies.pop("rows"), lies.pop("size")
    fetch, _ = server(rows, **lies)
    try:
        ids = await read(fetch, size, on_shift=mode)
    except PaginationError:
        assert rows > 0 or lies["total"] not in {"true", None}
        return
    first, total = rows if lies["ignore_limit"] else min(rows, size, lies["cap"]), lies["total"]
    # Not to be told from a list that ends there: a total confirms it, or the page comes again as a
    # last page would.
    again = lies["ignore_page"] and (total is None or (isinstance(total, int) and total <= first))
    believed = first < size and (first == total or again)
    assert ids == [str(i) for i in range(first if believed else rows)]


@MODES
async def test_a_list_that_stays_as_it_is_gives_no_sign(mode: Any) -> None:
    """In every mode a quiet list is read once, in order; a rescan takes two scans for it."""
    fetch, asked = server(25)
    assert await read(fetch, 10, on_shift=mode) == [str(i) for i in range(25)]
    assert asked == [1, 2, 3] * (2 if mode == "rescan" else 1)


@pytest.mark.parametrize("rows", [30, 10])
async def test_a_server_that_ignores_limit_gives_all(rows: int) -> None:
    """All rows on the first page, and again on each further one: they are read once, and the end is
    clean.
    """
    fetch, asked = server(rows, ignore_limit=True)
    assert len(await read(fetch, 7)) == rows
    assert asked == [1, 2]


async def test_a_cap_and_a_total_of_as_many_rows_hide_nothing() -> None:
    """A total that is the page size that was asked for, beside pages of half of that, does not end
    the reading.
    """
    fetch, _ = server(30, cap=5, total=10)
    assert len(await read(fetch, 10)) == 30


@pytest.mark.parametrize("circle", [2, 3, 5])
@pytest.mark.parametrize("total", [None, 10**6])
@MODES
async def test_pages_that_go_in_circles_are_an_error(
    circle: int, total: int | None, mode: Any
) -> None:
    """Pages that begin again from the first are noticed, in memory that does not grow, and soon."""
    asked = []

    async def fetch(page: int, size: int) -> tuple[dict[str, Any], list[Any]]:
        asked.append(page)
        assert len(asked) < 40, "endless"
        rows = [{"id": f"{page % circle}-{place}"} for place in range(size)]
        return {"data": rows, "total": total}, rows

    with pytest.raises(PaginationError, match="circles"):
        await read(fetch, 3, on_shift=mode)
    assert len(asked) <= 4 * circle


@given(before=st.integers(0, 40), circle=st.integers(2, 40), total=st.sampled_from([None, 10**6]))
@example(before=1, circle=2, total=None)  # pages 1, 2, 3, 2, 3, ...
@example(before=16, circle=17, total=None)
@MODES
async def test_a_circle_that_begins_on_a_later_page_is_an_error(
    mode: Any, before: int, circle: int, total: int | None
) -> None:
    """However many pages come before the circle and however long it is, it ends in a bounded number
    of requests.

    The page that a circle is noticed by has a power of two as its number. The first such page that
    lies in the circle, and whose successors up to the next power go once around, is at most twice
    as far as the circle's start or length.
    """
    asked = []
    most = 3 * max(before + 1, circle) + 1

    async def fetch(page: int, size: int) -> tuple[dict[str, Any], list[Any]]:
        asked.append(page)
        assert len(asked) <= most, "endless"
        place = page if page <= before else before + (page - before) % circle
        rows = [{"id": f"{place}-{row}"} for row in range(size)]
        return {"data": rows, "total": total}, rows

    with pytest.raises(PaginationError, match="circles"):
        await read(fetch, 3, on_shift=mode)


async def test_a_total_that_grows_with_each_page_is_an_error() -> None:
    """Rows that are promised and never come are missed, and that is said; as a change, where
    changes are errors.
    """
    fetch, _ = server(25, total="growing")
    with (
        pytest.warns(ListChangedWarning, match="total"),
        pytest.raises(PaginationError, match="ended early"),
    ):
        await read(fetch, 10)
    fetch, asked = server(25, total="growing")
    with pytest.raises(ListChangedError, match="total went from"):
        await read(fetch, 10, on_shift="raise")
    assert len(asked) <= 3


async def test_rows_behind_a_short_page_are_a_sign() -> None:
    """A page shorter than the others, and more rows after it: what made it short may have hidden
    some.
    """

    async def fetch(page: int, size: int) -> tuple[dict[str, Any], list[Any]]:
        count = {1: size, 2: size - 1, 3: size}.get(page, 0)
        rows = [{"id": f"{page}-{place}"} for place in range(count)]
        return {"data": rows}, rows

    with pytest.warns(ListChangedWarning, match="short page") as caught:
        assert len(await read(fetch, 3)) == 8
    assert len(caught) == 1
    with pytest.raises(ListChangedError, match="short page"):
        await read(fetch, 3, on_shift="raise")


async def test_a_row_that_comes_again_is_dropped_with_one_warning() -> None:
    """Rows that shift by one come once, however often; the warning names the line that reads."""

    async def fetch(page: int, size: int) -> tuple[dict[str, Any], list[Any]]:
        first = (page - 1) * (size - 1)
        rows = [{"id": str(i)} for i in range(first, min(first + size, 11))] if page < 6 else []
        return {"data": rows}, rows

    ids: list[str] = []
    with pytest.warns(ListChangedWarning, match="came again") as caught:
        await collect(Pager(fetch, page_size=3), ids)
    assert ids == [str(i) for i in range(11)]
    assert [warning.filename for warning in caught] == [__file__]
    with pytest.raises(ListChangedError, match="came again"):
        await read(fetch, 3, on_shift="raise")


async def test_a_list_that_never_settles_ends_a_rescan() -> None:
    """Scans that never agree are so many, and then an error; what they found was given once."""
    scans = 0

    async def fetch(page: int, _: int) -> tuple[dict[str, Any], list[Any]]:
        nonlocal scans
        scans += page == 1
        rows = [{"id": str(scans)}, {"id": "steady"}] if page == 1 else []
        return {"data": rows}, rows

    ids: list[str] = []
    with pytest.raises(ListChangedError, match="5 scans"):
        await collect(Pager(fetch, page_size=2, on_shift="rescan"), ids)
    assert ids == ["1", "steady", "2", "3", "4", "5"]
    assert scans == 5


async def test_equal_rows_without_an_id_are_one_row_only_to_a_rescan() -> None:
    """Nothing says that they are the same, so they are given; a rescan could not end if it gave
    them again.
    """

    async def fetch(page: int, size: int) -> tuple[dict[str, Any], list[Any]]:
        rows = [{"name": "x"}, None] if page == 1 else [{"name": "x"}] if page == 2 else []
        return {"data": rows}, rows

    assert [row async for row in Pager(fetch, page_size=2)] == [{"name": "x"}, None, {"name": "x"}]
    again = Pager(fetch, page_size=2, on_shift="rescan")
    with pytest.raises(ListChangedError):
        assert [row async for row in again] == []


@MODES
async def test_the_last_page_again_gives_no_row_without_an_id_twice(mode: Any) -> None:
    """Rows without an id are told apart by their pages, but not where a page comes again."""

    async def fetch(page: int, size: int) -> tuple[dict[str, Any], list[Any]]:
        rows = [{"name": "x"}, {"name": "y"}]
        return {"data": rows}, rows

    pager: Pager[Any] = Pager(fetch, page_size=3, on_shift=mode)
    assert [row async for row in pager] == [{"name": "x"}, {"name": "y"}]


async def test_await_gives_the_first_page_alone() -> None:
    """One request, one page, its total; an empty list is an empty page."""
    fetch, asked = server(25)
    pager: Pager[Any] = Pager(fetch, page_size=10)
    assert pager.total is None
    page = await pager
    assert isinstance(page, Page)
    assert (len(page.items), page.number, page.total, pager.total) == (10, 1, 25, 25)
    assert asked == [1]
    fetch, _ = server(0)
    assert (await Pager(fetch, page_size=10)) == Page([], 1, 0)


@MODES
@pytest.mark.parametrize("by_page", [True, False])
async def test_an_awaited_page_is_not_fetched_again_by_the_next_loop(
    mode: Any, *, by_page: bool
) -> None:
    """The loop after an await begins with that page, also if its items were taken out; once."""
    fetch, asked = server(25)
    pager: Pager[Any] = Pager(fetch, page_size=10, on_shift=mode)
    scans = 2 if mode == "rescan" else 1
    (await pager).items.clear()
    for requests in ([1, 2, 3] * scans, [1, 2, 3] * 2 * scans):
        if by_page:
            rows = [row async for page in pager.pages() for row in page.items]
        else:
            rows = [row async for row in pager]
        assert [row["id"] for row in rows] == [str(i) for i in range(25)]
        assert asked == requests


async def test_each_await_reads_anew_and_the_loop_takes_the_newest() -> None:
    """Two awaits are two requests; a loop that is left early has used up the awaited page."""
    fetch, asked = server(25)
    pager: Pager[Any] = Pager(fetch, page_size=10)
    await pager
    await pager
    assert asked == [1, 1]
    async with aclosing(aiter(pager)) as items:
        assert await anext(items) == {"id": "0"}
    async with aclosing(aiter(pager)) as items:
        assert await anext(items) == {"id": "0"}
    assert asked.count(1) == 3


async def test_a_sign_on_an_awaited_page_is_reported_once() -> None:
    """The loop that begins with a page does not warn a second time of what the await warned of."""

    async def fetch(page: int, size: int) -> tuple[dict[str, Any], list[Any]]:
        rows = [{"id": "a"}, {"id": "a"}] if page == 1 else []
        return {"data": rows}, rows

    pager: Pager[Any] = Pager(fetch, page_size=2)
    with pytest.warns(ListChangedWarning, match="came again") as caught:
        await pager
    assert [warning.filename for warning in caught] == [__file__]
    assert [row["id"] async for row in pager] == ["a"]  # a warning would be an error here
    pager = Pager(fetch, page_size=2, on_shift="raise")
    for _ in range(2):
        with pytest.raises(ListChangedError, match="came again"):
            await pager


async def test_a_loop_after_an_await_goes_on_behind_the_cursor() -> None:
    """With a cursor, the awaited page and the loop both begin behind it."""
    fetch, asked = server(25)
    first: Pager[Any] = Pager(fetch, page_size=10)
    async with aclosing(aiter(first)) as items:
        for _ in range(13):
            await anext(items)
    asked.clear()
    pager: Pager[Any] = Pager(fetch, page_size=10, cursor=first.cursor)
    assert [row["id"] for row in (await pager).items] == [str(i) for i in range(13, 20)]
    assert [row["id"] async for row in pager] == [str(i) for i in range(13, 25)]
    assert asked == [2, 3]


@pytest.mark.parametrize("name", ["list", "events"])
@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"on_shift": "perhaps"}, ArgumentError, "on_shift must be .* not 'perhaps'"),
        ({"on_shift": ["warn"]}, ArgumentError, "on_shift must be"),
        ({"page_size": 0}, ConfigurationError, "^page_size "),
        ({"page_size": "5"}, ArgumentTypeError, "^page_size "),
        ({"on_shift": "rescan", "cursor": "x"}, ArgumentError, "cursor"),
        ({"start_page": 2}, TypeError, "start_page"),
        ({"max_scans": 5}, TypeError, "max_scans"),
        ({"cursor": 5}, ArgumentTypeError, "^cursor "),
        ({"cursor": ""}, ArgumentError, "is not a cursor that a list returned"),
    ],
)
async def test_wrong_options_are_refused_at_once(
    timify: TimifyCustomers,
    name: str,
    options: dict[str, Any],
    error: type[Exception],
    message: str,
) -> None:
    """What cannot be read is refused at once, not in the loop, and the error names the option."""
    with pytest.raises(error, match=message):
        getattr(timify.customers, name)(*(["g"] if name == "events" else []), **options)
