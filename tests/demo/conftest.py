"""The rows of the file, and one run of the demo that several tests look at."""

import pytest
from demo.runs import Finished, Row, finish, read_rows


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def rows() -> list[Row]:
    return read_rows()


@pytest.fixture(scope="session")
def first_run(tmp_path_factory: pytest.TempPathFactory) -> Finished:
    return finish(tmp_path_factory.mktemp("first-run"))
