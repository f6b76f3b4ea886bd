"""The benchmark compares readers that see the same."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path

from benchmarks.runs import contenders, run
from timify_customers_client import models

DECODE = Path(__file__).parents[2] / "benchmarks" / "decode.py"


def test_all_readers_see_the_same_values(tmp_path: Path) -> None:
    """On a small page every reader gives the same values, and the benchmark makes sure of that
    before it times anything.
    """
    options = ("--customers", "40", "--rounds", "1")
    case = run("decode", tmp_path / "kept.json", *options, missed=False)["decode"]
    assert {"ours", "stock", "pydantic", "msgspec Structs"} <= contenders(case)


def test_memory_is_compared_with_plain_dictionaries(tmp_path: Path) -> None:
    """Customers that are held are counted beside the dictionaries that they are made of."""
    options = ("--customers", "200", "--rounds", "1")
    case = run("memory", tmp_path / "kept.json", *options)["memory"]
    medians = {row["contender"]: row["median"] for row in case["ratios"]}
    assert medians.keys() == {"plain dicts", "ours", "stock client", "pydantic"}
    assert medians["plain dicts"] == 1.0


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
    assert decode.disagreements(content, parses) == [
        "liar: four properties, fields",
        "liar: all, three times",
    ]
