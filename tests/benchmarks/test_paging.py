"""The benchmark of the pager runs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

PAGING = Path(__file__).parents[2] / "benchmarks" / "paging.py"


def test_every_contender_reads_what_is_there() -> None:
    """On a short list each contender reads all customers, and its ratio is printed."""
    command = [
        sys.executable,
        "-P",
        str(PAGING),
        "--customers",
        "250",
        "--page-size",
        "100",
        "--rounds",
        "1",
    ]
    result = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    assert result.returncode == 0, result.stderr
    assert [line.split()[0] for line in result.stdout.splitlines()[2:6]] == [
        "pager",
        "pager",
        "generated",
        "stock",
    ]
