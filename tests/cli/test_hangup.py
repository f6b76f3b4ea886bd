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
    return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=stderr)


def terminal() -> tuple[int, int]:
    return pty.openpty()


@pytest.mark.parametrize("kind", [terminal, os.pipe], ids=["terminal", "pipe"])
@pytest.mark.parametrize("times", [1, 3])
def test_the_clean_up_needs_no_terminal(api: Api, cli: Any, tmp_path: Path, *, kind: Any, times: int) -> None:
    """When stderr is gone and SIGHUP comes, once or from shell and terminal, rows are in FILE.part: code 130."""
    api.people(25)
    cli("export", tmp_path / "whole.csv", "--page-size", 10)
    api.stall = "page=3"
    ours, theirs = kind()
    with start(theirs, "export", tmp_path / "all.csv", "--page-size", 10) as process:
        os.close(theirs)
        try:
            assert api.stalled.wait(20)
            os.close(ours)
            for _ in range(times):
                os.kill(process.pid, signal.SIGHUP)
            assert process.wait(20) == 130
        finally:
            process.kill()
    kept = (tmp_path / "all.csv.part").read_bytes()
    lines = (tmp_path / "whole.csv").read_bytes().splitlines(keepends=True)
    assert kept == b"".join(lines[:21])
    assert sorted(it.name for it in tmp_path.iterdir()) == ["all.csv.part", "whole.csv"]


@pytest.mark.parametrize("kind", [terminal, os.pipe], ids=["terminal", "pipe"])
def test_an_export_ends_well_though_nobody_reads_its_progress(api: Api, cli: Any, tmp_path: Path, kind: Any) -> None:
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


def test_nohup_is_heeded(api: Api, tmp_path: Path) -> None:
    """A SIGHUP that is ignored when the command starts, as by nohup, stays ignored."""
    code = (
        "import signal\n"
        "from timify_customers import cli\n"
        "signal.signal(signal.SIGHUP, signal.SIG_IGN)\n"
        "cli._stop_cleanly()\n"
        "assert signal.getsignal(signal.SIGHUP) == signal.SIG_IGN\n"
        "assert signal.getsignal(signal.SIGTERM) != signal.SIG_DFL\n"
    )
    subprocess.run([sys.executable, "-P", "-c", code], check=True, timeout=30)
