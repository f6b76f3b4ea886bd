"""``vendor``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .. import ArgumentError
from .._base.package import DISTRIBUTION
from ..vendoring import Placed, upgrade
from ..vendoring import check as differences
from ..vendoring import vendor as place
from ._shell import FOUND, OK, command, show_lines, show_table


@command
async def vendor(
    folder: Annotated[Path, typer.Argument(metavar="DEST", help="Such as src/service/_vendor.")],
    *,
    minimal: Annotated[
        bool,
        typer.Option(
            "--minimal",
            help="The client alone: no command line, recording, sandbox, plugin or workers.",
        ),
    ] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Only say whether the copy is edited or older.")
    ] = False,
    upgraded: Annotated[
        bool, typer.Option("--upgrade", help="Replace a copy that was not edited.")
    ] = False,
) -> int:
    """Copy both packages into another project, to be committed there.

    timify-customers vendor src/service/_vendor
    timify-customers vendor --check src/service/_vendor
    timify-customers vendor --upgrade src/service/_vendor
    """
    if check and (upgraded or minimal):
        raise ArgumentError("--check goes with neither --upgrade nor --minimal")
    if check:
        return _checked(folder)
    _show((upgrade if upgraded else place)(folder, minimal=minimal), folder)
    return OK


def _checked(folder: Path) -> int:
    lines = differences(folder)
    show_table((line,) for line in lines or ["clean"])
    return FOUND if lines else OK


def _show(placed: Placed, folder: Path) -> None:
    """Show what was vendored, and what the host project needs to know.

    `folder` is as the user wrote it, so that a relative path can be copied into a file.
    """
    kind = "minimal copy" if placed.manifest.minimal else "copy"
    rows = [
        (kind, f"{DISTRIBUTION} {placed.manifest.version}, {len(placed.manifest.files)} files"),
        ("import", f"from {placed.name} import TimifyCustomers"),
        ("needs", str(folder / "timify_customers" / "requirements.in")),
    ]
    if placed.plugin:
        rows.append(("command line", f"python -m {placed.name}"))
        rows.append(("pytest plugin", placed.plugin))
    show_lines(rows)
