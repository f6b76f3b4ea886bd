"""What editors and documentation tools see of the public names."""

from __future__ import annotations

import inspect
import typing
from collections.abc import Iterator
from typing import Any

import pytest
import timify_customers

ERRORS = {
    name
    for name in timify_customers.__all__
    if isinstance(getattr(timify_customers, name), type)
    and issubclass(getattr(timify_customers, name), Exception)
}
"""Errors take attributes of their own; users catch them and do not make them."""


def functions() -> Iterator[tuple[str, Any]]:
    """Every public function: constructors, and methods that are public by name."""
    for name in sorted(set(timify_customers.__all__) - ERRORS):
        value = getattr(timify_customers, name)
        if not isinstance(value, type) or not value.__module__.startswith("timify_customers."):
            continue
        for attribute, member in _members(value):
            if attribute.startswith("_") and attribute != "__init__":
                continue
            if attribute == "__init__" and getattr(value, "_is_protocol", False):
                continue  # nobody makes one
            if isinstance(member, property):
                yield f"{name}.{attribute}", member.fget
            elif callable(member) or isinstance(member, (classmethod, staticmethod)):
                yield f"{name}.{attribute}", getattr(value, attribute)


def _members(value: type) -> Iterator[tuple[str, Any]]:
    """Yield what a class defines, and what it inherits from classes of ours."""
    for cls in reversed(value.__mro__):
        if cls.__module__.startswith("timify_customers.") and not issubclass(cls, Exception):
            yield from vars(cls).items()


FUNCTIONS = dict(functions())


def test_there_is_something_to_look_at() -> None:
    """The walk finds the client's constructor and the operations."""
    expected = {"TimifyCustomers.__init__", "Customers.create", "Customers.list", "Fields.update"}
    assert expected <= FUNCTIONS.keys()


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_option_is_a_keyword_that_shows(name: str) -> None:
    """No public function hides its options in ``**options``.

    The filters of a list are the document's: their ``TypedDict`` is generated from it.
    """
    parameters = inspect.signature(FUNCTIONS[name]).parameters.values()
    hidden = {it.name for it in parameters if it.kind is inspect.Parameter.VAR_KEYWORD}
    assert hidden == ({"filters"} if name == "Customers.list" else set())


@pytest.mark.parametrize("name", FUNCTIONS)
def test_types_survive_to_run_time(name: str) -> None:
    """``typing.get_type_hints`` resolves every annotation of every public function."""
    hints = typing.get_type_hints(FUNCTIONS[name])
    parameters = set(inspect.signature(FUNCTIONS[name]).parameters) - {"self", "cls"}
    assert parameters <= hints.keys()


@pytest.mark.parametrize("name", sorted(set(timify_customers.__all__) - {"__version__"}))
def test_every_public_name_says_what_it_is(name: str) -> None:
    """Each exported class has a docstring of its own, and resolvable annotations."""
    value = getattr(timify_customers, name)
    if isinstance(value, type):
        assert vars(value).get("__doc__")
        typing.get_type_hints(value)
