"""Positions of our schemas: what is published at each, and where a merge stands among them.

References to components are `Ours` and `Published` until all of them are known, since a component
that differs between two bodies needs a second name.
"""

from dataclasses import dataclass
from typing import Any

from spec.adopt.outcomes import Path, Role, is_must
from spec.compare.view import Schema, schema
from spec.names import python


@dataclass(frozen=True, slots=True)
class Ours:
    """A reference to a component of ours.

    Without content, it is the component as it stands elsewhere.
    """

    name: str
    content: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class Published:
    """A reference to a schema of the published document, with a name for its component."""

    schema: Schema
    hint: str


@dataclass(frozen=True, slots=True)
class Position:
    """What is published at one position."""

    schema: Schema
    where: str


SILENT = Position(schema(None), "")
"""A position of ours of which the published document says nothing."""


class Facts:
    """What is published at the positions of our schemas, in the order of our document.

    With `everywhere`, positions that are not published count too: what is required there is not
    known.
    """

    def __init__(self, *, everywhere: bool = False) -> None:
        self.everywhere = everywhere
        self._found: dict[int, dict[Any, Position]] = {}

    def add(self, raw: dict[str, Any], position: Position) -> bool:
        """Add a position of a schema, and return whether it is a new one."""
        positions = self._found.setdefault(id(raw), {})
        return positions.setdefault(position.schema.key, position) is position

    def of(self, raw: dict[str, Any]) -> list[Position]:
        """Return the positions of a schema that the published document has."""
        return list(self._found.get(id(raw), {}).values())


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a merge stands.

    `role` is answer or body, `operation` the one that a body belongs to, `path` our path in Python
    names, and `owner` what names of new components inside it begin with.
    """

    role: Role
    operation: str
    path: Path
    owner: str
    where: str

    def into(self, name: str, spelled: str, owner: str | None = None) -> "Spot":
        """Return the spot of something inside."""
        path = (*self.path, python(name) if name != "[]" else name)
        where = f"{self.where}{'[]' if name == '[]' else '.' + spelled}"
        return Spot(self.role, self.operation, path, owner or self.owner, where)

    @property
    def must(self) -> bool:
        """Whether the client cannot do without this part of a body."""
        return self.role == "body" and is_must(self.operation, self.path)
