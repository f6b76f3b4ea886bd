"""Thin stays thin."""

from __future__ import annotations

import ast
import io
import tokenize
from pathlib import Path

import pytest
import timify_customers

CORE = sorted(Path(timify_customers.__file__).parent.glob("*.py"))
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


def test_the_core_stays_under_2000_lines() -> None:
    """The hand-written core, without sandbox, has fewer than 2,000 lines of code."""
    assert sum(code_lines(path.read_text("utf-8")) for path in CORE) < 2000


@pytest.mark.parametrize("path", CORE, ids=lambda path: path.name)
def test_a_module_stays_small(path: Path) -> None:
    """Each module of the core has one idea, and at most about 300 lines with its words."""
    assert len(path.read_text("utf-8").splitlines()) <= 330
