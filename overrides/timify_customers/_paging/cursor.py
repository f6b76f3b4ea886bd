"""Cursors: the text with which a list is continued later, even in another process.

``3f9a0c12b7d4e856-2-1-3-9-18ac3e7343f01689`` means: continue the list ``3f9a...`` (a hash of
operation, company id, arguments and page size) on page 2 after row 1. The pages before held 3 rows,
the total was 9 (with nothing between the dashes if there was none), and ``18ac...`` is the
fingerprint of that row. The page is requested again; `ScanState` decides which rows come after it.

It holds no personal data, only numbers, and hashes of the list and of the row's id.
"""

from __future__ import annotations

import re
from typing import Final

from .._base.checks import check_text
from .._base.errors import ArgumentError
from .scan import LastRow, PageDecision, ScanState, fingerprint

_CURSOR: Final = re.compile(
    r"""
    (?P<list_hash> \w{16} ) -
    (?P<page> [1-9]\d{,8} ) -
    (?P<place> [1-9]\d{,8} ) -
    (?P<rows_seen> \d{1,9} ) -
    (?P<total> \d{,9} ) -
    (?P<last_row> [0-9a-f]{16} )
    """,
    re.ASCII | re.VERBOSE,
)


def write_cursor(list_hash: str, decision: PageDecision, place: int) -> str:
    """Return the cursor that stands after one row of a page.

    Args:
        list_hash: the `fingerprint` of the list.
        decision: what the page meant.
        place: the place of the row on the page, from 0.
    """
    page, rows_seen = decision.before.page, decision.before.rows_seen
    total = "" if decision.after.total is None else decision.after.total
    last_row = fingerprint(decision.keys[place])
    return f"{list_hash}-{page}-{place + 1}-{rows_seen}-{total}-{last_row}"


def read_cursor(cursor: str, list_hash: str, page_size: int) -> ScanState:
    """Return the state from which a list continues.

    Raises:
        ArgumentError: the text is not a cursor, or a cursor of another list.
        ArgumentTypeError: it is not a string.
    """
    match = _CURSOR.fullmatch(check_text("cursor", cursor))
    if match is None:
        raise _refused("is not a cursor that a list returned")
    if match["list_hash"] != list_hash:
        raise _refused("belongs to another list")
    return ScanState(
        page_size,
        page=int(match["page"]),
        resume_after=LastRow(int(match["place"]), match["last_row"]),
        total=int(match["total"]) if match["total"] else None,
        rows_seen=int(match["rows_seen"]),
    )


def _refused(reason: str) -> ArgumentError:
    return ArgumentError(
        f"cursor {reason}; it goes with one operation, company id, arguments and page_size"
    )
