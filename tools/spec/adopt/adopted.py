"""One operation of ours, with what is published of it taken in."""

from typing import Any

from spec.adopt.classes import Graph
from spec.adopt.components import DOCUMENTED
from spec.adopt.forms import body_schema, json_form, own_answers, responses, successes
from spec.adopt.notes import Notes
from spec.adopt.operations import FAILURE, STATUS, new_body
from spec.adopt.outcomes import MUSTS
from spec.adopt.positions import SILENT, Facts, Position, Spot
from spec.adopt.remarks import text
from spec.adopt.schemas import Merger
from spec.compare.scope import Operation
from spec.compare.view import schema
from spec.compare.walk import by_media_type
from spec.names import pascal
from spec.references import resolve

Raw = dict[str, Any]


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
        self.known, self.published = known, published
        self.ours, self.theirs = ours, theirs
        self.graph = graph
        self.bodies = Facts()

    def collect(self, merger: Merger, answers: Facts) -> None:
        """Gather what is published at the positions of our schemas."""
        theirs = responses(self.published, self.theirs)
        for status, own_answer in own_answers(self.known, self.ours):
            for position in self._published_at(status, theirs):
                merger.collect(own_answer, position, answers)
        published_body = body_schema(self.published, self._their_body, self.ours.key, self.graph)
        own = json_form(self._own_body)
        if published_body and own:
            merger.collect(
                own["schema"], Position(published_body, f"{self.ours.name} body $"), self.bodies
            )

    def _published_at(self, status: str, theirs: dict[str, Raw]) -> list[Position]:
        """Return what is published at an answer of ours.

        For a success that is every published success, since any of them is read by its schema.
        """
        if status[0] == "2":
            alike = successes(theirs)
        else:
            alike = {each: theirs[each] for each in _failures_of(status, theirs)}
        forms = {each: form for each, raw in sorted(alike.items()) if (form := json_form(raw))}
        where = f"{self.ours.name} answer"
        positions = [
            Position(schema(form.get("schema")), f"{where} {each} $")
            for each, form in forms.items()
        ]
        return positions or [SILENT]

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
        body = new_body(
            self.published, self.theirs, str(self.ours.content["operationId"]), self.graph
        )
        notes.add("needed" if body["required"] else "added", f"{self.ours.name} body")
        return body

    def _merged_body(self, merger: Merger, notes: Notes) -> Raw:
        body, theirs = self._own_body, self._their_body
        form = json_form(body) or {}
        spot = Spot("body", self.ours.key, (), self._owner, f"{self.ours.name} body $")
        spoken = json_form(theirs) is not None
        if theirs and not spoken:
            media_types = ", ".join(sorted(by_media_type(theirs))) or "nothing"
            notes.add("kept", spot.where, f"published as {media_types}")
        inside = merger.merged(form["schema"], self.bodies, spot)
        merged = body | {"content": {"application/json": form | {"schema": inside}}}
        if not spoken:
            return merged
        required = theirs.get("required") is True or self.ours.key in MUSTS
        return merged | {"required": required} | DOCUMENTED

    @property
    def _owner(self) -> str:
        return pascal(str(self.ours.content["operationId"]))

    def _merged_responses(self, merger: Merger, answers: Facts, notes: Notes) -> Raw:
        own, theirs = responses(self.known, self.ours), responses(self.published, self.theirs)
        written = self.ours.content["responses"]
        merged: Raw = {}
        for status, raw in own.items():
            merged[status] = written[status]
            if status in successes(own):
                merged[status] = self._success(raw, theirs.get(status), merger, answers)
        usual = next((raw for raw in successes(own).values() if json_form(raw)), None)
        for status in sorted(theirs.keys() - own.keys()):
            if STATUS.fullmatch(status) and status[0] in "2345":
                notes.add("added", f"{self.ours.name} answer {status}")
                merged[status] = self._new_response(status, theirs[status], usual, merger, answers)
        return dict(sorted(merged.items()))

    def _new_response(
        self, status: str, raw: Raw, usual: Raw | None, merger: Merger, answers: Facts
    ) -> Raw:
        if status[0] != "2":
            return FAILURE
        bare: Raw = {"description": text(raw.get("description")) or "Done."} | DOCUMENTED
        if status == "204" or usual is None:
            return bare
        return self._success(usual, raw, merger, answers)

    def _success(self, own: Raw, theirs: Raw | None, merger: Merger, answers: Facts) -> Raw:
        form = json_form(own)
        content = dict(own)
        if form:
            spot = Spot("answer", "", (), self._owner, f"{self.ours.name} answer $")
            inside = merger.merged(form["schema"], answers, spot)
            content["content"] = {"application/json": form | {"schema": inside}}
        if theirs is not None:
            described = text(theirs.get("description"))
            content |= DOCUMENTED | ({"description": described} if described else {})
        return content
