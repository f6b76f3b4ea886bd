"""Makes absolute imports of our own packages relative, so that they work below any package."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Final

from .._base.errors import ConfigurationError

PACKAGES: Final = ("timify_customers", "timify_customers_client")
_FROM: Final = re.compile(r"from\s+(?=timify_customers)")


def with_relative_imports(source: str, path: PurePosixPath) -> str:
    """Return the source of a module with each absolute import of our packages made relative.

    Args:
        source: the source of the module.
        path: the module, relative to the folder that has both packages.

    Raises:
        ConfigurationError: an import cannot be made relative, as it is not a ``from ... import``.
    """
    lines = source.split("\n")
    dots = "." * len(path.parts)
    for node in absolute_imports(source):
        if isinstance(node, ast.Import):
            raise ConfigurationError(f"{path}:{node.lineno}: only from ... import can be relative")
        line = lines[node.lineno - 1]
        lines[node.lineno - 1] = _FROM.sub(f"from {dots}", line, count=1)
    return "\n".join(lines)


def absolute_imports(source: str) -> Iterator[ast.Import | ast.ImportFrom]:
    """Yield the absolute imports of our packages, at any depth."""
    if "import" not in source or PACKAGES[0] not in source:
        return
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import) and any(_is_ours(alias.name) for alias in node.names):
            yield node
        if isinstance(node, ast.ImportFrom) and node.level == 0 and _is_ours(node.module or ""):
            yield node


def _is_ours(name: str) -> bool:
    return name.partition(".")[0] in PACKAGES
