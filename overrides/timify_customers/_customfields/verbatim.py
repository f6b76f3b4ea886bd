"""Texts as the API holds them, which their field takes back unchecked."""

from __future__ import annotations

import reprlib
from collections.abc import Mapping
from typing import Any, Self


class VerbatimText(str):
    """A text that was read, and that its own field takes back as it is. Otherwise a ``str``.

    An example: a customer has the option ``lead`` of a SELECT that now has ``gold`` alone. What was
    read can be written back to that field, although a new ``"lead"`` is refused.

    Attributes:
        field: id of the field.
        wire: what the API holds, by the entry's keys (``value``, ``values``).
        reason: why the text is not what the type of the field says; ``""`` when it is.
    """

    __slots__ = ("field", "reason", "wire")
    field: object
    wire: Mapping[str, Any]
    reason: str

    def __new__(
        cls, content: object, field: object = None, wire: Any = None, reason: str = ""
    ) -> Self:
        """Keep a text; of anything else, the text is its shortened ``repr``."""
        text = super().__new__(cls, content if isinstance(content, str) else reprlib.repr(content))
        text.field = field
        text.wire = wire or {"value": content}
        text.reason = reason
        return text


class Unreadable(VerbatimText):
    """The text of a value that is not what the type of its field says. ``reason`` says why."""

    __slots__ = ()
