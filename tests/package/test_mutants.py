"""What `make mutants` reads and says; the mutants themselves are not run here."""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

if sys.platform == "win32":
    pytest.skip("mutmut runs where processes can fork", allow_module_level=True)

import mutants
from mutants import NOT_RUN, Harmless, Result, Survivor

ROOT = Path(__file__).parents[2]
SETTINGS: dict[str, Any] = tomllib.loads((ROOT / "tests/mutants.toml").read_text(encoding="utf-8"))
PACKAGE = ROOT / "overrides/timify_customers"
SOURCES = {name: PACKAGE / name.partition("::")[0] for name in SETTINGS["tests"]}
DIFF = """# timify_customers._calls.retry.x_wait__mutmut_6: survived
--- src/timify_customers/_calls/retry.py
+++ src/timify_customers/_calls/retry.py
@@ -2,5 +2,5 @@
     if verdict.retry_after is None:
-        return a
+        return b
"""


@pytest.mark.parametrize("name", SETTINGS["tests"])
def test_modules_and_tests_are_where_the_list_says(name: str) -> None:
    """Each module and function is there, and each test, also those that are left out."""
    tests = [test.removeprefix("--deselect=") for test in SETTINGS["tests"][name]]
    assert is_there(PACKAGE, name)
    assert all(is_there(ROOT, test) for test in tests)


def is_there(folder: Path, name: str) -> bool:
    """Look for a module, or for a function of it: ``folder/file.py::function``."""
    file, _, function = name.partition("::")
    text = (folder / file).read_text(encoding="utf-8") if file.endswith(".py") else ""
    return f"def {function}(" in text if function else text != ""


@pytest.mark.parametrize(
    "entry", SETTINGS["harmless"], ids=lambda entry: entry.get("where", "pattern")
)
def test_what_is_listed_as_harmless_is_still_there(entry: dict[str, str]) -> None:
    """An entry has a reason, and the lines that it excuses are in a module: an
    excuse for what is gone goes too.
    """
    harmless = Harmless(**entry)
    assert len(harmless.reason) > 10
    assert (harmless.pattern is None) is (harmless.change is not None)
    lines = (harmless.change or "").splitlines()
    removed = [line[1:].strip() for line in lines if line.startswith("-")]
    source = "\n".join(path.read_text(encoding="utf-8") for path in SOURCES.values())
    assert all(line in source for line in removed)


@pytest.mark.parametrize(
    ("mutant", "function"),
    [
        ("timify_customers._calls.retry.x_wait__mutmut_6", "wait"),
        ("timify_customers._customfields.names.x__index__mutmut_1", "_index"),
        ("timify_customers._paging.scan.xǁScanStateǁ_after__mutmut_12", "ScanState._after"),
    ],
)
def test_a_mutant_is_named_by_its_function(mutant: str, function: str) -> None:
    """As people write it: the class, if any, and the function."""
    assert mutants.function_of(mutant) == function


def test_an_excuse_covers_its_change_alone() -> None:
    """The lines must be the same, and the function; a pattern covers what it fits."""
    change = mutants.changed_lines(DIFF)
    assert change == "- return a\n+ return b"
    exact = Harmless("why", where="wait", change="-     return a\n+     return b\n")
    assert exact.covers("wait", change)
    assert not exact.covers("backoff", change)
    assert not exact.covers("wait", "- return a\n+ return c")
    assert Harmless("why", pattern="return b$").covers("backoff", change)
    assert not Harmless("why", pattern="return c$").covers("backoff", change)


def test_a_sample_is_spread_and_always_the_same() -> None:
    """Of more mutants than there is time for, every second is run, or every third, and so on."""
    names = [str(number) for number in range(10)]
    assert mutants.sample(names, 10) == names
    assert mutants.sample(names, 9) == ["0", "2", "4", "6", "8"]
    assert mutants.sample(names, 4) == ["0", "3", "6", "9"]
    assert mutants.sample([], 4) == []


@pytest.mark.parametrize(
    ("ends", "listed", "passes"),
    [
        ({"killed": 3, "timeout": 1}, [], True),
        ({"killed": 2, "survived": 2}, ["why", "why"], True),
        ({"killed": 2, "survived": 2}, ["why", None], False),
        ({"killed": 2, NOT_RUN: 2}, [], False),
    ],
)
def test_only_what_is_listed_may_survive(
    ends: dict[str, int], listed: list[str | None], passes: bool
) -> None:
    """A survivor that nobody excused fails, and so does a mutant that there was no time for."""
    survivors = [Survivor("wait", DIFF, reason) for reason in listed]
    result = Result("_calls/retry.py", 4, ends, survivors)
    assert mutants.passes([Result("_calls/identity.py", 1, {"killed": 1}), result]) is passes
    text = mutants.report(result)
    ran = 4 - ends.get(NOT_RUN, 0)
    assert text.startswith(f"_calls/retry.py: 4 mutants, {ran} run, {ends['killed']} killed, ")
    assert text.count("+        return b") == len(listed)
    assert text.count("NOT LISTED") == listed.count(None)
