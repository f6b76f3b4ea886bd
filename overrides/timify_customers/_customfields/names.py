"""The names of custom fields, and which field a name means. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple
from unicodedata import combining, normalize

from .._base.errors import AmbiguousFieldError, ArgumentError, UnknownFieldError

_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_LISTED_NAMES = 20


class FieldNames(NamedTuple):
    """The names of one field, from the weakest to the strongest; a missing name is ``""``."""

    python: str
    label: str
    default_id: str
    id: str

    @classmethod
    def of(cls, raw: Mapping[str, Any]) -> FieldNames:
        """Read the names from the JSON of a definition or an entry.

        A name that is not a string is ignored. The Python spelling of ``companyVatID`` is
        ``company_vat_id``.
        """
        label = _text(raw.get("label"))
        default_id = _text(raw.get("defaultId"))
        python = _HUMP.sub("_", default_id).lower()
        return cls(python, label, default_id, _text(raw.get("id")))

    @property
    def best(self) -> str:
        """The name to show: the default id, else the label, else the id."""
        return self.default_id or self.label or self.id


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def fold(name: str) -> str:
    """Return the spelling shared by names that differ only in case and accents.

    ``Größe``, ``GRÖSSE`` and ``grosse`` all fold to ``grosse``.
    """
    decomposed = normalize("NFKD", normalize("NFKD", name).casefold())
    return "".join(char for char in decomposed if not combining(char))


class NameIndex:
    """Finds rows, by position, by any of their names.

    Which match wins:

    1. An exact match beats one that differs in case or accents.
    2. Then an id beats a default id, which beats a label, which beats a Python spelling.
    3. Rows that match equally well are all returned, so that nothing is guessed.

    An example::

        0: id "f1", default id "firstName"   (so its Python spelling is "first_name")
        1: id "f2", label "first_name"
        2: id "f3", label "Café"
        3: id "f4", label "Cafe"
        4: id "f5", label "f1"

        "firstName"  finds 0      its default id, exactly
        "FIRSTNAME"  finds 0      nothing exact; its default id, folded
        "first_name" finds 1      the label of 1 beats the Python spelling of 0
        "f1"         finds 0      the id of 0 beats the label of 4
        "Cafe"       finds 3      exact, so the label of 2, which folds to it, does not count
        "CAFE"       finds 2, 3   nothing exact, and both labels fold to "cafe"
    """

    def __init__(self, rows: Sequence[FieldNames], notes: Sequence[str] = ()) -> None:
        """Index rows; ``notes`` say more about each row when a name is ambiguous."""
        self._rows = rows
        self._notes = notes or [""] * len(rows)
        positions = _without_repeated_ids(rows)
        self._exact = _positions_by_name(rows, positions, spell=str)
        self._folded = _positions_by_name(rows, positions, spell=fold)

    def find(self, name: str) -> Sequence[int]:
        """Return the positions of the rows that match a name best: none, one or several.

        Raises:
            ArgumentError: the name is not a string.
        """
        if not isinstance(name, str):
            raise ArgumentError(f"a custom field is named by a string, not by {name!r}")
        return self._exact.get(name) or self._folded.get(fold(name)) or ()

    def one(self, name: str, hint: str = "") -> int:
        """Return the position of the only row that matches a name.

        Args:
            name: any name of a row.
            hint: added to the message when no row has the name.

        Raises:
            UnknownFieldError: no row has the name.
            AmbiguousFieldError: several rows have it.
            ArgumentError: the name is not a string.
        """
        positions = self.find(name)
        if not positions:
            raise self._unknown(name, hint)
        if len(positions) > 1:
            raise self._ambiguous(name, positions)
        return positions[0]

    def _ambiguous(self, name: str, positions: Sequence[int]) -> AmbiguousFieldError:
        ids = tuple(self._rows[position].id for position in positions)
        notes = [self._notes[position] for position in positions]
        listing = "; ".join(f"{id_} {note}".strip() for id_, note in zip(ids, notes, strict=True))
        message = f"{name!r} fits several custom fields; use one of their ids: {listing}"
        return AmbiguousFieldError(message, ids=ids)

    def _unknown(self, name: str, hint: str) -> UnknownFieldError:
        import difflib  # noqa: PLC0415 - a large module, for an error alone

        similar = difflib.get_close_matches(fold(name), self._folded)
        if similar:
            closest = self._best_names(similar)
            listing = f"the closest are {', '.join(closest)}"
        else:
            closest = []
            names = self._best_names(self._folded)[:_LISTED_NAMES]
            listing = f"there are {', '.join(names) or 'none'}"
        message = f"no custom field has the name {name!r}; {listing}{hint}"
        return UnknownFieldError(message, closest=tuple(closest))

    def _best_names(self, folded_names: Sequence[str] | Mapping[str, object]) -> list[str]:
        positions = [at for folded in folded_names for at in self._folded[folded]]
        names = [self._rows[position].best for position in positions]
        return list(dict.fromkeys(names))


def _without_repeated_ids(rows: Sequence[FieldNames]) -> list[int]:
    """Return the positions to index, which leave out rows that repeat an id.

    For rows with the ids "f1", "f2", "f1", "" and "" these are 0, 1, 3 and 4. The second "f1" is
    left out, since no message could tell the two apart by their ids. Rows without an id stay.
    """
    known_ids: set[str] = set()
    positions: list[int] = []
    for position, row in enumerate(rows):
        if row.id in known_ids:
            continue
        positions.append(position)
        if row.id:
            known_ids.add(row.id)
    return positions


def _positions_by_name(
    rows: Sequence[FieldNames], positions: Sequence[int], spell: Callable[[str], str]
) -> dict[str, list[int]]:
    index: dict[str, list[int]] = {}
    # From the weakest kind of name to the strongest, so that a stronger one replaces weaker ones.
    # With id "f1" on row 0 and label "f1" on row 4, "f1" leads to [4] first, and then to [0].
    for kind in range(len(FieldNames._fields)):
        of_this_kind: dict[str, list[int]] = {}
        for position in positions:
            name = spell(rows[position][kind])
            of_this_kind.setdefault(name, []).append(position)
        index |= of_this_kind
    index.pop("", None)
    return index
