"""The program ``timify-customers`` as a whole."""

from __future__ import annotations

import importlib.metadata
import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import timify_customers
from cli.api import Api

COMMANDS = [
    ["export"],
    ["import"],
    ["get"],
    ["fields"],
    ["fields", "list"],
    ["fields", "ensure"],
    ["fields", "save"],
    ["fields", "diff"],
    ["record"],
]
ANSI = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]")


def python(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-P", "-c", code], capture_output=True, text=True, timeout=30, check=False
    )


def on_a_terminal(*arguments: object) -> tuple[int, str]:
    """Run a command with a terminal as its only stream; gives its code and what it wrote, without
    colours.
    """
    command = [sys.executable, "-P", "-m", "timify_customers.cli", *map(str, arguments)]
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        command, stdin=theirs, stdout=theirs, stderr=theirs, env=os.environ | {"TERM": "xterm"}
    ) as it:
        os.close(theirs)
        text, end = b"", time.monotonic() + 30
        while time.monotonic() < end and select.select([ours], [], [], end - time.monotonic())[0]:
            try:
                text += os.read(ours, 65536)
            except OSError:  # it has ended
                break
        os.close(ours)
        return it.wait(10), ANSI.sub("", text.decode())


def test_help_names_commands_variables_and_codes(cli: Any) -> None:
    """--help says what there is, which variables it reads, and what the exit codes mean."""
    done = cli("--help")
    assert done.exit_code == 0
    for word in (
        "export",
        "import",
        "get",
        "fields",
        "sandbox",
        "TIMIFY_APP_ID",
        "TIMIFY_COMPANY_ID",
        "130",
    ):
        assert word in done.stdout
    assert cli("--version").stdout == f"{timify_customers.__version__}\n"


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_each_command_has_help(cli: Any, command: list[str]) -> None:
    """Each command explains itself without credentials; those that take files or keys show an
    example.
    """
    done = cli(*command, "--help")
    assert (done.exit_code, done.stderr) == (0, "")
    if command[-1] in {"export", "import", "get", "diff", "record"}:
        assert f"timify-customers {' '.join(command)} " in done.stdout


def test_no_flag_takes_a_secret(cli: Any) -> None:
    """Credentials come from the environment alone: others of the machine can read arguments."""
    for command in ([], *COMMANDS):
        assert not re.search(r"--\S*(secret|token|app-id|password)", cli(*command, "--help").stdout)


@pytest.mark.parametrize(
    "command", [["export"], ["get", "a" * 24], ["fields", "list"]], ids=" ".join
)
def test_missing_credentials_are_named(cli: Any, command: list[str]) -> None:
    """Without credentials it says which variables to set, with code 2."""
    done = cli(*command)
    assert (done.exit_code, done.stdout) == (2, "")
    assert "TIMIFY_APP_ID" in done.stderr
    assert "TIMIFY_APP_SECRET" in done.stderr
    assert done.stderr.count("\n") == 1


