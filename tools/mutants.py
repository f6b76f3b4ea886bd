"""Change the pure modules in small ways, and see whether their tests notice: `make mutants`.

mutmut does the work, in `.work/mutants` and on copies: of the packages as the wheel installed them,
and of the tests. Which modules, which tests of each, and which changes are known to harm nobody
stands in `tests/mutants.toml`. Every survivor is shown as a diff. Exits with 1 when one is not
listed there, and when the time is up before the last mutant.

What mutmut leaves alone: constants of a module, and functions with a decorator, properties among
them.
"""

import collections
import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import tomllib
from collections.abc import Mapping, Sequence
from importlib.metadata import distribution
from pathlib import Path
from typing import Any, Final

from attrs import field, frozen
from mutmut.mutation.file_mutation import mutate_file_contents

ROOT: Final = Path(__file__).resolve().parents[1]
SETTINGS: Final = ROOT / "tests" / "mutants.toml"
SCRATCH: Final = ROOT / ".work" / "mutants"
PACKAGE: Final = "timify_customers"
MUTMUT: Final = Path(sys.executable).with_name("mutmut")
NOTICED: Final = {"killed": "killed", "timeout": "timed out"}
"""Ends of a mutant that a test noticed, as mutmut and as the report name them."""
NOT_RUN: Final = "not checked"


@frozen
class Harmless:
    """A change that may survive.

    Attributes:
        reason: why it harms nobody.
        where: the function, with ``change``: the exact lines that a diff takes out and puts in.
        pattern: in place of the two, what the lines of any function's change fit.
    """

    reason: str
    where: str | None = None
    change: str | None = None
    pattern: str | None = None

    def covers(self, where: str, change: str) -> bool:
        """Say whether a change of the function ``where`` is this one."""
        if self.pattern is not None:
            return re.search(self.pattern, change, re.MULTILINE) is not None
        if self.where != where or self.change is None:
            return False
        return changed_lines(self.change) == change


@frozen
class Survivor:
    """A mutant that no test noticed.

    Attributes:
        where: the function that was changed, such as ``ScanState.accept``.
        diff: the change, as mutmut shows it.
        reason: why it is harmless; None when nobody has looked at it.
    """

    where: str
    diff: str
    reason: str | None


@frozen
class Result:
    """What became of a module's mutants.

    Attributes:
        module: path in the package; with a function behind ``::`` when only that is mutated.
        mutants: how many there are.
        ends: how many ended in which way.
        survivors: those that no test noticed.
    """

    module: str
    mutants: int
    ends: Mapping[str, int]
    survivors: Sequence[Survivor] = field(factory=list)


class MutantsError(Exception):
    """The mutants could not be run; the message is what mutmut said last."""


def changed_lines(diff: str) -> str:
    """Return the lines that a diff takes out and puts in, without their indentation."""
    lines = [line for line in diff.splitlines() if re.match(r"[-+](?![-+]{2} )", line)]
    return "\n".join(f"{line[0]} {line[1:].strip()}" for line in lines)


def function_of(mutant: str) -> str:
    """Return the function of a mutant.

    An example: ``ScanState.accept`` of ``package._paging.scan.xǁScanStateǁaccept__mutmut_1``.
    """
    mangled = mutant.rpartition(".")[2].partition("__mutmut_")[0]
    return ".".join(mangled.split("ǁ")[1:]) or mangled.removeprefix("x_")


