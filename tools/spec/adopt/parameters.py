"""Parameters of an operation: ours with what is published of them, then those published alone."""

from collections.abc import Iterable
from typing import Any

from spec import lists
from spec.adopt.classes import Graph
from spec.adopt.components import DOCUMENTED
from spec.adopt.notes import Notes
from spec.adopt.outcomes import MUST_PARAMETER, enum_values, parameter_outcome, typed
from spec.adopt.remarks import line, text
from spec.compare.scope import Operation
from spec.compare.view import View, Views, schema
from spec.compare.walk import parameters_of, schema_of
from spec.names import RESERVED_PARAMETERS, python
from spec.references import resolve

Raw = dict[str, Any]
Key = tuple[str, str]
KINDS = frozenset({"header", "query"})
LONGEST_NAME = 80


def merged(
    known: Raw, ours: Operation, theirs: dict[Key, Raw], graph: Graph, notes: Notes
) -> list[tuple[Raw, Raw]]:
    """Return each parameter of an operation as it stands in ours, and as it is after adoption.

    New ones stand last. `theirs` are the published parameters as `walk.parameters_of` returns them:
    those of the path by their order.
    """
    views = Views(known)
    raws = [each for each in ours.content.get("parameters", []) if isinstance(each, dict)]
    own = {_key(ours, resolve(known, raw)): raw for raw in raws}
    names = _pairs(own, theirs)
    parameters = []
    for key, raw in own.items():
        old = resolve(known, raw)
        where = f"{ours.name} {key[0]} parameter {old['name']}"
        new = theirs.get(names.get(key, key))
        parameters.append(
            (raw, old if new is None else _one(old, new, key, where, views, graph, notes))
        )
    names_taken = [content["name"] for _, content in parameters]
    fresh = {key: theirs[key] for key in theirs.keys() - set(names.values())}
    return parameters + [({}, each) for each in added(fresh, names_taken, ours.name, graph, notes)]


def _key(operation: Operation, parameter: Raw) -> Key:
    (key,) = parameters_of(
        {}, Operation(operation.method, operation.path, {}, {"parameters": [parameter]})
    )
    return key


def _pairs(own: Iterable[Key], theirs: Iterable[Key]) -> dict[Key, Key]:
    """Map each of our parameters to the published one.

    That is the same, or else one of the query that is the same in Python.
    """
    candidates = sorted(theirs)
    matched = {key: key for key in own if key in candidates}
    for key in own:
        alike = [
            each for each in candidates if each[0] == key[0] and python(each[1]) == python(key[1])
        ]
        if key not in matched and key[0] == "query" and alike and alike[0] not in matched.values():
            matched[key] = alike[0]
    return matched


def _one(old: Raw, new: Raw, key: Key, where: str, views: Views, graph: Graph, notes: Notes) -> Raw:  # noqa: PLR0917
    """Return a parameter of ours with what is published of it."""
    content = old | DOCUMENTED
    described = text(new.get("description"))
    content |= {"description": described} if described else {}
    if key[0] == "query" and new["name"] != old["name"]:
        notes.add("renamed", where, f"{old['name']} is written {new['name']}")
        content["name"] = new["name"]
    must = (key[0], str(old["name"])) == MUST_PARAMETER
    if new.get("required") is True and not old.get("required") and not must:
        notes.add("needed", where, "became required")
        content["required"] = True
    view = graph.view(schema_of(new))
    ours, theirs = typed(views.of(schema(old.get("schema"))).types), typed(view.types)
    if parameter_outcome(ours, theirs, must=must) == "published":
        notes.add("replaced", where, f"published is {view.words}")
        content["schema"] = _schema(view, graph)
    elif theirs and "array" in ours - theirs:
        written = lists.example(content["name"], lists.COMMA)
        how = f"the client writes a list as one text, {written}"
        notes.add("kept", where, f"published is {view.words}; {how}")
    else:
        notes.add("confirmed", where)
    if key[0] == "query" and "array" in theirs:
        content |= _list_style(old, new, where, notes)
    return content


def added(
    fresh: dict[Key, Raw], taken: Iterable[str], operation: str, graph: Graph, notes: Notes
) -> list[Raw]:
    """Return the published parameters that ours lacks, if they can be named and sent as text."""
    identifiers = {python(name) for name in taken} | RESERVED_PARAMETERS
    parameters = []
    for (sent_in, _), raw in sorted(fresh.items()):
        name, where = str(raw["name"]), f"{operation} {sent_in} parameter {raw['name']}"
        view = graph.view(schema_of(raw))
        is_required = raw.get("required") is True
        if not _is_sendable(sent_in, name, view) or python(name) in identifiers:
            notes.add("needed" if is_required else "left out", where, "the client cannot send it")
            continue
        identifiers.add(python(name))
        notes.add("needed" if is_required else "added", where)
        content = _new(sent_in, name, raw, view, graph)
        is_list = "array" in view.types
        style = _list_style({}, raw, where, notes) if is_list else {}
        parameters.append(content | style)
    return parameters


def _is_sendable(sent_in: str, name: str, view: View) -> bool:
    plain = name.isascii() and name.isprintable() and " " not in name
    short = 0 < len(name) <= LONGEST_NAME
    listed_in_header = sent_in == "header" and "array" in view.types
    takes_text = "object" not in view.types and not listed_in_header
    return sent_in in KINDS and plain and short and takes_text


def _new(sent_in: str, name: str, raw: Raw, view: View, graph: Graph) -> Raw:
    content: Raw = {"name": name, "in": sent_in, "required": raw.get("required") is True}
    described = text(raw.get("description") or view.remarks.get("description"))
    values = enum_values(view.values)
    listed = f"One of: {', '.join(map(line, map(str, values)))}." if values else ""
    words = " ".join(filter(None, [described, listed]))
    content |= {"description": words} if words else {}
    return content | DOCUMENTED | {"schema": _schema(view, graph)}


def _list_style(old: Raw, new: Raw, where: str, notes: Notes) -> Raw:
    """Return the style in which a list is written: the published one, else ours, which is commas.

    `old` is our parameter, which is empty if only the published document has it. What is published
    without a style is not taken at its word. To OpenAPI it means that each entry is a parameter of
    its own, but most such documents just do not say, and commas are documented for lists of
    sibling operations. A maintainer is told.
    """
    ours = lists.COMMA
    if lists.is_stated(old):
        ours = lists.separator(old) or ours
    before = lists.example(str(new["name"]), ours)
    theirs = lists.separator(new)
    if "content" in new:
        notes.add("kept", where, f"the client sends no `content`; it is written {before}")
        return lists.style(ours)
    if not lists.is_stated(new):
        notes.add("kept", where, f"the document gives this list no style; it is written {before}")
        return lists.style(ours)
    if theirs is None:
        notes.add("kept", where, f"OpenAPI has no such style of a list; it is written {before}")
        return lists.style(ours)
    if old and theirs != ours:
        after = lists.example(str(new["name"]), theirs)
        notes.add("renamed", where, f"{before} is written {after}")
    return lists.style(theirs)


def _schema(view: View, graph: Graph) -> Raw:
    """Return a plain schema, without its default.

    The client would send a default without being asked to.
    """
    types = sorted(typed(view.types) - {"array", "object"})
    if "array" in view.types:
        items = graph.view(view.items) if view.items else View()
        nested = "array" in items.types
        return {"type": "array", "items": {"type": "string"} if nested else _schema(items, graph)}
    if not types:
        return {"type": "string"}
    return {"type": types[0] if len(types) == 1 else types}
