"""Reads a list of the API page by page: the asynchronous shell around `scan`.

`ScanState` decides what a page means, without clock or network. `Pager` requests one page ahead of
the rows that it yields.
"""

from __future__ import annotations

import asyncio
import warnings
from collections.abc import AsyncGenerator, Callable, Coroutine, Generator, Mapping
from typing import Any, Final, Generic, Literal, TypeVar

from attrs import evolve, field, frozen

from .._base.checks import check_count
from .._base.errors import ArgumentError, ListChangedError
from .._calls.lifetime import running_loop
from .cursor import read_cursor, write_cursor
from .scan import Key, PageDecision, ScanState, fingerprint

T = TypeVar("T")
PageAnswer = tuple[Mapping[str, Any], list[T]]
"""The envelope of a page, and one item for each row of its ``data``."""
Fetch = Callable[[int, int], Coroutine[Any, Any, PageAnswer[T]]]
"""Fetches a page by its number, from 1, and its size."""
OnShift = Literal["warn", "raise", "rescan"]
"""What to do on a sign that a list changed while it was read; see `Customers.list`."""
_CHANGED: Final = "the list changed while it was read, rows may be missing or come twice: "


class ListChangedWarning(UserWarning):
    """A list changed while it was read, so rows may be missing or come twice."""


@frozen
class Page(Generic[T]):
    """One page of a list.

    Attributes:
        items: its items, without those of earlier pages.
        number: its number, from 1.
        total: how many items there are in all, according to the API, or None.
    """

    items: list[T] = field(repr=False)
    number: int
    total: int | None


