"""What every test has in common."""

from __future__ import annotations

import pytest
from hypothesis import settings

# These machines are shared: a slow example is no failure. `make soak` looks longer.
settings.register_profile("default", deadline=None, max_examples=50)
settings.register_profile("soak", deadline=None, max_examples=2000)
settings.load_profile("default")


@pytest.fixture
def anyio_backend() -> str:
    """Run on asyncio, the only event loop that the SDK is for."""
    return "asyncio"
