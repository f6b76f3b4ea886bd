"""What came of the elements of two documents, for the report."""

from dataclasses import dataclass, field
from typing import Literal

Kind = Literal[
    "missing operation",
    "new operation",
    "needed",
    "renamed",
    "dropped",
    "replaced",
    "kept",
    "both",
    "left out",
    "added",
    "confirmed",
]
HEAVY: frozenset[Kind] = frozenset({"missing operation", "needed", "dropped", "replaced"})
"""What may break who uses the client."""


@dataclass(frozen=True, slots=True, order=True)
class Note:
    """One element, where it is, and what was done about it, in words."""

    kind: Kind
    where: str
    message: str = ""


@dataclass(slots=True)
class Notes:
    """Notes in the order in which they were made, each once."""

    every: dict[Note, None] = field(default_factory=dict)

    def add(self, kind: Kind, where: str, message: str = "") -> None:
        """Add a note, unless it is there already."""
        self.every[Note(kind, where, message)] = None
