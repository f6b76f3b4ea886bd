"""Taking a published document over: compare it with what there is, try to build the client's document, and replace."""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from spec.compare import redocly_diff, report, rules
from spec.compare.reconcile import Stage, reconcile
from spec.compare.scope import operations
from spec.document import overlays
from spec.errors import DocumentError, NotADocumentError, RejectedError, SpecError, UsageError
from spec.fetch.download import Download
from spec.fetch.origin import is_reconstruction
from spec.fetch.overlaps import pointless, repeating
from spec.files import Places, put, read, write
from spec.parse import parse

Build = Callable[[Path, Path], object]
Overlays = dict[str, dict[str, Any]]


def take_over(found: Download, places: Places, target: Path, build: Build) -> str:
    """Replace `upstream.yaml` by what was found, write the report to `target` and give it.

    Raises:
        UsageError: the files of the project cannot be read.
        NotADocumentError: what was found is not TIMIFY's document.
        RejectedError: it could not be compared or built. Then it is kept in the scratch folder, and the report says
            why, if there is one.
    """
    if found.content == read(places.upstream):
        return _reported(target, f"# Unchanged\n\n{_code(found.address)} gives what upstream.yaml holds already.\n")
    published = _published(found)
    try:
        return _compared_and_replaced(found, published, places, target, build)
    except RejectedError as failure:
        put(places.rejected, found.content, places.scratch)
        advice = f"It is kept as {places.rejected}: put right what {target} says, and try again with --file."
        raise RejectedError(f"{failure}\n{advice}") from failure


def rated(old: dict[str, Any], new: dict[str, Any]) -> str:
    """Report what the change from one published document to another means for the client."""
    return report.rating(rules.changes(old, new), redocly_diff.changes(old, new))


def _published(found: Download) -> dict[str, Any]:
    try:
        published = parse(found.content, found.content_type)
    except NotADocumentError as wrong:
        raise NotADocumentError(f"{found.address}: {wrong}") from wrong
    if not operations(published):
        raise NotADocumentError(
            f"{found.address}: It is an OpenAPI document, but none of its operations is tagged Customers. "
            "Check that it is TIMIFY's, and whole."
        )
    return published


def _compared_and_replaced(
    found: Download, published: dict[str, Any], places: Places, target: Path, build: Build
) -> str:
    old = _own(places.upstream)
    parts = [_origin(found)]
    try:
        ours = overlays.every()
        with _rejecting("It cannot be compared."):
            parts.insert(0, _compared(old, published, ours))
        with _rejecting("The overlays cannot be applied to it."):
            parts.insert(1, _stale(old, published, ours))
        _try_to_build(found.content, places, build)
    except RejectedError as failure:
        _reported(target, report.together(report.failure(str(failure)), *parts))
        raise
    text = _reported(target, report.together(*parts, NEXT))
    put(places.upstream, found.content, places.scratch)
    return text


NEXT = "Next: `make generate`, then `make test`, and read the difference.\n"


def _compared(old: dict[str, Any], published: dict[str, Any], ours: Overlays) -> str:
    if not is_reconstruction(old):
        return rated(old, published)
    return report.reconciliation(reconcile(published, list(stages(old, ours))))


def stages(reconstruction: dict[str, Any], ours: Overlays) -> Iterator[Stage]:
    """Give what we believed, overlay by overlay; the last of them, on names in Python, says nothing of the API."""
    yield "documented", reconstruction
    names = list(ours)
    for count, name in enumerate(names[:-1], 1):
        yield name, overlays.applied(reconstruction, {each: ours[each] for each in names[:count]})


def _own(path: Path) -> dict[str, Any]:
    try:
        return parse(read(path))
    except NotADocumentError as broken:
        raise UsageError(f"{path}: {broken} Restore it first, with git.") from broken


def _stale(old: dict[str, Any], published: dict[str, Any], ours: Overlays) -> str:
    before = pointless(old, ours)
    stale = [str(each) for each in overlays.stale_actions(published, ours)]
    stale += [each for each in pointless(published, ours) if each not in before]
    stale += repeating(published, ours, overlays.applied(published, ours))
    return report.section("Overlay actions now stale", [_code(each) for each in stale])


def _try_to_build(content: bytes, places: Places, build: Build) -> None:
    places.scratch.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=places.scratch) as scratch:
        upstream = Path(scratch, "upstream.yaml")
        upstream.write_bytes(content)
        with _rejecting("The client's document cannot be built from it."):
            build(upstream, Path(scratch, "customers.yaml"))


@contextmanager
def _rejecting(what: str) -> Iterator[None]:
    """Turn whatever a foreign document trips over in what we do with it into one RejectedError."""
    try:
        yield
    except SpecError:
        raise
    except DocumentError as refused:
        raise RejectedError(f"{what} {refused}") from refused
    except Exception as odd:
        raise RejectedError(f"{what} {type(odd).__name__}: {odd}") from odd


def _origin(found: Download) -> str:
    doubt = "" if found.sized else " The server did not say how long the file is: a cut at its end would not be seen."
    return f"Fetched from {_code(found.address)}, {len(found.content)} bytes.{doubt}\n"


def _code(text: str) -> str:
    return report.code(text)


def _reported(target: Path, text: str) -> str:
    write(target, report.bounded(text))
    return text
