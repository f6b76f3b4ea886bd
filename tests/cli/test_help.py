"""Help on a terminal of 80 columns, and completion in a shell."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from typing import Any

import pytest
import typer
from rich.cells import cell_len
from timify_customers.cli._commands import app

COMMANDS = [
    [],
    ["export"],
    ["import"],
    ["get"],
    ["fields"],
    ["fields", "list"],
    ["fields", "ensure"],
    ["fields", "save"],
    ["fields", "diff"],
    ["fields", "module"],
    ["worker"],
    ["jobs"],
    ["record"],
]


def words(text: str) -> str:
    """A text without boxes and line breaks."""
    return " ".join(re.sub(r"[│╭╮╰╯─]", " ", text).split())


def helps(command: list[str]) -> list[str]:
    """What the options and arguments of a command say of themselves."""
    found: Any = typer.main.get_command(app)
    for name in command:
        found = found.commands[name]
    return [param.help for param in found.params if param.help]


@pytest.mark.parametrize("command", COMMANDS, ids=lambda it: " ".join(it) or "timify-customers")
def test_help_fits_80_columns(
    cli: Any, monkeypatch: pytest.MonkeyPatch, command: list[str]
) -> None:
    """No line is longer or cut off, and every option has its whole text."""
    monkeypatch.setenv("COLUMNS", "80")
    text = cli(*command, "--help").stdout
    assert max(map(cell_len, text.splitlines())) <= 80
    assert "…" not in text
    assert "..." not in text.replace("[ARGS]...", "")
    for sentence in helps(command):
        assert words(sentence) in words(text)


def test_examples_and_codes_keep_their_lines(cli: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """At 80 columns, no example and no line of the exit codes is wrapped."""
    monkeypatch.setenv("COLUMNS", "80")
    for command in COMMANDS:
        for line in cli(*command, "--help").stdout.splitlines():
            assert not re.match(r" (nobody|production|found|missing)\b", line)
    lines = [line.strip() for line in cli("--help").stdout.splitlines()]
    codes = lines[lines.index("Exit codes:") + 1 :]
    assert [line.split()[0] for line in codes if line] == ["0", "1", "2", "3", "130", "141"]


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-P", "-m", "timify_customers.cli", *arguments],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


def test_the_help_of_sandbox_fits_too() -> None:
    """It is called as the user called it, and fits 80 columns."""
    done = run("sandbox", "--help", COLUMNS="80")
    assert done.stdout.startswith("usage: timify-customers sandbox ")
    assert max(map(len, done.stdout.splitlines())) <= 80


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("timify-customers ex", ["export"]),
        ("timify-customers fields d", ["diff"]),
        ("timify-customers import --phone", ["--phone-region"]),
    ],
)
def test_shells_complete_commands_and_options(typed: str, offered: list[str]) -> None:
    """What bash asks for is answered with the commands and options that begin so."""
    place = str(len(typed.split()) - 1)
    variables = {"COMP_WORDS": typed, "COMP_CWORD": place}
    done = run(_TIMIFY_CUSTOMERS_COMPLETE="complete_bash", **variables)
    assert done.stdout.split() == offered


def test_completion_can_be_installed(cli: Any) -> None:
    """The program offers to set up the user's shell."""
    assert "--install-completion" in cli("--help").stdout
