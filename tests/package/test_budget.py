"""Thin stays thin: how large a module may be, and what importing the package loads."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import timify_customers

PACKAGE = Path(timify_customers.__file__).parent
COMPANIONS = {"__main__", "cli", "pytest_plugin", "recording", "sandbox", "vendoring", "workers"}
"""What nothing else of the package imports."""
LATER = {
    "_bulk.checkpoint",
    "_bulk.chunks",
    "_bulk.engine",
    "_bulk.options",
    "_bulk.outcomes",
    "_bulk.rows",
    "_bulk.sending",
    "_bulk.verdicts",
    "_bulk.verify",
    "_customfields.identifiers",
    "_customfields.module",
    "_customfields.module_drift",
    "_customfields.module_fields",
    "_customfields.python_source",
    "_customfields.typed",
    "_customfields.typed_phones",
    "_files",
    "_files.choices",
    "_files.lines",
    "_files.source",
    "_files.tables",
    "_resources.many",
}
"""What is loaded when it is first used.

An import brings sqlite3, typed phones phonenumbers; companions read and write files.
"""


def modules() -> set[str]:
    """Every module of the package, by its name below it."""
    paths = [path.relative_to(PACKAGE).with_suffix("") for path in PACKAGE.rglob("*.py")]
    return {".".join(path.parts).removesuffix(".__init__") for path in paths} - {"__init__"}


def test_importing_loads_what_reading_and_writing_customers_takes() -> None:
    """A service that reads and writes customers loads no companion, and neither the import nor
    administration.
    """
    code = (
        "import sys, timify_customers; "
        "print(*(n for n in sys.modules if n.startswith('timify_customers.')))"
    )
    loaded = subprocess.run(
        [sys.executable, "-P", "-c", code], capture_output=True, text=True, check=True
    ).stdout
    names = {name.removeprefix("timify_customers.") for name in loaded.split()}
    assert names == {name for name in modules() if name.split(".")[0] not in COMPANIONS} - LATER


@pytest.mark.parametrize(
    "path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: f"{path.parent.name}/{path.name}"
)
def test_a_module_stays_small(path: Path) -> None:
    """Each module has one idea, and at most about 300 lines with its words."""
    assert len(path.read_text("utf-8").splitlines()) <= 330
