"""Two documents side by side: every element of the operations that the client uses.

An element counts if either document has it. Elements are found by what goes over the wire (method
and path, place, JSON path), never by a component's name. What is below an element that only one
document has is not told apart from it. Inside one body or answer, the same two schemas are compared
once, where they are met first, so that schemas that contain each other come to an end.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Literal

from spec.compare.scope import Operation, operations
from spec.compare.view import Schema, View, Views, schema
from spec.errors import RejectedError
from spec.references import resolve

MOST_PAIRS = 100_000
# OpenAPI 3, Parameter Object: parameters of these names are ignored.
IGNORED_HEADERS = frozenset({"accept", "authorization", "content-type"})
Kind = Literal["operation", "parameter", "body", "answer", "property", "value"]


@dataclass(frozen=True, slots=True)
class Side:
    """What one document says of an element."""

    name: str
    required: bool = False
    view: View = field(default_factory=View)


@dataclass(frozen=True, slots=True)
class Pair:
    """One element, and what each document says of it (None: it is not there)."""

    kind: Kind
    operation: str
    place: str = ""
    """Where in the operation: `query parameter page`, `body`, `answer 200`."""
    path: str = ""
    """Where in the JSON: `$.data[].id`."""
    old: Side | None = None
    new: Side | None = None

    @property
    def where(self) -> str:
        """The whole location, for people."""
        return " ".join(filter(None, (self.operation, self.place, self.path)))

    @property
    def sent(self) -> bool:
        """Whether the client sends it, rather than receives it."""
        return not self.place.startswith("answer")


def walk(old: dict[str, Any], new: dict[str, Any]) -> list[Pair]:
    """Return every element of the two documents.

    Raises RejectedError when they are too large to compare.
    """
    try:
        pairs = list(islice(_walk(_Reader(old), _Reader(new)), MOST_PAIRS + 1))
    except RecursionError as deep:
        raise RejectedError("Its schemas are nested too deep to be compared.") from deep
    if len(pairs) > MOST_PAIRS:
        raise RejectedError(f"It has more than {MOST_PAIRS} elements to compare.")
    return pairs


class _Reader:
    """One of the two documents."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.document = document
        self.operations = operations(document)
        self._views = Views(document)

    def view(self, schema_: Schema) -> View:
        return self._views.of(schema_)

    def resolve(self, value: Any) -> dict[str, Any]:
        return resolve(self.document, value)

    def side(self, name: str, raw: dict[str, Any], *, required: bool = False) -> Side:
        return Side(name, required, self.view(schema_of(raw)))


def schema_of(raw: dict[str, Any]) -> Schema:
    """Return the schema of a parameter, or of one form of a body."""
    content = raw.get("content")
    if "schema" not in raw and isinstance(content, dict) and content:
        raw = next(iter(content.values()))
    return schema(raw.get("schema") if isinstance(raw, dict) else None)


def _walk(old: _Reader, new: _Reader) -> Iterator[Pair]:
    for key in old.operations | new.operations:
        before, after = old.operations.get(key), new.operations.get(key)
        name = (before or after or _NO_OPERATION).name
        yield Pair("operation", name, old=_named(before), new=_named(after))
        if before and after:
            yield from _parameters(_Spot(old, new, name), before, after)
            yield from _bodies(_Spot(old, new, name), before, after)
            yield from _answers(_Spot(old, new, name), before, after)


_NO_OPERATION = Operation("", "", {}, {})


def _named(operation: Operation | None) -> Side | None:
    return Side(operation.name) if operation else None


@dataclass(frozen=True, slots=True)
class _Spot:
    """Where the comparison stands."""

    old: _Reader
    new: _Reader
    operation: str
    place: str = ""

    def at(self, place: str) -> "_Spot":
        return _Spot(self.old, self.new, self.operation, place)

    def pair(self, kind: Kind, path: str, old: Side | None, new: Side | None) -> Pair:
        return Pair(kind, self.operation, self.place, path, old, new)


def _parameters(spot: _Spot, before: Operation, after: Operation) -> Iterator[Pair]:
    old_parameters, new_parameters = (
        parameters_of(spot.old.document, before),
        parameters_of(spot.new.document, after),
    )
    for key in old_parameters | new_parameters:
        old, new = old_parameters.get(key), new_parameters.get(key)
        inner = spot.at(f"{key[0]} parameter {(old or new or {})['name']}")
        yield inner.pair(
            "parameter", "", _parameter_side(spot.old, old), _parameter_side(spot.new, new)
        )
        if old is not None and new is not None:
            yield from _inside(inner, schema_of(old), schema_of(new))


def _parameter_side(reader: _Reader, raw: dict[str, Any] | None) -> Side | None:
    if raw is None:
        return None
    return reader.side(str(raw["name"]), raw, required=raw.get("required") is True)


def parameters_of(
    document: dict[str, Any], operation: Operation
) -> dict[tuple[str, str], dict[str, Any]]:
    """Return the parameters by where they are sent and by name.

    Those of the path go by their place in it, since their names are not sent.
    """
    parameters: dict[tuple[str, str], dict[str, Any]] = {}
    for level in (operation.item, operation.content):
        several = level.get("parameters")
        for raw in several if isinstance(several, list) else ():
            parameter = resolve(document, raw)
            if "name" in parameter and (key := _parameter_key(parameter, operation.path)):
                parameters[key] = parameter
    return parameters


