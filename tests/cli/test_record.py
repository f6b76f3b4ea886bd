"""``timify-customers record`` where the environment names a proxy."""

from __future__ import annotations

import json
import socket
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cli.api import Api

NOBODY = "http://127.0.0.1:9"
ASK = """
import os, urllib.error, urllib.request
try:
    urllib.request.urlopen(os.environ["TIMIFY_BASE_URL"] + "/v1/customers", timeout=20)
except urllib.error.HTTPError as error:
    print(error.code, os.environ["NO_PROXY"])
"""


class Proxy:
    """A proxy that refuses all that it is asked for, and remembers it."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.address = "127.0.0.1:{1}".format(*self._socket.getsockname())
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:  # closed
                return
            with connection:
                self.asked.append(connection.recv(65536).decode().partition("\r\n")[0])
                connection.sendall(b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n")

    def close(self) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()


@pytest.fixture
def proxy() -> Iterator[Proxy]:
    proxy = Proxy()
    yield proxy
    proxy.close()


def record(started: Any, file: Path, *program: object) -> tuple[int, str, str]:
    with started("record", "--to", file, "--", sys.executable, "-P", *program) as process:
        out, errors = process.communicate(timeout=30)
    return process.returncode, out, errors


@pytest.mark.parametrize("scheme", ["", "http://"])
def test_the_api_is_reached_through_the_proxy(
    started: Any, proxy: Proxy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, scheme: str
) -> None:
    """The recorder asks the proxy for the API; the program reaches the recorder without one."""
    monkeypatch.setenv("TIMIFY_BASE_URL", "https://api.timify.invalid")
    monkeypatch.setenv("HTTPS_PROXY", f"{scheme}{proxy.address}")
    monkeypatch.setenv("HTTP_PROXY", NOBODY)
    monkeypatch.setenv("NO_PROXY", "intranet.invalid")
    code, out, _ = record(started, tmp_path / "t.har", "-c", ASK)
    assert (code, out) == (0, "502 intranet.invalid,127.0.0.1\n")
    assert proxy.asked == ["CONNECT api.timify.invalid:443 HTTP/1.1"]


def test_no_proxy_is_heeded(
    started: Any, proxy: Proxy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An API that NO_PROXY names is asked directly."""
    monkeypatch.setenv("TIMIFY_BASE_URL", "https://api.timify.invalid")
    monkeypatch.setenv("HTTPS_PROXY", proxy.address)
    monkeypatch.setenv("NO_PROXY", "timify.invalid")
    code, out, _ = record(started, tmp_path / "t.har", "-c", ASK)
    assert (code, out) == (0, "502 timify.invalid,127.0.0.1\n")
    assert proxy.asked == []


def test_this_machine_is_never_behind_a_proxy(
    api: Api, started: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With every proxy variable set, a program is recorded against an API on this machine."""
    api.people(1)
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy"):
        monkeypatch.setenv(name, NOBODY)
    program = ("-m", "timify_customers.cli", "get", "--external-id", "crm-0000")
    code, out, _ = record(started, tmp_path / "t.har", *program)
    assert code == 0
    assert "Ada 0000" in out
    assert json.loads((tmp_path / "t.har").read_text("ascii"))["log"]["entries"]


@pytest.mark.parametrize("proxy_url", ["socks5://127.0.0.1:9", "gopher://127.0.0.1:9"])
def test_a_proxy_that_cannot_be_used_is_told(
    cli: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, proxy_url: str
) -> None:
    """What httpx cannot speak to is one line with code 2, and the program is not started."""
    monkeypatch.setenv("TIMIFY_BASE_URL", "https://api.timify.invalid")
    monkeypatch.setenv("HTTPS_PROXY", proxy_url)
    done = cli("record", "--to", tmp_path / "t.har", "--", "touch", tmp_path / "started")
    assert done.exit_code == 2
    assert done.stderr.startswith("error: the proxy of the environment cannot be used: ")
    assert list(tmp_path.iterdir()) == []
