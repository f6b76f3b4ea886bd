"""Taking a published document over: compare it with what there is, try to build the client's document, and replace."""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import document
import spec_redocly
import spec_report
import spec_rules
from spec_download import Download
from spec_errors import NotADocumentError, RejectedError, SpecError, UsageError
from spec_files import Places, put, read, write
from spec_origin import is_reconstruction
from spec_overlay import pointless, repeating
from spec_parse import parse
from spec_reconcile import Stage, reconcile
from spec_scope import operations

Build = Callable[[Path, Path], None]
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
    return spec_report.rating(spec_rules.changes(old, new), spec_redocly.changes(old, new))


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
        overlays = document.overlays()
        with _rejecting("It cannot be compared."):
            parts.insert(0, _compared(old, published, overlays))
        with _rejecting("The overlays cannot be applied to it."):
            parts.insert(1, _stale(old, published, overlays))
        _try_to_build(found.content, places, build)
    except RejectedError as failure:
        _reported(target, spec_report.together(spec_report.failure(str(failure)), *parts))
        raise
    report = _reported(target, spec_report.together(*parts, NEXT))
    put(places.upstream, found.content, places.scratch)
    return report


NEXT = "Next: `make generate`, then `make test`, and read the difference.\n"


def _compared(old: dict[str, Any], published: dict[str, Any], overlays: Overlays) -> str:
    if not is_reconstruction(old):
        return rated(old, published)
    return spec_report.reconciliation(reconcile(published, list(stages(old, overlays))))


def stages(reconstruction: dict[str, Any], overlays: Overlays) -> Iterator[Stage]:
    """Give what we believed, overlay by overlay; the last of them, on names in Python, says nothing of the API."""
    yield "documented", reconstruction
    names = list(overlays)
    for count, name in enumerate(names[:-1], 1):
        yield name, document.applied(reconstruction, {each: overlays[each] for each in names[:count]})


def _own(path: Path) -> dict[str, Any]:
    try:
        return parse(read(path))
    except NotADocumentError as broken:
        raise UsageError(f"{path}: {broken} Restore it first, with git.") from broken


def _stale(old: dict[str, Any], published: dict[str, Any], overlays: Overlays) -> str:
    before = pointless(old, overlays)
    stale = [str(each) for each in document.stale_actions(published, overlays)]
    stale += [each for each in pointless(published, overlays) if each not in before]
    stale += repeating(published, overlays, document.applied(published, overlays))
    return spec_report.section("Overlay actions now stale", [_code(each) for each in stale])


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
    except document.DocumentError as refused:
        raise RejectedError(f"{what} {refused}") from refused
    except Exception as odd:
        raise RejectedError(f"{what} {type(odd).__name__}: {odd}") from odd


def _origin(found: Download) -> str:
    doubt = "" if found.sized else " The server did not say how long the file is: a cut at its end would not be seen."
    return f"Fetched from {_code(found.address)}, {len(found.content)} bytes.{doubt}\n"


def _code(text: str) -> str:
    return spec_report.code(text)


def _reported(target: Path, report: str) -> str:
    write(target, spec_report.bounded(report))
    return report
