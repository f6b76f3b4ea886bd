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
        result = node.run("pyright", *options, check=False, cwd=Path(empty))
    report: dict[str, Any] = json.loads(result.stdout)["typeCompleteness"]
    return report


def problems(report: dict[str, Any]) -> Iterator[str]:
    """Give what is incomplete; a package that was not found is too."""
    if not report.get("pyTypedPath"):
        yield f"{report['packageName']} is not installed, or has no py.typed"
    for symbol in report["symbols"]:
        for diagnostic in symbol["diagnostics"]:
            if not symbol["isTypeKnown"]:
                yield f"{symbol['name']}: {diagnostic['message']}"


def main() -> int:
    """Check both packages; return the exit code."""
    code = 0
    for package in PACKAGES:
        report = completeness(package)
        all_problems = [*problems(report)]
        print(
            f"{package}: {report['completenessScore']:.1%} of {_exported(report)} names",
            *all_problems,
            sep="\n",
        )
        code |= bool(all_problems) or report["completenessScore"] < 1
    return code


def _exported(report: dict[str, Any]) -> int:
    return sum(report["exportedSymbolCounts"].values())


if __name__ == "__main__":
    sys.exit(main())
