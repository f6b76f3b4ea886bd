"""``benchmarks/calls.py`` and ``imports.py`` measure what they say."""

from __future__ import annotations

from pathlib import Path

from benchmarks.runs import contenders, run, situations


def test_calls_are_compared_with_raw_httpx(tmp_path: Path) -> None:
    """Every contender makes 1, 20 and 100 calls at once, and httpx is what they are compared
    with.
    """
    cases = run("calls", tmp_path / "kept.json", "--rounds", "2", "--calls", "40")
    assert cases.keys() == {"calls", "calls-elapsed"}
    for case in cases.values():
        assert situations(case) == ["1 at once", "20 at once", "100 at once"]
        assert contenders(case) == {
            "ours",
            "ours, on httpx2",
            "httpx",
            "httpx2",
            "aiohttp",
            "stock client",
        }
        base = [row["median"] for row in case["ratios"] if row["contender"] == "httpx"]
        assert base == [1.0] * 3
    bars = [row["bar"] for row in cases["calls"]["ratios"] if row["contender"] == "ours"]
    assert bars == [1.15, 0.70, 0.17]


def test_imports_are_compared_with_that_of_httpx(tmp_path: Path) -> None:
    """The import alone is measured, and the import with a client."""
    case = run("imports", tmp_path / "kept.json", "--rounds", "1")["imports"]
    assert situations(case) == ["import", "import, and a client"]
    assert contenders(case) == {"ours", "httpx", "httpx2", "aiohttp"}
