"""A copy is quiet for the tools of its host."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from timify_customers.vendoring import copy_of, vendor
from vendoring.conftest import ROOT

BIN = Path(sys.executable).parent


def run(command: Sequence[str | Path], folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, cwd=folder, capture_output=True, text=True, check=False, timeout=300
    )


def test_ruff_neither_lints_nor_formats_a_copy(copied: Path) -> None:
    """Whatever rules its host has; the host's own module is still looked at."""
    top = copied.parents[1]
    (top / "ruff.toml").write_text('line-length = 40\n[lint]\nselect = ["ALL"]\n', "utf-8")
    (copied / "own.py").write_text("import os\n", "utf-8")
    found = run([BIN / "ruff", "check", "--no-cache", "--output-format=json", "."], top)
    assert {Path(it["filename"]).name for it in json.loads(found.stdout)} >= {"own.py"}
    assert not [it for it in json.loads(found.stdout) if "timify_customers" in it["filename"]]
    assert run([BIN / "ruff", "format", "--check", "--no-cache", "."], top).returncode == 0


def test_mypy_is_content_with_a_minimal_copy(dest: Path, runtime: Path) -> None:
    """Under strict, with the runtime dependencies alone and no stubs: nothing is ignored."""
    vendor(dest, minimal=True)
    command = [BIN / "mypy", "--strict", "--python-executable", runtime, "-p", "service"]
    done = run([*command, "--cache-dir", dest.parent / "cache"], dest.parents[1])
    assert "Success: no issues found" in done.stdout, done.stdout


def test_mypy_is_content_with_a_whole_copy(copied: Path) -> None:
    """Under strict, where its extras and their stubs are installed."""
    command = [BIN / "mypy", "--strict", "-p", "service", "--cache-dir", copied.parent / "cache"]
    done = run(command, copied.parents[1])
    assert "Success: no issues found" in done.stdout, done.stdout


@pytest.mark.parametrize("minimal", [True, False])
def test_pyright_is_content_with_a_copy(dest: Path, runtime: Path, minimal: bool) -> None:
    """With its default rules; a minimal one with the runtime dependencies alone."""
    vendor(dest, minimal=minimal)
    settings = {"include": ["service"], "pythonVersion": "3.11"}
    (dest.parents[1] / "pyrightconfig.json").write_text(json.dumps(settings), "utf-8")
    interpreter = runtime if minimal else sys.executable
    tool = [sys.executable, ROOT / "tools" / "node.py", "pyright", "--pythonpath", interpreter]
    done = run([*tool, "-p", dest.parents[1]], ROOT)
    assert "0 errors" in done.stdout, done.stdout


def test_no_module_turns_a_type_checker_off() -> None:
    """No file says ``ignore-errors``, and none ignores all errors of a line."""
    for name, data in copy_of().files.items():
        text = data.decode()
        assert "mypy: ignore-errors" not in text, name
        assert "pyright: basic" not in text, name


@pytest.mark.skipif(shutil.which("git") is None, reason="needs git")
def test_git_keeps_the_bytes_of_a_copy(copied: Path) -> None:
    """A checkout that rewrites line ends leaves those of a copy, so that its hashes hold."""
    top = copied.parents[1]
    name = "service/_vendor/timify_customers/_client.py"
    run(["git", "init", "-q", "."], top)
    attributes = run(["git", "check-attr", "text", "linguist-vendored", "--", name], top)
    assert attributes.stdout == f"{name}: text: unset\n{name}: linguist-vendored: set\n"
