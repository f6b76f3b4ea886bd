"""Print the path of a Python of the given version: on PATH, or where pyenv keeps it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path


def runs(candidate: str, version: str) -> bool:
    """Return whether a program is a Python of this version."""
    code = "import sys; print('%d.%d' % sys.version_info[:2])"
    result = subprocess.run([candidate, "-c", code], capture_output=True, text=True, check=False)
    return result.stdout.strip() == version


def find(version: str) -> str | None:
    """Return the path of the first Python of this version that runs, None when there is none."""
    root = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    installed = sorted((root / "versions").glob(f"{version}.*/bin/python"), reverse=True)
    candidates = [sys.executable, shutil.which(f"python{version}"), *map(str, installed)]
    return next((path for path in candidates if path and runs(path, version)), None)


if __name__ == "__main__":
    if (found := find(sys.argv[1])) is None:
        sys.exit(f"no Python {sys.argv[1]} found on PATH or in pyenv")
    print(found)
