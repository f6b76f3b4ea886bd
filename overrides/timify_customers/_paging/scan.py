"""What a page of a list means, given the pages before it: pure, without clock or network.

The API pages by number (observed: ``page`` and ``limit`` are honoured for customers; ``total``
counts all matches) over a list in order of first name (observed). So a row that is added, renamed
or deleted while the list is read shifts the rows after it. A server may also return fewer or more
rows than requested, leave ``total`` out or get it wrong, ignore ``page``, or return its last page
again and again.

A *scan* is one pass over the pages, from page 1 to the end. `ScanState` says how far a scan has
come, and `ScanState.accept` turns it and the next page into a `PageDecision`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Final

from attrs import evolve, field, frozen

from .._base.errors import ListChangedError, PaginationError

Key = str | tuple[object, ...]
"""Tells rows apart: a row's id or, for a row without one, its text in a tuple."""
MAX_SCANS: Final = 5
"""How often a rescan may read a list. It takes 2 scans when nothing changes."""


def fingerprint(key: Key) -> str:
    """Return 16 hex digits that stand for a key, the same in every process."""
    return hashlib.sha256(str(key).encode("utf-8", "backslashreplace")).hexdigest()[:16]


@frozen
class LastRow:
    """The row after which a cursor stands.

    Attributes:
        place: its place on its page, counted from 1.
        fingerprint: the `fingerprint` of its key.
    """

    place: int
    fingerprint: str


