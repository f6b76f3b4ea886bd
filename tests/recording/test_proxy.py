"""Any program that takes the API's address from its environment can be recorded."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from timify_customers import ConfigurationError
from timify_customers.recording.proxy import recording_proxy
from timify_customers.sandbox import Sandbox

PROGRAM = """
import asyncio
from timify_customers import TimifyCustomers

async def main():
    async with TimifyCustomers.from_env() as timify:
        await timify.customers.create({"firstName": "Augusta"}, external_id="crm/1815")
        print((await timify.customers.get(external_id="crm/1815")).first_name)

asyncio.run(main())
"""


@pytest.fixture
def served() -> Iterator[tuple[Sandbox, str]]:
    sandbox = Sandbox()
    with sandbox.serve() as url:
        yield sandbox, url


def entries(path: Path) -> list[Any]:
    return json.loads(path.read_text("ascii"))["log"]["entries"]


def test_another_process_is_recorded(served: tuple[Sandbox, str], tmp_path: Path) -> None:
    """A program that knows nothing of it is recorded by its TIMIFY_BASE_URL; the file names the
    API, not the proxy.
    """
    sandbox, target = served
    with recording_proxy(tmp_path / "t.har", target) as url:
        settings = {
            "TIMIFY_BASE_URL": url,
            "TIMIFY_APP_ID": sandbox.app_id,
            "TIMIFY_APP_SECRET": sandbox.app_secret,
            "TIMIFY_COMPANY_ID": sandbox.company_id,
        }
        done = subprocess.run(
            [sys.executable, "-P", "-c", PROGRAM],
            env=os.environ | settings,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
    assert done.stdout == "Augusta\n", done.stderr
    recorded = entries(tmp_path / "t.har")
    assert len(recorded) == len(sandbox.requests) == 4
    assert all(it["request"]["url"].startswith(f"{target}/v1/") for it in recorded)
    assert "Augusta" not in (tmp_path / "t.har").read_text("ascii")


@pytest.mark.wrong_requests
def test_it_passes_on_what_it_gets(served: tuple[Sandbox, str], tmp_path: Path) -> None:
    """Path, query, headers, body and answer arrive as sent; an encoded slash stays one."""
    sandbox, target = served
    headers = {"authorization": "Bearer x.y.z", "company-id": sandbox.company_id, "x-mine": "1"}
    path = "/v1/customers/a%2Fb?external=1&x=%20"
    with recording_proxy(tmp_path / "t.har", f"{target}/") as url:
        through = httpx.patch(url + path, headers=headers, json={"externalId": "ä"})
        nothing = httpx.get(f"{url}/v1/customers")
    straight = httpx.patch(target + path, headers=headers, json={"externalId": "ä"})
    assert (through.status_code, through.content) == (straight.status_code, straight.content)
    assert through.headers["content-type"] == "application/json"
    assert "x-amzn-requestid" in through.headers
    assert nothing.status_code == 401
    one, _, two = sandbox.requests
    assert (one.method, one.path, one.query, one.body) == (
        two.method,
        two.path,
        two.query,
        two.body,
    )
    connection = {"host", "connection"}
    assert {k: v for k, v in one.headers.items() if k not in connection} == {
        k: v for k, v in two.headers.items() if k not in connection
    }


def test_what_cannot_be_reached(tmp_path: Path) -> None:
    """An API that is not there is a 502 that says so, and nothing in the file."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, and nobody listens
        with recording_proxy(
            tmp_path / "t.har", f"http://127.0.0.1:{taken.getsockname()[1]}"
        ) as url:
            answer = httpx.get(f"{url}/v1/customers")
    assert (answer.status_code, answer.json()) == (
        502,
        {"message": "the recording proxy got no answer (ConnectError)"},
    )
    assert entries(tmp_path / "t.har") == []


def test_secrets_are_not_sent_in_the_clear(tmp_path: Path) -> None:
    """A plain http address of another machine is refused before there is a file."""
    with (
        pytest.raises(ConfigurationError, match="https"),
        recording_proxy(tmp_path / "t.har", "http://api.timify.com"),
    ):
        pass
    assert not (tmp_path / "t.har").exists()
