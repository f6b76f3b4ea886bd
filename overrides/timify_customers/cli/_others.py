"""``record`` and ``sandbox``, which need the extra ``sandbox``."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from .. import ArgumentError
from .._base.settings import PRODUCTION
from ._shell import command, say


@command
async def record(
    program: Annotated[
        list[str], typer.Argument(metavar="-- COMMAND", help="Takes the API from TIMIFY_BASE_URL.")
    ],
    *,
    file: Annotated[Path, typer.Option("--to", metavar="FILE", help="A new HAR file.")] = Path(
        "traffic.har"
    ),
) -> int:
    """Run a program, and record what it says to the API and hears from it.

    Secrets and personal data are replaced by look-alikes: docs/prove-the-document.md.
    The exit code is that of the program, or 1 when that is 0 and exchanges are missing.

    timify-customers record -- timify-customers export customers.csv
    """
    try:
        from ..recording.proxy import recording_proxy  # noqa: PLC0415 - needs another extra
    except ModuleNotFoundError as error:
        raise ArgumentError(
            f"record needs {error.name}: install timify-customers-client[sandbox]"
        ) from None
    with recording_proxy(file, os.environ.get("TIMIFY_BASE_URL") or PRODUCTION) as url:
        process = await asyncio.create_subprocess_exec(
            *program, env={**os.environ, "TIMIFY_BASE_URL": url}
        )
        code = await process.wait()
    say(f"recorded in {file}")
    return code if code >= 0 else 128 - code


def sandbox(context: typer.Context) -> None:
    """Serve a stand-in of the API on this machine, until Ctrl-C."""
    from ..sandbox.__main__ import main  # noqa: PLC0415 - needs another extra

    sys.argv[1:] = context.args
    raise typer.Exit(main())
