"""The promise of the checkpoint, kept against kill -9 and faults, on a socket."""

from __future__ import annotations

from pathlib import Path

from bulk.crash import check, crash
from timify_customers.sandbox import Sandbox

ROWS, KILLS = 10_000, 5


def test_faults_and_kills_lose_nothing_and_double_nothing(tmp_path: Path) -> None:
    """10,000 rows with 10 % faults and 5 kills: each is there once, as it was; few were sent more
    than once.

    A row may be sent again when its run was killed before the outcome was kept (at most what was
    under way: four chunks of 100 for each kill), and when its answer was lost, as the upsert
    allows.
    """
    sandbox = Sandbox()
    with sandbox.serve() as url:
        story = crash(url, sandbox, tmp_path, ROWS, kills=KILLS, seed=7)
        check(url, sandbox, story, ROWS)
    assert len([rows for rows in story.killed if 0 < rows < ROWS]) >= 3
    again = sum(story.sent.values()) - ROWS
    assert 0 < again < KILLS * 400 + ROWS * 0.2


def test_no_settled_row_is_sent_again(tmp_path: Path) -> None:
    """Without faults, kills alone: what a run had settled when it was killed is not sent by a later
    one.
    """
    sandbox = Sandbox()
    with sandbox.serve() as url:
        story = crash(url, sandbox, tmp_path, 2000, kills=3, seed=11, share=0.0)
        check(url, sandbox, story, 2000)
    assert sum(story.sent.values()) - 2000 <= 3 * 400
    resumed = int(story.last.split()[3])
    assert resumed >= max(story.killed)
