"""What an answer says of the rows that were sent. Pure.

The answer is not documented, so this reads what is usual, and claims of a row only what the answer
says of it by name: by its key, by its place in what was sent (``customers[3]``, or a zero-based
``index``), or in a list of results as long as what was sent. An answer that contradicts itself, or
names a key that was not sent, says nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from attrs import evolve

from .._base.errors import shorten
from .._base.reports import PROBLEMS_KEPT, ImportReport, OutcomeKind, RowOutcome, RowProblem
from .rows import Row

Said = dict[int, tuple[OutcomeKind, str]]
"""By place in what was sent: created, updated or rejected, and why."""
_Keys = dict[str, dict[str, int | None]]
_List = tuple[OutcomeKind | None, list[Any]]

_RESULTS: Final = frozenset({"data", "results", "customers", "rows", "items"})
_WORDS: Final[dict[str, OutcomeKind]] = {
    **dict.fromkeys(("created", "inserted"), "created"),
    "updated": "updated",
    **dict.fromkeys(("rejected", "failed", "error", "errors", "invalid", "failures"), "rejected"),
}
_VERBS: Final = ("status", "outcome", "result", "action", "operation", "state")
_REASONS: Final = ("message", "reason", "error", "errors", "detail", "status")
_PATHS: Final = ("message", "path", "pointer", "property", "instancePath", "loc")
_PLACE: Final = re.compile(r"\bcustomers(?:\[|[./])(\d{1,9})\b")


class _NonsenseError(Exception):
    """The answer does not fit what was sent."""


def read(answer: object, rows: Sequence[Row], *, refused: bool = False) -> Said:
    """Read an answer; ``refused`` when it is that of a request which was refused.

    Rows it does not name are absent.
    """
    keys: _Keys = {name: {} for name in ("importCustomerId", "id", "externalId")}
    for number, row in enumerate(rows):
        for name, known in keys.items():
            if text := row.wire.get(name):
                known[text] = None if text in known else number
    said: dict[int, dict[OutcomeKind, str]] = {}
    try:
        told: list[_List] = (
            [("rejected", [answer.get("message")])]
            if refused and isinstance(answer, Mapping)
            else []
        )
        for group, entries in [*told, *_lists(answer, None, keys["importCustomerId"])]:
            places = [_place(entry, keys, len(rows)) for entry in entries]
            if (
                group is None
                and not refused
                and len(entries) == len(rows)
                and set(places) == {None}
            ):
                places = [*range(len(rows))]
            for at, entry in zip(places, entries, strict=True):
                if at is not None and (outcome := _outcome(entry, group, refused=refused)):
                    said.setdefault(at, {}).setdefault(outcome, _reason(entry))
    except (_NonsenseError, RecursionError):
        return {}
    return {at: next(iter(found.items())) for at, found in said.items() if len(found) == 1}


def failures(answer: object, depth: int = 0) -> int:
    """Count the failures that an answer tells of, by a number or a list, whether or not it names their rows."""
    told = 0
    if isinstance(answer, Mapping) and depth <= 2:  # noqa: PLR2004 - as below
        for name, value in answer.items():
            if _WORDS.get(word := str(name).lower()) == "rejected":
                counted = len(value) if isinstance(value, list | Mapping) else value
                told = max(told, counted if isinstance(counted, int) else bool(counted))
            elif word in _RESULTS:
                told = max(told, failures(value, depth + 1))
    return told


def _lists(
    node: object, group: OutcomeKind | None, known: Mapping[str, object], depth: int = 0
) -> Iterator[_List]:
    """Find the lists of an answer that may speak of rows, and what they say of all that they name."""
    if isinstance(node, list):
        yield group, node
    elif isinstance(node, Mapping) and depth <= 2:  # noqa: PLR2004 - an envelope, its data, a group of these
        if group == "rejected" and isinstance(message := node.get("message"), str):
            yield group, [message]
        if depth:
            yield group, [_keyed(key, value) for key, value in node.items() if key in known]
        for name, value in node.items():
            word = str(name).lower()
            if word in _RESULTS or word in _WORDS:
                yield from _lists(value, _WORDS.get(word) or group, known, depth + 1)


def _keyed(key: str, value: object) -> dict[str, Any]:
    return {**(value if isinstance(value, Mapping) else {"status": value}), "importCustomerId": key}


def _place(entry: object, keys: _Keys, rows: int) -> int | None:
    """Find the row that an entry names."""
    if isinstance(entry, str):
        if entry in keys["importCustomerId"]:
            return keys["importCustomerId"][entry]
        entry = {"message": entry}
    if not isinstance(entry, Mapping):
        return None
    key, index = entry.get("importCustomerId"), entry.get("index")
    if isinstance(key, str) and key and key not in keys["importCustomerId"]:
        raise _NonsenseError
    found = {
        known.get(text) for name, known in keys.items() if isinstance(text := entry.get(name), str)
    }
    found |= {int(at[1]) for name in _PATHS if (at := _PLACE.search(str(entry.get(name))))}
    found |= {index} if type(index) is int else set()
    found.discard(None)
    if len(found) > 1 or any(not 0 <= at < rows for at in found if at is not None):
        raise _NonsenseError
    return next(iter(found), None)


def _outcome(entry: object, group: OutcomeKind | None, *, refused: bool) -> OutcomeKind | None:
    """Give what an entry says of its row; None when that is nothing, or two things."""
    if not isinstance(entry, Mapping):
        return group or (_WORDS.get(entry.lower()) if isinstance(entry, str) else None)
    found: set[OutcomeKind] = {group} if group else set()
    found |= {
        _WORDS[word.lower()]
        for verb in _VERBS
        if isinstance(word := entry.get(verb), str) and word.lower() in _WORDS
    }
    found |= {_WORDS[name] for name in ("created", "updated") if entry.get(name) is True}
    status, faults = (
        entry.get("status"),
        ("error", "errors", *(("message", "reason", "detail") if refused else ())),
    )
    failed = entry.get("success") is False or (type(status) is int and not status)
    if failed or any(entry.get(name) for name in faults):
        found.add("rejected")
    return found.pop() if len(found) == 1 else None


def _reason(entry: object) -> str:
    texts = [entry.get(name) for name in _REASONS] if isinstance(entry, Mapping) else [entry]
    return shorten(next((str(text) for text in texts if text), "no reason given"), 300)


def outcomes(
    rows: Sequence[Row], said: Said, rest: OutcomeKind, reason: str | None = None
) -> list[RowOutcome]:
    """Give each row its outcome: what was said of it, else ``rest``, which has a reason when it is bad."""
    result = []
    for at, row in enumerate(rows):
        outcome, why = said.get(at, (rest, reason))
        problems = (
            (RowProblem(row.number, why),)
            if why and outcome in {"rejected", "unknown"}
            else row.problems
        )
        result.append(
            RowOutcome(row.number, outcome, row.wire.get("importCustomerId"), problems, row.given)
        )
    return result


def tally(report: ImportReport, found: Sequence[RowOutcome], requests: int) -> ImportReport:
    """Count outcomes, and keep the first problems."""
    counts: dict[str, Any] = {"requests": report.requests + requests}
    for it in found:
        counts[it.outcome] = counts.get(it.outcome, getattr(report, it.outcome)) + 1
    counts["resumed"] = report.resumed + sum(it.resumed for it in found)
    if len(report.problems) < PROBLEMS_KEPT and (
        new := [problem for it in found for problem in it.problems]
    ):
        counts["problems"] = tuple(
            sorted((*report.problems, *new), key=lambda it: it.number)[:PROBLEMS_KEPT]
        )
    return evolve(report, **counts)
