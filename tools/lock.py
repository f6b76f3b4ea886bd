"""Pin dependencies with hashes, for every supported Python and platform.

The files that this writes name no package index. Run as `python tools/lock.py`; `--lowest` writes
`requirements/lowest.txt` alone: the lowest version that `pyproject.toml` allows of each dependency,
with the newest tools for tests that go with these.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
COMPILE = [
    *(sys.executable, "-m", "uv", "pip", "compile", "pyproject.toml"),
    *("--quiet", "--universal", "--python-version", "3.11", "--no-header", "--upgrade"),
]


def extras(*names: str) -> list[str]:
    """Return the options that add extras."""
    return [argument for name in names for argument in ("--extra", name)]


FILES = {
    "dev": ["--group", "dev", *extras("sandbox", "cli", "httpx2", "workers")],
    "demo": ["--group", "demo", "--extra", "sandbox", "--constraint", "requirements/dev.txt"],
    "runtime": ["--constraint", "requirements/dev.txt"],
}
EVERY_EXTRA = extras("cli", "httpx2", "pytest", "sandbox", "workers")


def compile_to(name: str, options: Iterable[str]) -> None:
    """Write one file of `requirements/`."""
    output = ("--generate-hashes", "--output-file", f"requirements/{name}.txt")
    subprocess.run([*COMPILE, *options, *output], cwd=ROOT, check=True)


def compile_lowest() -> None:
    """Write `requirements/lowest.txt`.

    The tools for tests have no lower bounds of their own, so the lowest versions are found without
    them first, and then kept while the tools are added.
    """
    command = [*COMPILE, *EVERY_EXTRA, "--resolution", "lowest-direct", "--no-annotate"]
    result = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
    with tempfile.TemporaryDirectory() as folder:
        lowest = Path(folder, "lowest.txt")
        lowest.write_text(result.stdout, "utf-8")
        options = ("--group", "lowest", "--constraint", str(lowest), "--no-annotate")
        compile_to("lowest", [*EVERY_EXTRA, *options])


def main(arguments: list[str]) -> None:
    """Write all files, or the lowest versions alone."""
    if arguments != ["--lowest"]:
        for name, options in FILES.items():
            compile_to(name, options)
    compile_lowest()


if __name__ == "__main__":
    main(sys.argv[1:])
