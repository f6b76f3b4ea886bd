"""Turns names that people chose into Python identifiers. Pure.

An identifier consists of the ASCII letters and digits of a name, without accents. An example, with
the constants of three fields::

    "firstName"   FIRST_NAME
    "Größe (cm)"  GROSSE_CM
    "2nd phone"   FIELD_2ND_PHONE
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from itertools import count

from .names import fold

LONGEST = 40
"""The most characters of an identifier's words. Words that do not fit are left out."""

_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_WORD = re.compile(r"[a-z0-9]+")


def words(name: str) -> list[str]:
    """Return the words of a name, in lower case and ASCII, or ``field`` if it has none."""
    all_words = _WORD.findall(fold(_HUMP.sub(" ", name))) or ["field"]
    if all_words[0][0].isdigit():
        all_words = ["field", *all_words]
    chosen = [all_words[0][:LONGEST]]
    for word in all_words[1:]:
        if len("_".join([*chosen, word])) > LONGEST:
            break
        chosen.append(word)
    return chosen


def constant(parts: Sequence[str]) -> str:
    """Join words to the name of a constant."""
    return "_".join(parts).upper()


def alias(parts: Sequence[str]) -> str:
    """Join words to the name of a type of options."""
    return "".join(part.capitalize() for part in parts) + "Option"


def identifiers(
    names: Mapping[str, str], spell: Callable[[Sequence[str]], str] = constant
) -> dict[str, str]:
    """Return a unique identifier for each field, by field id.

    If fields would have equal identifiers, each of them ends in its id, so that none depends on the
    order. So do the identifiers of fields whose names have no ASCII letter or digit. Examples::

        {"f1": "Tier"}                    {"f1": "TIER"}
        {"f1": "Tier", "f2": "tier!"}     {"f1": "TIER_F1", "f2": "TIER_F2"}
        {"f1": "会員"}                     {"f1": "FIELD_F1"}

    Args:
        names: the names of the fields, by id.
        spell: `constant` or `alias`.
    """
    plain = {field_id: words(name) for field_id, name in names.items()}
    shared = Counter(map(spell, plain.values()))
    unique: dict[str, str] = {}
    for field_id, parts in plain.items():
        is_alone = shared[spell(parts)] == 1 and parts != ["field"]
        parts = parts if is_alone else [*parts, *_WORD.findall(field_id.lower())]  # noqa: PLW2901
        unique[field_id] = _unused(parts, spell, used=unique.values())
    return unique


def _unused(
    parts: Sequence[str], spell: Callable[[Sequence[str]], str], used: Collection[str]
) -> str:
    numbers = (str(number) for number in count(2))
    name = spell(parts)
    while name in used:
        name = spell([*parts, next(numbers)])
    return name
