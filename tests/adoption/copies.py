"""Copies of this tree in which a published document is adopted, as a maintainer would."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from spec import redocly

FOLDERS = ("docs", "examples", "benchmarks", "openapi", "overrides", "tests", "tools")
PACKAGE = "timify_customers_client"
NODE = Path("tools", "node", "node_modules")
LEFT_OUT = shutil.ignore_patterns(NODE.name, "__pycache__", ".hypothesis")


def copied(place: Path) -> Path:
    """Copy what tests read; what npm installed is linked."""
    redocly.run("--version")
    for folder in (*FOLDERS, PACKAGE, ".github", "requirements"):
        shutil.copytree(redocly.ROOT / folder, place / folder, ignore=LEFT_OUT)
    for file in (each for each in redocly.ROOT.iterdir() if each.is_file()):
        shutil.copy(file, place)
    (place / NODE).symlink_to(redocly.ROOT / NODE, target_is_directory=True)
    return place


def run(place: Path, *command: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run this Python in a copy."""
    return subprocess.run(
        [sys.executable, *command],
        cwd=place,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def fetched(place: Path, document: Path) -> subprocess.CompletedProcess[str]:
    """Take a published document over, by its file."""
    return run(place, place / "tools" / "fetch_spec.py", "--file", document)


def installed(place: Path) -> Path:
    """Lay both packages out as the wheel of the copy does, in a folder to import them from."""
    site = place / "build" / "site"
    shutil.copytree(place / PACKAGE, site / PACKAGE)
    shutil.copy(place / "openapi" / "customers.yaml", site / PACKAGE)
    shutil.copytree(place / "overrides" / "timify_customers", site / "timify_customers")
    return site
