"""What this package is called: ``timify_customers``, or another name where it is vendored."""

from __future__ import annotations

import platform
from pathlib import Path
from typing import Final

from .._version import __version__
from .generated import models

DISTRIBUTION: Final = "timify-customers-client"
INSTALLED_NAME: Final = "timify_customers"

NAME: Final = __name__.removesuffix("._base.package")
"""``timify_customers``, or in a vendored copy a name such as ``service._vendor.timify_customers``.

It is the name of the logger too, so that two versions in one process can be told apart.
"""

VENDORED: Final = NAME != INSTALLED_NAME

_COMMENT: Final = " (vendored)" if VENDORED else ""
USER_AGENT: Final = f"{DISTRIBUTION}/{__version__}{_COMMENT} python/{platform.python_version()}"
"""Tells the server which version sends a request; the comment follows RFC 9110 section 10.1.5."""

PROGRAM: Final = f"python -m {NAME}" if VENDORED else "timify-customers"
"""How people start the command line; a vendored copy has no program on PATH."""

FOLDER: Final = Path(__file__).parents[1]
GENERATED_FOLDER: Final = Path(models.__file__).parents[1]


def how_to_install(extra: str) -> str:
    """Return how to install an extra, in words that fit an installed or a vendored copy."""
    if VENDORED:
        return f"install what requirements-{extra}.in in {FOLDER} lists"
    return f"install {DISTRIBUTION}[{extra}]"


def document_path() -> Path:
    """Return where the OpenAPI document is: in the generated package, or in the project's tree.

    Wheels and vendored copies have it in the package.
    """
    packaged = GENERATED_FOLDER / "customers.yaml"
    in_tree = GENERATED_FOLDER.parent / "openapi" / "customers.yaml"
    return packaged if packaged.exists() else in_tree
