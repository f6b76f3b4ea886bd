"""What docs/prove-the-document.md says to do works."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import spec_drift
from timify_customers.sandbox import Sandbox


def test_the_script_records_and_cleans_up(tmp_path: Path) -> None:
    """The script of the document runs as it stands, leaves the company as it was, and is recorded
    without drift.
    """
    text = (spec_drift.ROOT / "docs" / "prove-the-document.md").read_text("utf-8")
    script = re.findall(r"```python\n(.*?)```", text, re.DOTALL)[0]
    sandbox = Sandbox()
    company = sandbox.company()
    before = (len(company.fields), len(company.categories))
    with sandbox.serve() as url:
        settings = {
            "TIMIFY_BASE_URL": url,
            "TIMIFY_APP_ID": sandbox.app_id,
            "TIMIFY_APP_SECRET": sandbox.app_secret,
            "TIMIFY_COMPANY_ID": sandbox.company_id,
        }
        done = subprocess.run(
            [sys.executable, "-P", "-c", script],
            cwd=tmp_path,
            env=os.environ | settings,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        "an answer shows the external id: True",
        "a read right after a write sees it: True",
    ]
    assert (company.customers, (len(company.fields), len(company.categories))) == ({}, before)
    drift = spec_drift.run(tmp_path / "traffic.har")
    assert drift.problems == [], drift.text
    assert dict(drift.held)["Customfield.label"] == "inferred"
    assert "Trial of" not in (tmp_path / "traffic.har").read_text("ascii")
