"""The custom fields in a customer's JSON, entry by entry. Pure.

An answer has its entries under ``fields`` (observed), a request, and so a row of an import, under
``customfields`` (documented). An entry is ``{"id": "...", "value": "..."}``; one of several values
has them as a list under ``values`` instead, with an empty ``value`` (inferred).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

Source = Mapping[str, Any] | Sequence[Any]
"""JSON of a customer or of a row, or its list of entries alone."""


def raw_entries(source: Source) -> Any:
    """Return what stands where the entries should be, whatever it is; an empty list for nothing."""
    if isinstance(source, Mapping):
        return source.get("fields") or source.get("customfields") or []
    return source


def entries(source: Source) -> list[Mapping[str, Any]]:
    """Return the entries that are objects. What is not, or is no list of entries, is left out."""
    listed = raw_entries(source)
    if not isinstance(listed, list | tuple):
        return []
    return [entry for entry in listed if isinstance(entry, Mapping)]


def entry_text(entry: Mapping[str, Any]) -> str:
    """Return what an entry holds as one text, to be compared: ``value``, or else its ``values``.

    A number, a boolean or a list is written as JSON, so that the same text stands for the same
    value however it was sent. Empty is the text of a field that is not set::

        {"value": "Jane", "values": []}      Jane
        {"value": "", "values": ["a", "b"]}  ["a", "b"]
        {"value": 0}                         0
        {"value": null, "values": []}        (empty)
    """
    for key in ("value", "values"):
        held = entry.get(key)
        if isinstance(held, str) and held:
            return held
        if held not in (None, "", [], {}):
            return json.dumps(held)
    return ""


def texts_by_field(source: Source) -> dict[str, str]:
    """Return the text of each entry by the id of its field. Of two with one id, the last counts."""
    return {
        entry["id"]: entry_text(entry)
        for entry in entries(source)
        if isinstance(entry.get("id"), str)
    }
