"""The versions of dependencies that are tested, and those that are allowed."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
LISTS = [PROJECT["dependencies"], *PROJECT["optional-dependencies"].values()]
LINES = [line for lines in LISTS for line in lines]
BOUNDS = dict(re.findall(r"^([\w-]+)>=([\w.]+)", "\n".join(LINES), re.MULTILINE))


def pins(name: str) -> dict[str, str]:
    """Return what one file of requirements/ pins."""
    text = (ROOT / "requirements" / f"{name}.txt").read_text("utf-8")
    return dict(re.findall(r"^([\w.-]+)==(\S+)", text, re.MULTILINE))


def test_every_dependency_has_a_lower_bound() -> None:
    """Each one, of every extra too: without one, nothing says what was tried."""
    names = {re.split(r"[<>=\[]", line)[0] for line in LINES}
    assert names == BOUNDS.keys()


@pytest.mark.parametrize("name", BOUNDS)
def test_the_lowest_versions_are_those_that_are_tested(name: str) -> None:
    """``make lowest`` tries each dependency at its lower bound; `make lock` writes the file."""
    tested = [int(part) for part in pins("lowest")[name].split(".")]
    bound = [int(part) for part in BOUNDS[name].split(".")]
    assert tested[: len(bound)] == bound


@pytest.mark.parametrize("name", ["demo", "dev", "lowest", "runtime"])
def test_pins_have_hashes_and_name_no_index(name: str) -> None:
    """Whatever index serves a file, it must be the one that was tested."""
    text = (ROOT / "requirements" / f"{name}.txt").read_text("utf-8")
    assert text.count("--hash=sha256:") >= len(pins(name))
    assert "://" not in text
