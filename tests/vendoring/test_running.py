"""Copies at work: at any depth, with the runtime dependencies alone, beside another version."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from timify_customers import __version__
from timify_customers.vendoring import vendor
from vendoring.conftest import NEWER, python
from vendoring.programs import MAKES_CALLS, TWO_VERSIONS, WITHOUT_THE_SANDBOX


@pytest.mark.parametrize(
    "folder", ["_vendor", "service/_vendor", "service/adapters/_vendor", "src/service/_vendor"]
)
def test_a_copy_makes_its_calls(tmp_path: Path, folder: str) -> None:
    """One, two and three levels deep, and in src, without a look at what is installed."""
    place = tmp_path / folder
    place.parent.mkdir(parents=True, exist_ok=True)
    for above in place.relative_to(tmp_path).parents:
        if above.name not in {"", "src"}:
            (tmp_path / above / "__init__.py").touch()
    placed = vendor(place)
    top = tmp_path / "src" if folder.startswith("src/") else tmp_path
    done = python("-W", "error", "-c", MAKES_CALLS.format(name=placed.name), path=[top])
    assert (done.stdout, done.stderr) == ("Ada []\n", "")


@pytest.mark.parametrize("minimal", [False, True])
def test_a_copy_needs_the_runtime_dependencies_alone(
    dest: Path, runtime: Path, minimal: bool
) -> None:
    """A call through it works where nothing else is installed."""
    code = WITHOUT_THE_SANDBOX.format(name=vendor(dest, minimal=minimal).name)
    done = python("-W", "error", "-c", code, path=[dest.parents[1]], executable=runtime)
    assert (done.stdout, done.stderr) == ("Ada\n", "")


def test_the_command_line_of_a_copy_calls_itself_by_its_name(copied: Path) -> None:
    """Without an entry point, and its help can be typed as it stands."""
    top = [copied.parents[1]]
    name = "service._vendor.timify_customers"
    help_of_get = python("-m", name, "get", "--help", path=top).stdout
    assert f"Usage: python -m {name} get" in help_of_get
    assert f"python -m {name} get --external-id crm-1815 --json" in help_of_get
    assert "timify-customers" not in help_of_get
    assert "--install-completion" not in python("-m", name, "--help", path=top).stdout
    sandbox = python("-m", f"{name}.sandbox", "--help", path=top).stdout
    assert sandbox.startswith(f"usage: python -m {name}.sandbox")
    assert python("-m", name, "--version", path=top).stdout == f"{__version__}\n"


@pytest.mark.parametrize(
    ("missing", "module", "extra"), [("typer", "", "cli"), ("starlette", ".sandbox", "sandbox")]
)
def test_a_copy_says_what_is_to_be_installed(
    copied: Path, missing: str, module: str, extra: str
) -> None:
    """What a companion lacks is in a file of the copy, not in an extra of a distribution."""
    name = f"service._vendor.timify_customers{module}"
    code = f"import sys, runpy; sys.modules['{missing}'] = None; sys.argv[1:] = []; "
    done = python(
        "-c", f"{code}runpy.run_module('{name}', run_name='__main__')", path=[copied.parents[1]]
    )
    assert (
        f"install what requirements-{extra}.in in {copied / 'timify_customers'} lists"
        in done.stderr
    )
    assert "timify-customers-client[" not in done.stderr


def test_two_versions_live_in_one_process(copied: Path, newer: Path) -> None:
    """The installed one and a copy of another version share no class, no error, no logger and no
    state, and both say who they are.
    """
    done = python("-W", "error", "-c", TWO_VERSIONS, path=[newer, copied.parents[1]])
    assert done.stderr == ""
    assert json.loads(done.stdout) == {
        "versions": [NEWER, __version__],
        "names": [["Ada"], ["Bea"]],
        "modules": [
            "timify_customers._customfields.reading",
            "service._vendor.timify_customers._customfields.reading",
        ],
        "caught by the other": [False, False],
        "agents": [agent(NEWER), agent(f"{__version__} (vendored)")],
        "loggers": ["service._vendor.timify_customers", "timify_customers"],
        "shared classes": [],
    }


def agent(version: str) -> str:
    """How a version calls itself in requests."""
    done = python("-c", "import platform; print(platform.python_version())")
    return f"timify-customers-client/{version} python/{done.stdout.strip()}"
