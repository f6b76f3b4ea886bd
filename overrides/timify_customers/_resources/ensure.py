"""Creates the custom fields or categories that are missing, by name."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Generic, TypeVar

from attrs import field, frozen

from .._base.checks import check_text
from .._base.errors import ArgumentError, ArgumentTypeError, CallError
from .._base.generated import models
from .._customfields.definitions import Definitions

M = TypeVar("M", models.Customfield, models.Category)


@frozen
class Ensured(Generic[M]):
    """The result of an `ensure`.

    Attributes:
        items: the wanted items, in that order. Where several have one name, it is the first.
        created: names that were missing and were created.
        duplicates: names that several items have, with their ids. Nothing is deleted.
    """

    items: list[M] = field(repr=False)
    created: tuple[str, ...]
    duplicates: Mapping[str, tuple[str, ...]]


def check_name(argument: str, name: object) -> str:
    """Refuse a name or label that is not a string, or is blank."""
    if not check_text(argument, name).strip():
        raise ArgumentError(f"{argument} must not be empty or blank")
    return str(name)


def each(argument: str, entries: object) -> list[object]:
    """Return the entries of a list; a string or a mapping is refused."""
    if isinstance(entries, (str, bytes, Mapping)) or not isinstance(entries, Iterable):
        raise ArgumentTypeError(f"{argument} must be a list, not {type(entries).__name__}")
    return list(entries)


async def ensure(
    definitions: Definitions,
    names_of: Callable[[M], Iterable[str]],
    makers: Mapping[str, Callable[[], Awaitable[M]]],
    read: Callable[[], Awaitable[list[M]]],
    spelling: Callable[[str], str] = str,
) -> Ensured[M]:
    """Create the missing items, one after the other, then list all items again.

    The second list shows what other processes created meanwhile. An example: "Tier" and "Size" are
    wanted, and "Size" exists. "Tier" is created as f7, while another process creates a "Tier" f8.
    The second list has both, so "Tier" is among the ``created`` and among the ``duplicates``.

    Args:
        definitions: holds the lock that lets only one `ensure` run in a client and its views.
        names_of: returns the names of an item.
        makers: the functions that create each item, by name.
        read: lists the existing items.
        spelling: returns a text that is equal for names that mean the same.

    Raises:
        CallError: an item could not be created; the message says which, and what was created
            before it.
    """
    async with definitions.ensuring:
        by_name = _by_name(await read(), names_of, spelling)
        made: dict[str, M] = {}
        for name, make in makers.items():
            if spelling(name) not in by_name:
                made[name] = await _make(name, make, made)
        if made:
            # It is not known whether a list right after a write shows it. So an item that was just
            # made counts, unless the list has its name; then all listed items of that name count.
            made_by_name = {spelling(name): [item] for name, item in made.items()}
            by_name = made_by_name | _by_name(await read(), names_of, spelling)
    holders = {name: by_name[spelling(name)] for name in makers}
    items = [named[0] for named in holders.values()]
    duplicates = {
        name: tuple(str(item.raw.get("id")) for item in named)
        for name, named in holders.items()
        if len(named) > 1
    }
    return Ensured(items, tuple(made), duplicates)


async def _make(name: str, make: Callable[[], Awaitable[M]], made_before: Iterable[str]) -> M:
    try:
        return await make()
    except CallError as error:
        created = ", ".join(made_before) or "nothing"
        error.message += f" (creating {name!r}; created before it: {created})"
        raise


def _by_name(
    items: list[M], names_of: Callable[[M], Iterable[str]], spelling: Callable[[str], str]
) -> dict[str, list[M]]:
    by_name: dict[str, list[M]] = {}
    for item in items:
        for name in {spelling(name) for name in names_of(item)} - {""}:
            by_name.setdefault(name, []).append(item)
    return by_name
