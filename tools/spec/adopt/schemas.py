"""Our schemas with what a published document says at the same positions.

One component of ours stands at many positions. `collect` gathers what is published at each,
`merged` makes one schema of it: for answers over all positions, for bodies over those of one
operation.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from spec.adopt.classes import Graph
from spec.adopt.components import DOCUMENTED, python_name, usable
from spec.adopt.notes import Kind, Notes
from spec.adopt.outcomes import (
    enum_values,
    is_dropped,
    pairs,
    property_outcome,
    stays_required,
    typed,
)
from spec.adopt.positions import SILENT, Facts, Ours, Position, Published, Spot
from spec.adopt.remarks import described, examples
from spec.compare.view import Schema, View, Views, joint, schema
from spec.names import pascal, python
from spec.references import parts, resolve


class Merger:
    """Merges schemas of our document with what another one says at their positions."""

    def __init__(self, known: dict[str, Any], graph: Graph, notes: Notes) -> None:
        self._known = known
        self._mine = Views(known)
        self._graph = graph
        self._notes = notes

    def collect(self, raw: dict[str, Any], position: Position, facts: Facts) -> None:
        """Add what is published at a schema of ours and at all schemas inside it."""
        waiting = [(raw, position)]
        while waiting:
            own, current = waiting.pop(0)
            if facts.add(own, current):
                inside = self._inside(own, current)
                waiting += [each for each in inside if facts.everywhere or each[1] is not SILENT]

    def _inside(
        self, own: dict[str, Any], position: Position
    ) -> Iterator[tuple[dict[str, Any], Position]]:
        if "$ref" in own:
            yield resolve(self._known, own), position
            return
        view = self._graph.view(position.schema)
        properties = own.get("properties", {})
        names = pairs(properties, view.properties)
        for name, child in properties.items():
            if spelled := names.get(name):
                yield child, Position(view.properties[spelled], f"{position.where}.{spelled}")
            else:
                yield child, SILENT
        if "items" in own:
            yield (
                own["items"],
                Position(view.items, f"{position.where}[]") if view.items else SILENT,
            )

    def merged(self, raw: dict[str, Any], facts: Facts, spot: Spot) -> dict[str, Any]:
        """Return a schema of ours with what is published of it taken in."""
        here = _at(spot, facts.of(raw))
        if "$ref" in raw:
            return self._reference(raw, facts, here)
        if "properties" in raw:
            return self._object(raw, facts, here)
        content = {key: value for key, value in raw.items() if key != "items"}
        if "enum" in raw:
            content |= self._enumeration(raw, facts, here)
        if "items" in raw:
            content["items"] = self._value(raw["items"], facts, here.into("[]", ""), "items")
        return self._alternatives(content, facts, here)

    def _reference(self, raw: dict[str, Any], facts: Facts, spot: Spot) -> dict[str, Any]:
        name = parts(raw["$ref"])[-1]
        beside = {key: value for key, value in raw.items() if key != "$ref"}
        if spot.role == "body" and not facts.of(raw):
            return {**beside, "$ref": Ours(name, None)}
        inside = Spot(spot.role, spot.operation, spot.path, name, spot.where)
        return {**beside, "$ref": Ours(name, self.merged(resolve(self._known, raw), facts, inside))}

    def _alternatives(self, content: dict[str, Any], facts: Facts, spot: Spot) -> dict[str, Any]:
        if "anyOf" not in content:
            return content
        return content | {"anyOf": [self.merged(each, facts, spot) for each in content["anyOf"]]}

    def _enumeration(self, raw: dict[str, Any], facts: Facts, spot: Spot) -> dict[str, Any]:
        """Return the values: in answers ours and theirs, in bodies theirs.

        In Python, the enumeration stays open in any case.
        """
        view = self._combined_view(facts.of(raw))
        theirs = enum_values(view.values) or []
        if not theirs or not all(isinstance(value, type(raw["enum"][0])) for value in theirs):
            return {}
        added = [value for value in theirs if value not in raw["enum"]]
        removed = [value for value in raw["enum"] if value not in theirs]
        if added:
            self._notes.add("added", spot.where, f"values {', '.join(map(str, added))}")
        if spot.role == "answer":
            return {"enum": [*raw["enum"], *added]} | DOCUMENTED
        if removed:
            self._notes.add(
                "replaced",
                spot.where,
                f"values {', '.join(map(str, removed))} are not among the published",
            )
        return {"enum": [value for value in raw["enum"] if value in theirs] + added} | DOCUMENTED

    def _combined_view(self, positions: Iterable[Position]) -> View:
        """Return what the positions say together."""
        return self._graph.view(self._combined_schema(positions))

    def _combined_schema(self, positions: Iterable[Position]) -> Schema:
        """Return the schema of the positions.

        One that says nothing, or less, takes nothing from the others.
        """
        views = [(each.schema, self._graph.view(each.schema)) for each in positions]
        speaking = [(each_schema, view) for each_schema, view in views if typed(view.types)]
        kinds = {kind for _, view in speaking for kind in typed(view.types)}
        lists = [each_schema for each_schema, view in speaking if view.properties or view.items]
        if (lists and kinds <= {"array"}) or (lists and kinds <= {"object"}):
            return joint(lists, either=True)
        return (
            joint([each_schema for each_schema, _ in speaking], either=True)
            if speaking
            else schema(None)
        )

    # Objects

    def _object(self, raw: dict[str, Any], facts: Facts, spot: Spot) -> dict[str, Any]:
        positions = facts.of(raw)
        view = self._combined_view(positions)
        ours: dict[str, Any] = raw["properties"]
        names = pairs(ours, view.properties)
        everywhere = self._everywhere(positions)
        remaining = {
            name: child
            for name, child in ours.items()
            if self._keeps(name, child, names, view, spot)
        }
        spelled = {
            name: self._spelling(name, child, names, spot) for name, child in remaining.items()
        }
        properties = {
            spelled[name]: self._value(child, facts, spot.into(name, spelled[name]), name)
            for name, child in remaining.items()
        }
        added = self._added(view, names, spelled, spot)
        required = [
            spelled[name]
            for name in remaining
            if self._requires(
                name, raw, names.get(name) in everywhere, spot.into(name, spelled[name])
            )
        ]
        required += [name for name in added if name in everywhere]
        self._tell_needed(added, everywhere, spot)
        others = {key: value for key, value in raw.items() if key not in {"properties", "required"}}
        content = others | {"properties": properties | added}
        content |= {"required": required} if required else {}
        return content | (_evidence(raw) if view.properties and positions else {})

    def _everywhere(self, positions: list[Position]) -> set[str]:
        """Return the properties that are required at all of the positions."""
        views = [self._graph.view(each.schema) for each in positions]
        required = [set(view.required & view.properties.keys()) for view in views]
        return set.intersection(*required) if required else set()

    def _keeps(
        self, name: str, child: dict[str, Any], names: dict[str, str], view: View, spot: Spot
    ) -> bool:
        inside = spot.into(name, name)
        if name in names or not view.properties or spot.role == "answer":
            return True
        if is_dropped(str(child.get("x-evidence")), must=inside.must):
            self._notes.add("dropped", inside.where, f"it was {child.get('x-evidence')}")
            return False
        self._notes.add("kept", inside.where, "the published body does not name it")
        return True

    def _spelling(self, name: str, child: dict[str, Any], names: dict[str, str], spot: Spot) -> str:
        """Return the name that goes over the wire.

        The name in recorded answers takes precedence over the published one.
        """
        published_name = names.get(name, name)
        if published_name == name:
            return name
        is_proven = str(child.get("x-evidence")) in {"documented", "observed"}
        if spot.role == "answer" and is_proven:
            self._notes.add(
                "kept",
                spot.into(name, name).where,
                f"published as {published_name}, which `raw` has if it comes",
            )
            return name
        self._notes.add(
            "renamed", spot.into(name, name).where, f"{name} is written {published_name}"
        )
        return published_name

    def _added(
        self, view: View, names: dict[str, str], spelled: dict[str, str], spot: Spot
    ) -> dict[str, Any]:
        fresh = view.properties.keys() - set(names.values())
        fits = usable(fresh, spelled.values())
        for name in sorted(fresh):
            where = spot.into(name, name).where
            is_needed = name not in fits and name in view.required and spot.role == "body"
            kind: Kind = "needed" if is_needed else "added" if name in fits else "left out"
            self._notes.add(kind, where, _remark_on_name(name, fits))
        return {
            name: DOCUMENTED
            | python_name(name, identifier)
            | {"$ref": Published(view.properties[name], f"{spot.owner}{pascal(name)}")}
            for name, identifier in fits.items()
        }

    def _requires(self, name: str, raw: dict[str, Any], theirs: bool, inside: Spot) -> bool:  # noqa: FBT001
        ours = name in raw.get("required", [])
        required = ours
        if theirs:
            required = stays_required(ours=ours, theirs=theirs, role=inside.role, must=inside.must)
        if required and not ours:
            self._notes.add("needed", inside.where, "became required")
        return required

    def _tell_needed(self, added: dict[str, Any], everywhere: set[str], spot: Spot) -> None:
        if spot.role == "body":
            for name in added:
                if name in everywhere:
                    self._notes.add("needed", spot.into(name, name).where, "is new and required")

    # Values

    def _value(self, raw: dict[str, Any], facts: Facts, spot: Spot, name: str) -> dict[str, Any]:
        """Return what a property or an entry of a list holds."""
        positions = facts.of(raw)
        view = self._combined_view(positions)
        own, theirs = self._mine.of(schema(raw)), typed(view.types)
        ours, evidence = typed(own.types), str(raw.get("x-evidence"))
        outcome = property_outcome(ours, theirs, spot.role, evidence, must=spot.must)
        here = _at(spot, positions)
        if outcome == "silent" or (
            outcome == "published" and not ours and theirs == {"object"} and not view.properties
        ):
            return self.merged(raw, facts, here)
        words = f"ours is {_words(ours)}; published is {_words(theirs)}"
        if outcome in {"ours", "both"}:
            self._notes.add("kept" if outcome == "ours" else "both", here.where, words)
        if outcome == "published" and ours:
            self._notes.add("replaced", here.where, words)
        foreign = Published(self._combined_schema(positions), f"{spot.owner}{pascal(name)}")
        if outcome == "published":
            return _evidence(raw) | {"$ref": foreign}
        ourselves = self.merged(raw, facts, here)
        if outcome == "both":
            return _evidence(raw) | {"anyOf": [_plain(ourselves), {"$ref": foreign}]}
        if outcome == "same":
            self._notes.add("confirmed", here.where)
            # A mock server puts answers together from examples: one of `total` would contradict its
            # own rows.
            shown = examples(view) if spot.role == "body" and "$ref" not in raw else {}
            return ourselves | _evidence(raw) | described(view) | shown
        return ourselves


def _remark_on_name(name: str, fits: Mapping[str, str]) -> str:
    if name not in fits:
        return "its name is too long, or one of too many; as an unknown key it can be had and sent"
    plain = fits[name] == python(name)
    return "" if plain else f"in Python it is {fits[name]}, since {python(name)} is taken"


def _at(spot: Spot, positions: list[Position]) -> Spot:
    """Return the spot as the published document names it, if it does."""
    where = next((each.where for each in positions if each is not SILENT), spot.where)
    return Spot(spot.role, spot.operation, spot.path, spot.owner, where)


def _evidence(raw: dict[str, Any]) -> dict[str, Any]:
    return DOCUMENTED if "x-evidence" in raw else {}


def _plain(content: dict[str, Any]) -> dict[str, Any]:
    return {
        key: value
        for key, value in content.items()
        if key not in {"x-evidence", "description", "examples"}
    }


def _words(types: Iterable[str]) -> str:
    return " or ".join(sorted(types)) or "anything"
