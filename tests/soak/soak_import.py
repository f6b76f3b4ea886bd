"""100,000 rows, 10 % faults and 20 kills: what `tests/bulk/test_crash.py` does, for longer.

`make soak`.
"""

from __future__ import annotations

import time
from pathlib import Path

from bulk.crash import check, crash
from timify_customers.sandbox import Sandbox

ROWS, KILLS = 100_000, 20


def test_faults_and_kills_lose_nothing_and_double_nothing(tmp_path: Path) -> None:
    """Each row is there once, as it was, and few were sent more than once."""
    sandbox, began = Sandbox(), time.monotonic()
    with sandbox.serve() as url:
        story = crash(url, sandbox, tmp_path, ROWS, kills=KILLS, seed=17)
        check(url, sandbox, story, ROWS)
    again = sum(story.sent.values()) - ROWS
    figures = (
        f"killed at {story.killed}, {again:,} rows sent again, {time.monotonic() - began:.0f} s"
    )
    print(f"\n{figures}\n{story.last}")  # noqa: T201 - the figures are the point
    assert again < KILLS * 400 + ROWS * 0.2
    assert len([rows for rows in story.killed if 0 < rows < ROWS]) >= KILLS / 2
