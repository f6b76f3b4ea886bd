"""A sandbox for each test, and a client that holds a token of it."""

from collections.abc import AsyncGenerator

import httpx
import pytest
from sandbox.calls import Clock, connect
from timify_customers.sandbox import Company, Sandbox


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def sandbox(clock: Clock) -> Sandbox:
    return Sandbox(clock=clock)


@pytest.fixture
def company(sandbox: Sandbox) -> Company:
    return sandbox.company()


@pytest.fixture
async def client(sandbox: Sandbox) -> AsyncGenerator[httpx.AsyncClient, None]:
    async with connect(sandbox) as connected:
        yield connected
