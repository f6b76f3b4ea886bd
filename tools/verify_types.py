"""How complete the types of the public names are, as `pyright --verifytypes` sees the wheel.

Run as `python tools/verify_types.py`, with the wheel installed beside it; exits 1 when a public
name of either package has a type that is unknown, or that checkers would have to infer.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import node

PACKAGES = ("timify_customers", "timify_customers_client")


def completeness(package: str) -> dict[str, Any]:
    """Return what pyright says of the types of an installed package.

    It looks for the package with the first Python on PATH, and, in a folder that has no
    configuration, not in the tree.
    """
    os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    options = ("--verifytypes", package, "--ignoreexternal", "--outputjson")
    with tempfile.TemporaryDirectory() as empty:
        done = node.run("pyright", *options, check=False, cwd=Path(empty))
    said: dict[str, Any] = json.loads(done.stdout)["typeCompleteness"]
    return said


def problems(said: dict[str, Any]) -> Iterator[str]:
    """Give what is incomplete; a package that was not found is too."""
    if not said.get("pyTypedPath"):
        yield f"{said['packageName']} is not installed, or has no py.typed"
    for symbol in said["symbols"]:
        for diagnostic in symbol["diagnostics"]:
            if not symbol["isTypeKnown"]:
                yield f"{symbol['name']}: {diagnostic['message']}"


def main() -> int:
    """Check both packages; return the exit code."""
    code = 0
    for package in PACKAGES:
        said = completeness(package)
        found = [*problems(said)]
        print(
            f"{package}: {said['completenessScore']:.1%} of {_exported(said)} names",
            *found,
            sep="\n",
        )
        code |= bool(found) or said["completenessScore"] < 1
    return code


def _exported(said: dict[str, Any]) -> int:
    return sum(said["exportedSymbolCounts"].values())


if __name__ == "__main__":
    sys.exit(main())
