"""Runs benchmarks on little, and looks at what they keep."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


def run(name: str, kept: Path, *options: str, missed: bool = True) -> dict[str, Any]:
    """Run a benchmark; gives the cases that it kept.

    A missed bar is no failure: on few rounds, and beside other tests, ratios say nothing.
    """
    command = [sys.executable, "-P", str(BENCHMARKS / f"{name}.py"), "--json", str(kept)]
    done = subprocess.run(
        [*command, *options], capture_output=True, text=True, check=False, timeout=300
    )
    assert done.returncode in ({0, 1} if missed else {0}), done.stderr
    assert done.stderr == ""
    cases: dict[str, Any] = json.loads(kept.read_text("utf-8"))
    for case in cases.values():
        assert case["title"] in done.stdout
        assert {"cores", "python", "system"} == case["machine"].keys()
        for row in case["ratios"]:
            assert 0 < row["lowest"] <= row["median"] <= row["highest"]
    return cases


def contenders(case: dict[str, Any]) -> set[str]:
    return {row["contender"] for row in case["ratios"]}


def situations(case: dict[str, Any]) -> list[str]:
    return list(dict.fromkeys(row["situation"] for row in case["ratios"]))
