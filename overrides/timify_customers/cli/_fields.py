"""``fields``: list, ensure, save, diff, module."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from .. import ArgumentError, FieldRegistry
from .._customfields.select_options import options_of
from .._files.tables import Columns, cell
from ._connecting import client
from ._files import FileTarget, StdoutTarget
from ._options import Json
from ._shell import FOUND, OK, command, say, show_json, show_table

fields = typer.Typer(
    help="The custom fields of the company: list, ensure, save, diff, module.", no_args_is_help=True
)
File = Annotated[Path, typer.Argument(metavar="FILE")]


@fields.command("list")
@command
async def list_fields(*, as_json: Json = False) -> int:
    """Show all custom fields, by the names that rows and payloads take."""
    async with client() as timify:
        registry = await timify.fields.registry()
    if as_json:
        show_json(registry.raw)
    else:
        names, keys = Columns(registry).names, ("type", "label", "id", "selectOptions")
        rows = (
            [names[str(raw.get("id"))], *(cell(raw.get(key) or None) for key in keys)]
            for raw in registry.raw
        )
        show_table(rows, ("name", "type", "label", "id", "options"))
    return OK


@fields.command()
@command
async def ensure(file: File, *, as_json: Json = False) -> int:
    """Create the custom fields that are missing; safe to run again.

    FILE is a JSON list of labels, or of objects with label, type, category,
    options and multiple:

    ["Shoe size", {"label": "Tier", "type": "SELECT", "options": ["gold"]}]

    Or it is a file that fields save wrote, perhaps for another company: then
    all of that company's own fields (those with a label) are wanted, without
    their categories.
    """
    async with client() as timify:
        ensured = await timify.fields.ensure(_wanted(file))
    if as_json:
        show_json({"created": ensured.created, "duplicates": dict(ensured.duplicates)})
    else:
        names = f": {', '.join(ensured.created)}" if ensured.created else ""
        created = f"{len(ensured.created)} created{names}"
        show_table([(f"{created}; {len(ensured.items) - len(ensured.created)} were there",)])
    for label, ids in ensured.duplicates.items():
        say(f"warning: several fields have the label {label!r}: {', '.join(ids)}", "yellow")
    return FOUND if ensured.duplicates else OK


def _wanted(file: Path) -> list[Any]:
    """Read the fields that a file lists, or those of a saved registry."""
    content = _json_file(file)
    if isinstance(content, list):
        return content
    try:
        saved = FieldRegistry.load(file)
    except ArgumentError:
        raise ArgumentError(
            f"{file} is neither a JSON list of fields nor what fields save wrote"
        ) from None
    return [_as_wanted(raw) for raw in saved.raw if raw.get("label") and not raw.get("defaultId")]


def _as_wanted(raw: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments that create a field like a saved one.

    Its category is left out, as ids belong to one company, and the file has no names of categories.
    """
    options = [option.label or option.wire for option in options_of(raw)]
    return {
        "label": raw["label"],
        "type": raw.get("type"),
        "options": options or None,
        "multiple": raw.get("isMultiple"),
    }


def _json_file(file: Path) -> Any:
    try:
        return json.loads(file.read_text("utf-8-sig"))
    except ValueError as error:
        raise ArgumentError(f"{file} is not JSON: {error}") from None


@fields.command()
@command
async def save(file: File) -> int:
    """Save the definitions of all custom fields, for diff.

    The file has no personal data. FieldRegistry.load reads it, without a network.
    """
    async with client() as timify:
        registry = await timify.fields.registry()
    registry.save(file)
    say(f"{len(registry)} custom fields in {file}")
    return OK


@fields.command()
@command
async def diff(file: File, *, as_json: Json = False) -> int:
    """Say how the custom fields have changed since they were saved.

    timify-customers fields save fields.json
    timify-customers fields diff fields.json
    """
    saved = FieldRegistry.load(file)
    async with client() as timify:
        drifts = saved.diff(await timify.fields.registry())
    if as_json:
        show_json([drift._asdict() for drift in drifts])
    else:
        show_table((str(drift),) for drift in drifts)
    return FOUND if drifts else OK


@fields.command()
@command
async def module(
    *,
    output: Annotated[
        Path | None,
        typer.Option("--output", metavar="FILE", help="Where to write it, if not to stdout."),
    ] = None,
    check: Annotated[
        Path | None,
        typer.Option("--check", metavar="FILE", help="Write nothing; say how this one differs."),
    ] = None,
) -> int:
    """Write a Python module with the types of the custom fields.

    timify-customers fields module --output my_fields.py
    timify-customers fields module --check my_fields.py
    """
    if output and check:
        raise ArgumentError("give --output or --check, not both")
    before = _text(check) if check else None
    target = FileTarget(output) if output else StdoutTarget()
    async with client() as timify:
        text = (await timify.fields.registry()).module()
    if before is not None:
        return _show_drift(check, before, text)
    with target.open(None) as out:
        out.write(text)
    return OK


def _text(file: Path) -> str:
    try:
        return file.read_text("utf-8-sig")
    except UnicodeDecodeError:
        raise ArgumentError(f"{file} is not UTF-8, as a module would be") from None


def _show_drift(file: Path | None, before: str, now: str) -> int:
    from .._customfields.module_drift import module_drift  # noqa: PLC0415 - for --check alone

    try:
        drifts = module_drift(before, now)
    except ArgumentError as error:
        raise ArgumentError(f"{file}: {error}") from None
    show_table((drift,) for drift in drifts)
    return FOUND if drifts else OK