class Pager(Generic[T]):
    """A list of the API.

    ``async for item in pager`` yields its items, ``async for page in pager.pages()`` its pages, and
    ``await pager`` returns only the first page. Each loop reads the list again, at most one page
    ahead: the next page is requested when a page is yielded.

    A loop after ``page = await pager`` does not fetch the first page again: the pager holds the
    awaited page, which is as old as the ``await``, and the next loop takes it. Later loops fetch
    the first page themselves. Each ``await`` fetches the page again and replaces the held one.

    When a loop is left early, by ``break``, an exception or cancellation, the request for the page
    ahead ends in the next turns of the event loop. ``async with aclosing(aiter(pager)) as items``
    waits for that. When a page fails, the loop raises its error, and `cursor` continues from there.

    Attributes:
        total: how many items there are, as the API last said; None before a page was read, or if
            the API does not say.
    """

    def __init__(
        self,
        fetch: Fetch[T],
        name: str = "",
        *,
        page_size: int,
        cursor: str | None = None,
        on_shift: OnShift = "warn",
    ) -> None:
        """Prepare to read a list; nothing is requested yet.

        Args:
            fetch: fetches a page.
            name: tells this list from others, so that the cursor of another list is refused.
            page_size: rows to request in one page, at least 1.
            cursor: continue where an earlier loop stopped.
            on_shift: what to do on a sign that the list changed; see `Customers.list`.

        Raises:
            ArgumentError: ``cursor`` or ``on_shift`` is invalid, or they cannot be combined.
            ArgumentTypeError: an argument has the wrong type.
            ConfigurationError: ``page_size`` is below 1.
        """
        check_count("page_size", page_size)
        if on_shift not in ("warn", "raise", "rescan"):
            raise ArgumentError(f'on_shift must be "warn", "raise" or "rescan", not {on_shift!r}')
        if cursor is not None and on_shift == "rescan":
            raise ArgumentError(
                'a cursor cannot go on with on_shift="rescan", which reads the whole list'
            )
        self._fetch = fetch
        self._list_hash = fingerprint(f"{name} {page_size}")
        self._on_shift = on_shift
        self._cursor = cursor
        self._start = ScanState(page_size, rescan=on_shift == "rescan")
        if cursor is not None:
            self._start = read_cursor(cursor, self._list_hash, page_size)
        self.total: int | None = None
        # The awaited first page that no loop has taken yet, with the state in which to read it.
        self._awaited: tuple[ScanState, PageAnswer[T]] | None = None
        # The page decision and the place, from 0, of the item that was yielded last.
        self._last_handed: tuple[PageDecision, int] | None = None

    def __aiter__(self) -> AsyncGenerator[T, None]:  # noqa: PYI058 - so that type checkers know its aclose
        return self._loop(by_page=False)

    def pages(self) -> AsyncGenerator[Page[T], None]:
        """Yield the pages, each with at least one item.

        Raises:
            ListChangedError: the list changed, and ``on_shift`` is not "warn".
            PaginationError: the pages contradict each other, so that rows may be missing.
            TimifyError: a page could not be read.
        """
        return self._loop(by_page=True)

    async def _loop(self, *, by_page: bool) -> AsyncGenerator[Any, None]:
        # One generator for both items and pages: if one ran inside the other, the garbage collector
        # might close the inner one first.
        last_seen: dict[Key, int] = {}
        state, request = self._begin()
        try:
            while not state.over:
                decision, page = self._decide(state, await request, last_seen)
                if not state.rescan:
                    last_seen.clear()  # only a rescan remembers the keys of all pages
                last_seen.update(dict.fromkeys(decision.keys, state.scan))
                state = decision.after
                if not state.over:
                    request = self._request(state)
                if by_page and page.items:
                    self._last_handed = decision, decision.new_places[-1]
                    yield page
                elif not by_page:
                    for place, item in zip(decision.new_places, page.items, strict=True):
                        self._last_handed = decision, place
                        yield item
                # Let go of the page before the next one is parsed: the garbage collector, which
                # runs while that happens, would go through the rows of both.
                del page
        finally:
            if request.cancel():
                await asyncio.wait({request})

    def __await__(self) -> Generator[Any, None, Page[T]]:
        return self._first_page().__await__()

    async def _first_page(self) -> Page[T]:
        answer = await self._fetch(self._start.page, self._start.page_size)
        decision, page = self._decide(self._start, answer, {})
        self._last_handed = (decision, decision.new_places[-1]) if page.items else None
        # A sign on this page has been reported; the loop that reads the page must not repeat it.
        state = evolve(self._start, change_reported=decision.after.change_reported)
        self._awaited = state, answer
        return page

    def _begin(self) -> tuple[ScanState, asyncio.Future[PageAnswer[T]]]:
        """Return the start of a loop: the awaited page if no loop has taken it, else a request."""
        if self._awaited is None:
            return self._start, self._request(self._start)
        state, answer = self._awaited
        self._awaited = None
        ready = asyncio.get_running_loop().create_future()
        ready.set_result(answer)
        return state, ready

    def _request(self, state: ScanState) -> asyncio.Task[PageAnswer[T]]:
        loop = running_loop()
        request = loop.create_task(self._fetch(state.page, state.page_size))
        # Nobody awaits the request of a loop that was left; asyncio must not report its error.
        request.add_done_callback(lambda task: task.cancelled() or task.exception())
        return request

    def _decide(
        self, state: ScanState, answer: PageAnswer[T], last_seen: Mapping[Key, int]
    ) -> tuple[PageDecision, Page[T]]:
        envelope, items = answer
        keys = tuple(map(_row_key, envelope["data"]))
        decision = state.accept(keys, list_total(envelope), last_seen)
        if decision.sign and self._on_shift == "raise":
            raise ListChangedError(_CHANGED + decision.sign)
        if decision.sign and self._on_shift == "warn":
            # Level 1 is this function, 2 its caller in this class, and 3 the line that reads a
            # list.
            warnings.warn(_CHANGED + decision.sign, ListChangedWarning, stacklevel=3)
        self.total = decision.after.total
        new_items = [items[place] for place in decision.new_places]
        return decision, Page(new_items, state.page, self.total)

    @property
    def cursor(self) -> str | None:
        """The position of the last loop that read, right after the item or page that it yielded.

        ``list(cursor=...)`` continues from there with the same page size, even in another process.
        It reads that page again, and goes on after the last row, wherever that is on the page now.
        If the row is not in its place, or the total differs, that is a sign of change. Other
        changes before that page are not noticed.

        The text holds no personal data, only numbers and two hashes: of the list (operation,
        company id and arguments; neither app nor server) and of the last row's id. Before anything
        was yielded it is the cursor with which the list was made, or None. With
        ``on_shift="rescan"``, which must know every id, it is always None.
        """
        if self._last_handed is None or self._start.rescan:
            return self._cursor
        decision, place = self._last_handed
        return write_cursor(self._list_hash, decision, place)


def _row_key(row: object) -> Key:
    # The check for dict is fast. The slow check for Mapping runs only for other types.
    identity = row.get("id") if isinstance(row, (dict, Mapping)) else None
    return identity if isinstance(identity, str) else (repr(row),)


def list_total(envelope: Mapping[str, Any]) -> int | None:
    """Return ``total`` (observed), else ``meta.totalItems`` (documented), else None."""
    meta = envelope.get("meta")
    in_meta = meta.get("totalItems") if isinstance(meta, Mapping) else None
    for value in (envelope.get("total"), in_meta):
        if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
            return value
    return None
