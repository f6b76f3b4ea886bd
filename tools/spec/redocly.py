"""Redocly CLI, which builds, checks and compares the OpenAPI document."""

import subprocess
from pathlib import Path

import bounded
import node
from node import ROOT, NodeError

__all__ = ["ROOT", "NodeError", "run"]


def run(*args: str, check: bool = True, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """Run Redocly CLI with `args` in `cwd`, in bounded time and memory; see `node.run`.

    Raises NodeError also when it takes too long.
    """
    try:
        return node.run(
            "redocly",
            *args,
            check=check,
            cwd=cwd,
            seconds=bounded.LONGEST,
            memory=bounded.MOST_MEMORY * 3 // 4,  # the rest is for what is not on V8's heap
        )
    except bounded.BoundError as late:
        raise NodeError(f"Redocly {args[0]}: {late}.") from late
