"""Adoption: what is known, with the published document taken into it by position."""

import copy
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from spec.adopt import parameters
from spec.adopt.adopted import Adopted
from spec.adopt.classes import Graph
from spec.adopt.components import Components
from spec.adopt.forms import own_answers
from spec.adopt.notes import Note, Notes
from spec.adopt.operations import FAILURE, free_name, is_possible, new_operation, renamed_path
from spec.adopt.positions import SILENT, Facts, Ours, Published, Spot
from spec.adopt.remarks import line
from spec.adopt.schemas import Merger
from spec.compare.scope import TAG, Operation, operations, used_operations
from spec.compare.walk import parameters_of
from spec.errors import NotADocumentError, RejectedError
from spec.names import pascal
from spec.references import parts, resolve

Raw = dict[str, Any]
REMARKS = frozenset({"description", "example", "examples", "default", "x-evidence"})
MOST_OPERATIONS = 200


@dataclass(frozen=True, slots=True)
class Adoption:
    """The adopted document, and what was done."""

    document: Raw
    notes: list[Note]


def adopt(known: Raw, published: Raw) -> Adoption:
    """Take a published document into what is known; neither is changed.

    Raises:
        NotADocumentError: it has fewer than half of our operations.
        RejectedError: it has two operations that are the same over the wire, or more than can be
            taken in.
    """
    check_scope(known, published)
    # Known from its text: each schema is an object of its own, so that its identity is its
    # position.
    try:
        return _Adopting(json.loads(json.dumps(known)), published).adoption()
    except RecursionError as deep:
        raise RejectedError("Its schemas are nested too deep.") from deep


def check_scope(known: Raw, published: Raw) -> None:
    """Refuse what is not this API, or says two things of one operation."""
    used = used_operations(published)
    twice = [key for key, count in Counter(each.key for each in used).items() if count > 1]
    if twice:
        raise RejectedError(
            f"It has two operations that are the same over the wire: {', '.join(sorted(twice))}."
        )
    if len(used) > MOST_OPERATIONS:
        raise RejectedError(
            f"It has more than {MOST_OPERATIONS} operations of the customers module."
        )
    ours = {each.key for each in operations(known).values() if TAG in each.tags}
    shared = ours & {each.key for each in used}
    if 2 * len(shared) < len(ours):
        raise NotADocumentError(
            f"It is an OpenAPI document, but has {len(shared)} of our {len(ours)} operations. "
            "Check that it is TIMIFY's, and whole."
        )


class _Adopting:
    def __init__(self, known: Raw, published: Raw) -> None:
        self._known, self._published = known, published
        self._notes = Notes()
        self._graph = Graph(published)
        self._answers = Facts(everywhere=True)
        self._merger = Merger(known, self._graph, self._notes)

    def adoption(self) -> Adoption:
        ours, theirs = operations(self._known), operations(self._published)
        document = copy.deepcopy(self._known)
        adopted = [
            Adopted(self._known, self._published, ours[key], theirs[key], self._graph)
            for key in ours
            if key in theirs
        ]
        for each in adopted:
            each.collect(self._merger, self._answers)
        for key in ours.keys() - theirs.keys():
            for _, own in own_answers(self._known, ours[key]):
                self._merger.collect(own, SILENT, self._answers)
        for each in adopted:
            merged = each.merged(self._merger, self._answers, self._notes)
            document["paths"][each.ours.path][each.ours.method] = merged
        self._failure(document)
        self._parameters(document, adopted)
        self._missing(document, [ours[key] for key in ours if key not in theirs])
        self._new(document, [theirs[key] for key in sorted(theirs.keys() - ours.keys())])
        self._info(document)
        return Adoption(
            _Finishing(document, self._known, self._graph).document(), list(self._notes.every)
        )

    def _failure(self, document: Raw) -> None:
        """Take in what the published failures say: all of ours are one."""
        ours, adopted = _failure_form(self._known), _failure_form(document)
        spot = Spot("answer", "", (), "Failure", "failures $")
        adopted["schema"] = self._merger.merged(ours["schema"], self._answers, spot)

    def _parameters(self, document: Raw, adopted: list[Adopted]) -> None:
        """Put the merged parameters into the document.

        One goes into its component where all operations agree on it, and into each operation where
        they do not.
        """
        merged = {id(each): self._merged_parameters(each) for each in adopted}
        agreed: dict[str, list[Raw]] = {}
        for pair in merged.values():
            for raw, content in pair:
                if "$ref" in raw and content not in agreed.setdefault(raw["$ref"], []):
                    agreed[raw["$ref"]].append(content)
        for each in adopted:
            operation = document["paths"][each.ours.path][each.ours.method]
            operation["parameters"] = [
                raw if "$ref" in raw and len(agreed[raw["$ref"]]) == 1 else content
                for raw, content in merged[id(each)]
            ]
        for reference, contents in agreed.items():
            if len(contents) == 1:
                document["components"]["parameters"][parts(reference)[-1]] = contents[0]

    def _merged_parameters(self, each: Adopted) -> list[tuple[Raw, Raw]]:
        theirs = parameters_of(self._published, each.theirs)
        return parameters.merged(self._known, each.ours, theirs, self._graph, self._notes)

    def _missing(self, document: Raw, missing: list[Operation]) -> None:
        for each in missing:
            document["paths"][each.path][each.method]["deprecated"] = True
            self._notes.add("missing operation", each.name, "it is kept, and marked deprecated")

    def _new(self, document: Raw, new: list[Operation]) -> None:
        model = next(iter(operations(self._known).values()))
        failing = [status for status, raw in model.content["responses"].items() if raw == FAILURE]
        for each in new:
            reason = is_possible(self._published, each)
            if reason:
                self._notes.add("left out", each.name, reason)
                continue
            names = [existing.content["operationId"] for existing in operations(document).values()]
            name = free_name(each, names)
            content = new_operation(
                self._published, each, name, failing=failing, graph=self._graph, notes=self._notes
            )
            path = document["paths"].setdefault(_path_in(document, each.path), {})
            path[each.method] = content
            self._notes.add("new operation", each.name, f"it is called {name} until it has a name")

    def _info(self, document: Raw) -> None:
        info = resolve(self._published, self._published.get("info"))
        for key in ("title", "version", "description"):
            document["info"] |= {key: line(info[key])} if line(info.get(key)) else {}
        document["info"].pop("x-reconstruction", None)


