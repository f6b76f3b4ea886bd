"""Reads a list page by page.

The API pages by number (observed: ``page`` and ``limit`` are honoured for customers; ``total`` counts all matches). A
server may give fewer rows than asked for, leave ``total`` out, or ignore ``page``; a list is read to its end all the
same, or the reading ends with an error.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any, Generic, Literal, TypeVar

from attrs import field, frozen

from ._errors import PaginationError

T = TypeVar("T")


@frozen
class Page(Generic[T]):
    """One page: its items, its number counted from 1, and how many items the API says there are in all, or None."""

    items: list[T] = field(repr=False)
    number: int
    total: int | None


@frozen
class Reading:
    """How far a list is read. ``whole``: reading began at page 1, so that ``seen`` can be held against a total."""

    size: int
    whole: bool = True
    seen: int = 0
    total: int | None = None
    previous: tuple[object, ...] = ()

    def judge(self, keys: tuple[object, ...]) -> Literal["more", "last", "end"]:
        """Say what a page with these row keys means: more may follow, it is the last, or it adds nothing.

        Raises:
            PaginationError: the list ends before the total that the API names, or does not get past a page.
        """
        if keys and keys == self.previous and (len(keys) >= self.size or self._missing(self.seen)):
            raise PaginationError(
                f"the API gives the same page of {len(keys)} rows again, what follows cannot be read; {self._told()}"
            )
        if not keys or keys == self.previous:
            if self._missing(self.seen):
                raise PaginationError(f"the list ended early, it may have changed while it was read; {self._told()}")
            return "end"
        # A full page may be followed by another whatever the total says; a short one only if the total says so.
        known = self.whole and self.total is not None and self.seen + len(keys) >= self.total
        return "last" if known and len(keys) < self.size else "more"

    def _missing(self, seen: int) -> bool:
        return self.whole and self.total is not None and seen < self.total

    def _told(self) -> str:
        return f"read {self.seen} rows, the API's total is {'unknown' if self.total is None else self.total}"


Fetch = Callable[[int, int], Awaitable[tuple[Mapping[str, Any], list[T]]]]
"""Gives the envelope of a page and its items, by its number and size."""


class Pager(Generic[T]):
    """A list of the API: ``async for item in pager``, or ``async for page in pager.pages()``. Each loop reads anew."""

    def __init__(self, fetch: Fetch[T], *, page_size: int, start_page: int = 1) -> None:
        self._fetch = fetch
        self._size = page_size
        self._start = start_page

    async def __aiter__(self) -> AsyncIterator[T]:
        async for page in self.pages():
            for item in page.items:
                yield item

    async def pages(self) -> AsyncIterator[Page[T]]:
        """Give the pages one after the other.

        Raises:
            PaginationError: the pages contradict each other, so that rows may be missing.
            TimifyError: a page could not be read.
        """
        number, reading = self._start, Reading(self._size, whole=self._start == 1)
        while True:
            envelope, items = await self._fetch(number, self._size)
            rows = envelope["data"]
            total = _total(envelope)
            reading = Reading(
                self._size, reading.whole, reading.seen, total if total is not None else reading.total, reading.previous
            )
            keys = tuple(map(_key, rows))
            verdict = reading.judge(keys)
            if verdict == "end":
                return
            yield Page(items, number, reading.total)
            if verdict == "last":
                return
            reading = Reading(self._size, reading.whole, reading.seen + len(rows), reading.total, keys)
            number += 1


def _total(envelope: Mapping[str, Any]) -> int | None:
    """Read ``total`` (observed), or ``meta.totalItems`` (documented)."""
    meta = envelope.get("meta")
    for value in (envelope.get("total"), meta.get("totalItems") if isinstance(meta, Mapping) else None):
        if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
            return value
    return None


def _key(row: object) -> object:
    """Tell rows apart by their id; a row without one by its text."""
    identity = row.get("id") if isinstance(row, Mapping) else None
    return identity if isinstance(identity, str) else repr(row)
