"""Names of custom fields: which of many things that have an id, a default id and a label does a name mean? Pure."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple
from unicodedata import combining, normalize

from ._errors import AmbiguousFieldError, UnknownFieldError

_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


class Named(NamedTuple):
    """What names a field; ``""`` for what it has not. The one that counts least comes first."""

    python: str
    label: str
    default_id: str
    id: str

    @classmethod
    def of(cls, raw: Mapping[str, Any]) -> Named:
        """Read the names of a definition's or an entry's JSON. What is no string is no name."""
        label, default, key = (
            name if isinstance(name := raw.get(key), str) else "" for key in ("label", "defaultId", "id")
        )
        return cls(_HUMP.sub("_", default).lower(), label, default, key)


def fold(name: str) -> str:
    """Give the spelling that names share which differ in case and accents only."""
    return "".join(char for char in normalize("NFKD", normalize("NFKD", name).casefold()) if not combining(char))


class Names:
    """Finds positions by id, default id, label, Python spelling of the default id: exactly, then folded."""

    def __init__(self, rows: Sequence[Named]) -> None:
        # Of things with one id, the first has it: no name could tell them apart.
        unique = {row.id or number: number for number, row in reversed([*enumerate(rows)])}
        self._rows, numbers = rows, sorted(unique.values())
        self._exact, self._folded = (_index(rows, numbers, spell) for spell in (str, fold))

    def find(self, name: str) -> Sequence[int]:
        """Give the positions of what a name fits: none, one, or several that it fits equally well."""
        return self._exact.get(name) or self._folded.get(fold(name)) or ()

    def one(self, name: str, notes: Sequence[str] = (), hint: str = "") -> int:
        """Give the position of the one thing that has a name; ``notes`` say more of each thing in messages.

        Raises:
            UnknownFieldError: nothing has this name.
            AmbiguousFieldError: several have.
        """
        if len(found := self.find(name)) == 1:
            return found[0]
        if found:
            listed = "; ".join(" ".join(filter(None, (*self._rows[n][:0:-1], *notes[n : n + 1]))) for n in found)
            error = AmbiguousFieldError(f"{name!r} fits several custom fields; use one of their ids: {listed}")
            error.ids = tuple(self._rows[number].id for number in found)
            raise error
        close = difflib.get_close_matches(fold(name), self._folded, n=3)
        rows = [self._rows[number] for key in close or self._folded for number in self._folded[key]]
        names = [*dict.fromkeys(row.default_id or row.label or row.id for row in rows)]
        known = f"the closest are {', '.join(names)}" if close else f"there are {', '.join(names[:20]) or 'none'}"
        unknown = UnknownFieldError(f"no custom field has the name {name!r}; {known}{hint}")
        unknown.closest = tuple(names) if close else ()
        raise unknown


def _index(rows: Sequence[Named], numbers: Sequence[int], spell: Callable[[str], str]) -> dict[str, list[int]]:
    index: dict[str, list[int]] = {}
    for rank in range(len(Named._fields)):
        found: dict[str, list[int]] = {}
        for number in numbers:
            found.setdefault(spell(rows[number][rank]), []).append(number)
        index |= found
    index.pop("", None)
    return index
