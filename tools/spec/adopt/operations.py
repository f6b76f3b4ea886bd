"""Operations: ours with what is published of them, and those that are published alone."""

import itertools
import re
from collections.abc import Iterable, Iterator
from typing import Any

from spec.adopt import parameters
from spec.adopt.classes import Graph
from spec.adopt.components import DOCUMENTED
from spec.adopt.notes import Notes
from spec.adopt.outcomes import MUSTS
from spec.adopt.remarks import line, text
from spec.adopt.schemas import SILENT, Facts, Merger, Position, Published, Spot
from spec.compare.scope import TAG, Operation
from spec.compare.view import Schema, schema
from spec.compare.walk import by_media_type, parameters_of
from spec.names import pascal, python
from spec.references import resolve

Raw = dict[str, Any]
FAILURE: Raw = {"$ref": "#/components/responses/Failure"}
MOST_WRAPS = 20
_STATUS = re.compile(r"[1-5]\d\d")


def json_form(body: Raw) -> Raw | None:
    """Return the JSON among the forms in which a body comes, None when there is none."""
    forms = by_media_type(body)
    for name in sorted(forms, key=lambda each: (each != "application/json", each)):
        if name in {"application/json", "*/*"} or name.endswith("+json"):
            return forms[name]
    return None


def body_schema(document: Raw, body: Raw, operation: str, graph: Graph) -> Schema | None:
    """Return the schema of a published JSON body, None when it has no JSON form.

    Of several alternatives, it is the one that has most of what the client must send.
    """
    form = json_form(body)
    if form is None:
        return None
    root = _unwrapped(document, form.get("schema"))
    for key in ("oneOf", "anyOf"):
        arms = (
            [schema(each) for each in root.get(key, ()) if isinstance(each, dict)]
            if key in root
            else []
        )
        if len(arms) > 1:
            musts = {path[0] for path in MUSTS.get(operation, ()) if path}
            scores = [
                len(musts & {python(name) for name in graph.view(arm).properties}) for arm in arms
            ]
            if max(scores) > 0:
                return arms[scores.index(max(scores))]
    return schema(form.get("schema"))


def _unwrapped(document: Raw, value: Any) -> Raw:
    """Return the schema behind references and behind an `allOf`, `oneOf` or `anyOf` of one."""
    root = resolve(document, value)
    for _ in range(MOST_WRAPS):
        alone = next(
            (root[key] for key in ("allOf", "oneOf", "anyOf") if len(root.get(key, ())) == 1), None
        )
        if alone is None or "properties" in root:
            break
        root = resolve(document, alone[0])
    return root


def responses(document: Raw, operation: Operation) -> dict[str, Raw]:
    """Return the responses of an operation by their status."""
    found = resolve(document, operation.content.get("responses"))
    return {str(status): resolve(document, raw) for status, raw in found.items()}


def successes(found: dict[str, Raw]) -> dict[str, Raw]:
    """Return the responses that are a success."""
    return {status: raw for status, raw in found.items() if status.startswith("2")}


def own_answers(known: Raw, operation: Operation) -> Iterator[tuple[str, Raw]]:
    """Yield our schemas for answers, each with its status."""
    for status, raw in responses(known, operation).items():
        form = json_form(raw)
        if form:
            yield status, form["schema"]


def _failures_of(status: str, theirs: dict[str, Raw]) -> list[str]:
    """Return the statuses of the published failures that stand for one of ours.

    That is the same status, or else the range that it is in (`4XX`).
    """
    ranges = [each for each in theirs if each.upper() == f"{status[0]}XX"]
    return [status] if status in theirs else ranges


