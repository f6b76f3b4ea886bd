"""The weekly workflow, as far as it can be checked without running it."""

import re
from pathlib import Path
from typing import Any

from spec import values
from spec.files import Places

ROOT = Path(__file__).parents[2]
WORKFLOW: dict[str, Any] = values.load(
    (ROOT / ".github/workflows/refresh.yml").read_text(encoding="utf-8")
)
JOBS: dict[str, Any] = WORKFLOW["jobs"]
STEPS: list[dict[str, Any]] = [step for job in JOBS.values() for step in job["steps"]]
SCRIPTS = "\n".join(step.get("run", "") for step in STEPS)


def test_it_runs_weekly_and_by_hand() -> None:
    """It starts once a week by the clock, or when somebody starts it."""
    assert set(WORKFLOW["on"]) == {"schedule", "workflow_dispatch"}
    (schedule,) = WORKFLOW["on"]["schedule"]
    assert re.fullmatch(r"\d+ \d+ \* \* [0-6]", schedule["cron"])


def test_every_target_is_in_the_makefile() -> None:
    """It fetches and tests, each with a target that the Makefile has."""
    targets = re.findall(r"^make ([a-z-]+)", SCRIPTS, flags=re.MULTILINE)
    assert targets == ["fetch-spec", "test"]
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert [
        target for target in targets if not re.search(rf"^{target}:", makefile, flags=re.MULTILINE)
    ] == []


def test_it_reads_the_report_where_it_is_written() -> None:
    """The text of the pull request is the report's first page, the summary all of it, the
    rating that of the result.
    """
    places = Places(ROOT)
    names = [
        path.relative_to(ROOT).as_posix() for path in (places.page, places.report, places.result)
    ]
    assert f"cat {names[0]}\n" in SCRIPTS
    assert "--body-file" in SCRIPTS
    assert sorted(set(re.findall(r"\.work/[\w-]+\.(?:md|json)", SCRIPTS))) == sorted(names)


def test_it_looks_at_the_published_document() -> None:
    """Something has changed when published.yaml has; the pull request is a draft when it is
    major or red.
    """
    assert f"git diff --quiet -- {Places(ROOT).published.relative_to(ROOT).as_posix()};" in SCRIPTS
    assert 'if [ "$WORKS" != true ] || [ "$RATING" = major ]; then draft=(--draft); fi' in SCRIPTS


def test_nothing_happens_when_nothing_changed() -> None:
    """After the comparison, every step and the second job wait for a change."""
    names = [step.get("id") for step in JOBS["fetch"]["steps"]]
    after = JOBS["fetch"]["steps"][names.index("compare") + 1 :]
    assert len(after) == 3
    assert {step["if"] for step in after} == {"steps.compare.outputs.changed == 'true'"}
    assert JOBS["propose"]["if"] == "needs.fetch.outputs.changed == 'true'"


def test_what_runs_foreign_code_may_not_write() -> None:
    """The job that generates and tests may only read; the one that writes takes a patch to two
    folders.
    """
    assert WORKFLOW["permissions"] == {}
    assert JOBS["fetch"]["permissions"] == {"contents": "read"}
    assert JOBS["propose"]["permissions"] == {"contents": "write", "pull-requests": "write"}
    assert JOBS["fetch"]["steps"][0]["with"] == {"persist-credentials": False}
    assert "token" not in str(JOBS["fetch"]).replace("persist-credentials", "")
    assert "make " not in " ".join(step.get("run", "") for step in JOBS["propose"]["steps"])
    assert "--include='openapi/*' --include='timify_customers_client/*'" in SCRIPTS


def test_no_expression_stands_in_a_script() -> None:
    """What comes from outside reaches a shell by its environment alone."""
    assert "${{" not in SCRIPTS


def test_only_first_party_actions_are_used() -> None:
    """Each action is GitHub's own, pinned by its hash; each job ends in bounded time."""
    used = [step["uses"] for step in STEPS if "uses" in step]
    assert len(used) == 5
    assert [name for name in used if not re.fullmatch(r"actions/[a-z-]+@[0-9a-f]{40}", name)] == []
    assert all(job["timeout-minutes"] <= 60 for job in JOBS.values())