def sample(mutants: Sequence[str], most: int) -> Sequence[str]:
    """Return at most so many, the same ones each time: every second, or every third, and so on."""
    step = max(1, -(-len(mutants) // most))
    return mutants[::step]


def lay_out() -> None:
    """Copy what mutmut works on into an empty scratch folder."""
    shutil.rmtree(SCRATCH, ignore_errors=True)
    without_caches = shutil.ignore_patterns("__pycache__")
    for name in (PACKAGE, f"{PACKAGE}_client"):
        installed = str(distribution("timify-customers-client").locate_file(name))
        shutil.copytree(installed, SCRATCH / "src" / name, ignore=without_caches)
    shutil.copytree(ROOT / "tests", SCRATCH / "tests", ignore=without_caches)


def configure(path: str, tests: Sequence[str]) -> None:
    """Write mutmut's settings for one module, and forget what it did with the one before."""
    shutil.rmtree(SCRATCH / "mutants", ignore_errors=True)
    options = {
        "source_paths": ["src"],
        "only_mutate": [path],
        "pytest_add_cli_args": ["-p", "no:cacheprovider", "--hypothesis-profile=mutants"],
        "pytest_add_cli_args_test_selection": tests,
        "timeout_multiplier": 5.0,
        "track_dependencies": False,
        "use_git_change_detection": False,
    }
    # JSON and TOML write a string, a list of strings, a number and a truth value alike.
    section = [f"{name} = {json.dumps(value)}" for name, value in options.items()]
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    text = "\n".join([project, "[tool.mutmut]", *section, ""])
    (SCRATCH / "pyproject.toml").write_text(text, encoding="utf-8")


def mutants_of(path: str, function: str) -> list[str]:
    """Return the names of a module's mutants, or those of one function, in the order of lines."""
    source = (SCRATCH / path).read_text(encoding="utf-8")
    with contextlib.chdir(SCRATCH):  # mutmut reads its settings in the folder where it is
        mutated = mutate_file_contents(path, source)
    module = path.removeprefix("src/").removesuffix(".py").replace("/", ".")
    names = [f"{module}.{name}" for name in mutated.mutant_names]
    return [name for name in names if function in {"", function_of(name)}]


def mutmut(*arguments: str, seconds: float | None = None) -> str:
    """Run mutmut, for so many seconds at most, and return what it printed.

    Raises:
        MutantsError: it failed.
    """
    # Hashes of texts are the same each time, so that tests see the same values.
    environment = {**os.environ, "PYTHONHASHSEED": "0"}
    with subprocess.Popen(
        [MUTMUT, *arguments],
        cwd=SCRATCH,
        env=environment,
        start_new_session=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        try:
            printed, _ = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)  # with the tests that it has under way
            return ""
    if process.returncode:
        raise MutantsError("\n".join(printed.splitlines()[-40:]))
    return printed


def run(
    module: str, tests: Sequence[str], harmless: Sequence[Harmless], most: int, seconds: float
) -> Result:
    """Run a module's mutants, each against the tests that reach its function.

    The first test that fails ends a mutant.
    """
    file, _, function = module.partition("::")
    path = f"src/{PACKAGE}/{file}"
    configure(path, tests)
    mutants = mutants_of(path, function)
    chosen = sample(mutants, most)
    mutmut("run", *chosen, seconds=seconds)
    printed = mutmut("results", "--all", "true")
    end_of = dict(line.strip().split(": ") for line in printed.splitlines())
    ends = {mutant: end_of.get(mutant, NOT_RUN) for mutant in chosen}
    survived = [mutant for mutant, end in ends.items() if end not in {*NOTICED, NOT_RUN}]
    survivors = [survivor(mutant, harmless) for mutant in survived]
    return Result(module, len(mutants), collections.Counter(ends.values()), survivors)


def survivor(mutant: str, harmless: Sequence[Harmless]) -> Survivor:
    """Look at a mutant that no test noticed, and at what is listed as harmless."""
    where, diff = function_of(mutant), mutmut("show", mutant)
    change = changed_lines(diff)
    reasons = (entry.reason for entry in harmless if entry.covers(where, change))
    return Survivor(where, diff, next(reasons, None))


def report(result: Result) -> str:
    """Say in a line what became of a module's mutants, and show the survivors."""
    counts = {NOTICED.get(end, end): count for end, count in result.ends.items()}
    listed = sum(survivor.reason is not None for survivor in result.survivors)
    ran = sum(result.ends.values()) - result.ends.get(NOT_RUN, 0)
    parts = [f"{result.module}: {result.mutants} mutants, {ran} run"]
    parts += [f"{counts.get(name, 0)} {name}" for name in NOTICED.values()]
    parts.append(f"{len(result.survivors)} survived ({listed} listed as harmless)")
    diffs = [
        f"\n{survivor.diff.strip()}\n=> {survivor.reason or 'NOT LISTED'}\n"
        for survivor in result.survivors
    ]
    return "\n".join([", ".join(parts), *diffs])


def passes(results: Sequence[Result]) -> bool:
    """Say whether every mutant that was chosen was run, and every survivor is listed."""
    complete = not any(result.ends.get(NOT_RUN) for result in results)
    survivors = [survivor for result in results for survivor in result.survivors]
    return complete and all(survivor.reason is not None for survivor in survivors)


def main(settings: Mapping[str, Any]) -> bool:
    """Run the mutants of all modules within the time of the settings; say whether all is well."""
    end = time.monotonic() + settings["seconds"]
    harmless = [Harmless(**entry) for entry in settings["harmless"]]
    lay_out()
    results = []
    for module, tests in settings["tests"].items():
        remaining = max(0.0, end - time.monotonic())
        results.append(run(module, tests, harmless, settings["at_most"], remaining))
        print(report(results[-1]), flush=True)
    return passes(results)


if __name__ == "__main__":
    sys.exit(not main(tomllib.loads(SETTINGS.read_text(encoding="utf-8"))))
