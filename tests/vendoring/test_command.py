"""``timify-customers vendor`` and ``make vendor``."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from timify_customers import __version__
from timify_customers.vendoring import copy_of
from vendoring.conftest import ROOT, python


def vendor(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run the command as a process of its own."""
    return python("-m", "timify_customers", "vendor", *map(str, arguments))


@pytest.mark.parametrize("minimal", [False, True])
def test_it_says_what_the_host_needs_to_know(dest: Path, minimal: bool) -> None:
    """The import, the requirements, and for a whole copy command line and plugin, ready to copy."""
    done = vendor(dest, *(["--minimal"] if minimal else []))
    assert (done.returncode, done.stderr) == (0, "")
    said = dict(line.split("\t") for line in done.stdout.splitlines())
    number = len(copy_of(minimal=minimal).manifest.files)
    expected = {
        "minimal copy"
        if minimal
        else "copy": f"timify-customers-client {__version__}, {number} files",
        "import": "from service._vendor.timify_customers import TimifyCustomers",
        "needs": str(dest / "timify_customers" / "requirements.in"),
    }
    if not minimal:
        plugin = 'pytest_plugins = ["service._vendor.timify_customers.pytest_plugin"]'
        expected["command line"] = "python -m service._vendor.timify_customers"
        expected["pytest plugin"] = plugin
    assert said == expected


def test_exit_codes_are_for_scripts(dest: Path) -> None:
    """0 for a clean copy, 1 for one that is not, 2 for a wrong path, option or place."""
    assert vendor("--check", dest).returncode == 2
    assert vendor(dest).returncode == 0
    assert vendor("--check", dest).stdout == "clean\n"
    assert vendor(dest).returncode == 2
    (dest / "timify_customers" / "LICENSE").unlink()
    done = vendor("--check", dest)
    assert (done.returncode, done.stdout) == (1, "missing: timify_customers/LICENSE\n")
    assert vendor("--upgrade", dest).returncode == 2
    assert vendor("--check", "--upgrade", dest).returncode == 2


def make(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run make with the environment that runs the suite."""
    command = ["make", "--silent", *arguments, f"PYTHON={sys.executable}"]
    return subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=120
    )


def test_make_vendors_from_the_tree(dest: Path) -> None:
    """``make vendor DEST=...`` makes the same copy as the installed command; without DEST it says
    how it is to be called.
    """
    without = make("vendor")
    assert (without.returncode, without.stdout[:13]) == (2, "Name a folder")
    done = make("vendor", f"DEST={dest}", "ARGS=--minimal")
    assert (done.returncode, done.stderr) == (0, "")
    assert vendor("--check", dest).stdout == "clean\n"
