"""Schemas that only the published document has, as components with names made by rule.

A name is made from where the schema is met first: `Customer` and `address` make `CustomerAddress`,
an entry of a list ends with `Item`. Names of the published document never become names of classes
or files.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from spec.adopt.classes import Graph, Key
from spec.adopt.outcomes import enum_values, typed
from spec.adopt.remarks import described, examples
from spec.compare.view import Schema, View
from spec.errors import RejectedError
from spec.names import (
    PYTHON_NAME,
    RESERVED_PROPERTIES,
    RESERVED_SCHEMAS,
    free_names,
    pascal,
    python,
)

MOST_COMPONENTS = 400
MOST_PROPERTIES = 400  # of one schema
MOST_ENTRIES = 10_000  # properties and values of enumerations, of all components
LONGEST_NAME = 80
FORMATS = frozenset({"date", "date-time", "password", "uuid"})
DOCUMENTED = {"x-evidence": "documented"}


class Components:
    """Puts schemas in their place.

    Plain values stay where they stand; objects and enumerations become components.
    """

    def __init__(self, graph: Graph, classes: Mapping[Key, int], taken: Iterable[str]) -> None:
        self._graph = graph
        self._classes = classes
        self._taken = {pascal(name).lower() for name in [*taken, *RESERVED_SCHEMAS]}
        self._names: dict[int, str] = {}
        self._entries = 0
        self.made: dict[str, dict[str, Any]] = {}

    def schema(self, schema: Schema, hint: str) -> dict[str, Any]:
        """Return a schema in the form that our document has.

        `hint` is the name of its component, should it become one.
        """
        view = self._graph.view(schema)
        several = list(self._alternatives(schema, view, hint))
        content = several[0] if len(several) == 1 else {"anyOf": several} if several else {}
        return content | described(view) | ({} if view.properties else examples(view))

    def _alternatives(self, schema: Schema, view: View, hint: str) -> Iterator[dict[str, Any]]:
        types = typed(view.types)
        plain = sorted(types - {"array", "object"})
        null = ["null"] if "null" in view.types else []
        if "object" in types and not view.properties:
            # any object is any value, in Python: a class without properties would tell nothing
            return
        if "object" in types:
            yield self._component(schema, hint)
        if "array" in types:
            items = self.schema(view.items, f"{hint}Item") if view.items else {}
            yield {"type": "array", "items": items}
        if plain and enum_values(view.values) and len(plain) == 1:
            yield self._component(schema, hint)
        elif plain:
            named = [*plain, *null] if len(types) == len(plain) else plain
            yield {"type": named if len(named) > 1 else named[0]} | _format(view, plain)
            null = []
        if null and types:
            yield {"type": "null"}

    def _component(self, schema: Schema, hint: str) -> dict[str, Any]:
        number = self._classes[schema.key]
        if number not in self._names:
            if len(self._names) >= MOST_COMPONENTS:
                raise RejectedError(
                    f"It has more than {MOST_COMPONENTS} schemas that ours has not."
                )
            self._names[number] = name = self.free(hint)
            self.made[name] = {}
            self._count(self._graph.view(schema))
            self.made[name] = self._content(self._graph.view(schema), name)
        return {"$ref": f"#/components/schemas/{self._names[number]}"}

    def _count(self, view: View) -> None:
        self._entries += len(view.properties) or len(view.values or ())
        if self._entries > MOST_ENTRIES:
            raise RejectedError(
                f"Its schemas that ours has not hold more than {MOST_ENTRIES} "
                "properties and values."
            )

    def free(self, hint: str) -> str:
        """Return a name that no component has yet, and reserve it."""
        name = plain = pascal(hint)[:LONGEST_NAME] or "Value"
        count = 1
        while name.lower() in self._taken:
            count += 1
            name = f"{plain}{count}"
        self._taken.add(name.lower())
        return name

    def _content(self, view: View, name: str) -> dict[str, Any]:
        if not view.properties:
            (kind,) = typed(view.types)
            return DOCUMENTED | described(view) | {"type": kind, "enum": enum_values(view.values)}
        properties = {
            each: DOCUMENTED
            | python_name(each, identifier)
            | self.schema(view.properties[each], f"{name}{pascal(each)}")
            for each, identifier in usable(view.properties).items()
        }
        required = sorted(view.required & properties.keys())
        content = DOCUMENTED | described(view) | {"type": "object", "properties": properties}
        return content | ({"required": required} if required else {})


def _format(view: View, plain: list[str]) -> dict[str, Any]:
    return {"format": view.format} if view.format in FORMATS and plain == ["string"] else {}


def usable(names: Iterable[str], taken: Iterable[str] = ()) -> dict[str, str]:
    """Return, in order, the names that can be properties of one model, and what each is in Python.

    `taken` are the properties that are there already, which keep their Python names. A property
    that is left out is still in `raw` and `to_dict()`.
    """
    short = [name for name in sorted(names) if len(name) <= LONGEST_NAME][:MOST_PROPERTIES]
    return free_names(short, {python(name) for name in taken} | RESERVED_PROPERTIES)


def python_name(name: str, identifier: str) -> dict[str, Any]:
    """Return what a property says of its Python name: nothing where the rule gives that one."""
    return {} if identifier == python(name) else {PYTHON_NAME: identifier}
