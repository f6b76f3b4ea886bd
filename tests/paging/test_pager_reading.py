"""What the pager makes of a page: the decisions alone, as a table."""

from __future__ import annotations

from typing import Any

import pytest
from attrs import evolve
from timify_customers import ListChangedError, PaginationError
from timify_customers._paging.pager import MAX_SCANS, Reading, Turn, fingerprint

FIRST = Reading(3)
LATER = Reading(
    3, 2, seen=3, total=9, full=3, count=3, last=hash(("a", "b", "c")), early=hash(("a", "b", "c"))
)
KNOWN = {"a": 1, "b": 1, "c": 1}
RESUMED = Reading(3, 2, resume=(2, fingerprint("e")), seen=3, total=9)
TABLE: dict[str, tuple[Reading, str, int | None, dict[Any, int], list[int], str, bool]] = {
    # name: before, rows, total beside them, rows known -> new rows, sign, over
    "an empty list": (FIRST, "", 0, {}, [], "", True),
    "an empty list without a total": (FIRST, "", None, {}, [], "", True),
    "a full first page": (FIRST, "abc", 9, {}, [0, 1, 2], "", False),
    "a full first page that is all": (FIRST, "abc", 3, {}, [0, 1, 2], "", False),
    "a short first page that is all": (FIRST, "ab", 2, {}, [0, 1], "", True),
    "a short first page without a total": (FIRST, "ab", None, {}, [0, 1], "", False),
    "a short first page of more": (FIRST, "ab", 9, {}, [0, 1], "", False),
    "a first page beyond its total": (FIRST, "ab", 1, {}, [0, 1], "", False),
    "a row twice on a page": (FIRST, "aab", 9, {}, [0, 2], "came again", False),
    "the next page": (LATER, "def", 9, KNOWN, [0, 1, 2], "", False),
    "a short last page": (evolve(LATER, total=5), "de", 5, KNOWN, [0, 1], "", True),
    "no total this time": (LATER, "def", None, KNOWN, [0, 1, 2], "", False),
    "another total": (LATER, "def", 8, KNOWN, [0, 1, 2], "from 9 to 8", False),
    "another total, and told before": (
        evolve(LATER, changed=True),
        "def",
        8,
        KNOWN,
        [0, 1, 2],
        "",
        False,
    ),
    "a row again": (LATER, "cde", 9, KNOWN, [1, 2], "came again", False),
    "known rows in another order": (LATER, "cba", 9, KNOWN, [], "came again", False),
    "rows behind a short page": (
        evolve(LATER, count=2),
        "def",
        9,
        KNOWN,
        [0, 1, 2],
        "short page",
        False,
    ),
    "a page that grows": (LATER, "defg", 9, KNOWN, [0, 1, 2, 3], "short page", False),
    "nothing more": (evolve(LATER, total=3), "", 3, KNOWN, [], "", True),
    "nothing more, of fewer": (LATER, "", 3, KNOWN, [], "from 9 to 3", True),
    "the short last page again": (
        evolve(LATER, size=5, total=None),
        "abc",
        None,
        KNOWN,
        [],
        "",
        True,
    ),
    "all again, from one who ignores limit": (
        evolve(LATER, size=2, total=3),
        "abc",
        3,
        KNOWN,
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
    ("before", "rows", "total", "known", "fresh", "sign", "over"), TABLE.values(), ids=TABLE
)
def test_what_a_page_means(
    *,
    before: Reading,
    rows: str,
    total: int | None,
    known: dict[Any, int],
    fresh: list[int],
    sign: str,
    over: bool,
) -> None:
    """Which rows are new, whether the list shows a change, and whether it is at its end."""
    turn = before.turn(tuple(rows), total, known)
    assert (turn.fresh, turn.after.over) == (fresh, over)
    assert sign in turn.sign
    assert bool(turn.sign) is bool(sign)
    if rows and not over:
        assert (turn.after.page, turn.after.seen) == (before.page + 1, before.seen + len(rows))
        assert turn.after.resume == (0, "")


@pytest.mark.parametrize(
    ("before", "rows", "total", "message"),
    [
        (LATER, "", 9, "ended early.*read 3 rows, the API's total is 9"),
        (LATER, "", None, "ended early"),
        (LATER, "abc", 9, "same page of 3 rows"),
        (evolve(LATER, total=3), "abc", 3, "same page"),
        (evolve(LATER, total=None), "abc", None, "same page.*unknown"),
        (evolve(LATER, size=5), "abc", 9, "same page"),
        (evolve(LATER, last=hash(("d",))), "abc", 9, "circles"),
    ],
)
def test_pages_that_contradict_each_other(
    before: Reading, rows: str, total: int | None, message: str
) -> None:
    """An end before the total, a page again, or pages in a circle are errors that say what was
    read.
    """
    with pytest.raises(PaginationError, match=message):
        before.turn(tuple(rows), total, KNOWN)


def scan(reading: Reading, known: dict[Any, int], *pages: str, total: int | None) -> Turn:
    for rows in pages:
        number = reading.scan
        turn = reading.turn(tuple(rows), total, known)
        known.update(dict.fromkeys(rows, number))
        reading = turn.after
    return turn


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
    reading, known = Reading(3, rescan=True), dict[Any, int]()
    for number, pages in enumerate(scans, 1):
        rows = [page for page in pages if page]
        if agree is None and number == len(scans):
            with pytest.raises(ListChangedError, match=f"of {MAX_SCANS} scans"):
                scan(reading, known, *rows, "", total=None)
            return
        turn = scan(reading, known, *rows, "", total=None)
        assert turn.after.over is (number == agree)
        reading = turn.after
    assert agree == len(scans)
