"""The pytest plugin of a copy, alone and beside the installed one."""

from __future__ import annotations

import subprocess
from pathlib import Path

from vendoring.conftest import python

CONFTEST = 'pytest_plugins = ["service._vendor.timify_customers.pytest_plugin"]\n'
PASSING = """
import asyncio, os
from service._vendor.timify_customers import TimifyCustomers
from service._vendor.timify_customers.sandbox import Sandbox

def test_fixtures_are_of_the_copy(timify, timify_sandbox, timify_env):
    assert type(timify) is TimifyCustomers
    assert type(timify_sandbox) is Sandbox

    async def main():
        async with TimifyCustomers.from_env() as own:
            await own.customers.create({"firstName": "Ada"})
        assert [it.first_name async for it in timify.customers.list()] == ["Ada"]

    asyncio.run(main())
    assert len(timify_sandbox.company().customers) == 1
"""
FAILING = """
def test_a_fault_that_nothing_met(timify_sandbox):
    timify_sandbox.fail("create_customer", "cut_after")
"""
BOTH = """
import timify_customers
from service._vendor import timify_customers as vendored

def test_the_copy(timify, timify_env):
    assert type(timify) is vendored.TimifyCustomers
"""
OF_THE_INSTALLED = """
import timify_customers

def test_fixtures_are_of_the_installed_version(timify, timify_sandbox, timify_env):
    assert type(timify) is timify_customers.TimifyCustomers
    assert type(timify_sandbox).__module__ == "timify_customers.sandbox._sandbox"
"""
IMPORTED = """
from service._vendor.timify_customers.pytest_plugin import (
    _timify_stage, timify, timify_env, timify_sandbox
)
"""


def pytest_of(copied: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Run pytest in the project that has the copy."""
    top = copied.parents[2]
    command = ("-W", "error", "-m", "pytest", "-q", "-p", "no:cacheprovider", "-rA", *options)
    return python(*command, "tests", path=[copied.parents[1]], cwd=top)


def write(copied: Path, **files: str) -> None:
    """Make the project's tests, and an ini file that makes it a project of its own."""
    top = copied.parents[2]
    (top / "pytest.ini").write_text(
        "[pytest]\nasyncio_default_fixture_loop_scope = function\n", "utf-8"
    )
    for name, text in files.items():
        path = top / "tests" / f"{name.replace('__', '/')}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")


def test_the_line_that_is_printed_loads_the_plugin(copied: Path) -> None:
    """Also where the distribution is not installed: its own plugin is turned off here."""
    write(copied, conftest=CONFTEST, test_passing=PASSING)
    done = pytest_of(copied, "-p", "no:timify")
    assert "1 passed" in done.stdout, done.stdout


def test_a_copy_wins_over_the_installed_plugin(copied: Path) -> None:
    """Named in a ``conftest.py``, its fixtures are those that tests get, and all work together."""
    write(copied, conftest=CONFTEST, test_passing=PASSING, test_both=BOTH)
    done = pytest_of(copied)
    assert "2 passed" in done.stdout, done.stdout


def test_what_goes_wrong_in_a_copy_s_sandbox_fails_the_test_once(copied: Path) -> None:
    """The hooks of both plugins look at a test, and each at its own sandbox alone."""
    write(copied, conftest=CONFTEST, test_failing=FAILING)
    done = pytest_of(copied)
    assert "1 failed" in done.stdout, done.stdout
    assert "error" not in done.stdout.splitlines()[-1]
    assert done.stdout.count("no request met these faults") == 2  # with the summary's line


def test_each_folder_of_tests_can_have_its_own_version(copied: Path) -> None:
    """Where the ``conftest.py`` of a folder imports the fixtures of a copy, the others keep the
    installed ones, in one run.
    """
    old, new = "old__test_installed", "new__test_passing"
    write(copied, new__conftest=IMPORTED, **{old: OF_THE_INSTALLED, new: PASSING})
    done = pytest_of(copied)
    assert "2 passed" in done.stdout, done.stdout
