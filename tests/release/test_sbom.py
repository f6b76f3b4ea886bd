"""The list of parts that the wheel carries (PEP 770)."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import pytest
import sbom
from timify_customers import __version__

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]


def test_the_list_is_current() -> None:
    """It says what pyproject.toml says; otherwise run make sbom."""
    assert sbom.FILE.read_text("utf-8") == sbom.content()


def test_it_names_this_version_and_what_it_needs() -> None:
    """The distribution with version and licence, and each runtime dependency, as needed by it."""
    listed = json.loads(sbom.content())
    own = listed["metadata"]["component"]
    assert (own["name"], own["version"]) == (PROJECT["name"], __version__)
    assert own["licenses"] == [{"expression": PROJECT["license"]}]
    names = {re.split(r"[<>=\[]", line)[0] for line in PROJECT["dependencies"]}
    assert {part["name"] for part in listed["components"]} == names
    (needs,) = [entry for entry in listed["dependencies"] if entry["ref"] == own["bom-ref"]]
    assert len(needs["dependsOn"]) == len(names)


def test_a_list_that_is_not_current_fails_the_check(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """As `make release-check` runs it, with the command that mends it."""
    monkeypatch.setattr(sbom, "FILE", tmp_path / "sbom.cdx.json")
    monkeypatch.setattr("sys.argv", ["sbom.py"])
    assert sbom.main() == 0
    monkeypatch.setattr("sys.argv", ["sbom.py", "--check"])
    assert sbom.main() == 0
    sbom.FILE.write_text("{}", "utf-8")
    assert sbom.main() == 1
    assert "run make sbom" in capsys.readouterr().err
