"""What users of the room see, and what importing it costs those who do not."""

from __future__ import annotations

import inspect
import subprocess
import sys
import typing

import pytest
from timify_customers import workers

PUBLIC = [getattr(workers, name) for name in workers.__all__]
FUNCTIONS = {
    f"{value.__name__}.{name}": member
    for value in PUBLIC
    if inspect.isclass(value) and value.__module__.startswith("timify_customers.")
    for name, member in vars(value).items()
    if inspect.isfunction(member) and (name in {"__init__", "__call__"} or name[0] != "_")
} | {"run_worker": workers.run_worker}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_types_survive_to_run_time(name: str) -> None:
    """Every parameter is explicit, and ``typing.get_type_hints`` resolves its type."""
    parameters = inspect.signature(FUNCTIONS[name]).parameters
    assert all(it.kind is not inspect.Parameter.VAR_KEYWORD for it in parameters.values())
    assert set(parameters) - {"self"} <= typing.get_type_hints(FUNCTIONS[name]).keys()


def test_nobody_else_pays_for_it() -> None:
    """Neither the package nor the command line's help loads Redis, taskiq or cryptography."""
    code = (
        "import sys, timify_customers, timify_customers.cli._commands\n"
        "print({'redis', 'taskiq', 'cryptography', 'limits'} & sys.modules.keys())"
    )
    result = subprocess.run(
        [sys.executable, "-P", "-c", code], capture_output=True, text=True, check=True
    )
    assert result.stdout == "set()\n"


def test_the_exports_are_sorted() -> None:
    """``__all__`` is sorted, and each class and function has a docstring of its own."""
    assert workers.__all__ == sorted(workers.__all__)
    documented = [value for value in PUBLIC if inspect.isclass(value) or inspect.isfunction(value)]
    assert len(documented) >= 7
    assert all(value.__doc__ for value in documented)
