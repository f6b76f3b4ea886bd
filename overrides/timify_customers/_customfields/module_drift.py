"""How a module of a company's fields differs from the one that would be written now. Pure.

A module is read, never run. Changes that formatters make (line breaks, quotes, the order of
imports) do not count as differences, and neither do comments and docstrings.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from typing import Any

from .._base.errors import ArgumentError
from .drift import FieldDrift, drift
from .module import IDS, NAMES, PAYLOAD, TYPES

_EDITED = "no field has changed, but the module has: it was edited, or another version wrote it"

_NO_CODE = (ast.Import, ast.ImportFrom, ast.Expr)


def module_drift(before: str, now: str) -> list[str]:
    """Return how an earlier module differs from the present one, field by field.

    Ids are compared too, since a module has them.

    Raises:
        ArgumentError: the earlier text is not a module that `module` wrote.
    """
    earlier_tree, later_tree = _parsed(before), _parsed(now)
    if _code(earlier_tree) == _code(later_tree):
        return []
    earlier, later = _definitions(earlier_tree), _definitions(later_tree)
    drifts = drift(list(earlier.values()), list(later.values()))
    drifts += _other_ids(earlier, later)
    return list(map(str, drifts)) or [_EDITED]


def _parsed(text: str) -> ast.Module:
    try:
        return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise _not_ours(f"it is not Python ({type(error).__name__})") from None


def _not_ours(why: str) -> ArgumentError:
    return ArgumentError(f"that is no module that fields module wrote: {why}")


def _code(tree: ast.Module) -> str:
    """Return a module's code for comparing, without docstrings and imports."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef):
            node.body = [
                statement for statement in node.body if not isinstance(statement, _NO_CODE)
            ]
    return ast.dump(tree)


def _definitions(tree: ast.Module) -> dict[str, dict[str, Any]]:
    """Return the fields of a module by name, as definitions of the API."""
    names, kinds, ids = (_constants(tree, name) for name in (NAMES, TYPES, IDS))
    types = _payload(tree)
    options = _options(tree)
    try:
        return {
            name: {
                "id": ids[constant],
                "label": name,
                "type": kinds[constant],
                "isMultiple": "Sequence" in types[name],
                "selectOptions": [text for alias in types[name] for text in options.get(alias, ())],
            }
            for constant, name in names.items()
        }
    except KeyError as error:
        raise _not_ours(f"a part of it does not have {error}") from None


def _constants(tree: ast.Module, name: str) -> dict[str, str]:
    """Return the constants of a class: ``NAME: Final = "text"``."""
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and node.name == name:
            return dict(_texts(node))
    raise _not_ours(f"it has no class {name}")


def _texts(node: ast.ClassDef) -> Iterator[tuple[str, str]]:
    for statement in node.body:
        if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
            yield statement.target.id, _text(statement.value)


def _text(node: ast.expr | None) -> str:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    raise _not_ours("a constant is no text")


def _payload(tree: ast.Module) -> Mapping[str, set[str]]:
    """Return the names that occur in the type of each field of a payload."""
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and node.name == PAYLOAD:
            fields = [statement for statement in node.body if isinstance(statement, ast.AnnAssign)]
            return {
                ast.unparse(statement.target): _names(statement.annotation) for statement in fields
            }
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == PAYLOAD:
            return _entries(node.value)
    raise _not_ours(f"it has no {PAYLOAD}")


def _entries(call: ast.expr) -> Mapping[str, set[str]]:
    arguments = call.args if isinstance(call, ast.Call) else []
    for argument in arguments:
        if isinstance(argument, ast.Dict):
            pairs = zip(argument.keys, argument.values, strict=True)
            return {_text(key): _names(value) for key, value in pairs}
    raise _not_ours(f"{PAYLOAD} has no fields")


def _names(node: ast.expr) -> set[str]:
    return {child.id for child in ast.walk(node) if isinstance(child, ast.Name)}


def _options(tree: ast.Module) -> dict[str, list[str]]:
    """Return the texts of each ``Literal``, by its name."""
    options: dict[str, list[str]] = {}
    for node in tree.body:
        if not isinstance(node, ast.Assign) or not isinstance(node.value, ast.Subscript):
            continue
        if ast.unparse(node.value.value) == "Literal":
            inner = node.value.slice
            items = inner.elts if isinstance(inner, ast.Tuple) else [inner]
            options[ast.unparse(node.targets[0])] = [_text(item) for item in items]
    return options


def _other_ids(
    earlier: Mapping[str, Mapping[str, Any]], later: Mapping[str, Mapping[str, Any]]
) -> Iterator[FieldDrift]:
    for name in sorted(earlier.keys() & later.keys()):
        was, now = earlier[name]["id"], later[name]["id"]
        if was != now:
            yield FieldDrift(name, "changed", f"id was {was!r}, is {now!r}")
