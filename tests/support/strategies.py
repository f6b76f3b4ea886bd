"""Hypothesis strategies for custom fields: definitions of every type, and values for them.

All data are invented.
"""

from __future__ import annotations

import datetime
import decimal
import json
from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

TYPES = (
    "TEXT",
    "TEXTAREA",
    "EMAIL",
    "PHONE",
    "DATE",
    "SELECT",
    "NUMBER",
    "CHECKBOX",
    "SOMETHING",
    None,
)
DEFAULT_IDS = (
    "salutation",
    "firstName",
    "lastName",
    "email",
    "mobilePhone",
    "birthday",
    "notes",
    "companyName",
)
LABELS = (
    "Loyalty tier",
    "loyalty TIER",
    "Größe",
    "GROSSE",
    "firstName",
    "first_name",
    "Été",
    "f1",
    "",
    "会員",
    "🎟",
)
PHONES = ("+442079460958", "+32470000000", "+390669812345")

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
"""Any text that can be sent."""
labels = st.sampled_from(LABELS) | texts
"""Names that clash, with each other and with default ids and ids, and any others."""


def options() -> st.SearchStrategy[list[Any]]:
    """Options of a SELECT, in either shape."""
    objects = st.fixed_dictionaries({}, optional={"id": texts, "value": texts, "label": texts})
    return st.lists(texts | objects, max_size=4)


@st.composite
def definitions(draw: Callable[[Any], Any]) -> list[dict[str, Any]]:
    """A company's definitions: ids apart; labels and default ids that may be the same."""
    found = []
    for number in range(draw(st.integers(1, 6))):
        field = {
            "id": f"f{number}",
            "type": draw(st.sampled_from(TYPES)),
            "isMultiple": draw(st.sampled_from([None, True])),
        }
        field |= {
            "defaultId": draw(st.none() | st.sampled_from(DEFAULT_IDS)),
            "label": draw(labels),
        }
        found.append(
            field | ({"selectOptions": draw(options())} if field["type"] == "SELECT" else {})
        )
    return found


_PYTHON: dict[str | None, st.SearchStrategy[Any]] = {
    "EMAIL": st.emails(),
    "PHONE": st.sampled_from(PHONES),
    "DATE": st.dates() | st.datetimes(),
    "NUMBER": st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.decimals(allow_nan=False, allow_infinity=False),
    "CHECKBOX": st.booleans(),
}


def values(definition: dict[str, Any]) -> st.SearchStrategy[Any]:
    """Python values that fit a field."""
    one = _PYTHON.get(definition["type"], texts)
    if definition["type"] == "SELECT" and (
        known := [it for it in definition["selectOptions"] if _sent(it)]
    ):
        one = st.sampled_from([_sent(it) for it in known])
    return st.lists(one.filter(bool), max_size=3) if definition["isMultiple"] else one | st.none()


def _sent(option: Any) -> str:
    return str(
        option
        if isinstance(option, str)
        else option.get("value") or option.get("id") or option.get("label") or ""
    )


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | texts,
    lambda inner: st.lists(inner, max_size=2),
    max_leaves=3,
)
_WIRE = texts | st.sampled_from(
    [
        *(
            "1990-01-31",
            "19900131",
            "1990-02-31",
            "2024-05-22Z",
            "5",
            "5.50",
            "-0",
            "007",
            "1e5",
            "true",
            "True",
            "0",
        ),
        *("ada@example.com", "ada", "{}", "[" * 5000, "NaN", "9" * 5000),
        json.dumps({"number": "470000000", "country": "BE"}),
        json.dumps(
            {"phone": "+32470000000", "country": "BE", "prefix": "32", "number": "470000000"},
            separators=(",", ":"),
        ),
        json.dumps({"number": 5}),
    ]
)


@st.composite
def entries(draw: Callable[[Any], Any], fields: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What an answer may hold of fields: any text, in the observed shape, and several values where
    they fit.
    """
    found = []
    for field in fields:
        several = bool(field["isMultiple"])
        entry = {key: field[key] for key in ("id", "type", "isMultiple", "defaultId", "label")}
        entry |= {
            "value": "" if several else draw(_WIRE),
            "values": draw(st.lists(_WIRE, max_size=3)) if several else [],
        }
        found.append(entry)
    return found


anything = st.one_of(
    _JSON,
    st.dates(),
    st.decimals(),
    st.floats(),
    st.binary(max_size=3),
    st.just(datetime.time()),
    st.just(decimal.Decimal(5)),
)
"""Values of every sort, fitting or not."""
json_values = _JSON
