"""Makes entries of the list of custom fields from values, and reads them. Pure.

An entry has ``value`` and, for a field of several values, ``values`` (inferred).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._base.errors import InvalidValueError
from .._base.settings import Formats
from .codecs import Definition, decode, encode
from .verbatim import Unreadable, VerbatimText


def make_entry(
    name: str, definition: Definition, value: object, formats: Formats
) -> dict[str, Any]:
    """Make the entry for a value.

    Examples, for a field of one value and for one of several (``isMultiple``)::

        one      "Ada"        {"id": "f1", "value": "Ada"}
        one      None, ""     {"id": "f1", "value": ""}                      clears it
        one      ["Ada"]      refused
        several  ["a", "b"]   {"id": "f2", "value": "", "values": ["a", "b"]}
        several  "a"          {"id": "f2", "value": "", "values": ["a"]}
        several  None, "", [] {"id": "f2", "value": "", "values": []}        clears it

    A `VerbatimText` that was read from this field becomes the same entry again.

    Args:
        name: the field's name, for messages.
        definition: the field's definition.
        value: what to write.
        formats: how texts that people typed are to be understood.

    Raises:
        InvalidValueError: the value does not fit the type of the field.
    """
    field_id = definition["id"]
    if isinstance(value, VerbatimText) and value.field == field_id:
        return {"id": field_id, **value.wire}
    if definition.get("isMultiple") is True:
        texts = [encode(name, definition, item, formats) for item in _items(value)]
        return {"id": field_id, "value": "", "values": texts}
    if isinstance(value, list | tuple):
        raise InvalidValueError(f"{name!r} holds one value, not a list of them")
    return {"id": field_id, "value": encode(name, definition, value, formats)}


def _items(value: object) -> list[object]:
    if isinstance(value, list | tuple):
        return list(value)
    is_empty = value is None or value == ""
    return [] if is_empty else [value]


def read_entry(definition: Definition, field_id: object, entry: Mapping[str, Any]) -> Any:
    """Read the value of an entry.

    If the entry and its field agree on one value or several, the values are read by their type.
    Otherwise the whole entry is kept as an `Unreadable`, and written back as it was::

        one      value "x", values []     "x"
        one      value "",  values ["x"]  Unreadable
        several  value "",  values ["x"]  ["x"]
        several  value "",  values []     []
        several  value "x", values []     Unreadable
        several  value "",  no values     None

    Args:
        definition: the field's definition, or the entry itself, which has its type too.
        field_id: the field's id.
        entry: the entry, as JSON.
    """
    value = entry.get("value")
    values = entry.get("values")
    if definition.get("isMultiple") is True:
        if isinstance(values, list) and (values or not value):
            return [decode(definition, field_id, item) for item in values]
        contradicts = bool(values or value)
    else:
        contradicts = bool(values)
    if contradicts:
        wire = {"value": value}
        if "values" in entry:
            wire["values"] = values
        reason = "the field and the entry disagree on one value or several"
        return Unreadable(values or value, field_id, wire, reason)
    return decode(definition, field_id, value)
