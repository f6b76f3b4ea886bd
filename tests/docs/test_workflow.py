"""The workflow that publishes the site, as far as it can be checked without running it."""

from __future__ import annotations

import re
from typing import Any

import build_docs
from spec import values

ROOT = build_docs.ROOT
WORKFLOW: dict[str, Any] = values.load((ROOT / ".github/workflows/docs.yml").read_text("utf-8"))
JOBS: dict[str, Any] = WORKFLOW["jobs"]


def test_it_uploads_what_make_docs_builds() -> None:
    """The build job runs ``make docs`` and uploads the folder that it writes."""
    *_, build, upload = JOBS["build"]["steps"]
    assert build["run"] == "make docs"
    assert upload["with"]["path"] == build_docs.SITE.relative_to(ROOT).as_posix()


def test_only_main_is_published_and_only_by_the_job_that_builds_nothing() -> None:
    """The job that runs code of a change may only read; the one that publishes runs none."""
    assert WORKFLOW["permissions"] == {}
    assert JOBS["build"]["permissions"] == {"contents": "read"}
    assert JOBS["publish"]["permissions"] == {"pages": "write", "id-token": "write"}
    assert "github.ref == 'refs/heads/main'" in JOBS["publish"]["if"]
    assert all("run" not in step for step in JOBS["publish"]["steps"])


def test_actions_are_pinned_by_hash() -> None:
    """Each action is GitHub's own, pinned by its hash; each job ends in bounded time."""
    used = [step["uses"] for job in JOBS.values() for step in job["steps"] if "uses" in step]
    assert len(used) == 4
    assert [it for it in used if not re.fullmatch(r"actions/[a-z-]+@[0-9a-f]{40}", it)] == []
    assert all(job["timeout-minutes"] <= 60 for job in JOBS.values())
