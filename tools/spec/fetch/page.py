"""The first page of a report: what a maintainer must know of an adopted document, at a glance."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from spec.adopt.notes import Kind, Note
from spec.adopt.outcomes import UNSEEN
from spec.compare.report import code, section, together
from spec.compare.rules import Impact
from spec.document.checks import elements

MOST_LINES = 12  # of one section on the first page

WORDS: dict[Kind, str] = {
    "missing operation": "is not published",
    "new operation": "is new",
    "needed": "must be sent",
    "renamed": "is renamed",
    "dropped": "is no longer sent: the published body does not have it",
    "replaced": "is now as published",
    "kept": "stays as we have it",
    "both": "admits both",
    "left out": "is left out",
    "added": "is added",
    "confirmed": "is confirmed",
}
USERS: tuple[Kind, ...] = (
    "missing operation",
    "needed",
    "dropped",
    "replaced",
    "new operation",
    "added",
)
CONTRADICTIONS: tuple[Kind, ...] = (
    "missing operation",
    "needed",
    "dropped",
    "replaced",
    "kept",
    "both",
    "left out",
)


def first(
    notes: Sequence[Note],
    built: Mapping[str, Any],
    rating: Impact,
    changes: Sequence[str],
    *,
    later: bool,
) -> str:
    """Return the first page, about an adopted document that was built with these notes.

    `changes` are what changes for users, a line each: since the last published document, where
    there is one.
    """
    counts = Counter(note.kind for note in notes)
    since = "A new version of the published document" if later else "The first published document"
    return together(
        f"# Rating: {rating}\n",
        f"{since} is adopted: "
        f"{counts['confirmed']} elements of ours are confirmed, {counts['added']} are added, "
        f"{counts['renamed']} renamed, {counts['dropped']} dropped, "
        f"{counts['replaced']} replaced.\n",
        _short("What changes for users", changes),
        _short("What contradicts us, and what was done about it", lines(notes, CONTRADICTIONS)),
        _short("Renamed on the wire; Python code does not change", renames(notes)),
        _short("What stays a guess", guesses(built)),
    )


def every(notes: Sequence[Note], built: Mapping[str, Any]) -> str:
    """Return all that adoption did, confirmations aside, and all that stays a guess."""
    kinds = [kind for kind in WORDS if kind != "confirmed"]
    return together(
        *(
            section(f"It {WORDS[kind]}", [_line(each) for each in _of(notes, kind)])
            for kind in kinds
        ),
        section("It stays a guess", guesses(built)),
    )


def _of(notes: Iterable[Note], kind: Kind) -> list[Note]:
    return [note for note in notes if note.kind == kind]


def lines(notes: Sequence[Note], kinds: Iterable[Kind]) -> list[str]:
    """Return a line for each note of some kinds.

    Notes that say the same of many operations share one.
    """
    return [line for kind in kinds for line in _together(_of(notes, kind))]


def _together(notes: Sequence[Note]) -> list[str]:
    groups: dict[tuple[str, str], list[Note]] = {}
    for note in notes:
        groups.setdefault((_place(note), note.message), []).append(note)
    return [_line(alike[0], len(alike) - 1) for alike in groups.values()]


def _place(note: Note) -> str:
    """Return where in its operation something is: `answer 405`; for an operation, all of it."""
    place = " ".join(note.where.split(" ")[2:])
    return place or note.where


def _line(note: Note, other_count: int = 0) -> str:
    remark_on_others = f" (and on {other_count} more operations)" if other_count else ""
    remark = f": {code(note.message)}" if note.message else ""
    return f"{code(note.where)} {WORDS[note.kind]}{remark_on_others}{remark}"


def renames(notes: Sequence[Note]) -> list[str]:
    """Return each pair of names once, with the places where it is so."""
    groups: dict[str, list[str]] = {}
    for note in _of(notes, "renamed"):
        groups.setdefault(note.message, []).append(note.where)
    return [f"{code(pair)}: {', '.join(map(code, places))}" for pair, places in groups.items()]


def guesses(built: Mapping[str, Any]) -> list[str]:
    """Return how much of each operation or schema nobody has documented or seen."""
    counts = Counter(
        " ".join(place.split(" ")[:2])
        for place, element in elements(built)
        if element.get("x-evidence") in UNSEEN
    )
    return [f"{code(place)}: {count}" for place, count in counts.most_common()]


def _short(heading: str, all_lines: Sequence[str]) -> str:
    """Return a section of a page: its first lines, and how many there are."""
    if not all_lines:
        return ""
    hidden = len(all_lines) - MOST_LINES
    shown = (
        list(all_lines)
        if hidden <= 1
        else [*all_lines[:MOST_LINES], f"and {hidden} more: see the details"]
    )
    return f"## {heading} ({len(all_lines)})\n\n" + "".join(f"- {line}\n" for line in shown)
