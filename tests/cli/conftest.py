"""The command line, in process and as a process of its own, against a sandbox on a socket."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from cli.api import Api
from timify_customers.cli._commands import app
from timify_customers.sandbox import Sandbox
from typer.testing import CliRunner, Result


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if (
            name.startswith("TIMIFY_")
            or name.lower().endswith("_proxy")
            or name in {"FORCE_COLOR", "TTY_COMPATIBLE"}
        ):
            monkeypatch.delenv(name)
    monkeypatch.setenv("COLUMNS", "100")


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[Api, str]]:
    """One server for many tests."""
    api, outer = Api(), Sandbox()
    outer.app = api  # type: ignore[assignment]
    with outer.serve() as url:
        yield api, url


@pytest.fixture
def api(served: tuple[Api, str], monkeypatch: pytest.MonkeyPatch) -> Api:
    """A new sandbox, and the environment for it."""
    api, url = served
    api.reset()
    box = api.sandbox
    values = {
        "BASE_URL": url,
        "APP_ID": box.app_id,
        "APP_SECRET": box.app_secret,
        "COMPANY_ID": box.company_id,
    }
    for name, value in values.items():
        monkeypatch.setenv(f"TIMIFY_{name}", value)
    return api


@pytest.fixture
def cli() -> Callable[..., Result]:
    """Run a command in this process."""

    def run(*arguments: object) -> Result:
        result = CliRunner().invoke(
            app, [str(it) for it in arguments], prog_name="timify-customers"
        )
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return run


Started = Callable[..., "Any"]


@pytest.fixture
def started() -> Started:
    """Start a command as a process of its own; killed when the test leaves it running, and after
    half a minute.
    """

    @contextmanager
    def start(*arguments: object) -> Generator[subprocess.Popen[str]]:
        command = [sys.executable, "-P", "-m", "timify_customers.cli", *map(str, arguments)]
        pipe = subprocess.PIPE
        with subprocess.Popen(
            command, stdout=pipe, stderr=pipe, text=True, encoding="utf-8"
        ) as process:
            limit = threading.Timer(30, process.kill)
            limit.start()
            try:
                yield process
            finally:
                limit.cancel()
                process.kill()

    return start


LIMITED = """
import resource, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv.pop(1)), resource.RLIM_INFINITY))
from timify_customers.cli import main
sys.exit(main())
"""


@pytest.fixture
def limited() -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run a command as a process whose files can have no more than so many bytes, as on a full
    disk.

    A write across the limit writes what fits, and the next fails: "File too large" (EFBIG), as
    Python ignores SIGXFSZ.
    """

    def run(
        limit: int, *arguments: object, stdout: Any = subprocess.PIPE
    ) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-P", "-B", "-c", LIMITED, str(limit), *map(str, arguments)]
        return subprocess.run(
            command,
            stdout=stdout,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            timeout=60,
            check=False,
        )

    return run
