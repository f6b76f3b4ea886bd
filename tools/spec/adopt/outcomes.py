"""The rules of adoption: what is done where two documents stand at the same position.

They are pure functions. Types are sets of JSON types, and an empty one says nothing. `null` decides
nothing: an optional key that is null reads as None, as one that is absent.
"""

from collections.abc import Iterable
from typing import Any, Literal

from spec.compare.scope import TOKEN
from spec.names import python

Role = Literal["answer", "body"]
Outcome = Literal["same", "silent", "published", "ours", "both"]
TYPES = frozenset({"array", "boolean", "integer", "null", "number", "object", "string"})
NULL = frozenset({"null"})
TEXT = frozenset({"string", "integer", "number"})
"""Types whose values are the same text in a path, a query or a header."""
GUESSES = frozenset({"inferred", "third-party"})
UNSEEN = GUESSES | {"sibling"}
"""Evidence of what no recorded answer of the API has shown."""

Path = tuple[str, ...]
_ENTRIES: set[Path] = {
    ("customfields",),
    ("customfields", "[]"),
    ("customfields", "[]", "id"),
    ("customfields", "[]", "value"),
}
_CUSTOMER: set[Path] = {(), ("external_id",)} | _ENTRIES
_ROW: Path = ("customers", "[]")
_ROWS: set[Path] = {(), ("customers",), (*_ROW, "import_customer_id")} | {
    _ROW + path for path in _CUSTOMER
}
MUSTS: dict[str, set[Path]] = {
    "POST /v1/customers": _CUSTOMER,
    "PATCH /v1/customers/{}": _CUSTOMER,
    "POST /v1/customers/import": _ROWS,
    TOKEN: {(), ("appid",), ("appsecret",)},
}
"""What the client cannot do without in the body of an operation, by Python names.

It is never dropped and never retyped.
"""
MUST_PARAMETER = ("query", "external")
"""The one parameter that the client cannot do without; it is always sent as 1."""


def is_must(operation: str, path: Path) -> bool:
    """Return whether the client cannot do without a part of a body."""
    return path in MUSTS.get(operation, ())


def typed(types: Iterable[str]) -> frozenset[str]:
    """Return those of the types that JSON has, without null."""
    return frozenset(types) & TYPES - NULL


def property_outcome(
    ours: frozenset[str], theirs: frozenset[str], role: Role, evidence: str, *, must: bool = False
) -> Outcome:
    """Decide on a value of a body or an answer, by the types that both documents name.

    `same`: ours stands, and is documented. `silent`: ours stands as well known as it was. `ours`
    and `published`: they differ, and that one stands. `both`: either may come.
    """
    if not theirs:
        return "silent"
    if must:
        return "same" if not ours or ours & _wide(theirs) else "ours"
    if not ours:
        return "published"
    if role == "body":
        return "same" if ours <= _wide(theirs) else "published"
    if theirs <= _wide(ours):
        return "same"
    return "both" if evidence in UNSEEN else "ours"


def _wide(types: frozenset[str]) -> frozenset[str]:
    return types | {"integer"} if "number" in types else types


def parameter_outcome(
    ours: frozenset[str], theirs: frozenset[str], *, must: bool = False
) -> Outcome:
    """Decide on a value in a path, a query or a header.

    All of it is text, so 1 and "1" are the same. So are a list of ours, which is written with
    commas, and a published text.
    """
    if not theirs:
        return "silent"
    if must:
        return "same"
    if not ours:
        return "published"
    if "array" in ours and "array" not in theirs:
        ours = ours - {"array"} | {"string"}
    fits = all(each in theirs or (each in TEXT and theirs & TEXT) for each in ours)
    return "same" if fits else "published"


def is_dropped(evidence: str, *, must: bool) -> bool:
    """Return whether a property that we send is dropped.

    Asked when a published body lists its properties, and this one is not among them.
    """
    return evidence in GUESSES and not must


def stays_required(*, ours: bool, theirs: bool, role: Role, must: bool) -> bool:
    """Decide whether a property that both have is required.

    What answers were seen to leave out cannot be asked of them, so in an answer ours stands. In a
    body the published document decides, and what the client cannot do without stays required.
    """
    if role == "answer":
        return ours
    return theirs or (must and ours)


def pairs(ours: Iterable[str], theirs: Iterable[str]) -> dict[str, str]:
    """Map each of our names to the published one: the same, or else one that is equal in Python.

    A published name that one of ours has already, letter by letter, is not taken by another.
    """
    our_names, their_names = list(ours), sorted(theirs)
    exact = {name: name for name in our_names if name in their_names}
    spelled: dict[str, str] = {}
    for name in their_names:
        if name not in exact:
            spelled.setdefault(python(name), name)
    return exact | {
        name: spelled[python(name)]
        for name in our_names
        if name not in exact and python(name) in spelled
    }


def enum_values(values: tuple[Any, ...] | None) -> list[Any] | None:
    """Return the values that an enumeration may have in Python, None when it cannot be one.

    They are all texts, or all integers.
    """
    present = [value for value in values or () if value is not None]
    if not present or len(present) > MOST_VALUES:
        return None
    kind = str if isinstance(present[0], str) else int
    plain = all(isinstance(value, kind) and not isinstance(value, bool) for value in present)
    return sorted(set(present)) if plain else None


MOST_VALUES = 500
