"""The built document, and a copy of the tree to spoil."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from spec import files, redocly
from spec.document import build


@pytest.fixture(scope="session")
def customers() -> dict[str, Any]:
    return files.load(build.CUSTOMERS)


@pytest.fixture(scope="session")
def known() -> dict[str, Any]:
    """What is known without the published document: the built one, as long as there is none."""
    return build.known()


@pytest.fixture(scope="session")
def upstream() -> dict[str, Any]:
    return files.load(build.UPSTREAM)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """What generating reads and writes, without what is installed: that is linked."""
    copy, node = tmp_path / "tree", Path("tools", "node", "node_modules")
    redocly.run("--version")
    for folder in ("openapi", "tools", "timify_customers_client"):
        shutil.copytree(
            redocly.ROOT / folder,
            copy / folder,
            ignore=shutil.ignore_patterns(node.name, "__pycache__"),
        )
    for file in ("redocly.yaml", "generator-config.yaml"):
        shutil.copy(redocly.ROOT / file, copy)
    (copy / node).symlink_to(redocly.ROOT / node, target_is_directory=True)
    return copy


@pytest.fixture
def generate(tree: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run the copy's generator."""

    def run(*args: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-B", str(tree / "tools" / "generate.py"), *args]
        return subprocess.run(
            command, check=False, cwd=tree, env=dict(os.environ), capture_output=True, text=True
        )

    return run
