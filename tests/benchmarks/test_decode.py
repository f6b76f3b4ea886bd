"""The benchmark compares readers that see the same."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from pathlib import Path

from timify_customers_client import models

DECODE = Path(__file__).parents[2] / "benchmarks" / "decode.py"


def test_all_readers_see_the_same_values() -> None:
    """On a small page every reader gives the same values, and the benchmark says so before it times
    anything.
    """
    command = [sys.executable, "-P", str(DECODE), "--customers", "40", "--rounds", "1"]
    result = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    assert result.returncode == 0, result.stderr
    assert "read the same values" in result.stdout
    assert "ours" in result.stdout


def test_a_reader_that_sees_something_else_is_named() -> None:
    """One that reads a wrong value is found out, with what it was reading."""
    spec = importlib.util.spec_from_file_location("decode", DECODE)
    assert spec
    assert spec.loader
    decode = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(decode)
    content, read = decode.page(3), models.CustomerList.from_dict
    liar = content.replace(b'"value 0 of 1"', b'"wrong"')
    parses = {
        "right": ("json", lambda it: read(json.loads(it))),
        "liar": ("json", lambda _: read(json.loads(liar))),
    }
    assert decode.disagreements(content, parses) == ["liar: four, fields", "liar: all, thrice"]
