"""The benchmark of the import runs, and measures what it says."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

BULK = Path(__file__).parents[2] / "benchmarks" / "bulk.py"


def test_the_benchmark_runs() -> None:
    """On a few rows every contender comes to its end, and both bars are spoken of."""
    command = [
        sys.executable,
        "-P",
        str(BULK),
        "--rows",
        "400",
        "--creates",
        "20",
        "--rounds",
        "1",
        "--chunk",
        "50",
    ]
    result = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    assert result.returncode in {0, 1}, result.stderr
    assert all(f"\n{name} " in result.stdout for name in ("import ", "creates", "limit "))
    assert "(bar: at most 60 MB)" in result.stdout
    assert "(bar: at least 5)" in result.stdout
