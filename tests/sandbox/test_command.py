"""``python -m timify_customers.sandbox``, as a process of its own."""

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

MODULE = "timify_customers.sandbox"
NAMES = ["TIMIFY_BASE_URL", "TIMIFY_APP_ID", "TIMIFY_APP_SECRET", "TIMIFY_COMPANY_ID"]


@contextmanager
def running(*arguments: str) -> Generator[subprocess.Popen[str], None, None]:
    """The command, its output through pipes; killed when a test leaves it running, and after a
    minute.
    """
    command = [sys.executable, "-m", MODULE, *arguments]
    buffered = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True, env=buffered) as process:
        limit = threading.Timer(60, process.kill)
        limit.start()
        try:
            yield process
        finally:
            limit.cancel()
            process.kill()


def printed(process: subprocess.Popen[str]) -> list[str]:
    """The first six lines."""
    assert process.stdout is not None
    return [process.stdout.readline().rstrip("\n") for _ in range(6)]


def settings(lines: list[str]) -> dict[str, str]:
    return dict(
        line.removeprefix("export ").split("=", 1) for line in lines if line.startswith("export ")
    )


def run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *command], capture_output=True, text=True, timeout=60, check=False
    )


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_it_prints_settings_that_work_and_ends_quietly(stop: signal.Signals) -> None:
    """The settings come through a pipe while it serves, they let in, and Ctrl-C ends it with code 0
    and no word.
    """
    with running("--port", "0") as process:
        lines = printed(process)
        found = settings(lines)
        assert list(found) == NAMES
        assert lines[0].startswith("#")
        assert found["TIMIFY_BASE_URL"] in lines[0]
        assert lines[5].startswith("#")
        assert lines[5].endswith(f"{found['TIMIFY_BASE_URL']}/_sandbox/")
        with httpx.Client(base_url=found["TIMIFY_BASE_URL"], timeout=10) as client:
            credentials = {"appid": found["TIMIFY_APP_ID"], "appsecret": found["TIMIFY_APP_SECRET"]}
            token = client.post("/v1/auth/token", json=credentials).json()["accessToken"]
            headers = {"authorization": f"Bearer {token}", "company-id": found["TIMIFY_COMPANY_ID"]}
            assert client.get("/v1/customers", headers=headers).json()["total"] == 0
        os.kill(process.pid, stop)
        assert process.communicate(timeout=20) == ("", "")
        assert process.returncode == 0


def test_a_given_port() -> None:
    """--port is the port that it serves on; a second one is told that it is taken, with code 1."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    with running("--port", port) as process:
        assert settings(printed(process))["TIMIFY_BASE_URL"] == f"http://127.0.0.1:{port}"
        second = run("-m", MODULE, "--port", port)
    assert (second.returncode, second.stdout) == (1, "")
    assert f"cannot listen on 127.0.0.1:{port}" in second.stderr
    assert second.stderr.count("\n") == 1


@pytest.mark.parametrize("port", ["65536", "-1", "x"])
def test_a_port_that_is_none(port: str) -> None:
    """What is no port is a message and a code that is not 0, without a traceback."""
    done = run("-m", MODULE, f"--port={port}")
    assert done.returncode in {1, 2}
    assert "port" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("missing", ["starlette", "uvicorn"])
def test_without_the_extra_it_says_what_to_install(missing: str) -> None:
    """Without starlette or uvicorn the message names the extra, and there is no traceback."""
    code = (
        f"import runpy, sys; sys.modules[{missing!r}] = None; "
        f"runpy.run_module({MODULE!r}, run_name='__main__')"
    )
    done = run("-c", code)
    assert (done.returncode, done.stdout) == (1, "")
    assert "timify-customers-client[sandbox]" in done.stderr
    assert done.stderr.count("\n") == 1


def test_help() -> None:
    """--help explains itself with code 0."""
    done = run("-m", MODULE, "--help")
    assert done.returncode == 0
    assert "--port" in done.stdout


def test_customers_to_begin_with(tmp_path: Path) -> None:
    """--customers is what it serves, --strict refuses what the document does not allow; a bad file
    is one line.
    """
    file = tmp_path / "customers.csv"
    file.write_text("firstName\nAda\n", "utf-8")
    with running("--port", "0", "--strict", "--customers", str(file)) as process:
        found = settings(printed(process))
        with httpx.Client(base_url=found["TIMIFY_BASE_URL"], timeout=10) as client:
            credentials = {"appid": found["TIMIFY_APP_ID"], "appsecret": found["TIMIFY_APP_SECRET"]}
            token = client.post("/v1/auth/token", json=credentials).json()["accessToken"]
            headers = {"authorization": f"Bearer {token}"}
            assert (
                client.get("/v1/customers", headers=headers).json()["data"][0]["firstName"] == "Ada"
            )
            assert client.get("/v1/customers?filter=x", headers=headers).status_code == 400
    file.write_text("fistName\nAda\n", "utf-8")
    done = run("-m", MODULE, "--port=0", "--customers", str(file))
    assert done.returncode == 1
    assert "customer 1: no custom field is called 'fistName'" in done.stderr
    assert done.stderr.count("\n") == 1
