"""Projects to vendor into, and versions to vendor from: the installed one, and a newer one."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from importlib.metadata import distribution
from pathlib import Path

import pytest
import timify_customers
import timify_customers_client
from timify_customers.vendoring import vendor

ROOT = Path(__file__).parents[2]
NEWER = "97.0.1"


@pytest.fixture
def dest(tmp_path: Path) -> Path:
    """Where a copy may go: two packages deep, in a project that keeps its code in src."""
    service = tmp_path / "src" / "service"
    service.mkdir(parents=True)
    (service / "__init__.py").touch()
    return service / "_vendor"


@pytest.fixture
def copied(dest: Path) -> Path:
    """A folder with a copy of the installed version."""
    vendor(dest)
    return dest


@pytest.fixture(scope="session")
def newer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for PYTHONPATH, with a newer version of both packages as an installed one is."""
    site = tmp_path_factory.mktemp("newer")
    for package in (timify_customers, timify_customers_client):
        source = Path(package.__file__ or "").parent
        shutil.copytree(source, site / source.name, ignore=shutil.ignore_patterns("__pycache__"))
    source = Path(str(distribution("timify-customers-client").locate_file("")))
    (info,) = source.glob("timify_customers_client-*.dist-info")
    shutil.copytree(info, site / info.name)
    version = site / "timify_customers" / "_version.py"
    version.write_text(
        re.sub('"[^"]+"$', f'"{NEWER}"', version.read_text("utf-8").strip()), "utf-8"
    )
    return site


@pytest.fixture(scope="session")
def runtime() -> Path:
    """A Python that has the runtime dependencies alone: `make suite` makes its environment."""
    version = f"runtime-{sys.version_info[0]}.{sys.version_info[1]}"
    executable = ROOT / ".venv" / version / "bin" / "python"
    if not executable.exists():
        pytest.skip(f"make .venv/{version}/.done makes the environment that this needs")
    return executable


def python(
    *arguments: str,
    path: Sequence[Path] = (),
    cwd: Path | None = None,
    executable: str | Path = sys.executable,
) -> subprocess.CompletedProcess[str]:
    """Run Python with more folders to import from."""
    folders = os.pathsep.join(map(str, path))
    environment = {**os.environ, "PYTHONPATH": folders, "COLUMNS": "200"}
    return subprocess.run(
        [executable, "-P", *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        env=environment,
        cwd=cwd,
    )


def tree(folder: Path) -> dict[str, bytes]:
    """Every file below a folder, with its content, but compiled ones."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
