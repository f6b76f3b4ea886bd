"""Which schemas of a document are the same, whatever they are called and wherever they stand.

Two schemas are the same when they say the same and so do, in pairs, all schemas inside them. That
is found as states of an automaton are minimised: all that say the same of themselves are one class
at first, and classes are divided until the insides of their members are of one class each (Moore's
algorithm). It makes no difference whether a document names a schema once or writes it out a hundred
times, and schemas that contain each other come to an end.

Worked example: `A` has a `next` that is `A`, `B` has a `next` that is a written-out object with a
`next` that is `A`. All three say "an object with `next`", so they are one class at first. What is
inside each of them is of that class too, so they stay one.
"""

from collections.abc import Hashable, Iterable, Mapping
from typing import Any

from spec.adopt.outcomes import enum_values, typed
from spec.compare.view import Schema, View, Views
from spec.errors import RejectedError

Key = tuple[frozenset[int], bool]
MOST_SCHEMAS = 5_000
MOST_LEVELS = 60


class Graph:
    """The schemas of one document, each with its view."""

    def __init__(self, document: dict[str, Any]) -> None:
        self._views = Views(document)
        self._known: dict[Key, tuple[Schema, View]] = {}

    def view(self, schema: Schema) -> View:
        """Return what a schema says of a value."""
        if schema.key not in self._known:
            self._known[schema.key] = schema, self._views.of(schema)
        return self._known[schema.key][1]

    def classes(self, roots: Iterable[Schema]) -> dict[Key, int]:
        """Return the class of each schema that the roots hold.

        Raises RejectedError when there are too many, or when they are nested too deep.
        """
        inside = self._reachable(list(roots))
        classes = _numbered({key: _label(self._known[key][1]) for key in inside})
        while True:
            finer = _numbered(
                {key: (classes[key], *(classes[each] for each in inside[key])) for key in inside}
            )
            if len(set(finer.values())) == len(set(classes.values())):
                return classes
            classes = finer

    def _reachable(self, roots: list[Schema]) -> dict[Key, list[Key]]:
        inside: dict[Key, list[Key]] = {}
        level = roots
        for _ in range(MOST_LEVELS):
            fresh = [
                each
                for each in {each.key: each for each in level}.values()
                if each.key not in inside
            ]
            if not fresh:
                return inside
            level = []
            for each in fresh:
                children = parts(self.view(each))
                for child in children:
                    self.view(child)
                inside[each.key] = [child.key for child in children]
                level += children
            if len(inside) > MOST_SCHEMAS:
                raise RejectedError(f"It has more than {MOST_SCHEMAS} schemas that ours have not.")
        raise RejectedError(f"Its schemas are nested deeper than {MOST_LEVELS} levels.")


def parts(view: View) -> list[Schema]:
    """Return the schemas inside a schema, in an order that depends on what it says alone."""
    inside = [view.properties[name] for name in sorted(view.properties)]
    return inside + ([view.items] if view.items else [])


def _label(view: View) -> Hashable:
    values = enum_values(view.values)
    return (
        typed(view.types),
        "null" in view.types,
        view.format,
        tuple(values) if values else None,
        tuple(sorted(view.properties)),
        frozenset(view.required & view.properties.keys()),
        view.items is None,
    )


def _numbered(labels: Mapping[Key, Hashable]) -> dict[Key, int]:
    numbers: dict[Hashable, int] = {}
    return {key: numbers.setdefault(label, len(numbers)) for key, label in labels.items()}
