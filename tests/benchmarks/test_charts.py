"""The results that are kept, and their charts."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from xml.etree import ElementTree

import pytest
from benchmarks.runs import BENCHMARKS

ROOT = BENCHMARKS.parent
CASES = json.loads((BENCHMARKS / "results.json").read_text("utf-8"))


@pytest.fixture(scope="module")
def results() -> ModuleType:
    spec = importlib.util.spec_from_file_location("results", BENCHMARKS / "results.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules["results"] = module  # where its dataclass looks for its annotations
    spec.loader.exec_module(module)
    return module


def test_a_case_says_which_bar_is_missed(
    results: ModuleType, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """The median counts: one within its bar is met, one above it is not, and the status says so."""
    ratios = {("now", "ours"): [1.0, 9.0, 1.2], ("now", "theirs"): [2.0, 2.0, 2.0]}
    met = results.Case("met", "Something", "httpx", ratios, {("now", "ours"): 1.2})
    missed = results.Case("missed", "Something else", "httpx", ratios, {("now", "ours"): 1.1})
    assert results.publish([met], None) == 0
    assert "bar 1.20 met" in capsys.readouterr().out
    assert results.publish([met, missed], tmp_path / "kept.json") == 1
    assert "bar 1.10 MISSED" in capsys.readouterr().out
    kept = json.loads((tmp_path / "kept.json").read_text("utf-8"))
    assert kept["missed"]["ratios"][0] == {
        "situation": "now",
        "contender": "ours",
        "median": 1.2,
        "lowest": 1.0,
        "highest": 9.0,
        "bar": 1.1,
    }


def test_what_others_kept_stays(results: ModuleType, tmp_path: Path) -> None:
    """A benchmark writes its own cases beside those of others, and over its older ones."""
    path = tmp_path / "kept.json"
    for name, value in (("one", 1.0), ("two", 2.0), ("one", 3.0)):
        results.publish([results.Case(name, name, "x", {("now", "ours"): [value]})], path)
    kept = json.loads(path.read_text("utf-8"))
    assert [(name, case["ratios"][0]["median"]) for name, case in kept.items()] == [
        ("one", 3.0),
        ("two", 2.0),
    ]


def test_the_same_results_give_the_same_charts(tmp_path: Path) -> None:
    """Drawn twice, the files are the same byte for byte: one for light and one for dark pages a
    case, and such are committed.
    """
    drawn = []
    for folder in (tmp_path / "once", tmp_path / "twice"):
        command = [sys.executable, "-P", str(BENCHMARKS / "charts.py"), "--to", str(folder)]
        subprocess.run(command, check=True, capture_output=True, timeout=300)
        drawn.append({path.name: path.read_bytes() for path in folder.iterdir()})
    assert drawn[0] == drawn[1]
    names = {f"{name}-{theme}.svg" for name in CASES for theme in ("light", "dark")}
    assert drawn[0].keys() == names
    assert {path.name for path in (ROOT / "docs/charts").glob("*.svg")} == names


@pytest.mark.parametrize("name", CASES)
def test_a_chart_says_what_it_shows(name: str) -> None:
    """Title, contenders, medians, what is compared, rounds and machine stand in it as text."""
    case, path = CASES[name], ROOT / "docs/charts" / f"{name}-dark.svg"
    texts = " ".join(ElementTree.parse(path).getroot().itertext())
    assert case["title"] in texts
    assert f"multiples of {case['of']}" in texts
    assert f"Python {case['machine']['python']}" in texts
    for row in case["ratios"]:
        assert row["contender"].replace("ours", "this SDK") in texts
        assert f"{row['median']:.2f}" in texts