def _failure_form(document: Raw) -> Raw:
    form: Raw = document["components"]["responses"]["Failure"]["content"]["application/json"]
    return form


def _path_in(document: Raw, path: str) -> str:
    """Return a path as the document spells it, if it has that path."""
    key = Operation("", path, {}, {}).key
    return next(
        (each for each in document["paths"] if Operation("", each, {}, {}).key == key),
        renamed_path(path),
    )


class _Finishing:
    """Names all schemas, and replaces the references between them by `$ref`."""

    def __init__(self, document: Raw, known: Raw, graph: Graph) -> None:
        self._document = document
        self._schemas: Raw = known["components"]["schemas"]
        roots = [each.schema for each in _published_in(document)]
        self._components = Components(graph, graph.classes(roots), self._schemas)
        self._names: dict[tuple[str, str], str] = {}
        self._made: Raw = {}

    def document(self) -> Raw:
        """Finish answers first, since they keep the names of their components, then bodies."""
        components = self._document["components"]
        components["responses"] = self._finished(components["responses"], "")
        for _, operation in self._operations():
            operation["responses"] = self._finished(operation["responses"], "")
        for name, operation in self._operations():
            if "requestBody" in operation:
                operation["requestBody"] = self._finished(operation["requestBody"], pascal(name))
        components["schemas"] = {
            name: self._made.get(name, raw) for name, raw in self._schemas.items()
        }
        components["schemas"] |= self._made | dict(sorted(self._components.made.items()))
        return self._document

    def _operations(self) -> Iterator[tuple[str, Raw]]:
        for each in operations(self._document).values():
            yield str(each.content["operationId"]), each.content

    def _finished(self, value: Any, body_of: str) -> Any:
        if isinstance(value, list):
            return [self._finished(each, body_of) for each in value]
        if not isinstance(value, dict):
            return value
        reference = value.get("$ref")
        others = {
            key: self._finished(each, body_of) for key, each in value.items() if key != "$ref"
        }
        if isinstance(reference, Published):
            return self._components.schema(reference.schema, reference.hint) | others
        if isinstance(reference, Ours):
            return {**others, "$ref": f"#/components/schemas/{self._named(reference, body_of)}"}
        return value if reference else others

    def _named(self, ours: Ours, body_of: str) -> str:
        if ours.content is None:
            return ours.name
        content = self._finished(ours.content, body_of)
        key = ours.name, json.dumps(_bare(content), sort_keys=True)
        if key not in self._names:
            is_taken = ours.name in self._made
            self._names[key] = (
                self._components.free(f"{body_of}{ours.name}") if is_taken else ours.name
            )
        name = self._names[key]
        if name not in self._made or content.get("x-evidence") == "documented":
            self._made[name] = content
        return name


def _bare(value: Any) -> Any:
    """Return what a schema says, without remarks: two that differ in these alone are one."""
    if isinstance(value, list):
        return [_bare(each) for each in value]
    if not isinstance(value, dict):
        return value
    return {
        key: {name: _bare(each) for name, each in inside.items()}
        if key == "properties"
        else _bare(inside)
        for key, inside in value.items()
        if key not in REMARKS
    }


def _published_in(value: Any) -> Iterator[Published]:
    if isinstance(value, Published):
        yield value
    elif isinstance(value, Ours):
        yield from _published_in(value.content)
    elif isinstance(value, (dict, list)):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _published_in(each)
