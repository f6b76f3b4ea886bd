"""Python identifiers for names that people gave. Pure.

An identifier is made of the ASCII letters and digits of a name, without accents. An example, with
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
"""Characters of the words of an identifier; what goes beyond is left out, by whole words."""

_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_WORD = re.compile(r"[a-z0-9]+")


def words(name: str) -> list[str]:
    """Return the words of a name, in lower case and ASCII; ``field`` for one that has none."""
    every = _WORD.findall(fold(_HUMP.sub(" ", name))) or ["field"]
    if every[0][0].isdigit():
        every = ["field", *every]
    kept = [every[0][:LONGEST]]
    for word in every[1:]:
        if len("_".join([*kept, word])) > LONGEST:
            break
        kept.append(word)
    return kept


def constant(parts: Sequence[str]) -> str:
    """Spell words as the name of a constant."""
    return "_".join(parts).upper()


def alias(parts: Sequence[str]) -> str:
    """Spell words as the name of a type of options."""
    return "".join(part.capitalize() for part in parts) + "Option"


def identifiers(
    names: Mapping[str, str], spell: Callable[[Sequence[str]], str] = constant
) -> dict[str, str]:
    """Return a different identifier for each of the fields, by id.

    Fields whose identifiers would be equal have their ids behind them, all of them, so that none
    depends on the order. So have fields whose names have no ASCII letter or digit. Examples::

        {"f1": "Tier"}                    {"f1": "TIER"}
        {"f1": "Tier", "f2": "tier!"}     {"f1": "TIER_F1", "f2": "TIER_F2"}
        {"f1": "会員"}                     {"f1": "FIELD_F1"}

    Args:
        names: of the fields, by id.
        spell: `constant` or `alias`.
    """
    plain = {field_id: words(name) for field_id, name in names.items()}
    shared = Counter(map(spell, plain.values()))
    found: dict[str, str] = {}
    for field_id, parts in plain.items():
        is_alone = shared[spell(parts)] == 1 and parts != ["field"]
        parts = parts if is_alone else [*parts, *_WORD.findall(field_id.lower())]  # noqa: PLW2901
        found[field_id] = _unused(parts, spell, taken=found.values())
    return found


def _unused(
    parts: Sequence[str], spell: Callable[[Sequence[str]], str], taken: Collection[str]
) -> str:
    numbers = (str(number) for number in count(2))
    name = spell(parts)
    while name in taken:
        name = spell([*parts, next(numbers)])
    return name
