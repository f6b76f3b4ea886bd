"""What of the public API has changed since the last release, and the version that this needs.

There need be no tag of the last release: its API is in `tools/public_api.txt`, as the source of
every module without bodies, comments and docstrings. griffe compares that with the tree.

Run as `python tools/public_api.py`; it exits 1 when the version of the tree is a new one and too
low for what has changed. `python tools/public_api.py --write`, right after a release, makes the
tree's API the one that the next release is compared with.
"""

from __future__ import annotations

import argparse
import ast
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import griffe

ROOT = Path(__file__).resolve().parents[1]
BASELINE = ROOT / "tools" / "public_api.txt"
PACKAGES = {"timify_customers": ROOT / "overrides", "timify_customers_client": ROOT}
_MARK = "=== "
Version = tuple[int, int, int]


class _Skeleton(ast.NodeTransformer):
    """Leaves of functions only what makes attributes, and nothing of docstrings."""

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        node.body = [*_attributes(node.body)] or [ast.Expr(ast.Constant(...))]
        return node

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.AsyncFunctionDef:
        node.body = [ast.Expr(ast.Constant(...))]
        return node

    def visit_Expr(self, node: ast.Expr) -> ast.Expr | None:
        """Drop docstrings, those of attributes too; a body that had nothing else stays one."""
        return None if isinstance(node.value, ast.Constant) else node

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.ClassDef:
        self.generic_visit(node)
        node.body = node.body or [ast.Expr(ast.Constant(...))]
        return node


def _attributes(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Give the assignments of a constructor that make attributes, without their values."""
    for statement in body:
        if isinstance(statement, ast.Assign | ast.AnnAssign):
            targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
            if all(isinstance(target, ast.Attribute) for target in targets):
                statement.value = ast.Constant(...)
                yield statement


def skeleton(source: str) -> str:
    """Return the source of a module without bodies, comments and docstrings."""
    return ast.unparse(ast.fix_missing_locations(_Skeleton().visit(ast.parse(source))))


def of_tree() -> dict[str, str]:
    """Return the skeleton of each module of both packages, by its path."""
    return {
        path.relative_to(base).as_posix(): skeleton(path.read_text("utf-8"))
        for package, base in PACKAGES.items()
        for path in sorted((base / package).rglob("*.py"))
    }


def write(modules: Mapping[str, str], version: str) -> None:
    """Keep an API as that of the last release."""
    parts = [f"{_MARK}{name}\n{source}\n" for name, source in modules.items()]
    BASELINE.write_text("".join([f"{version}\n", *parts]), "utf-8")


def read() -> tuple[dict[str, str], str]:
    """Return the API of the last release, and its version."""
    version, *parts = BASELINE.read_text("utf-8").removesuffix("\n").split(f"\n{_MARK}")
    names = [part.partition("\n") for part in parts]
    return {name: source for name, _, source in names}, version


def loaded(modules: Mapping[str, str], package: str) -> griffe.Object | griffe.Alias:
    """Let griffe read a package from its modules' sources."""
    with tempfile.TemporaryDirectory() as folder:
        for name, source in modules.items():
            path = Path(folder, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(source, "utf-8")
        return griffe.load(
            package,
            search_paths=[folder],
            try_relative_path=False,
            allow_inspection=False,
            resolve_aliases=True,
            resolve_external=False,
        )


@dataclass(frozen=True)
class Changes:
    """What has changed: what breaks users' code, and what is new."""

    breaking: tuple[str, ...]
    added: tuple[str, ...]

    def next_version(self, released: Version) -> Version:
        """Return the lowest version that they need; before 1.0 a minor one may break code."""
        major, minor, patch = released
        if self.breaking and major:
            return major + 1, 0, 0
        if self.breaking or self.added:
            return major, minor + 1, 0
        return major, minor, patch + 1


def compare(old: Mapping[str, str], new: Mapping[str, str]) -> Changes:
    """Compare two APIs."""
    breaking: list[str] = []
    added: list[str] = []
    for package in PACKAGES:
        before, after = loaded(old, package), loaded(new, package)
        breaking += map(_in_words, griffe.find_breaking_changes(before, after))
        known_names = {*_public(before, package)}
        added += [name for name in _public(after, package) if name not in known_names]
    return Changes(tuple(dict.fromkeys(breaking)), tuple(added))


def _in_words(breakage: griffe.Breakage) -> str:
    kind, target = breakage.kind.value, breakage.obj.path
    old = getattr(breakage.old_value, "name", None)
    return f"{target}{f' ({old})' if old and old not in target else ''}: {kind}"


def _public(parent: griffe.Object | griffe.Alias, path: str) -> Iterator[str]:
    """Give the path of each public name, as users import it."""
    for name, member in parent.members.items():
        if not member.is_public or (isinstance(member, griffe.Alias) and not member.resolved):
            continue
        yield f"{path}.{name}"
        if member.is_class or (member.is_module and not member.is_alias):
            yield from _public(member, f"{path}.{name}")


def numbers(version: str) -> Version:
    """Return the three numbers of a version."""
    major, minor, patch = (int(part) for part in version.split(".")[:3])
    return major, minor, patch


def tree_version() -> str:
    """Return the version of the tree."""
    source = (PACKAGES["timify_customers"] / "timify_customers" / "_version.py").read_text("utf-8")
    return source.split('__version__ = "')[1].split('"')[0]


def main(arguments: list[str]) -> int:
    """Compare, or write with ``--write``; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--write", action="store_true", help="make the tree's API the released one")
    version = tree_version()
    if parser.parse_args(arguments).write:
        write(of_tree(), version)
        return 0
    modules, released = read()
    changes = compare(modules, of_tree())
    lowest_version = changes.next_version(numbers(released))
    for line in changes.breaking:
        print(f"breaking: {line}")
    counts = f"{len(changes.breaking)} breaking changes, {len(changes.added)} new names"
    lowest = ".".join(map(str, lowest_version))
    print(f"since {released}: {counts}; a release must be {lowest} or higher; this is {version}")
    return 0 if numbers(version) == numbers(released) or numbers(version) >= lowest_version else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