def _parameter_key(parameter: dict[str, Any], path: str) -> tuple[str, str] | None:
    name, sent_in = str(parameter["name"]), str(parameter.get("in"))
    if sent_in == "path":
        return sent_in, str(path.partition("{" + name + "}")[0].count("{"))
    if sent_in != "header":
        return sent_in, name
    return None if name.lower() in IGNORED_HEADERS else (sent_in, name.lower())


def _bodies(spot: _Spot, before: Operation, after: Operation) -> Iterator[Pair]:
    old = spot.old.resolve(before.content.get("requestBody"))
    new = spot.new.resolve(after.content.get("requestBody"))
    yield from _forms(spot, "body", old, new)


def _answers(spot: _Spot, before: Operation, after: Operation) -> Iterator[Pair]:
    old = spot.old.resolve(before.content.get("responses"))
    new = spot.new.resolve(after.content.get("responses"))
    for old_status, new_status in _same_answers(list(old), list(new)):
        inner = spot.at(f"answer {old_status or new_status}")
        answers = spot.old.resolve(old.get(old_status)), spot.new.resolve(new.get(new_status))
        sides = [
            reader.side(status, raw) if status else None
            for reader, status, raw in zip(
                (spot.old, spot.new), (old_status, new_status), answers, strict=True
            )
        ]
        yield inner.pair("answer", "", *sides)
        if old_status and new_status:
            yield from _forms(inner, inner.place, *answers)


def _same_answers(old: list[str], new: list[str]) -> list[tuple[str, str]]:
    """Pair the statuses that stand for each other.

    That is the same one, or else a success that is left over on each side. A status without a
    partner is paired with an empty string.
    """
    in_both = [(status, status) for status in old if status in new]
    old_alone = [status for status in old if status not in new]
    new_alone = [status for status in new if status not in old]
    moved = list(zip(_successes(old_alone), _successes(new_alone), strict=False))
    paired = {status for pair in moved for status in pair}
    removed = [(status, "") for status in old_alone if status not in paired]
    added = [("", status) for status in new_alone if status not in paired]
    return in_both + moved + removed + added


def _successes(statuses: list[str]) -> list[str]:
    return [status for status in statuses if status.startswith("2")]


def _forms(spot: _Spot, place: str, old: dict[str, Any], new: dict[str, Any]) -> Iterator[Pair]:
    """Compare the forms (media types) in which a body comes."""
    old_forms, new_forms = by_media_type(old), by_media_type(new)
    for media_type in old_forms | new_forms:
        inner = spot.at(place if media_type == "application/json" else f"{place} as {media_type}")
        before, after = old_forms.get(media_type), new_forms.get(media_type)
        yield inner.pair(
            "body", "", _form_side(spot.old, old, before), _form_side(spot.new, new, after)
        )
        if before is not None and after is not None:
            yield from _inside(inner, schema_of(before), schema_of(after))


def by_media_type(body: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the forms in which a body comes by media type, without the media types' parameters."""
    content = body.get("content")
    forms = content.items() if isinstance(content, dict) else ()
    return {
        name.partition(";")[0].strip().lower(): form
        for name, form in forms
        if isinstance(form, dict)
    }


def _form_side(reader: _Reader, body: dict[str, Any], form: dict[str, Any] | None) -> Side | None:
    if form is None:
        return None
    return reader.side("body", form, required=body.get("required") is True)


def _inside(spot: _Spot, old: Schema, new: Schema) -> Iterator[Pair]:
    """Compare what two schemas say, level by level."""
    yield spot.pair("value", "$", _value_side(spot.old, old), _value_side(spot.new, new))
    compared: set[tuple[Any, Any]] = set()
    waiting = deque([("$", old, new)])
    while waiting:
        path, old_schema, new_schema = waiting.popleft()
        if (old_schema.key, new_schema.key) in compared:
            continue
        compared.add((old_schema.key, new_schema.key))
        for step in _children(spot, path, spot.old.view(old_schema), spot.new.view(new_schema)):
            yield step.pair
            if step.old and step.new:
                waiting.append((step.pair.path, step.old, step.new))


@dataclass(frozen=True, slots=True)
class _Step:
    pair: Pair
    old: Schema | None
    new: Schema | None


def _children(spot: _Spot, path: str, old: View, new: View) -> Iterator[_Step]:
    for name in old.properties | new.properties:
        old_schema, new_schema = old.properties.get(name), new.properties.get(name)
        sides = _property_side(spot.old, old, name), _property_side(spot.new, new, name)
        yield _Step(spot.pair("property", f"{path}.{name}", *sides), old_schema, new_schema)
    for suffix, old_schema, new_schema in (
        ("[]", old.items, new.items),
        (".*", old.others, new.others),
    ):
        if old_schema or new_schema:
            old_side = _value_side(spot.old, old_schema or schema(None))
            new_side = _value_side(spot.new, new_schema or schema(None))
            yield _Step(
                spot.pair("value", path + suffix, old_side, new_side), old_schema, new_schema
            )


def _property_side(reader: _Reader, parent: View, name: str) -> Side | None:
    child = parent.properties.get(name)
    return Side(name, name in parent.required, reader.view(child)) if child else None


def _value_side(reader: _Reader, schema_: Schema) -> Side:
    return Side("", view=reader.view(schema_))
