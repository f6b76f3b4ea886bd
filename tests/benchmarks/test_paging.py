"""The benchmark of the pager runs."""

from __future__ import annotations

from pathlib import Path

from benchmarks.runs import contenders, run


def test_every_contender_reads_what_is_there(tmp_path: Path) -> None:
    """On a short list each contender reads all customers; the longest hold is measured, and the
    whole.
    """
    options = ("--customers", "250", "--page-size", "100", "--rounds", "1")
    cases = run("paging", tmp_path / "kept.json", *options)
    assert contenders(cases["paging-hold"]) == {"ours", "generated client", "stock client"}
    assert contenders(cases["paging"]) == {"ours", "httpx and json.loads"}
