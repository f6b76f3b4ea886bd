"""Checks the commands of a console block, as far as they can be."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from importlib.metadata import metadata
from itertools import takewhile
from pathlib import Path

import timify_customers
from docs.blocks import ROOT, Block
from timify_customers.cli._commands import app
from typer.testing import CliRunner

SERVING = {"sandbox", "record", "worker", "workers"}
"""Commands that end when they are stopped, or with a program that is not here. Their options are
looked up in their help."""
FINE = {0, 1}
"""Exit codes: 1 is "done, but look"."""
PACKAGE = Path(timify_customers.__file__).parent
DISTRIBUTION = "timify-customers-client"


def commands(block: Block) -> Iterator[str]:
    """Yield the commands of a block; what a backslash ends goes on in the next line."""
    for line in block.code.replace("\\\n", " ").splitlines():
        command = line.removeprefix("$ ").strip()
        if command and not command.startswith("#"):
            yield command


def check(command: str, folder: Path) -> None:
    """Run or check one command; raises AssertionError with what is wrong."""
    words = shlex.split(command, comments=True)
    words = words[: words.index(">")] if ">" in words else words
    while words and re.fullmatch(r"[A-Z_]+=.*", words[0]):
        _check_variable(words.pop(0))
    program, *arguments = words or [""]
    checks = {
        "cd": lambda _: None,
        "export": _check_export,
        "make": _check_make,
        "pip": _check_pip,
        "python": _check_python,
        "timify-customers": _run_command_line,
    }
    assert program in checks, f"{program!r} is not checked: say why before the block, or check it"
    checks[program]([word.replace("~", str(folder)) for word in arguments])


def _check_export(arguments: list[str]) -> None:
    for argument in arguments:
        _check_variable(argument)


def _check_variable(setting: str) -> None:
    name = setting.partition("=")[0]
    if name.startswith("TIMIFY_"):
        assert name in _known_variables(), f"the package knows no {name}"


@cache
def _known_variables() -> frozenset[str]:
    """Return every variable that the package names."""
    texts = [path.read_text("utf-8") for path in PACKAGE.rglob("*.py")]
    return frozenset(re.findall(r"TIMIFY_[A-Z][A-Z_]+", "\n".join(texts)))


def _check_make(arguments: list[str]) -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    for target in arguments:
        if "=" not in target:
            assert re.search(rf"^{target}:", makefile, re.MULTILINE), f"no target {target}"


def _check_pip(arguments: list[str]) -> None:
    assert arguments[0] == "install", arguments
    for requirement in (it for it in arguments[1:] if not it.startswith("-")):
        name, _, extras = requirement.rstrip("]").partition("[")
        if name == DISTRIBUTION:
            provided = set(metadata(DISTRIBUTION).get_all("Provides-Extra") or ())
            assert set(filter(None, extras.split(","))) <= provided, requirement


def _check_python(arguments: list[str]) -> None:
    if arguments[0] == "-m":
        done = subprocess.run(
            [sys.executable, "-P", *arguments[:2], "--help"],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        _check_options(arguments[2:], done.stdout)
    elif arguments[0].startswith(("examples/", "tools/", "benchmarks/")):
        assert (ROOT / arguments[0]).is_file(), f"no file {arguments[0]}"


def _run_command_line(arguments: list[str]) -> None:
    if arguments[0] in SERVING:
        _check_options(arguments[1:], CliRunner().invoke(app, [arguments[0], "--help"]).output)
    elif arguments[0].startswith("--"):
        _check_options(arguments, CliRunner().invoke(app, ["--help"]).output)
    else:
        done = CliRunner().invoke(app, arguments)
        assert done.exit_code in FINE, f"exit code {done.exit_code}\n{done.output}"


def _check_options(arguments: list[str], usage: str) -> None:
    own = list(takewhile(lambda it: it != "--", arguments))
    unknown = [it for it in own if it.startswith("--") and it.partition("=")[0] not in usage]
    assert not unknown, f"unknown: {unknown}\n{usage}"
