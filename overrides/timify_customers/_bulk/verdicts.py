"""What the response to an import says about the rows that were sent. Pure.

The response is not documented, so this reads the usual shapes, and uses only what the response says
about a row by name: by its key, by its place in the request (``customers[3]``, or a zero-based
``index``), or in a list of results that is as long as the request. A response that contradicts
itself, or names a key that was not sent, counts as saying nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from attrs import frozen

from .._base.reports import OutcomeKind
from .._base.text import shorten
from .rows import Row

RowVerdicts = dict[int, tuple[OutcomeKind, str]]
"""By place in the request, counted from 0: created, updated or rejected, and the reason."""
_Group = tuple[OutcomeKind | None, list[Any]]
"""Entries that may each be about a row, and what their position says about all of them."""

_RESULTS: Final = frozenset({"data", "results", "customers", "rows", "items"})
"""Keys under which results may be."""
_WORDS: Final[dict[str, OutcomeKind]] = {
    **dict.fromkeys(("created", "inserted"), "created"),
    "updated": "updated",
    **dict.fromkeys(("rejected", "failed", "error", "errors", "invalid", "failures"), "rejected"),
}
"""Words that name what became of rows, as a key or as a value, in any case."""
_DEPTH: Final = 2
"""How deep results may be nested: the envelope is at 0, its ``data`` at 1, a group in it at 2."""
_IDENTIFIERS: Final = ("importCustomerId", "id", "externalId")
_VERBS: Final = ("status", "outcome", "result", "action", "operation", "state")
_FAULTS: Final = ("error", "errors")
_FAULTS_OF_REFUSAL: Final = (*_FAULTS, "message", "reason", "detail")
_REASONS: Final = ("message", "reason", "error", "errors", "detail", "status")
_PATHS: Final = ("message", "path", "pointer", "property", "instancePath", "loc")
_PLACE: Final = re.compile(r"\bcustomers(?:\[|[./])(\d{1,9})\b")


class _NonsenseError(Exception):
    """The response does not fit what was sent."""


@frozen
class _Sent:
    """The rows of a request, by the texts that may name them in its response.

    Attributes:
        size: how many rows there are.
        places: for each identifier, the place of the row with each text. It is None for a text that
            several rows have, and which therefore names none of them.
    """

    size: int
    places: Mapping[str, Mapping[str, int | None]]

    @classmethod
    def of(cls, rows: Sequence[Row]) -> _Sent:
        places: dict[str, dict[str, int | None]] = {name: {} for name in _IDENTIFIERS}
        for place, row in enumerate(rows):
            for name, by_text in places.items():
                if text := row.wire.get(name):
                    by_text[text] = None if text in by_text else place
        return cls(len(rows), places)

    @property
    def keys(self) -> Mapping[str, int | None]:
        """Places by ``importCustomerId``."""
        return self.places["importCustomerId"]


def parse_response(response: object, rows: Sequence[Row], *, refused: bool = False) -> RowVerdicts:
    """Read what a response says about single rows. Rows that it does not name are left out.

    Examples, for rows with the keys a, b and c::

        {"errors": [{"index": 1, "message": "bad"}]}   1: rejected, "bad"
        {"data": {"created": ["a"], "updated": ["c"]}} 0: created, 2: updated
        {"data": [{"status": "created"}, {"status": "created"}, {"error": "bad"}]}
                                                       0 and 1: created, 2: rejected, "bad"
        {"data": {"created": ["a", "b"], "failed": ["a"]}}
                                                       1: created; 0 is contradictory
        {"data": [{"status": "created"}]}              nothing: the row is not clear
        {"errors": [{"row": 1, "message": "bad"}]}     nothing: counted from 0 or from 1?
        {"data": [{"importCustomerId": "z"}, ...]}     nothing: it is about other rows

    Args:
        response: JSON of any shape.
        rows: the rows that were sent, in this order.
        refused: whether the request was refused. Then every entry that names a row and has a
            message is a rejection, and a list is not read as one result for each row.
    """
    sent_rows = _Sent.of(rows)
    claims: dict[int, dict[OutcomeKind, str]] = {}
    try:
        for place, kind, reason in _claims(response, sent_rows, refused=refused):
            claims.setdefault(place, {}).setdefault(kind, reason)
    except (_NonsenseError, RecursionError):
        return {}
    return {place: next(iter(kinds.items())) for place, kinds in claims.items() if len(kinds) == 1}


def count_failures(response: object, depth: int = 0) -> int:
    """Count the failures that a response reports, whether or not it names their rows.

    They are a number or a list, as in ``{"data": {"created": 2, "failed": 1}}``. If there are
    several, the largest counts, as a response may report the same failures twice.
    """
    if not isinstance(response, Mapping) or depth > _DEPTH:
        return 0
    counts = [0]
    for name, value in response.items():
        word = str(name).lower()
        if _WORDS.get(word) == "rejected":
            counts.append(_number_of(value))
        elif word in _RESULTS:
            counts.append(count_failures(value, depth + 1))
    return max(counts)


def _number_of(failures: object) -> int:
    if isinstance(failures, list | Mapping):
        return len(failures)
    return failures if isinstance(failures, int) else bool(failures)


def _claims(
    response: object, sent_rows: _Sent, *, refused: bool
) -> Iterator[tuple[int, OutcomeKind, str]]:
    """Yield every claim about a row: its place, what became of it, and why."""
    for group, entries in _all_groups(response, sent_rows, refused=refused):
        places = [_place(entry, sent_rows) for entry in entries]
        if group is None and not refused and _one_for_each(places, sent_rows):
            places = [*range(sent_rows.size)]
        for place, entry in zip(places, entries, strict=True):
            kind = _kind(entry, group, refused=refused)
            if place is not None and kind is not None:
                yield place, kind, _reason(entry)


def _one_for_each(places: Sequence[int | None], sent_rows: _Sent) -> bool:
    """Return whether a list has one result for each row, in the order in which they were sent.

    That is so if it is as long as the request, and no entry names its row.
    """
    return len(places) == sent_rows.size and all(place is None for place in places)


def _all_groups(response: object, sent_rows: _Sent, *, refused: bool) -> Iterator[_Group]:
    if refused and isinstance(response, Mapping):
        yield "rejected", [response.get("message")]
    yield from _groups(response, None, sent_rows)


def _groups(
    node: object, group: OutcomeKind | None, sent_rows: _Sent, depth: int = 0
) -> Iterator[_Group]:
    """Yield the lists of a response that may be about rows.

    An example: ``{"data": {"created": ["a"], "errors": [{"index": 1}]}}`` has the groups
    ``("created", ["a"])`` and ``("rejected", [{"index": 1}])``. Entries by key, such as ``{"data":
    {"a": "created"}}``, are a group too.
    """
    if isinstance(node, list):
        yield group, node
    if not isinstance(node, Mapping) or depth > _DEPTH:
        return
    if group == "rejected" and isinstance(message := node.get("message"), str):
        yield group, [message]
    if depth:
        yield group, [_keyed(key, value) for key, value in node.items() if key in sent_rows.keys]
    for name, value in node.items():
        word = str(name).lower()
        if word in _RESULTS or word in _WORDS:
            yield from _groups(value, _WORDS.get(word) or group, sent_rows, depth + 1)


def _keyed(key: str, value: object) -> dict[str, Any]:
    """Turn an entry under a key into an entry that holds the key.

    ``"a": "created"`` becomes ``{"status": "created", "importCustomerId": "a"}``.
    """
    entry = value if isinstance(value, Mapping) else {"status": value}
    return {**entry, "importCustomerId": key}


def _place(entry: object, sent_rows: _Sent) -> int | None:
    """Return the place of the row that an entry names, or None if it names none.

    Raises:
        _NonsenseError: it names several rows, or one that was not sent.
    """
    if isinstance(entry, str):
        if entry in sent_rows.keys:
            return sent_rows.keys[entry]
        entry = {"message": entry}
    if isinstance(entry, Mapping):
        return _named_place(entry, sent_rows)
    return None


def _named_place(entry: Mapping[str, Any], sent_rows: _Sent) -> int | None:
    key = entry.get("importCustomerId")
    if isinstance(key, str) and key and key not in sent_rows.keys:
        raise _NonsenseError
    places = {*_by_identifier(entry, sent_rows), *_by_path(entry), *_by_index(entry)}
    if len(places) > 1 or any(not 0 <= place < sent_rows.size for place in places):
        raise _NonsenseError
    return next(iter(places), None)


def _by_identifier(entry: Mapping[str, Any], sent_rows: _Sent) -> Iterator[int]:
    for name, by_text in sent_rows.places.items():
        text = entry.get(name)
        place = by_text.get(text) if isinstance(text, str) else None
        if place is not None:
            yield place


def _by_path(entry: Mapping[str, Any]) -> Iterator[int]:
    """Yield the number in ``customers[3]``, ``customers.3`` or ``customers/3`` of a message."""
    for name in _PATHS:
        if match := _PLACE.search(str(entry.get(name))):
            yield int(match[1])


def _by_index(entry: Mapping[str, Any]) -> Iterator[int]:
    index = entry.get("index")
    if type(index) is int:  # not a boolean, which is an int too
        yield index


def _kind(entry: object, group: OutcomeKind | None, *, refused: bool) -> OutcomeKind | None:
    """Return what an entry says about its row, or None if that is nothing or contradictory."""
    if isinstance(entry, Mapping):
        kinds: set[OutcomeKind] = {*_kinds(entry, refused=refused)}
        if group is not None:
            kinds.add(group)
        return kinds.pop() if len(kinds) == 1 else None
    if group is None and isinstance(entry, str):
        return _WORDS.get(entry.lower())
    return group


def _kinds(entry: Mapping[str, Any], *, refused: bool) -> Iterator[OutcomeKind]:
    for verb in _VERBS:
        word = entry.get(verb)
        if isinstance(word, str) and word.lower() in _WORDS:
            yield _WORDS[word.lower()]
    for flag in ("created", "updated"):
        if entry.get(flag) is True:
            yield _WORDS[flag]
    if _failed(entry, refused=refused):
        yield "rejected"


def _failed(entry: Mapping[str, Any], *, refused: bool) -> bool:
    status = entry.get("status")
    if entry.get("success") is False or (type(status) is int and status == 0):
        return True
    return any(entry.get(name) for name in (_FAULTS_OF_REFUSAL if refused else _FAULTS))


def _reason(entry: object) -> str:
    texts = [entry.get(name) for name in _REASONS] if isinstance(entry, Mapping) else [entry]
    reason = next((str(text) for text in texts if text), "no reason given")
    return shorten(reason, 300)
