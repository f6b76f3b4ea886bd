"""Names of custom fields: which of many things that have an id, a default id and a label does a name mean? Pure."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple
from unicodedata import combining, normalize

from .._base.errors import AmbiguousFieldError, ArgumentError, UnknownFieldError

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
        found = [raw.get(key) for key in ("label", "defaultId", "id")]
        label, default_id, key = (name if isinstance(name, str) else "" for name in found)
        return cls(_HUMP.sub("_", default_id).lower(), label, default_id, key)

    @property
    def best(self) -> str:
        """The name that says most."""
        return self.default_id or self.label or self.id


def fold(name: str) -> str:
    """Give the spelling that names share which differ in case and accents only."""
    return "".join(
        char
        for char in normalize("NFKD", normalize("NFKD", name).casefold())
        if not combining(char)
    )


class Names:
    """Finds positions by id, default id, label, Python spelling of the default id: exactly, then folded."""

    def __init__(self, rows: Sequence[Named], notes: Sequence[str] = ()) -> None:
        # Of things with one id, the first has it: no name could tell them apart.
        unique = {row.id or number: number for number, row in reversed([*enumerate(rows)])}
        self._rows, self._notes, numbers = rows, notes or [""] * len(rows), sorted(unique.values())
        self._exact, self._folded = (_index(rows, numbers, spell) for spell in (str, fold))

    def find(self, name: str) -> Sequence[int]:
        """Give the positions of what a name fits: none, one, or several that it fits equally well."""
        if not isinstance(name, str):
            raise ArgumentError(f"a custom field is named by a string, not by {name!r}")
        return self._exact.get(name) or self._folded.get(fold(name)) or ()

    def one(self, name: str, hint: str = "") -> int:
        """Give the position of the one thing that has a name; raise UnknownFieldError or AmbiguousFieldError."""
        if len(found := self.find(name)) == 1:
            return found[0]
        if found:
            listed = "; ".join(
                f"{self._rows[number].id} {self._notes[number]}".strip() for number in found
            )
            ids = tuple(self._rows[number].id for number in found)
            raise AmbiguousFieldError(
                f"{name!r} fits several custom fields; use one of their ids: {listed}", ids=ids
            )
        close = difflib.get_close_matches(fold(name), self._folded)
        numbers = (number for key in close or self._folded for number in self._folded[key])
        best = [*dict.fromkeys(self._rows[number].best for number in numbers)][: len(close) or 20]
        known = f"{'the closest' if close else 'there'} are {', '.join(best) or 'none'}"
        closest = tuple(best) if close else ()
        raise UnknownFieldError(
            f"no custom field has the name {name!r}; {known}{hint}", closest=closest
        )


def _index(
    rows: Sequence[Named], numbers: Sequence[int], spell: Callable[[str], str]
) -> dict[str, list[int]]:
    index: dict[str, list[int]] = {}
    for rank in range(len(Named._fields)):
        found: dict[str, list[int]] = {}
        for number in numbers:
            found.setdefault(spell(rows[number][rank]), []).append(number)
        index |= found
    index.pop("", None)
    return index
