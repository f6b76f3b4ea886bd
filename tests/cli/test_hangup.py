"""A terminal that goes away: SIGHUP, and a stderr that cannot be written to."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from cli.api import Api


def start(stderr: int, *arguments: object) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-P", "-m", "timify_customers.cli", *map(str, arguments)]
    return subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=stderr
    )


def terminal() -> tuple[int, int]:
    return pty.openpty()


@pytest.mark.parametrize("kind", [terminal, os.pipe], ids=["terminal", "pipe"])
def test_the_clean_up_needs_no_terminal(api: Api, cli: Any, tmp_path: Path, kind: Any) -> None:
    """When stderr is gone and SIGHUP comes, what was read is in FILE.part: code 130."""
    api.people(25)
    cli("export", tmp_path / "whole.csv", "--page-size", 10)
    api.stall = "page=3"
    ours, theirs = kind()
    with start(theirs, "export", tmp_path / "all.csv", "--page-size", 10) as process:
        os.close(theirs)
        try:
            assert api.stalled.wait(20)
            os.close(ours)
            os.kill(process.pid, signal.SIGHUP)
            assert process.wait(20) == 130
        finally:
            process.kill()
    kept = (tmp_path / "all.csv.part").read_bytes()
    lines = (tmp_path / "whole.csv").read_bytes().splitlines(keepends=True)
    assert kept == b"".join(lines[:21])
    assert sorted(it.name for it in tmp_path.iterdir()) == ["all.csv.part", "whole.csv"]


@pytest.mark.parametrize("kind", [terminal, os.pipe], ids=["terminal", "pipe"])
def test_an_export_ends_well_though_nobody_reads_its_progress(
    api: Api, cli: Any, tmp_path: Path, kind: Any
) -> None:
    """A stderr that goes away stops nothing: the file is whole, with code 0."""
    api.people(25)
    cli("export", tmp_path / "whole.csv", "--page-size", 10)
    api.stall = "page=3"
    ours, theirs = kind()
    with start(theirs, "export", tmp_path / "all.csv", "--page-size", 10) as process:
        os.close(theirs)
        try:
            assert api.stalled.wait(20)
            os.close(ours)
            api.stall = ""
            assert process.wait(20) == 0
        finally:
            process.kill()
    assert (tmp_path / "all.csv").read_bytes() == (tmp_path / "whole.csv").read_bytes()


def python(code: str) -> None:
    subprocess.run([sys.executable, "-P", "-c", code], check=True, timeout=30)


def test_nohup_is_heeded() -> None:
    """A SIGHUP that is ignored when the command starts, as by nohup, stays ignored."""
    python(
        "import signal\n"
        "from timify_customers import cli\n"
        "signal.signal(signal.SIGHUP, signal.SIG_IGN)\n"
        "cli._stop_cleanly()\n"
        "assert signal.getsignal(signal.SIGHUP) == signal.SIG_IGN\n"
        "assert signal.getsignal(signal.SIGTERM) != signal.SIG_DFL\n"
    )


@pytest.mark.parametrize("first", ["SIGHUP", "SIGTERM"])
def test_a_second_signal_leaves_the_clean_up_alone(first: str) -> None:
    """Shell and terminal may each say that they are gone: what comes after the first SIGHUP or
    SIGTERM is ignored.
    """
    python(
        "import signal\n"
        "from timify_customers import cli\n"
        "cli._stop_cleanly()\n"
        "try:\n"
        f"    signal.raise_signal(signal.{first})\n"
        "except KeyboardInterrupt:\n"
        "    signal.raise_signal(signal.SIGHUP)\n"
        "    signal.raise_signal(signal.SIGTERM)\n"
        "else:\n"
        "    raise SystemExit('it was not stopped')\n"
    )
