"""Pin dependencies with hashes, for every supported Python and platform.

The files that this writes name no package index.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
COMPILE = [
    sys.executable,
    "-m",
    "uv",
    "pip",
    "compile",
    "pyproject.toml",
    "--quiet",
    "--universal",
    "--python-version",
    "3.11",
    "--generate-hashes",
    "--no-header",
    "--upgrade",
]
EXTRAS = [
    argument for name in ("sandbox", "cli", "httpx2", "workers") for argument in ("--extra", name)
]
FILES = {
    "dev": ["--group", "dev", *EXTRAS],
    "demo": ["--group", "demo", "--extra", "sandbox", "--constraint", "requirements/dev.txt"],
    "runtime": ["--constraint", "requirements/dev.txt"],
}

if __name__ == "__main__":
    for name, options in FILES.items():
        subprocess.run(
            [*COMPILE, *options, "--output-file", f"requirements/{name}.txt"], cwd=ROOT, check=True
        )
