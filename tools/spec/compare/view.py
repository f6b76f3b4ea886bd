"""What a schema says of a value: in place, behind a reference, in `allOf`, `oneOf` or `anyOf`.

This is what documents are compared by. A schema's name does not count, and neither does whether it
has one. What alternatives say is put together generously: a value of any of them is one.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from spec.references import at_pointer

Raw = dict[str, Any]
NOTHING: Raw = {}


@dataclass(frozen=True, slots=True)
class Schema:
    """The parts of a document that together say what one value is.

    There is one part, or the value is all of several, or with `either` any of them.
    """

    parts: tuple[Raw, ...]
    either: bool = False

    @property
    def key(self) -> tuple[frozenset[int], bool]:
        """What two schemas share when they are the same place of the same document."""
        return frozenset(map(id, self.parts)), self.either


def schema(raw: Any) -> Schema:
    """Return the schema that stands in a document as `raw`.

    `true`, or none at all, allows everything.
    """
    return Schema((raw if isinstance(raw, dict) else NOTHING,))


@dataclass(frozen=True, slots=True)
class View:
    """What a schema says: JSON types (none: any), format, values, and what is inside."""

    types: frozenset[str] = frozenset()
    format: str | None = None
    values: tuple[Any, ...] | None = None
    properties: dict[str, Schema] = field(default_factory=dict)
    required: frozenset[str] = frozenset()
    items: Schema | None = None
    others: Schema | None = None
    """What properties without a name of their own hold."""
    remarks: dict[str, Any] = field(default_factory=dict)
    """Description, default and example. They count for nothing when documents are compared."""

    @property
    def words(self) -> str:
        """The type in words, for reports."""
        names = " or ".join(sorted(self.types)) or "anything"
        values = "" if self.values is None else " of " + ", ".join(map(str, self.values[:12]))
        return names + (f" ({self.format})" if self.format else "") + values


class Views:
    """The views of one document's schemas.

    Each part is looked at once, however often it is referred to.
    """

    def __init__(self, document: dict[str, Any]) -> None:
        self._document = document
        self._known: dict[int, View] = {}

    def of(self, schema_: Schema) -> View:
        """Return what a schema of the document says of a value."""
        views = [self._part(part) for part in schema_.parts]
        return _either(views) if schema_.either else _all(views)

    def _part(self, raw: Raw) -> View:
        if id(raw) not in self._known:
            # A schema that is part of itself says nothing there.
            self._known[id(raw)] = View()
            self._known[id(raw)] = _all([_own(raw), *self._elsewhere(raw)])
        return self._known[id(raw)]

    def _elsewhere(self, raw: Raw) -> list[View]:
        reference = raw.get("$ref")
        target = at_pointer(self._document, reference) if isinstance(reference, str) else NOTHING
        views = [self._part(target if isinstance(target, dict) else NOTHING)]
        views += [self._part(each) for each in _schemas(raw.get("allOf"))]
        for key in ("oneOf", "anyOf"):
            if alternatives := _schemas(raw.get(key)):
                views.append(_either([self._part(each) for each in alternatives]))
        return views


def _schemas(value: Any) -> list[Raw]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _own(raw: Raw) -> View:
    properties = raw["properties"] if isinstance(raw.get("properties"), dict) else {}
    required = raw["required"] if _is_list(raw, "required") else []
    others = raw.get("additionalProperties")
    return View(
        types=_types(raw),
        format=raw.get("format") if isinstance(raw.get("format"), str) else None,
        values=_values(raw),
        properties={name: schema(each) for name, each in properties.items()},
        required=frozenset(filter(_is_text, required)),
        items=schema(raw["items"]) if "items" in raw else None,
        others=schema(others) if isinstance(others, dict) else None,
        remarks=_remarks(raw),
    )


def _remarks(raw: Raw) -> dict[str, Any]:
    remarks: dict[str, Any] = {key: raw[key] for key in ("default", "example") if key in raw}
    if isinstance(raw.get("description"), str):
        remarks["description"] = raw["description"]
    if _is_list(raw, "examples") and raw["examples"]:
        remarks.setdefault("example", raw["examples"][0])
    return remarks


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_list(raw: Raw, key: str) -> bool:
    return isinstance(raw.get(key), list)


def _types(raw: Raw) -> frozenset[str]:
    declared = raw.get("type")
    types = {
        each
        for each in (declared if isinstance(declared, list) else [declared])
        if isinstance(each, str)
    }
    types = types or _types_meant(raw)
    return frozenset(types | {"null"} if types and raw.get("nullable") is True else types)


def _types_meant(raw: Raw) -> set[str]:
    if "properties" in raw:
        return {"object"}
    if "items" in raw:
        return {"array"}
    return {_type_of(each) for each in _values(raw) or ()}


def _type_of(value: Any) -> str:
    names = {
        bool: "boolean",
        int: "integer",
        float: "number",
        str: "string",
        list: "array",
        dict: "object",
    }
    return names.get(type(value), "null")


def _values(raw: Raw) -> tuple[Any, ...] | None:
    if "const" in raw:
        return (raw["const"],)
    return tuple(raw["enum"]) if _is_list(raw, "enum") else None


def _all(views: list[View]) -> View:
    """Put together what all hold at once."""
    combined = views[0]
    for each in views[1:]:
        combined = View(
            types=_common_types(combined.types, each.types),
            format=combined.format or each.format,
            values=_common_values(combined.values, each.values),
            properties=_joined(combined.properties, each.properties, either=False),
            required=combined.required | each.required,
            items=_join(combined.items, each.items, either=False),
            others=_join(combined.others, each.others, either=False),
            remarks=each.remarks | combined.remarks,
        )
    return combined


def _either(views: list[View]) -> View:
    """Put together what any one of them holds.

    Null beside others takes nothing from them.
    """
    real = [each for each in views if each.types != {"null"}] or views
    combined = real[0]
    for each in real[1:]:
        combined = View(
            types=combined.types | each.types if combined.types and each.types else frozenset(),
            format=combined.format if combined.format == each.format else None,
            values=_all_values(combined.values, each.values),
            properties=_joined(combined.properties, each.properties, either=True),
            required=combined.required & each.required,
            items=_join(combined.items, each.items, either=True),
            others=_join(combined.others, each.others, either=True),
            remarks=each.remarks | combined.remarks,
        )
    nulled = len(real) < len(views) and combined.types
    return replace(combined, types=combined.types | {"null"}) if nulled else combined


def _common_types(first: frozenset[str], second: frozenset[str]) -> frozenset[str]:
    # Two that exclude each other are a mistake of the document; both are kept, so that it shows.
    return (first & second or first | second) if first and second else first or second


def _common_values(
    first: tuple[Any, ...] | None, second: tuple[Any, ...] | None
) -> tuple[Any, ...] | None:
    if first is None or second is None:
        return second if first is None else first
    return tuple(each for each in first if each in second)


def _all_values(
    first: tuple[Any, ...] | None, second: tuple[Any, ...] | None
) -> tuple[Any, ...] | None:
    if first is None or second is None:
        return None
    return (*first, *(each for each in second if each not in first))


def _joined(
    first: dict[str, Schema], second: dict[str, Schema], *, either: bool
) -> dict[str, Schema]:
    return {
        name: joint([first.get(name), second.get(name)], either=either) for name in first | second
    }


def _join(first: Schema | None, second: Schema | None, *, either: bool) -> Schema | None:
    return joint([first, second], either=either) if first or second else None


def joint(schemas: Iterable[Schema | None], *, either: bool) -> Schema:
    """Put schemas of one document together: a value is one of any of them, or of all."""
    present = [each for each in schemas if each]
    parts = {id(part): part for each in present for part in each.parts}
    return Schema(
        tuple(parts.values()),
        either=len(parts) > 1 and (either or any(each.either for each in present)),
    )
