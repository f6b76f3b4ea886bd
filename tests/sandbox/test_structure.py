"""How the sandbox's modules hang together."""

from __future__ import annotations

import ast
from pathlib import Path

import timify_customers
from timify_customers import sandbox

FOLDER = Path(sandbox.__file__).parent
MODULES = {path.stem: path for path in FOLDER.glob("*.py") if path.stem != "__init__"}


def imported(path: Path) -> set[str]:
    """The modules of the sandbox that one imports, at its head or in a function."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.level == 1:
            found |= {node.module} if node.module else {name.name for name in node.names}
    return found & MODULES.keys()


def test_imports_run_one_way() -> None:
    """Modules can be put in an order in which each imports only those before it."""
    left = {name: imported(path) for name, path in MODULES.items()}
    while left:
        free = {name for name, needed in left.items() if not needed & left.keys()}
        assert free, f"imports go in a circle among {sorted(left)}"
        for name in free:
            del left[name]


def test_no_two_modules_have_one_name() -> None:
    """A module's name says which one it is in the whole package."""
    names = [path.stem for path in Path(timify_customers.__file__).parent.rglob("*.py")]
    twice = {name for name in names if names.count(name) > 1 and not name.startswith("__")}
    assert not twice & MODULES.keys()


def test_modules_can_be_read_at_one_sitting() -> None:
    """No module has more than 300 lines."""
    lengths = {name: len(path.read_text("utf-8").splitlines()) for name, path in MODULES.items()}
    assert max(lengths.values()) <= 300, lengths
