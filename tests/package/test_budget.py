"""Thin stays thin."""

from __future__ import annotations

import ast
import io
import subprocess
import sys
import tokenize
from pathlib import Path

import pytest
import timify_customers

PACKAGE = Path(timify_customers.__file__).parent
CORE = sorted(PACKAGE.glob("*.py"))
LATER = {"admin": 300, "bulk": 650}
"""Sub-packages that the core loads when they are first used, with budgets of their own, in lines of code."""
EXTRAS = {"cli", "pytest_plugin", "recording", "sandbox"}
"""What the core never loads."""
_SILENT = {
    tokenize.COMMENT,
    tokenize.NL,
    tokenize.NEWLINE,
    tokenize.INDENT,
    tokenize.DEDENT,
    tokenize.ENCODING,
    tokenize.ENDMARKER,
}


def code_lines(source: str) -> int:
    """Count lines that hold code: neither blank, nor comment, nor docstring."""
    lines: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type not in _SILENT:
            lines.update(range(token.start[0], token.end[0] + 1))
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            lines.difference_update(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    return len(lines)


def test_code_is_counted_without_words() -> None:
    """Docstrings, comments and blank lines are not code; a string that is used is."""
    assert code_lines('"""Doc.\n\nMore."""\n\n# why\nx = """a\nb"""\n\n\ndef f():\n    "doc"\n    return x  # y\n') == 4


def lines(folder: Path) -> int:
    return sum(code_lines(path.read_text("utf-8")) for path in folder.glob("*.py"))


def test_the_core_is_what_importing_loads() -> None:
    """A service that reads and writes customers loads the core's modules, all of them, and nothing else of ours."""
    code = "import sys, timify_customers; print(*(n for n in sys.modules if n.startswith('timify_customers.')))"
    loaded = subprocess.run([sys.executable, "-P", "-c", code], capture_output=True, text=True, check=True).stdout
    outside = {"__init__", *EXTRAS}
    assert {name.split(".")[1] for name in loaded.split()} == {path.stem for path in CORE} - outside
    assert {path.name for path in PACKAGE.iterdir() if path.is_dir()} - {"__pycache__"} <= {*LATER, *EXTRAS}


def test_the_core_stays_under_2000_lines() -> None:
    """The hand-written core, which importing the package loads, has fewer than 2,000 lines of code."""
    assert sum(code_lines(path.read_text("utf-8")) for path in CORE if path.stem not in EXTRAS) < 2000


@pytest.mark.parametrize(("name", "budget"), LATER.items(), ids=LATER)
def test_what_is_loaded_later_stays_small_too(name: str, budget: int) -> None:
    """Administration and bulk work are no way around the core's budget: each has one of its own."""
    assert 0 < lines(PACKAGE / name) < budget


@pytest.mark.parametrize("path", [*CORE, *PACKAGE.glob("*/*.py")], ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_module_stays_small(path: Path) -> None:
    """Each module has one idea, and at most about 300 lines with its words."""
    assert len(path.read_text("utf-8").splitlines()) <= 330
