"""Options that several commands have."""

from __future__ import annotations

from typing import Annotated

import typer

Json = Annotated[bool, typer.Option("--json", help="Machine-readable result on stdout.")]
Format = Annotated[
    str | None,
    typer.Option("--format", metavar="csv|ndjson", help="When the suffix does not say it."),
]
