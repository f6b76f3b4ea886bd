"""The custom fields in a customer's JSON, entry by entry. Pure.

An answer has its entries under ``fields`` (observed); a request, and so a row of an import, has
them under ``customfields`` (documented). An entry is ``{"id": "...", "value": "..."}``. An entry
with several values has them as a list under ``values`` instead, with an empty ``value`` (inferred).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

Source = Mapping[str, Any] | Sequence[Any]
"""JSON of a customer or of a row, or only its list of entries."""


def raw_entries(source: Source) -> Any:
    """Return whatever stands in the place of the entries, or an empty list if nothing does."""
    if isinstance(source, Mapping):
        return source.get("fields") or source.get("customfields") or []
    return source


def entries(source: Source) -> list[Mapping[str, Any]]:
    """Return the entries that are objects, and leave out anything else."""
    listed = raw_entries(source)
    if not isinstance(listed, list | tuple):
        return []
    return [entry for entry in listed if isinstance(entry, Mapping)]


def entry_text(entry: Mapping[str, Any]) -> str:
    """Return the content of an entry as one text, for comparing: ``value``, or else ``values``.

    A number, a boolean or a list is written as JSON, so that equal values have equal texts however
    they were sent. The text of a field that is not set is empty::

        {"value": "Jane", "values": []}      Jane
        {"value": "", "values": ["a", "b"]}  ["a", "b"]
        {"value": 0}                         0
        {"value": null, "values": []}        (empty)
    """
    for key in ("value", "values"):
        content = entry.get(key)
        if isinstance(content, str) and content:
            return content
        if content not in (None, "", [], {}):
            return json.dumps(content)
    return ""


def texts_by_field(source: Source) -> dict[str, str]:
    """Return the text of each entry by the id of its field. Of equal ids, the last one counts."""
    return {
        entry["id"]: entry_text(entry)
        for entry in entries(source)
        if isinstance(entry.get("id"), str)
    }
