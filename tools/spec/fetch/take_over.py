"""Take a published document over: adopt it, make the client, rate it, put all of it into place."""

import json
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import bounded

from spec.adopt.adopt import check_scope
from spec.adopt.notes import HEAVY, Note
from spec.compare import redocly_diff, report, rules
from spec.compare.reconcile import Stage, reconcile
from spec.compare.rules import IMPACTS, Impact, highest
from spec.document import overlays
from spec.errors import DocumentError, NotADocumentError, RejectedError, SpecError, UsageError
from spec.fetch import page
from spec.fetch.download import Download
from spec.files import Places, load, put, read, write
from spec.parse import parse

Overlays = dict[str, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Maker:
    """What makes document and client.

    `build` makes them in a scratch folder from a published document, `install` puts them into place
    from there. `prepare` installs what `build` needs, for which there is no limit of time.
    """

    build: Callable[[Path, Path], list[Note]]
    install: Callable[[Path], None]
    prepare: Callable[[], object] = lambda: None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a fetch.

    That is whether anything changed, how it rates, the first page of the report, and its details.
    """

    result: str
    rating: Impact
    page: str
    details: str

    @property
    def text(self) -> str:
        """The whole report."""
        return report.together(self.page, self.details)


def take_over(fetched: Download, places: Places, make: Maker) -> Outcome:
    """Adopt what was found as `published.yaml`, with the document and the client that it makes.

    Raises:
        UsageError: the files of the project cannot be read.
        NotADocumentError: what was found is not TIMIFY's document.
        RejectedError: it could not be compared or built. Then it is kept in the scratch folder.
    """
    old = read(places.published) if places.published.exists() else None
    if fetched.content == old:
        address = report.code(fetched.address)
        text = f"# Unchanged\n\n{address} gives what published.yaml holds already.\n"
        return Outcome("unchanged", "none", text, "")
    places.scratch.mkdir(parents=True, exist_ok=True)
    try:
        with _rejecting("The client cannot be made."):
            make.prepare()
        with tempfile.TemporaryDirectory(dir=places.scratch) as name:
            with _limited():
                outcome, scratch = _adopted(fetched, old, places, make, Path(name))
            _put(fetched.content, old, scratch, places, make)
            return outcome
    except RejectedError as failure:
        put(places.rejected, fetched.content, places.scratch)
        advice = f"It is kept as {places.rejected}, to look at and to try again with --file."
        raise RejectedError(f"{failure}\n{advice}") from failure


@dataclass(frozen=True, slots=True)
class Rated:
    """How a document rates.

    `lines` say what changes for users, one change each and the heaviest first; `details` say why.
    """

    rating: Impact
    lines: list[str]
    details: str


def rated(old: dict[str, Any], new: dict[str, Any]) -> Rated:
    """Rate the change from one published document to another."""
    ours, redoclys = rules.changes(old, new), redocly_diff.changes(old, new)
    heaviest = sorted(ours, key=lambda each: -IMPACTS.index(each.impact))
    lines = [
        f"{each.impact}: {report.code(each.where)} {report.code(each.message)}" for each in heaviest
    ]
    rating = highest(each.impact for each in [*ours, *redoclys])
    return Rated(rating, lines, report.rating(ours, redoclys))


def _published(fetched: Download, places: Places) -> dict[str, Any]:
    known = _own(places.upstream)
    try:
        published = parse(fetched.content, fetched.content_type)
        check_scope(known, published)
    except NotADocumentError as wrong:
        raise NotADocumentError(f"{fetched.address}: {wrong}") from wrong
    except RejectedError as refused:
        raise RejectedError(f"{fetched.address}: {refused}") from refused
    return published


def _adopted(
    fetched: Download, old: bytes | None, places: Places, make: Maker, place: Path
) -> tuple[Outcome, Path]:
    """Make document and client in a folder of `place`; return it, and what to say of them."""
    published = _published(fetched, places)
    scratch = place / "made"
    scratch.mkdir()
    # As JSON, since it has been read as YAML once, which is slow.
    candidate = place / "published.json"
    candidate.write_text(json.dumps(published), encoding="utf-8")
    with _rejecting("The client cannot be made from it."):
        notes = make.build(scratch, candidate)
    with _rejecting("It cannot be compared."):
        compared = _compared(published, old, notes, places)
        built = load(scratch / "customers.yaml")
        first_page = page.first(
            notes, built, compared.rating, compared.lines, later=old is not None
        )
    details = report.together(
        "# Details\n", page.every(notes, built), compared.details, _origin(fetched)
    )
    return Outcome("adopted", compared.rating, first_page, details), scratch


def _compared(
    published: dict[str, Any], old: bytes | None, notes: list[Note], places: Places
) -> Rated:
    """Rate what was adopted, by the last published document where there is one."""
    if old is not None:
        return rated(parse(old), published)
    beliefs = list(stages(_own(places.upstream), overlays.every()))
    details = report.reconciliation(reconcile(published, beliefs))
    return Rated(first_rating(notes), page.lines(notes, page.USERS), details)


def first_rating(notes: list[Note]) -> Impact:
    """Rate what the first published document makes of the client."""
    if any(note.kind in HEAVY for note in notes):
        return "major"
    return "minor" if any(note.kind != "confirmed" for note in notes) else "patch"


def _put(content: bytes, old: bytes | None, scratch: Path, places: Places, make: Maker) -> None:
    """Put the published document and what it made into place.

    When that fails, the old one is put back.
    """
    put(places.published, content, places.scratch)
    try:
        make.install(scratch)
    except BaseException:
        places.published.unlink() if old is None else put(places.published, old, places.scratch)
        raise


def stages(reconstruction: dict[str, Any], ours: Overlays) -> Iterator[Stage]:
    """Yield what we believed, overlay by overlay.

    The last overlay is left out: it names things in Python, and says nothing of the API.
    """
    yield "documented", reconstruction
    names = list(ours)
    for count, name in enumerate(names[:-1], 1):
        yield name, overlays.applied(reconstruction, {each: ours[each] for each in names[:count]})


def _own(path: Path) -> dict[str, Any]:
    try:
        return parse(read(path))
    except NotADocumentError as broken:
        raise UsageError(f"{path}: {broken} Restore it first, with git.") from broken


@contextmanager
def _rejecting(problem: str) -> Iterator[None]:
    """Turn whatever a foreign document trips over in what we do with it into one RejectedError."""
    try:
        yield
    except (SpecError, bounded.BoundError, MemoryError):
        raise
    except DocumentError as refused:
        raise RejectedError(f"{problem} {refused}") from refused
    except Exception as odd:
        raise RejectedError(f"{problem} {type(odd).__name__}: {odd}") from odd


@contextmanager
def _limited() -> Iterator[None]:
    """Bound the time and memory of what is done with a document."""
    try:
        with bounded.limits():
            yield
    except bounded.BoundError as bound:
        raise RejectedError(f"It cannot be adopted: {bound}.") from bound


def _origin(fetched: Download) -> str:
    origin = f"Fetched from {report.code(fetched.address)}, {len(fetched.content)} bytes."
    doubt = "The server did not say how long the file is: a cut at its end would not be seen."
    return f"{origin}\n" if fetched.sized else f"{origin} {doubt}\n"


def record(outcome: Outcome, places: Places, target: Path) -> None:
    """Write the report, its first page, and the result for machines."""
    write(target, report.bounded(outcome.text))
    write(places.page, report.bounded(outcome.page))
    _result(places, outcome.result, outcome.rating, "")


def record_refusal(failure: SpecError, places: Places, target: Path) -> None:
    """Write down that nothing was taken over, and why."""
    text = report.failure(str(failure))
    write(target, report.bounded(text))
    write(places.page, report.bounded(text))
    _result(places, "refused", None, str(failure))


def _result(places: Places, result: str, rating: Impact | None, reason: str) -> None:
    content = {"result": result, "rating": rating, "reason": reason}
    write(places.result, json.dumps(content, indent=2) + "\n")
