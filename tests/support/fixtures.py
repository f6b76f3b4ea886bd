"""Clients of the sandbox, in process and on a socket, and of nothing else."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import httpx
import pytest
from timify_customers import TimifyCustomers
from timify_customers.sandbox import Sandbox


@pytest.fixture(autouse=True)
def no_environment() -> Iterator[None]:
    """No variable of this machine reaches a test."""
    proxies = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")
    # A patch of its own, so that a test's patches are undone before others.
    with pytest.MonkeyPatch.context() as patch:
        for name in (
            "APP_ID",
            "APP_SECRET",
            "COMPANY_ID",
            "BASE_URL",
            "ACCESS_TOKEN",
            "LOG",
            "HTTP",
        ):
            patch.delenv(f"TIMIFY_{name}", raising=False)
        for name in (*proxies, *map(str.lower, proxies)):
            patch.delenv(name, raising=False)
        yield


@pytest.fixture(params=["httpx", "httpx2"])
def either_library(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """The library that sends, for clients with connections of their own: once each."""
    monkeypatch.setenv("TIMIFY_HTTP", request.param)
    return str(request.param)


@pytest.fixture
def sandbox() -> Sandbox:
    return Sandbox()


@pytest.fixture
async def timify(sandbox: Sandbox) -> AsyncIterator[TimifyCustomers]:
    """A client of the sandbox in process."""
    async with TimifyCustomers(
        sandbox.app_id,
        sandbox.app_secret,
        sandbox.company_id,
        base_url="http://127.0.0.1",
        transport=httpx.ASGITransport(app=sandbox.app),
    ) as client:
        yield client


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[Sandbox, str]]:
    """A sandbox on a real socket."""
    sandbox = Sandbox()
    with sandbox.serve() as url:
        yield sandbox, url


@pytest.fixture
async def wired(served: tuple[Sandbox, str]) -> AsyncIterator[TimifyCustomers]:
    """A client of the sandbox over a real socket."""
    sandbox, url = served
    async with TimifyCustomers(
        sandbox.app_id, sandbox.app_secret, sandbox.company_id, base_url=url
    ) as client:
        yield client
