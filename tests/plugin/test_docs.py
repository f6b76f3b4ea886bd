"""docs/sandbox.md says what is there."""

import inspect
import re
from pathlib import Path
from typing import Literal, get_args, get_origin, get_type_hints

import pytest
from attrs import fields_dict
from timify_customers.sandbox import Behaviour, FilterName, Sandbox, _control, _faults

DOCS = Path(__file__, "../../../docs/sandbox.md").resolve().read_text("utf-8")


def test_its_tables_are_complete() -> None:
    """Each kind of fault and each path of the control is in its table."""
    rows = [line for line in DOCS.splitlines() if line.startswith("| ")]
    first = {name for row in rows for name in re.findall(r"`([^`]+)`", row.split("|")[1])}
    assert set(get_args(_faults.FaultKind)) <= first
    paths = {name.rpartition("/")[2] for name in first if "/_sandbox/" in name}
    assert paths == set(_control._actions(Sandbox()))


def table(heading: str) -> dict[str, str]:
    """The rows of the first table below a heading: the rest of each by its first cell."""
    below = DOCS.partition(f"\n{heading}\n")[2]
    rows = re.search(r"\| --- .*\n((?:\|.*\n)+)", below)
    assert rows, heading
    cells = [line.strip("| ").partition(" | ") for line in rows[1].splitlines()]
    return {first: rest for first, _, rest in cells}


SWITCHES = table("## Behaviour that is not known")


def test_its_switches_are_those_that_there_are() -> None:
    """Each switch of `Behaviour` is on the page, and no other."""
    assert {name.strip("`") for name in SWITCHES} == set(fields_dict(Behaviour))


@pytest.mark.parametrize("name", fields_dict(Behaviour))
def test_a_switch_is_described_with_all_its_positions(name: str) -> None:
    """The default comes first, and each other position is there, with the evidence at the end."""
    default, alternatives, evidence = SWITCHES[f"`{name}`"].split(" | ")
    shown = literal(getattr(Behaviour(), name))
    assert shown in default.split(":")[0]
    for position in positions(name):
        assert literal(position) in default + alternatives
    assert evidence.strip(" |")


def positions(name: str) -> tuple[object, ...]:
    """What a switch can be set to."""
    annotation = get_type_hints(Behaviour)[name]
    if annotation is bool:
        return (True, False)
    return tuple(
        position
        for part in (annotation, *get_args(annotation))
        if get_origin(part) is Literal
        for position in get_args(part)
    )


def literal(value: object) -> str:
    """A position as the page writes it."""
    if value == frozenset():
        return "none"
    return f'"{value}"' if isinstance(value, str) else str(value)


def test_assumptions_that_are_arguments_are_there_too() -> None:
    """What `Sandbox` itself can be told of the unknown has its name and default on the page."""
    section = DOCS.partition("\n## Behaviour that is not known\n")[2]
    parameters = inspect.signature(Sandbox).parameters
    for name in ("unique_external_ids", "token_lifetime"):
        assert re.search(rf"`{name}` \(`{parameters[name].default}`", section)


def test_its_filters_are_those_that_the_sandbox_knows() -> None:
    """Each filter that can be ignored is in the table of filters, and no other."""
    cells = " ".join(table("### Filters of the list"))
    assert set(re.findall(r"`(\w+)`", cells)) == set(get_args(FilterName))
