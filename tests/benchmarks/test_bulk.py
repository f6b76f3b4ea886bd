"""The benchmark of the import runs, and measures what it says."""

from __future__ import annotations

from pathlib import Path

from benchmarks.runs import contenders, run


def test_every_way_to_import_is_measured(tmp_path: Path) -> None:
    """On a few rows every contender comes to its end, by time and by the client's CPU time."""
    options = ("--rows", "400", "--creates", "20", "--rounds", "1", "--chunk", "50")
    cases = run("bulk", tmp_path / "kept.json", *options)
    assert cases.keys() == {"bulk", "bulk-cpu"}
    for case in cases.values():
        assert contenders(case) == {"ours", "one by one", "ready requests"}
