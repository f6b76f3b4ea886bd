"""Whether a release could be made of the tree: what `make release-check` runs.

The source distribution is built once, and a wheel from it. That wheel must have the same bytes as
the one in `dist/`, which is built from the tree and which the suite tests: so the suite has tested
both. Both are then installed with the runtime dependencies alone, and tried.

Run as `python tools/release_check.py PYTHON`, with the Python that has the runtime dependencies
alone, after `make wheel`.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import public_api

ROOT = Path(__file__).resolve().parents[1]
DIST = ROOT / "dist"
BIN = Path(sys.executable).parent
UNKNOWN = "AuthorEmail,Url"
"""What pyroma asks for and this project does not have: an address for mail, and one on the web."""


class NotReadyError(Exception):
    """The tree cannot be released as it is."""


def run(title: str, *command: str | Path) -> None:
    """Run one check, and say how long it took.

    Raises:
        NotReadyError: it failed; with all that it printed.
    """
    began = time.monotonic()
    result = subprocess.run(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    if result.returncode:
        raise NotReadyError(f"{title} failed:\n{result.stdout}")
    print(f"{title}: {time.monotonic() - began:.1f} s", flush=True)


def one(folder: Path, pattern: str) -> Path:
    """Return the only file of a kind in a folder. Raises NotReadyError when there is not one."""
    files = sorted(folder.glob(pattern))
    if len(files) != 1:
        raise NotReadyError(f"{folder} has {len(files)} files {pattern}, not one")
    return files[0]


def build(folder: Path) -> tuple[Path, Path]:
    """Build the source distribution, and a wheel from it, which is that of the tree."""
    run("build", sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, ROOT)
    sdist, wheel = one(folder, "*.tar.gz"), one(folder, "*.whl")
    if wheel.read_bytes() != one(DIST, "*.whl").read_bytes():
        raise NotReadyError(
            "the wheel from the source distribution is not that of the tree, which is tested: "
            "see tool.hatch.build.targets.sdist in pyproject.toml"
        )
    return sdist, wheel


def inspect(sdist: Path, wheel: Path) -> None:
    """Let the packaging tools of others look at both."""
    run("twine", BIN / "twine", "check", "--strict", sdist, wheel)
    run("check-wheel-contents", BIN / "check-wheel-contents", wheel)
    run("pyroma", BIN / "pyroma", "--min", "10", "--skip-tests", UNKNOWN, sdist)


def try_out(runtime: Path, distributions: Sequence[Path]) -> None:
    """Install each with the runtime dependencies alone, and make a first call through it."""
    for distribution in distributions:
        run(f"install {distribution.name}", *_pip(runtime), distribution)
        run("pip check", runtime, "-m", "pip", "--disable-pip-version-check", "check")
        run("smoke", runtime, "-P", "-W", "error", ROOT / "tools" / "smoke.py")


def _pip(runtime: Path) -> tuple[str | Path, ...]:
    quiet = ("--quiet", "--disable-pip-version-check", "--force-reinstall")
    return runtime, "-m", "pip", "install", *quiet, "--no-deps", "--no-index"


def wheel_by_pip(sdist: Path, folder: Path) -> Path:
    """Let pip make of the source distribution what it installs, as on a user's machine."""
    options = ("--quiet", "--disable-pip-version-check", "--no-deps", "--no-build-isolation")
    command = (sys.executable, "-m", "pip", "wheel", *options, "--no-index", "--wheel-dir", folder)
    run(f"pip wheel {sdist.name}", *command, sdist)
    return one(folder, "*.whl")


def check_changelog(version: str) -> None:
    """Refuse a version that the changelog does not have.

    Raises:
        NotReadyError: it has none.
    """
    text = (ROOT / "CHANGELOG.md").read_text("utf-8")
    if not re.search(rf"^## \[{re.escape(version)}\] - \d{{4}}-\d\d-\d\d$", text, re.MULTILINE):
        raise NotReadyError(f"CHANGELOG.md has no '## [{version}] - DATE'")


def main(runtime: Path) -> int:
    """Run every check, and stop at the first that fails; return the exit code."""
    try:
        check_changelog(public_api.tree_version())
        run("SBOM", sys.executable, ROOT / "tools" / "sbom.py", "--check")
        run("public API", sys.executable, ROOT / "tools" / "public_api.py")
        with tempfile.TemporaryDirectory() as folder:
            sdist, wheel = build(Path(folder, "built"))
            inspect(sdist, wheel)
            try_out(runtime, [wheel, wheel_by_pip(sdist, Path(folder, "pip"))])
    except NotReadyError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
