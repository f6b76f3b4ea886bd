"""What a page of a list means: the decisions alone, as a table."""

from __future__ import annotations

from typing import Any

import pytest
from attrs import evolve
from timify_customers import ListChangedError, PaginationError
from timify_customers._paging.scan import MAX_SCANS, LastRow, PageDecision, ScanState, fingerprint

ABC = hash(("a", "b", "c"))
FIRST = ScanState(3)
LATER = ScanState(
    3,
    page=2,
    rows_seen=3,
    total=9,
    longest_page=3,
    previous_length=3,
    previous_hash=ABC,
    marked_hash=ABC,
)
LAST_SEEN = {"a": 1, "b": 1, "c": 1}
RESUMED = ScanState(3, page=2, resume_after=LastRow(2, fingerprint("e")), rows_seen=3, total=9)
TABLE: dict[str, tuple[ScanState, str, int | None, dict[Any, int], list[int], str, bool]] = {
    # name: before, rows, total beside them, rows last seen -> new places, sign, over
    "an empty list": (FIRST, "", 0, {}, [], "", True),
    "an empty list without a total": (FIRST, "", None, {}, [], "", True),
    "a full first page": (FIRST, "abc", 9, {}, [0, 1, 2], "", False),
    "a full first page that is all": (FIRST, "abc", 3, {}, [0, 1, 2], "", False),
    "a short first page that is all": (FIRST, "ab", 2, {}, [0, 1], "", True),
    "a short first page without a total": (FIRST, "ab", None, {}, [0, 1], "", False),
    "a short first page of more": (FIRST, "ab", 9, {}, [0, 1], "", False),
    "a first page beyond its total": (FIRST, "ab", 1, {}, [0, 1], "", False),
    "a row twice on a page": (FIRST, "aab", 9, {}, [0, 2], "came again", False),
    "the next page": (LATER, "def", 9, LAST_SEEN, [0, 1, 2], "", False),
    "a short last page": (evolve(LATER, total=5), "de", 5, LAST_SEEN, [0, 1], "", True),
    "no total this time": (LATER, "def", None, LAST_SEEN, [0, 1, 2], "", False),
    "another total": (LATER, "def", 8, LAST_SEEN, [0, 1, 2], "from 9 to 8", False),
    "another total, and a sign was reported before": (
        evolve(LATER, change_reported=True),
        "def",
        8,
        LAST_SEEN,
        [0, 1, 2],
        "",
        False,
    ),
    "a row again": (LATER, "cde", 9, LAST_SEEN, [1, 2], "came again", False),
    "known rows in another order": (LATER, "cba", 9, LAST_SEEN, [], "came again", False),
    "rows behind a short page": (
        evolve(LATER, previous_length=2),
        "def",
        9,
        LAST_SEEN,
        [0, 1, 2],
        "short page",
        False,
    ),
    "rows behind a page of one row": (
        evolve(LATER, previous_length=1),
        "def",
        9,
        LAST_SEEN,
        [0, 1, 2],
        "short page",
        False,
    ),
    "a page that grows": (LATER, "defg", 9, LAST_SEEN, [0, 1, 2, 3], "short page", False),
    "nothing more": (evolve(LATER, total=3), "", 3, LAST_SEEN, [], "", True),
    "nothing more, of fewer": (LATER, "", 3, LAST_SEEN, [], "from 9 to 3", True),
    "the short last page again": (
        evolve(LATER, page_size=5, total=None),
        "abc",
        None,
        LAST_SEEN,
        [],
        "",
        True,
    ),
    "all again, as limit is ignored": (
        evolve(LATER, page_size=2, total=3),
        "abc",
        3,
        LAST_SEEN,
        [],
        "",
        True,
    ),
    "resumed in its place": (RESUMED, "def", 9, {}, [2], "", False),
    "resumed further on": (RESUMED, "xde", 9, {}, [], "not in its place", False),
    "resumed further back": (RESUMED, "efg", 9, {}, [1, 2], "not in its place", False),
    "resumed, and gone": (RESUMED, "xyz", 9, {}, [2], "not in its place", False),
    "resumed, and changed": (RESUMED, "def", 8, {}, [2], "from 9 to 8", False),
}


