"""``benchmarks/calls.py`` measures what it says."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "calls.py"


def test_it_compares_calls_with_raw_httpx() -> None:
    """Its table has a row for 1, 20 and 100 calls at once, of ratios with their spread."""
    command = [sys.executable, "-P", str(SCRIPT), "--rounds", "2", "--calls", "40"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    ratio = r"\d+\.\d\d \(\d+\.\d\d to \d+\.\d\d\)"
    rows = re.findall(rf"^ +(\d+) +{ratio} +{ratio}$", done.stdout, re.MULTILINE)
    assert rows == ["1", "20", "100"]
    assert done.stderr == ""
