"""The suite itself, where it is started in the background."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
IGNORING = 'trap "" INT HUP; exec "$0" "$@"'
"""What ``nohup make test &`` amounts to: whoever is started ignores SIGINT and SIGHUP."""


@pytest.mark.parametrize("workers", ["0", "1"])
@pytest.mark.parametrize("name", ["SIGINT", "SIGHUP"])
def test_programs_that_tests_start_heed_signals_all_the_same(name: str, workers: str) -> None:
    """A test that sends a program a signal passes where the suite's parent ignores it, in workers
    too.
    """
    one = f"{TESTS / 'cli' / 'test_export.py'}::test_a_signal_says_how_to_go_on[{name}]"
    command = [
        sys.executable,
        "-P",
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "-n",
        workers,
        one,
    ]
    done = subprocess.run(
        ["/bin/sh", "-c", IGNORING, *command],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        cwd=TESTS.parent,
    )
    assert done.returncode == 0, done.stdout
    assert "1 passed" in done.stdout
