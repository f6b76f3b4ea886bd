"""Texts that were read, and that their field accepts back unchecked."""

from __future__ import annotations

import reprlib
from collections.abc import Mapping
from typing import Any, Self


class VerbatimText(str):
    """A text that was read, and that its own field accepts back as it is; otherwise a ``str``.

    An example: a customer has the option ``lead`` of a SELECT that now has only ``gold``. The text
    that was read can be written back to that field, although a new ``"lead"`` is refused.

    Attributes:
        field: id of the field.
        wire: the entry as the API has it, by its keys (``value``, ``values``).
        reason: why the text does not fit the type of the field, or ``""`` if it does.
    """

    __slots__ = ("field", "reason", "wire")
    field: object
    wire: Mapping[str, Any]
    reason: str

    def __new__(
        cls, content: object, field: object = None, wire: Any = None, reason: str = ""
    ) -> Self:
        """Keep a text; anything else becomes its shortened ``repr``."""
        text = super().__new__(cls, content if isinstance(content, str) else reprlib.repr(content))
        text.field = field
        text.wire = wire or {"value": content}
        text.reason = reason
        return text


class Unreadable(VerbatimText):
    """The text of a value that does not fit the type of its field. ``reason`` says why."""

    __slots__ = ()
