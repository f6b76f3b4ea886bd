"""Copies of this tree in which the documents of the shapes are adopted, each made once in a run."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from adoption.copies import copied, fetched
from adoption.shapes_of import SHAPES, path


@pytest.fixture(scope="session", params=SHAPES)
def shape_name(request: pytest.FixtureRequest) -> str:
    """The name of a shape."""
    return str(request.param)


@pytest.fixture(scope="session")
def tree(shape_name: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy in which the document of a shape was taken over without a hand on anything.

    Tests may add files to it, and must change none: all workers of a run have the same copy.
    """
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    place, done = shared / f"adopted-{shape_name}", shared / f"adopted-{shape_name}.done"
    with _locked(shared / f"adopted-{shape_name}.lock"):
        if not done.exists():
            shutil.rmtree(place, ignore_errors=True)
            taken = fetched(copied(place), path(shape_name))
            assert taken.returncode == 0, taken.stderr
            done.touch()
    return place


@contextmanager
def _locked(file: Path) -> Iterator[None]:
    with file.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
