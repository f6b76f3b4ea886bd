"""What the workflows of the project may do."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
TARGETS = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))


def jobs(name: str) -> dict[str, Any]:
    text = (ROOT / ".github" / "workflows" / name).read_text("utf-8")
    return dict(yaml.safe_load(text)["jobs"])


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_every_action_is_pinned_by_hash(path: Path) -> None:
    """A tag can be moved, a hash cannot; its comment names the release, and one action has one."""
    uses = re.findall(r"uses: (.*)", path.read_text("utf-8"))
    assert uses
    for line in uses:
        assert re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", line), line


def test_an_action_has_the_same_pin_in_all_workflows() -> None:
    """So that one upgrade is one change."""
    text = "".join(path.read_text("utf-8") for path in WORKFLOWS)
    pins = set(re.findall(r"uses: (\S+)@(\S+)", text))
    assert len(pins) == len({name for name, _ in pins})


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_what_workflows_make_is_there(path: Path) -> None:
    """Each ``make TARGET`` of a workflow is a target of the Makefile."""
    targets = re.findall(r"run: make ([a-z-]+)", path.read_text("utf-8"))
    assert targets
    assert set(targets) <= TARGETS


def test_only_what_was_tested_is_published_by_a_job_that_runs_nothing_else() -> None:
    """The job that may publish has no command and no checkout; the one that builds may not publish,
    and runs all tests first.
    """
    release = jobs("release.yml")
    build, publish = release["build"], release["publish"]
    assert publish["permissions"] == {"id-token": "write"}
    assert build["permissions"] == {"contents": "read"}
    assert (publish["needs"], publish["environment"]) == ("build", "pypi")
    assert not [step for step in publish["steps"] if "run" in step or "checkout" in step["uses"]]
    assert publish["steps"][-1]["with"] == {"attestations": True}
    commands = [step["run"] for step in build["steps"] if "run" in step]
    assert commands[-2:] == ["make test", "make dists"]
    assert "password" not in str(release)


def test_ci_runs_every_python_that_is_supported() -> None:
    """Those of the classifiers, at least, and the lowest versions of the dependencies."""
    ci = jobs("ci.yml")
    pattern = r'"Programming Language :: Python :: (3\.\d+)"'
    supported = set(re.findall(pattern, (ROOT / "pyproject.toml").read_text("utf-8")))
    assert supported
    assert supported <= set(ci["test"]["strategy"]["matrix"]["python"])
    assert ci["lowest"]["steps"][-1] == {"run": "make lowest"}
