"""The benchmark of custom fields compares code that does the same."""

from __future__ import annotations

from pathlib import Path

from benchmarks.runs import run, situations


def test_both_make_and_read_the_same(tmp_path: Path) -> None:
    """It makes sure of that before it times anything, and measures payload and reading."""
    options = ("--rounds", "1", "--repeats", "2")
    cases = run("customfields", tmp_path / "kept.json", *options, missed=False)
    assert situations(cases["customfields"]) == ["payload of 8 fields", "one field read"]
