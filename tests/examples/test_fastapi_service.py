"""The example of a web service passes its own tests, as somebody who copied it would run them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

SERVICE = Path(__file__).parents[2] / "examples" / "fastapi_service"


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {
        name: text
        for name, text in os.environ.items()
        if not name.startswith(("PYTEST_", "TIMIFY_"))
    }
    return subprocess.run(
        [sys.executable, "-P", "-B", "-m", "pytest", "-p", "no:cacheprovider", *arguments],
        cwd=SERVICE,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.mark.parametrize(
    ("file", "other"), [("test_service.py", "asyncio"), ("test_service_asyncio.py", "anyio")]
)
def test_its_tests_pass_under_each_plugin(file: str, other: str) -> None:
    """Under anyio's plugin without pytest-asyncio, and the other way round."""
    option_of_the_other = "ignore:Unknown config option"
    done = run("-q", "-W", "error", "-W", option_of_the_other, "-p", f"no:{other}", file)
    assert done.returncode == 0, done.stdout
    assert "failed" not in done.stdout
    assert "skipped" not in done.stdout
