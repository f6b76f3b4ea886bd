"""The benchmark compares readers that see the same."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

DECODE = Path(__file__).parents[2] / "benchmarks" / "decode.py"


def test_all_readers_see_the_same_values() -> None:
    """On a small page every reader gives the same values, and the benchmark says so before it times anything."""
    command = [sys.executable, "-P", str(DECODE), "--customers", "40", "--rounds", "1"]
    result = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    assert result.returncode == 0, result.stderr
    assert "read the same values" in result.stdout
    assert "ours" in result.stdout
