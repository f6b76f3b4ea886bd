"""The benchmark of custom fields compares code that does the same."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "customfields.py"


def test_both_make_and_read_the_same() -> None:
    """It says so before it times anything, and gives the ratios of payload and reading."""
    command = [sys.executable, "-P", str(SCRIPT), "--rounds", "1", "--repeats", "2"]
    result = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert result.returncode == 0, result.stderr
    assert "make and read the same" in result.stdout
    assert "payload of 8 fields" in result.stdout
    assert "one field read" in result.stdout
