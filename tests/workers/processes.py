"""Processes that begin at the same moment."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

CALLER = Path(__file__).with_name("caller.py")
Processes = list[subprocess.Popen[str]]


@contextlib.contextmanager
def callers(
    redis: str,
    api: str,
    companies: Sequence[str],
    *,
    calls: int,
    limit: str = "-",
    per: str = "app",
) -> Iterator[Processes]:
    """Start a process for each company, and let them go on when all are ready."""
    started: Processes = []
    try:
        for company in companies:
            command = [sys.executable, "-P", str(CALLER), redis, api, company, str(calls)]
            pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
            started.append(subprocess.Popen([*command, limit, per], **pipes))
        for process in started:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
        for process in started:
            assert process.stdin is not None
            process.stdin.write("\n")
            process.stdin.flush()
        yield started
    finally:
        for process in started:
            process.kill()
            process.communicate()


def answered(processes: Processes, timeout: float = 30) -> list[int]:
    """Wait for all; return how many calls of each were answered."""
    return [int(process.communicate(timeout=timeout)[0]) for process in processes]
