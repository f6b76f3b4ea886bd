"""The first page of a report: a page, with what a maintainer must know at its top."""

from spec.adopt.notes import Kind, Note
from spec.fetch import page
from spec.fetch.take_over import first_rating

BUILT = {
    "paths": {},
    "components": {"schemas": {"Thing": {"properties": {"a": {"x-evidence": "inferred"}}}}},
}


def first(*notes: Note, changes: tuple[str, ...] = ()) -> str:
    return page.first(notes, BUILT, "minor", changes, later=False)


def test_it_is_a_page() -> None:
    """However much there is to say, the first page is short, and says how much more there is."""
    kinds: tuple[Kind, ...] = ("added", "kept", "dropped", "renamed", "both", "left out")
    notes = [
        Note(kind, f"GET /v1/x{n} body $.{n}", f"words {n}") for n in range(200) for kind in kinds
    ]
    text = first(*notes, changes=tuple(map(str, range(200))))
    assert len(text.splitlines()) < 80
    assert "## What changes for users (200)" in text
    assert "and 188 more: see the details" in text


def test_the_same_of_many_operations_is_one_line() -> None:
    """A status that all operations gain is told once."""
    notes = [Note("added", f"GET /v1/x{number} answer 405") for number in range(16)]
    assert page.lines(notes, ["added"]) == [
        "`GET /v1/x0 answer 405` is added (and on 15 more operations)"
    ]


def test_renames_are_pairs() -> None:
    """A key of two spellings is one line, with all places where it is so."""
    notes = [
        Note("renamed", f"{method} /v1/x body $.aB", "aB is written a_b")
        for method in ("POST", "PATCH")
    ]
    assert page.renames(notes) == [
        "`aB is written a_b`: `POST /v1/x body $.aB`, `PATCH /v1/x body $.aB`"
    ]


def test_guesses_are_counted() -> None:
    """What nobody has documented or seen is counted by where it stands."""
    assert page.guesses(BUILT) == ["`schema Thing`: 1"]


def test_the_first_document_is_rated_by_what_it_does() -> None:
    """What may break is major, what is new is minor, mere confirmation a patch."""
    assert first_rating([Note("confirmed", "a")]) == "patch"
    assert first_rating([Note("confirmed", "a"), Note("renamed", "b")]) == "minor"
    for kind in ("dropped", "replaced", "needed", "missing operation"):
        assert first_rating([Note("added", "a"), Note(kind, "b")]) == "major"  # type: ignore[arg-type]
