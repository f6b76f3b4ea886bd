"""Redocly CLI, which builds, checks and compares the OpenAPI document."""

import subprocess
from pathlib import Path

import node
from node import ROOT, NodeError

__all__ = ["ROOT", "NodeError", "run"]


def run(*args: str, check: bool = True, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """Run Redocly CLI with `args` in `cwd`; see `node.run`."""
    return node.run("redocly", *args, check=check, cwd=cwd)
