"""The options of a SELECT, and the option that a text means."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from .names import FieldNames, NameIndex


class Option(NamedTuple):
    """One option: the text that is sent for it, its id and its label; a missing one is ``""``.

    It is not documented what to send for an option that is an object. Here it is its ``value``,
    else its ``id``, else its ``label`` (inferred).
    """

    wire: str
    id: str
    label: str

    @property
    def names(self) -> FieldNames:
        """The names of the option: the text that is sent comes first, then id and label."""
        return FieldNames(python="", label=self.label, default_id=self.id, id=self.wire)


def options_of(definition: Mapping[str, Any]) -> list[Option]:
    """Read the options of a definition: texts, or objects (the shape is not documented).

    These three are sent as ``gold``, ``silver`` and ``b1``::

        "gold"
        {"id": "s1", "value": "silver", "label": "Silber"}
        {"id": "b1", "label": "Bronze"}

    An option that has none of ``value``, ``id`` and ``label`` is left out.
    """
    listed = definition.get("selectOptions")
    if not isinstance(listed, list):
        return []
    options = [_option(item) for item in listed]
    return [option for option in options if option.wire]


def _option(item: object) -> Option:
    raw = item if isinstance(item, Mapping) else {"value": item}
    value, id_, label = (str(raw.get(key) or "") for key in ("value", "id", "label"))
    return Option(value or id_ or label, id_, label)


def write_option(text: str, definition: Mapping[str, Any]) -> str:
    """Return the text to send for the option that a text means. Without options, it is any text.

    Raises:
        ValueError: the text means no option, or several.
    """
    options = options_of(definition)
    if not options or any(text == option.wire for option in options):
        return text
    positions = NameIndex([option.names for option in options]).find(text)
    if len(positions) == 1:
        return options[positions[0]].wire
    listing = ", ".join(option.label or option.wire for option in options)
    raise ValueError(f"it may be several of {listing}" if positions else f"which are {listing}")
