"""What docs/prove-the-document.md says to do works."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import spec_drift
from recording.evidence import unsure
from timify_customers._base.generated import EXTERNAL_ID_KEY
from timify_customers.sandbox import Behaviour, Sandbox


def run_script(sandbox: Sandbox, folder: Path) -> list[str]:
    """Run the script of the document as it stands; return the lines that it prints."""
    text = (spec_drift.ROOT / "docs" / "prove-the-document.md").read_text("utf-8")
    script = re.findall(r"```python\n(.*?)```", text, re.DOTALL)[0]
    with sandbox.serve() as url:
        done = subprocess.run(
            [sys.executable, "-P", "-c", script],
            cwd=folder,
            env=os.environ | sandbox.environment(url),
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_the_script_cleans_up_where_its_key_is_not_taken(tmp_path: Path) -> None:
    """On an API that reads the other spelling it says so, and still leaves nothing behind."""
    other = "externalId" if EXTERNAL_ID_KEY == "external_id" else "external_id"
    sandbox = Sandbox(behaviour=Behaviour(external_id=other))
    company = sandbox.company()
    before = (len(company.fields), len(company.categories))
    said, read = run_script(sandbox, tmp_path)
    assert "was not taken" in said
    assert read == "a read right after a write sees it"
    assert (company.customers, (len(company.fields), len(company.categories))) == ({}, before)


def test_the_script_records_and_cleans_up(tmp_path: Path) -> None:
    """The script of the document runs as it stands, leaves the company as it was, and is recorded
    without drift.
    """
    sandbox = Sandbox()
    company = sandbox.company()
    before = (len(company.fields), len(company.categories))
    assert run_script(sandbox, tmp_path) == [
        "the external id was taken, and the answer shows it: True",
        "a read right after a write sees it",
    ]
    assert (company.customers, (len(company.fields), len(company.categories))) == ({}, before)
    drift = spec_drift.run(tmp_path / "traffic.har")
    assert drift.problems == [], drift.text
    shown = ["Customfield.label"]
    assert {line: level for line, level in drift.held if line in shown} == unsure(shown)
    assert "Trial of" not in (tmp_path / "traffic.har").read_text("ascii")