class Adopted:
    """One operation of ours, with what is published of it."""

    def __init__(
        self, known: Raw, published: Raw, ours: Operation, theirs: Operation, graph: Graph
    ) -> None:
        self.known, self.published, self.ours, self.theirs, self.graph = (
            known,
            published,
            ours,
            theirs,
            graph,
        )
        self.bodies = Facts()

    def collect(self, merger: Merger, answers: Facts) -> None:
        """Gather what is published at the positions of our schemas."""
        theirs = responses(self.published, self.theirs)
        for status, mine in own_answers(self.known, self.ours):
            for position in self._published_at(status, theirs):
                merger.collect(mine, position, answers)
        found = body_schema(self.published, self._their_body, self.ours.key, self.graph)
        own = json_form(self._own_body)
        if found and own:
            merger.collect(own["schema"], Position(found, f"{self.ours.name} body $"), self.bodies)

    def _published_at(self, status: str, theirs: dict[str, Raw]) -> list[Position]:
        """Return what is published at an answer of ours.

        For a success that is every published success, since any of them is read by its schema.
        """
        alike = (
            successes(theirs)
            if status[0] == "2"
            else {each: theirs[each] for each in _failures_of(status, theirs)}
        )
        forms = {each: form for each, raw in sorted(alike.items()) if (form := json_form(raw))}
        where = f"{self.ours.name} answer"
        found = [
            Position(schema(form.get("schema")), f"{where} {each} $")
            for each, form in forms.items()
        ]
        return found or [SILENT]

    @property
    def _own_body(self) -> Raw:
        return resolve(self.known, self.ours.content.get("requestBody"))

    @property
    def _their_body(self) -> Raw:
        return resolve(self.published, self.theirs.content.get("requestBody"))

    def merged(self, merger: Merger, answers: Facts, notes: Notes) -> Raw:
        """Return the operation of ours with all of it taken in, except for its parameters."""
        content = self.ours.content | DOCUMENTED
        described = text(self.theirs.content.get("description"))
        content |= {"description": described} if described else {}
        if self._own_body:
            content["requestBody"] = self._merged_body(merger, notes)
        elif json_form(self._their_body):
            content["requestBody"] = self._new_body(notes)
        content["responses"] = self._merged_responses(merger, answers, notes)
        notes.add("confirmed", self.ours.name)
        return content

    def _new_body(self, notes: Notes) -> Raw:
        made = new_body(
            self.published, self.theirs, str(self.ours.content["operationId"]), self.graph
        )
        notes.add("needed" if made["required"] else "added", f"{self.ours.name} body")
        return made

    def _merged_body(self, merger: Merger, notes: Notes) -> Raw:
        body, theirs = self._own_body, self._their_body
        form = json_form(body) or {}
        spot = Spot(
            "body",
            self.ours.key,
            (),
            pascal(str(self.ours.content["operationId"])),
            f"{self.ours.name} body $",
        )
        if theirs and json_form(theirs) is None:
            notes.add(
                "kept",
                spot.where,
                f"published as {', '.join(sorted(by_media_type(theirs))) or 'nothing'}",
            )
        inside = merger.merged(form["schema"], self.bodies, spot)
        spoken = json_form(theirs) is not None
        required = (
            {"required": theirs.get("required") is True or self.ours.key in MUSTS} if spoken else {}
        )
        merged = body | {"content": {"application/json": form | {"schema": inside}}} | required
        return merged | (DOCUMENTED if spoken else {})

    def _merged_responses(self, merger: Merger, answers: Facts, notes: Notes) -> Raw:
        mine, theirs = responses(self.known, self.ours), responses(self.published, self.theirs)
        written = self.ours.content["responses"]
        found: Raw = {}
        for status, raw in mine.items():
            found[status] = written[status]
            if status in successes(mine):
                found[status] = self._success(raw, theirs.get(status), merger, answers)
        usual = next((raw for raw in successes(mine).values() if json_form(raw)), None)
        for status in sorted(theirs.keys() - mine.keys()):
            if _STATUS.fullmatch(status) and status[0] in "2345":
                notes.add("added", f"{self.ours.name} answer {status}")
                found[status] = self._new_response(status, theirs[status], usual, merger, answers)
        return dict(sorted(found.items()))

    def _new_response(
        self, status: str, raw: Raw, usual: Raw | None, merger: Merger, answers: Facts
    ) -> Raw:
        if status[0] != "2":
            return FAILURE
        bare: Raw = {"description": text(raw.get("description")) or "Done."} | DOCUMENTED
        if status == "204" or usual is None:
            return bare
        return self._success(usual, raw, merger, answers)

    def _success(self, mine: Raw, theirs: Raw | None, merger: Merger, answers: Facts) -> Raw:
        form = json_form(mine)
        content = dict(mine)
        if form:
            spot = Spot(
                "answer",
                "",
                (),
                pascal(str(self.ours.content["operationId"])),
                f"{self.ours.name} answer $",
            )
            content["content"] = {
                "application/json": form | {"schema": merger.merged(form["schema"], answers, spot)}
            }
        if theirs is not None:
            described = text(theirs.get("description"))
            content |= DOCUMENTED | ({"description": described} if described else {})
        return content


# Operations that only the published document has


def operation_name(operation: Operation) -> str:
    """Name an operation by rule.

    `GET /v1/customers/{}/notes` becomes `get_customers_by_customer_id_notes`.
    """
    names = iter(path_names(operation.path))
    words = [f"by {next(names)}" if "{" in each else each for each in _segments(operation.path)]
    return python(" ".join([operation.method, *words]))[:120]


