"""Reads a list page by page.

The API pages by number (observed: ``page`` and ``limit`` are honoured for customers; ``total``
counts all matches) over a list in order of first name (observed), so what changes while it is read
shifts the rows behind. And a server may give fewer rows than asked for, or more, leave ``total``
out or lie in it, ignore ``page``, or give its last page for ever.

`Reading` decides what a page means, without clock or network; `Pager` asks for one page ahead of
it.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
import warnings
from collections.abc import AsyncGenerator, Callable, Coroutine, Generator, Mapping
from typing import Any, Final, Generic, Literal, TypeVar

from attrs import evolve, field, frozen

from .._base.errors import ArgumentError, ListChangedError, PaginationError
from .._base.settings import check_count, check_text

T = TypeVar("T")
Key = str | tuple[object, ...]
"""Tells rows apart: the id; for a row without one its text, in a tuple, which only a rescan takes for the same row."""
Answer = tuple[Mapping[str, Any], list[T]]
Fetch = Callable[[int, int], Coroutine[Any, Any, Answer[T]]]
"""Gives the envelope of a page and its items, by its number and size."""
OnShift = Literal["warn", "raise", "rescan"]
"""What to do on a sign that a list changed while it was read; see `Customers.list`."""
MAX_SCANS: Final = 5
"""How often a rescan reads a list at most. It takes 2 scans when nothing changes."""
_CHANGED: Final = "the list changed while it was read, rows may be missing or come twice: "
_CURSOR: Final = re.compile(
    r"(\w{16})-([1-9]\d{,8})-([1-9]\d{,8})-(\d{1,9})-(\d{,9})-([0-9a-f]{16})", re.ASCII
)


class ListChangedWarning(UserWarning):
    """A list changed while it was read: rows may be missing, or come twice."""


@frozen
class Page(Generic[T]):
    """One page: its items, its number counted from 1, and how many items the API says there are in
    all, or None.

    Rows that came before are not among the items.
    """

    items: list[T] = field(repr=False)
    number: int
    total: int | None


@frozen
class Reading:
    """How far a list is read, in one pass over its pages or in several.

    Attributes:
        size: rows asked for in one page.
        page: the number to ask for next.
        resume: how many rows of the first page were read before, and the fingerprint of the last of
            them.
        rescan: the list is read until two scans agree; ``scan`` counts them from 1.
        total: what the API said last.
        seen: rows on the pages of this scan, with those that came again.
        met: rows of this scan that were in the scan before, each counted once.
        former: rows on the pages of the scan before.
        full: rows on the longest page: a server's own limit may be lower than what was asked.
        count: rows on the last page; ``last`` stands for what it held, ``early`` for what a page
            long before it held.
        changed: a sign of change was given.
        over: there is no more to read.
    """

    size: int
    page: int = 1
    resume: tuple[int, str] = (0, "")
    rescan: bool = False
    scan: int = 1
    total: int | None = None
    seen: int = 0
    met: int = 0
    former: int | None = None
    full: int = 0
    count: int = 0
    last: int | None = None
    early: int | None = None
    changed: bool = False
    over: bool = False

    def turn(self, keys: tuple[Key, ...], total: int | None, known: Mapping[Key, int]) -> Turn:
        """Say what the next page means.

        Args:
            keys: what tells its rows apart.
            total: what the API says beside them, or None.
            known: rows read before, with the scan that each was last seen in: those of the last
                page; in a rescan all.

        Raises:
            PaginationError: the list ends before the total that the API names, or does not get past
                a page.
            ListChangedError: this was the last scan, and no two in a row agree.
        """
        same = self.rescan or hash(keys) == self.last
        apart = [
            key if same or isinstance(key, str) else (self.page, place)
            for place, key in enumerate(keys)
        ]
        first = {key: place for place, key in reversed(list(enumerate(apart)))}
        new = [key for key in first if known.get(key) != self.scan]
        after = self._after(keys, sum(known.get(key) == self.scan - 1 for key in new), total)
        skip, last = self.resume
        marks = [fingerprint(key) for key in keys] if skip else []
        start = marks.index(last) + 1 if last in marks else min(skip, len(keys))
        moved = skip > 0 and marks[skip - 1 : skip] != [last]
        fresh = sorted(first[key] for key in new if key not in known and first[key] >= start)
        sign = "" if self.changed else self._sign(after, again=len(new) < len(keys), moved=moved)
        return Turn(keys, fresh, sign, self, evolve(after, changed=self.changed or bool(sign)))

    def _after(self, keys: tuple[Key, ...], met: int, total: int | None) -> Reading:
        page, count = hash(keys), len(keys)
        told = evolve(self, total=self.total if total is None else total, resume=(0, ""))
        if not keys or page == self.last:
            return told.end(count)
        if page == self.early:
            raise PaginationError(
                f"page {self.page} is one that came before: the API's pages go in circles"
            )
        # Marks at the powers of two find every circle in the end, however long, in constant memory.
        early = self.early if self.page & (self.page - 1) else page
        told = evolve(
            told,
            page=self.page + 1,
            seen=self.seen + count,
            met=self.met + met,
            last=page,
            early=early,
        )
        told = evolve(told, count=count, full=max(self.full, count))
        # A full page may be followed by another whatever the total says; a short one only if the
        # total says so.
        short = count < (self.full or self.size)
        return told.end() if short and told.seen == told.total else told

    def end(self, again: int = 0) -> Reading:
        """End the scan, perhaps because the ``again`` rows of the last page came once more.

        Two scans that found the same rows, each once, are enough: a row that stays in its place
        slips past the page that is read only if another before it leaves. Deleted, that one is not
        in the next scan; moved behind, it comes again.
        """
        missing = self.total is not None and self.seen < self.total
        if missing or (again >= self.size and not self.total == self.seen > self.size):
            what = f"the API gives the same page of {again} rows again, what follows cannot be read"
            told = f"read {self.seen} rows, the API's total is {'unknown' if self.total is None else self.total}"
            raise PaginationError(
                f"{what if again else 'the list ended early, or changed meanwhile'}; {told}"
            )
        if not self.rescan or self.former == self.seen == self.met:
            return evolve(self, over=True)
        if self.scan == MAX_SCANS:
            raise ListChangedError(
                f"the list changed while it was read: of {MAX_SCANS} scans no two in a row agree"
            )
        return Reading(
            self.size, rescan=True, scan=self.scan + 1, total=self.total, former=self.seen
        )

    def _sign(self, after: Reading, *, again: bool, moved: bool) -> str:
        if self.total not in {None, after.total}:
            return f"its total went from {self.total} to {after.total}"
        if again and after.page > self.page:
            return "a row came again"
        if after.page > self.page and 0 < self.count < after.full:
            return "rows followed on a short page"
        return "the row that was read last is not in its place" if moved else ""


@frozen
class Turn:
    """What a page means: the places of its new rows, a first sign of change or "", and the reading before and after."""

    keys: tuple[Key, ...] = field(repr=False)
    fresh: list[int] = field(repr=False)
    sign: str
    before: Reading
    after: Reading


class Pager(Generic[T]):
    """A list of the API.

    ``async for item in pager`` gives its items, ``async for page in pager.pages()`` its pages, and
    ``await pager`` the first page alone. Each loop reads anew, at most one page ahead: that is
    asked for when a page is handed out.

    A loop that is left early, by ``break``, an exception or cancellation, ends the request for the
    page ahead in the next turns of the event loop. ``async with aclosing(aiter(pager)) as items``
    waits until that is done. When a page fails, the loop raises its error, and `cursor` goes on
    from there.

    Attributes:
        total: how many items there are, as the API last said; None before a page was read, or when
            it does not say.
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
        check_count("page_size", page_size)
        if on_shift not in ("warn", "raise", "rescan"):
            raise ArgumentError(f'on_shift must be "warn", "raise" or "rescan", not {on_shift!r}')
        if cursor is not None and on_shift == "rescan":
            raise ArgumentError(
                'a cursor cannot go on with on_shift="rescan", which reads the whole list'
            )
        self._fetch, self._on_shift, self._cursor = fetch, on_shift, cursor
        self._name = fingerprint(f"{name} {page_size}")
        self._start = Reading(page_size, rescan=on_shift == "rescan")
        if cursor is not None:
            self._start = _resume(cursor, self._name, page_size)
        self.total: int | None = None
        self._at: tuple[Turn | None, int] = (None, 0)

    def __aiter__(self) -> AsyncGenerator[T, None]:  # noqa: PYI058 - so that type checkers know its aclose
        return self._loop(by_page=False)

    def pages(self) -> AsyncGenerator[Page[T], None]:
        """Give the pages one after the other, each with at least one item.

        Raises:
            ListChangedError: the list changed, as ``on_shift`` says.
            PaginationError: the pages contradict each other, so that rows may be missing.
            TimifyError: a page could not be read.
        """
        return self._loop(by_page=True)

    async def _loop(self, *, by_page: bool) -> AsyncGenerator[Any, None]:
        # One generator for both: of two, one inside the other, the garbage collector may close the
        # inner one first.
        reading, known = self._start, dict[Key, int]()
        task = self._ask(reading)
        try:
            while not reading.over:
                turn, page = self._turn(reading, await task, known)
                known = known if reading.rescan else {}
                known.update(dict.fromkeys(turn.keys, reading.scan))
                reading = turn.after
                if not reading.over:
                    task = self._ask(reading)
                if turn.fresh:
                    for given, it in [(-1, page)] if by_page else enumerate(page.items):
                        self._at = turn, given
                        yield it
        finally:
            if task.cancel():
                await asyncio.wait({task})

    def __await__(self) -> Generator[Any, None, Page[T]]:
        return self._first().__await__()

    async def _first(self) -> Page[T]:
        turn, page = self._turn(
            self._start, await self._fetch(self._start.page, self._start.size), {}
        )
        self._at = (turn if turn.fresh else None), -1
        return page

    def _ask(self, reading: Reading) -> asyncio.Task[Answer[T]]:
        task = asyncio.create_task(self._fetch(reading.page, reading.size))
        task.add_done_callback(
            lambda it: it.cancelled() or it.exception()
        )  # nobody may come to ask for it
        return task

    def _turn(
        self, reading: Reading, answer: Answer[T], known: Mapping[Key, int]
    ) -> tuple[Turn, Page[T]]:
        envelope, items = answer
        turn = reading.turn(tuple(map(_key, envelope["data"])), _total(envelope), known)
        if turn.sign and self._on_shift == "raise":
            raise ListChangedError(_CHANGED + turn.sign)
        if turn.sign and self._on_shift == "warn":
            warnings.warn(_CHANGED + turn.sign, ListChangedWarning, stacklevel=3)
        self.total = turn.after.total
        return turn, Page([items[place] for place in turn.fresh], reading.page, self.total)

    @property
    def cursor(self) -> str | None:
        """Where the loop that read last is: right behind the item, or the page, that it handed out
        last.

        ``list(cursor=...)`` goes on from there with the same page size, in another process too. It
        reads that page again, and when the last row is still on it, goes on behind that row. When
        it is not in its place, or the total is another, that is a sign of change; what changed
        before that page without either is not seen.

        The text holds numbers and two hashes, of the list (operation, company id and arguments;
        neither app nor server) and of the last row's id: no personal data. Before anything was
        handed out it is the cursor that was given, or None; with ``on_shift="rescan"``, which must
        know every id, it is always None.
        """
        turn, given = self._at
        if turn is None or self._start.rescan:
            return self._cursor
        place, here, total = turn.fresh[given], turn.before, turn.after.total
        told = "" if total is None else total
        return f"{self._name}-{here.page}-{place + 1}-{here.seen}-{told}-{fingerprint(turn.keys[place])}"


def _resume(cursor: str, name: str, size: int) -> Reading:
    match = _CURSOR.fullmatch(check_text("cursor", cursor))
    if match is None or match[1] != name:
        what = (
            "is no text that a list gave as its cursor"
            if match is None
            else "belongs to another list"
        )
        raise ArgumentError(
            f"cursor {what}; it goes with one operation, company id, arguments and page_size"
        )
    _, page, skip, seen, total, last = match.groups()
    known = int(total) if total else None
    return Reading(size, int(page), (int(skip), last), total=known, seen=int(seen))


def _total(envelope: Mapping[str, Any]) -> int | None:
    """Read ``total`` (observed), or ``meta.totalItems`` (documented)."""
    meta = envelope.get("meta")
    for value in (
        envelope.get("total"),
        meta.get("totalItems") if isinstance(meta, Mapping) else None,
    ):
        if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
            return value
    return None


def _key(row: object) -> Key:
    identity = row.get("id") if isinstance(row, Mapping) else None
    return identity if isinstance(identity, str) else (repr(row),)


def fingerprint(key: Key) -> str:
    """Stand for a key by 16 hex digits, the same in every process."""
    return hashlib.sha256(str(key).encode("utf-8", "backslashreplace")).hexdigest()[:16]