def test_wrong_credentials_and_a_dead_server_are_code_3(
    api: Api, cli: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the API refuses, and an API that cannot be reached, are one line with code 3, without
    the secret.
    """
    monkeypatch.setenv("TIMIFY_APP_SECRET", "not-the-secret")
    for address, says in (
        (os.environ["TIMIFY_BASE_URL"], "HTTP 401"),
        ("http://127.0.0.1:1", "could not connect"),
    ):
        monkeypatch.setenv("TIMIFY_BASE_URL", address)
        done = cli("fields", "list")
        assert (done.exit_code, done.stdout) == (3, "")
        assert says in done.stderr
        assert done.stderr.count("\n") == 1
        assert "not-the-secret" not in done.stderr
    assert len(api.sandbox.requests) == 1


@pytest.mark.parametrize(
    "arguments", [["nonsense"], ["export", "--nonsense"], ["get", "--external-id"]]
)
def test_wrong_usage_is_code_2(cli: Any, arguments: list[str]) -> None:
    """What the command line does not know is code 2."""
    assert cli(*arguments).exit_code == 2


@pytest.mark.parametrize("missing", ["typer", "rich"])
def test_without_the_extra_it_says_what_to_install(missing: str) -> None:
    """When typer or rich is missing, one line names the extra, with code 2 and no traceback."""
    done = python(
        f"import sys; sys.modules[{missing!r}] = None\n"
        "from timify_customers.cli import main; sys.exit(main())"
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert (
        done.stderr
        == "timify-customers needs typer and rich: install timify-customers-client[cli]\n"
    )


def test_the_core_never_imports_it() -> None:
    """Who imports the package pays nothing for the command line, and needs none of its extra."""
    done = python(
        "import sys, timify_customers\n"
        "print([name for name in ('typer', 'timify_customers.cli') if name in sys.modules])"
    )
    assert (done.stdout, done.stderr) == ("[]\n", "")


def test_the_script_is_installed() -> None:
    """The distribution brings the program ``timify-customers``."""
    (script,) = importlib.metadata.entry_points(group="console_scripts", name="timify-customers")
    assert script.value == "timify_customers.cli:main"


def test_on_a_terminal(api: Api, tmp_path: Path) -> None:
    """There it shows a bar with count, rate and time left, and aligned columns with a head."""
    api.people(300)
    code, text = on_a_terminal("export", tmp_path / "all.csv", "--page-size", 100)
    assert code == 0
    assert re.search(r"customers ━+.*\d+/300 [\d,]+/s ", text)
    assert re.search(r"300 customers in ", text)
    code, text = on_a_terminal("fields", "list")
    assert code == 0
    head, *lines = text.splitlines()
    assert head.split() == ["name", "type", "label", "id", "options"]
    assert {
        line.index(field.id)
        for line in lines
        for field in api.company.fields.values()
        if field.id in line
    } == {head.index("id ")}


def test_a_narrow_terminal_cuts_nothing(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """At 80 columns every id of a field stands whole in a line, and no text is cut off."""
    monkeypatch.setenv("COLUMNS", "80")
    api.company.add_field(
        label="A label that goes on " * 3, type="SELECT", select_options=("x" * 50, "y")
    )
    code, text = on_a_terminal("fields", "list")
    assert code == 0
    assert all(field.id in text for field in api.company.fields.values())
    assert "…" not in text
    assert max(map(len, text.splitlines())) <= 80


def test_a_narrow_terminal_cuts_no_customer(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """A value that is longer than a line goes on in the next."""
    monkeypatch.setenv("COLUMNS", "40")
    api.sandbox.add_customers([{"externalId": "crm-long", "firstName": "Ada" * 30}])
    code, text = on_a_terminal("get", "--external-id", "crm-long")
    assert code == 0
    assert "…" not in text
    assert "".join(text.split()).count("Ada") >= 30


def test_what_vendor_prints_can_be_copied_from_a_terminal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each line is whole, however narrow the terminal, and a relative path stays one."""
    monkeypatch.setenv("COLUMNS", "40")
    monkeypatch.chdir(tmp_path)
    package = tmp_path / "service"
    package.mkdir()
    (package / "__init__.py").touch()
    code, text = on_a_terminal("vendor", "service/_vendor")
    assert code == 0
    names = ("copy", "import", "needs", "command line", "pytest plugin")
    said = dict(zip(names, text.splitlines(), strict=True))
    assert said["needs"].split() == ["needs", "service/_vendor/timify_customers/requirements.in"]
    plugin = 'pytest_plugins = ["service._vendor.timify_customers.pytest_plugin"]'
    assert said["pytest plugin"] == f"pytest plugin  {plugin}"


def test_the_sandbox_is_a_command_too(started: Any) -> None:
    """``sandbox`` takes the sandbox's options, prints the variables to set, and ends on Ctrl-C with
    code 0.
    """
    with started("sandbox", "--port", "0") as process:
        lines = [process.stdout.readline() for _ in range(5)]
        os.kill(process.pid, signal.SIGINT)
        assert process.wait(20) == 0
    assert {line.split("=")[0] for line in lines[1:]} == {
        f"export TIMIFY_{name}" for name in ("BASE_URL", "APP_ID", "APP_SECRET", "COMPANY_ID")
    }
    with started("sandbox", "--help") as process:
        assert "--port" in process.communicate(timeout=20)[0]
        assert process.returncode == 0


def test_a_program_is_recorded(api: Api, started: Any, tmp_path: Path) -> None:
    """``record`` runs a program, keeps its output and exit code, and writes a file of its traffic
    without secrets.
    """
    api.people(1)
    program = [sys.executable, "-P", "-m", "timify_customers.cli", "get", "--external-id"]
    for key, code in (("crm-0000", 0), ("nobody", 1)):
        with started("record", "--to", tmp_path / f"{key}.har", "--", *program, key) as process:
            out, errors = process.communicate(timeout=20)
        assert process.returncode == code
        assert ("Ada 0000" in out) == (code == 0)
        assert errors.endswith(f"recorded in {tmp_path / key}.har\n")
        text = (tmp_path / f"{key}.har").read_text("utf-8")
        assert "/v1/customers/" in text
        assert api.sandbox.app_secret not in text


def test_what_cannot_be_recorded_is_code_2(api: Api, cli: Any, tmp_path: Path) -> None:
    """A file that is there, and a program that is not, are told, and the file stays."""
    (tmp_path / "old.har").write_text("old")
    for name, program, says in (
        ("old.har", "true", "old.har"),
        ("new.har", "no-such-program", "no-such-program"),
    ):
        done = cli("record", "--to", tmp_path / name, "--", program)
        assert done.exit_code == 2
        assert says in done.stderr
    assert (tmp_path / "old.har").read_text() == "old"
    assert not api.sandbox.requests
