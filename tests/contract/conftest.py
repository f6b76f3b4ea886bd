"""One Prism for all tests of the contract: to start it takes seconds."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from contract import prism


@pytest.fixture(scope="session")
def mock() -> Iterator[prism.Prism]:
    with prism.serve() as running:
        yield running
