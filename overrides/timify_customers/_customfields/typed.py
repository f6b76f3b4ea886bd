"""Reads fields of a customer as the types that a ``TypedDict`` declares. Pure."""

from __future__ import annotations

import functools
import types
import typing
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Literal, NewType, NotRequired, TypeVar, Union, cast, get_args, get_origin

from .._base.errors import ArgumentTypeError
from .._base.generated import DecodeError
from .verbatim import Unreadable

T = TypeVar("T")

_NUMBERS: dict[type, tuple[type, ...]] = {float: (float, int), int: (int,)}
"""The types that type checkers accept for a float or an int. Here a ``bool`` is neither."""


def read_typed(
    fields: Mapping[str, Any], cls: type[T], present: Callable[[Iterable[str]], list[str]]
) -> T:
    """Read the declared fields that a customer has; see `CustomerFields.typed`.

    Args:
        fields: the customer's fields.
        cls: the ``TypedDict``.
        present: returns the names that are in ``fields``.
    """
    if not hasattr(cls, "__required_keys__"):  # a TypedDict of typing_extensions has it too
        raise ArgumentTypeError(f"typed() takes a TypedDict, not {cls!r}")
    hints, required = _declared(cast("Any", cls))
    values = {name: fields[name] for name in present(hints)}
    for name in sorted(required - values.keys()):
        raise _mismatch(cls, name, hints[name], "nothing")
    for name, value in values.items():
        if not _is_a(value, hints[name]):
            hint = f"; customfields[{name!r}] reads it as it is"
            raise _mismatch(cls, name, hints[name], _found(value) + hint)
    return cast("T", values)


@functools.lru_cache(maxsize=64)
def _declared(cls: Any) -> tuple[dict[str, Any], frozenset[str]]:
    """Return the types of a ``TypedDict`` by key, and the keys that must be there."""
    try:
        full = typing.get_type_hints(cls, include_extras=True)
        hints = typing.get_type_hints(cls)
    except NameError as error:
        raise ArgumentTypeError(f"a type of {cls.__name__} is not imported: {error}") from error
    # Where annotations are texts, `__required_keys__` does not know NotRequired.
    optional = {name for name, hint in full.items() if get_origin(hint) is NotRequired}
    return hints, frozenset(cls.__required_keys__ - optional)


def _is_a(value: object, hint: Any) -> bool:
    if hint is Any or hint is object:
        return True
    if isinstance(hint, NewType):
        return _is_a(value, hint.__supertype__)
    origin = get_origin(hint)
    if origin in {Union, types.UnionType}:
        return any(_is_a(value, member) for member in get_args(hint))
    if origin is Literal:  # any other text is accepted too, because options come and go
        kinds = {type(member) for member in get_args(hint)}
        return any(_is_a(value, kind) for kind in kinds)
    if origin in {list, Sequence}:
        return isinstance(value, list) and all(_is_a(item, *get_args(hint)) for item in value)
    return isinstance(hint, type) and _is_instance(value, hint)


def _is_instance(value: object, kind: type) -> bool:
    if isinstance(value, Unreadable):
        return issubclass(kind, Unreadable)
    if isinstance(value, bool):
        return kind is bool
    return isinstance(value, _NUMBERS.get(kind, kind))


def _found(value: object) -> str:
    if isinstance(value, Unreadable):
        return f"a text that cannot be read: {value.reason}"
    if isinstance(value, list):
        return "a list in which a value is another"
    return type(value).__name__


def _mismatch(cls: type[Any], name: str, hint: Any, actual: str) -> DecodeError:
    has_name = isinstance(hint, (type, NewType))
    expected = hint.__name__ if has_name else str(hint).replace("typing.", "")
    return DecodeError(cls.__name__, name, "$.fields", f"expected {expected}, found {actual}")
