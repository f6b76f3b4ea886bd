"""All of `make test` in a copy of this tree in which each shape is adopted. `make soak`.

The copy gets an environment of its own, so this takes many minutes and needs the package index.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from adoption.copies import copied, fetched
from adoption.shapes_of import SHAPES, path

FROM_MAKE = frozenset({"ARGS", "MAKEFLAGS", "MAKELEVEL", "MAKEOVERRIDES", "MFLAGS"})
"""Variables with which the outer make would hand its own arguments to the inner one."""
BASE = Path(sys.base_prefix, "bin", f"python{sys.version_info[0]}.{sys.version_info[1]}")


@pytest.mark.parametrize("name", SHAPES)
def test_everything_holds_after_adoption(name: str, tmp_path: Path) -> None:
    """Lint, types, the whole suite, the wheel's installation and `check-generated` are green."""
    place = copied(tmp_path)
    taken = fetched(place, path(name))
    assert taken.returncode == 0, taken.stderr
    environment = {name: text for name, text in os.environ.items() if name not in FROM_MAKE}
    done = subprocess.run(
        ["make", "test", f"PYTHON={BASE}"],
        cwd=place,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-8000:] + done.stderr[-2000:]