@frozen
class ScanState:
    """How far a list is read.

    Attributes:
        page_size: rows requested in one page.
        page: number of the page to request next, from 1.
        resume_after: the row after which the cursor stands, on the first page after a cursor.
        rescan: True when the list is read until two scans in a row agree.
        scan: number of this scan, from 1.
        total: the list's total as the API last said it, or None.
        rows_seen: rows on the pages of this scan. A row that came twice counts twice.
        rows_in_both: rows of this scan that were in the scan before, each counted once.
        rows_seen_before: ``rows_seen`` at the end of the scan before; None in scan 1.
        longest_page: rows on the longest page of this scan; 0 before the first.
        previous_length: rows on the page before; 0 before the first.
        previous_hash: hash of that page's keys.
        marked_hash: hash of the keys of the marked page, see `_check_circle`.
        change_reported: True once a sign of change was reported, after which no other one is.
        over: True when there is nothing more to read.
    """

    page_size: int
    page: int = 1
    resume_after: LastRow | None = None
    rescan: bool = False
    scan: int = 1
    total: int | None = None
    rows_seen: int = 0
    rows_in_both: int = 0
    rows_seen_before: int | None = None
    longest_page: int = 0
    previous_length: int = 0
    previous_hash: int | None = None
    marked_hash: int | None = None
    change_reported: bool = False
    over: bool = False

    def accept(
        self, keys: tuple[Key, ...], total: int | None, last_seen: Mapping[Key, int]
    ) -> PageDecision:
        """Decide what the next page means.

        Args:
            keys: the keys of its rows, in order.
            total: the list's total according to this page, or None.
            last_seen: the scan in which each row was last seen. In a rescan it has all rows that
                were read, otherwise those of the page before.

        Raises:
            PaginationError: the list ends before its total, or the API does not get past a page.
            ListChangedError: this was the last scan of a rescan, and no two scans in a row agree.
        """
        places = self._first_places(keys)
        not_in_scan = [key for key in places if last_seen.get(key) != self.scan]
        in_scan_before = sum(last_seen.get(key) == self.scan - 1 for key in not_in_scan)
        after = self._after(keys, in_scan_before, total)

        start, moved = self._resume_place(keys)
        never_seen = [key for key in not_in_scan if key not in last_seen]
        new_places = [places[key] for key in never_seen if places[key] >= start]

        came_again = len(not_in_scan) < len(keys)
        sign = self._sign_of_change(after, came_again=came_again, moved=moved)
        after = evolve(after, change_reported=self.change_reported or sign != "")
        return PageDecision(keys, new_places, sign, self, after)

    def _first_places(self, keys: tuple[Key, ...]) -> dict[Key, int]:
        """Return the distinct rows of a page in order, each with the first place where it stands.

        Equal rows without an id may be different rows, so each place counts as another row. They
        count as one row where the list could not end otherwise: in a rescan, which would find new
        rows in every scan, and on a page that repeats the page before.
        """
        equal_is_same = self.rescan or hash(keys) == self.previous_hash
        places: dict[Key, int] = {}
        for place, key in enumerate(keys):
            is_same_row = equal_is_same or isinstance(key, str)
            places.setdefault(key if is_same_row else (self.page, place), place)
        return places

    def _resume_place(self, keys: tuple[Key, ...]) -> tuple[int, bool]:
        """Return the place of the first row after the cursor, and whether the last row moved.

        The cursor stands after row ``e``, the second of its page, and the page is now

        - ``d e f``: go on at ``f``; nothing moved.
        - ``x d e``: ``e`` moved to place 3, so nothing is left on this page.
        - ``e f g``: ``e`` moved to place 1, so go on at ``f``.
        - ``x y z``: ``e`` is gone. Only its old place is known, so go on at ``z``.
        """
        if self.resume_after is None:
            return 0, False
        row = self.resume_after
        fingerprints = [fingerprint(key) for key in keys]
        moved = fingerprints[row.place - 1 : row.place] != [row.fingerprint]
        if row.fingerprint in fingerprints:
            return fingerprints.index(row.fingerprint) + 1, moved
        return min(row.place, len(keys)), moved

    def _after(self, keys: tuple[Key, ...], in_scan_before: int, total: int | None) -> ScanState:
        """Return the state after a page: the next page, the next scan, or the end."""
        page_hash = hash(keys)
        state = evolve(self, total=self.total if total is None else total, resume_after=None)
        if not keys or page_hash == self.previous_hash:
            return state.end_scan(repeated_rows=len(keys))
        self._check_circle(page_hash)
        is_marked = self.page & (self.page - 1) == 0  # true for powers of two
        state = evolve(
            state,
            page=self.page + 1,
            rows_seen=self.rows_seen + len(keys),
            rows_in_both=self.rows_in_both + in_scan_before,
            longest_page=max(self.longest_page, len(keys)),
            previous_length=len(keys),
            previous_hash=page_hash,
            marked_hash=page_hash if is_marked else self.marked_hash,
        )
        return state.end_scan(repeated_rows=0) if self._is_last(keys, state) else state

    def _check_circle(self, page_hash: int) -> None:
        """Refuse pages that repeat in a circle, however long it is and wherever it begins.

        Each page whose number is a power of two becomes the marked page, and every page is compared
        with the mark (Brent's algorithm), so that one remembered hash is enough.

        Pages A, B, C, A, B, C, A (a circle of 3 from page 1)::

            page    1  2  3  4  5  6  7
            holds   A  B  C  A  B  C  A
            mark    -  A  B  B  A  A  A   (the mark with which the page is compared)

        Page 4 is A, but the mark is already B. Page 4 is then marked, and page 7 is noticed.

        Pages A, B, C, B (a circle of 2 from page 2): page 2, B, is marked, and page 4 is noticed.

        Why it never fails: let a circle of n pages begin at page b, and let p be the first power of
        two that is at least b and n. Page p lies in the circle and is marked until page 2p has been
        compared. Page p + n holds the same rows, and comes no later than page 2p.
        """
        if page_hash == self.marked_hash:
            raise PaginationError(
                f"page {self.page} is one that came before: the API's pages go in circles"
            )

    def _is_last(self, keys: tuple[Key, ...], after: ScanState) -> bool:
        """Return whether a page ends its scan: it is short, and the total confirms the end.

        A page is short if it has fewer rows than the longest page before it, as a server's own
        limit may be lower than the page size; the first page is compared with the page size.

        - Size 10, 25 rows, total 25: page 3 has 5 rows, fewer than 10, and completes the 25. It is
          the last page, and no fourth request is needed.
        - The same without a total: page 3 is short, but only an empty page 4 shows the end.
        - Size 10, a server's limit of 5, 30 rows, a wrong total of 10: page 1 is short, but 5 rows
          are not 10. After page 2 there are 10, but it is as long as page 1. Reading goes on to the
          end.
        """
        short = len(keys) < (self.longest_page or self.page_size)
        return short and after.rows_seen == after.total

    def end_scan(self, *, repeated_rows: int) -> ScanState:
        """Return the state after a scan that ended.

        ``repeated_rows`` is the length of the repeated page, if the scan ended because of one.
        """
        self._check_complete(repeated_rows)
        if not self.rescan or self._agrees_with_scan_before():
            return evolve(self, over=True)
        if self.scan == MAX_SCANS:
            raise ListChangedError(
                f"the list changed while it was read: of {MAX_SCANS} scans no two in a row agree"
            )
        return ScanState(
            self.page_size,
            rescan=True,
            scan=self.scan + 1,
            total=self.total,
            rows_seen_before=self.rows_seen,
        )

    def _check_complete(self, repeated_rows: int) -> None:
        """Refuse an end at which rows are missing, or may be missing.

        A last page that comes again when the next is requested is a clean end if it is short. A
        full one may hide that the server ignores ``page``, unless the total shows that all rows
        were read:

        - Size 10, 20 rows, total 20, page 2 again as page 3: 20 rows were read. A clean end.
        - Size 10, 30 rows, page 1 again as page 2, total 10: 10 rows were read, but a total that is
          just one page may be the count of that page. An error.
        """
        read_all = self.total is None or self.rows_seen >= self.total
        confirmed = self.rows_seen == self.total and self.rows_seen > self.page_size
        if read_all and (repeated_rows < self.page_size or confirmed):
            return
        reason = "the list ended early, or changed meanwhile"
        if repeated_rows:
            reason = (
                f"the API returns the same page of {repeated_rows} rows again,"
                " what follows cannot be read"
            )
        total = "unknown" if self.total is None else self.total
        raise PaginationError(f"{reason}; read {self.rows_seen} rows, the API's total is {total}")

    def _agrees_with_scan_before(self) -> bool:
        """Return whether this scan and the one before had the same rows, each of them once.

        ``rows_in_both == rows_seen``: each row of this scan came once, and was in the scan before.
        ``rows_seen_before == rows_seen``: the scan before had no other row, and none twice.

        Why two such scans are enough: a row that keeps its place in the order is missed only when a
        row before it leaves, and that shows. With pages of 2 and rows ``a b | c d | e f``, let
        ``a`` leave after page 1, so that page 2 is ``d e`` and ``c`` is missed:

        - ``a`` was deleted. Scan 1 has ``a`` and scan 2 does not, so they do not agree.
        - ``a`` was renamed and now comes after ``f``. Scan 1 is ``a b d e f a``, with ``a`` twice,
          so no scan agrees with it.
        """
        return self.rows_seen_before == self.rows_seen == self.rows_in_both

    def _sign_of_change(self, after: ScanState, *, came_again: bool, moved: bool) -> str:
        """Return, in words, a sign that the list changed, or "" if none is new.

        A page that repeats the one before, or is empty, is an end and not a sign.
        """
        if self.change_reported:
            return ""
        goes_on = after.page > self.page
        if self.total is not None and self.total != after.total:
            return f"its total went from {self.total} to {after.total}"
        if goes_on and came_again:
            return "a row came again"
        if goes_on and 0 < self.previous_length < after.longest_page:
            return "rows followed on a short page"
        return "the row that was read last is not in its place" if moved else ""


@frozen
class PageDecision:
    """What a page means.

    Attributes:
        keys: the keys of its rows.
        new_places: the places, from 0 and ascending, of the rows that were not returned before.
        sign: the first sign that the list changed, in words, or "".
        before: the state before the page.
        after: the state after it.
    """

    keys: tuple[Key, ...] = field(repr=False)
    new_places: list[int] = field(repr=False)
    sign: str
    before: ScanState
    after: ScanState