def _segments(path: str) -> list[str]:
    segments = [each for each in path.split("/") if each]
    return segments[1:] if segments[:1] == ["v1"] else segments


def path_names(path: str) -> list[str]:
    """Name the parameters of a path by rule, each after what stands before it.

    `customers/{}` has a `customerId`.
    """
    found: list[str] = []
    before = "item"
    for each in _segments(path):
        if "{" not in each:
            before = each
            continue
        words = python(before).split("_")
        words[-1] = words[-1].removesuffix("s") or words[-1]
        name = words[0] + "".join(word.capitalize() for word in [*words[1:], "id"])
        found.append(name if name not in found else f"{name}{len(found) + 1}")
    return found


def renamed_path(path: str) -> str:
    """Return a path with the names that its parameters have by rule, without a slash at the end."""
    names = iter(path_names(path))
    return re.sub(r"{[^/}]*}", lambda _: "{" + next(names) + "}", path).rstrip("/")


def is_possible(document: Raw, operation: Operation) -> str:
    """Return why the client cannot have an operation; an empty string when it can."""
    body = resolve(document, operation.content.get("requestBody"))
    if body and by_media_type(body) and json_form(body) is None:
        return f"it sends {', '.join(sorted(by_media_type(body)))}"
    plain = re.fullmatch(r"(/[A-Za-z0-9._~-]+|/{[^/{}]+})+/?", operation.path)
    return "" if plain else "its path is none that the client can write"


def free_name(operation: Operation, taken: Iterable[str]) -> str:
    """Name an operation by rule, with a number when the name is taken.

    `foo-bar` and `foo/bar` would have the same name, so the second gets a number.
    """
    plain, used = operation_name(operation), {python(each) for each in taken}
    names = (plain if count == 1 else f"{plain}_{count}" for count in itertools.count(1))
    return next(name for name in names if name not in used)


def new_operation(
    document: Raw,
    operation: Operation,
    name: str,
    *,
    failing: Iterable[str],
    graph: Graph,
    notes: Notes,
) -> Raw:
    """Return an operation that only the published document has, as one of ours."""
    path = renamed_path(operation.path)
    fresh = {
        key: raw for key, raw in parameters_of(document, operation).items() if key[0] != "path"
    }
    named: list[Raw] = [
        {"name": each, "in": "path", "required": True, "schema": {"type": "string"}} | DOCUMENTED
        for each in path_names(operation.path)
    ]
    summary = line(operation.content.get("summary"))[:200] or name.replace("_", " ").capitalize()
    described = text(operation.content.get("description"))
    taken = [each["name"] for each in named]
    content: Raw = {"tags": [TAG], "summary": summary} | (
        {"description": described} if described else {}
    )
    content["parameters"] = named + parameters.added(
        fresh, taken, f"{operation.method.upper()} {path}", graph, notes
    )
    if json_form(resolve(document, operation.content.get("requestBody"))):
        content["requestBody"] = new_body(document, operation, name, graph)
    content["responses"] = _new_responses(responses(document, operation), name) | dict.fromkeys(
        failing, FAILURE
    )
    content["responses"] = dict(sorted(content["responses"].items()))
    return content | DOCUMENTED | {"security": [{"BearerAuth": []}], "operationId": name}


def new_body(document: Raw, operation: Operation, name: str, graph: Graph) -> Raw:
    """Return a body that only the published document has."""
    body = resolve(document, operation.content.get("requestBody"))
    found = body_schema(document, body, operation.key, graph)
    inside = {"$ref": Published(found or schema(None), f"{pascal(name)}Body")}
    required = body.get("required") is True
    return DOCUMENTED | {"required": required, "content": {"application/json": {"schema": inside}}}


def _new_responses(found: dict[str, Raw], name: str) -> dict[str, Raw]:
    """Return the answers of a new operation.

    All that succeed are read by the schema of the first that has one.
    """
    forms = [form for _, raw in sorted(successes(found).items()) if (form := json_form(raw))]
    inside = (
        {"$ref": Published(schema(forms[0].get("schema")), f"{pascal(name)}Answer")}
        if forms
        else None
    )
    made: dict[str, Raw] = {}
    for status, raw in found.items():
        if _STATUS.fullmatch(status) and status[0] == "2":
            content = (
                {"content": {"application/json": {"schema": inside}}}
                if inside and json_form(raw)
                else {}
            )
            made[status] = (
                {"description": text(raw.get("description")) or "Done."} | DOCUMENTED | content
            )
        elif _STATUS.fullmatch(status) and status[0] in "45":
            made[status] = FAILURE
    return (
        made
        if any(status[0] == "2" for status in made)
        else made | {"200": {"description": "Done."} | DOCUMENTED}
    )