@pytest.mark.parametrize(
    ("before", "rows", "total", "last_seen", "new_places", "sign", "over"),
    TABLE.values(),
    ids=TABLE,
)
def test_what_a_page_means(
    *,
    before: ScanState,
    rows: str,
    total: int | None,
    last_seen: dict[Any, int],
    new_places: list[int],
    sign: str,
    over: bool,
) -> None:
    """Which rows are new, whether the list shows a change, and whether it is at its end."""
    decision = before.accept(tuple(rows), total, last_seen)
    after = decision.after
    assert (decision.new_places, after.over) == (new_places, over)
    assert sign in decision.sign
    assert bool(decision.sign) is bool(sign)
    if rows and not over:
        assert (after.page, after.rows_seen) == (before.page + 1, before.rows_seen + len(rows))
        assert after.resume_after is None


@pytest.mark.parametrize(
    ("before", "rows", "total", "message"),
    [
        (LATER, "", 9, "ended early.*read 3 rows, the API's total is 9"),
        (LATER, "", None, "ended early"),
        (LATER, "abc", 9, "same page of 3 rows again, what follows cannot be read; read 3 rows"),
        (evolve(LATER, total=3), "abc", 3, "same page"),
        (evolve(LATER, total=None), "abc", None, r"same page.*the API's total is unknown$"),
        (evolve(LATER, page_size=5), "abc", 9, "same page"),
        (evolve(LATER, previous_hash=hash(("d",))), "abc", 9, "circles"),
    ],
)
def test_pages_that_contradict_each_other(
    before: ScanState, rows: str, total: int | None, message: str
) -> None:
    """An end before the total, a page again, or pages in a circle are errors that say what was
    read.
    """
    with pytest.raises(PaginationError, match=message):
        before.accept(tuple(rows), total, LAST_SEEN)


def accept_all(
    state: ScanState, last_seen: dict[Any, int], *pages: str, total: int | None
) -> PageDecision:
    for rows in pages:
        decision = state.accept(tuple(rows), total, last_seen)
        last_seen.update(dict.fromkeys(rows, state.scan))
        state = decision.after
    return decision


@pytest.mark.parametrize(("circle", "noticed"), [("ABCABCABC", 7), ("ABCBCBCBC", 4)])
def test_the_worked_examples_of_circles(circle: str, noticed: int) -> None:
    """Pages that repeat in a circle are noticed on the pages that `_check_circle` explains."""
    state, last_seen = ScanState(1), dict[Any, int]()
    for row in circle[: noticed - 1]:
        state = accept_all(state, last_seen, row, total=None).after
    with pytest.raises(PaginationError, match=f"page {noticed} is one that came before"):
        accept_all(state, last_seen, circle[noticed - 1], total=None)


def test_a_new_scan_keeps_the_total_of_the_one_before() -> None:
    """It begins at page 1, and its total is what the API said last."""
    after = accept_all(ScanState(3, rescan=True), {}, "ab", total=2).after
    assert (after.scan, after.page, after.total, after.rows_seen_before) == (2, 1, 2, 2)


def test_a_fingerprint_is_the_same_everywhere() -> None:
    """It is the beginning of a text's SHA-256; every text has one, half a surrogate pair too."""
    assert fingerprint("a") == "ca978112ca1bbdca"
    assert fingerprint("\ud800") != fingerprint("\ud801")


@pytest.mark.parametrize(
    ("scans", "agree"),
    [
        ([["abc", "d"], ["abc", "d"]], 2),
        ([["abc", "d"], ["dab", "c"]], 2),
        ([["", ""], ["", ""]], 2),
        ([["abc", "d"], ["abc", "e"], ["abc", "e"]], 3),
        ([["abc", "d"], ["abc", ""], ["abc", ""]], 3),
        ([["abc", "ca"], ["abc", "ca"], ["abc", "de"], ["abc", "de"]], 4),
        ([["abc", "c"], ["abc", ""], ["abc", ""]], 3),
        ([["abc", "d"], ["abc", "e"], ["abc", "d"], ["abc", "e"], ["abc", "d"]], None),
    ],
)
def test_scans_that_agree(scans: list[list[str]], agree: int | None) -> None:
    """A rescan ends with two scans in a row that found the same rows, each once; or with an error
    at the last.
    """
    state, last_seen = ScanState(3, rescan=True), dict[Any, int]()
    for number, pages in enumerate(scans, 1):
        rows = [page for page in pages if page]
        if agree is None and number == len(scans):
            with pytest.raises(ListChangedError, match=f"of {MAX_SCANS} scans"):
                accept_all(state, last_seen, *rows, "", total=None)
            return
        state = accept_all(state, last_seen, *rows, "", total=None).after
        assert state.over is (number == agree)
    assert agree == len(scans)
