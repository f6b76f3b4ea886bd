"""The program with its help, and its commands, each of which has its own module."""

from __future__ import annotations

from typing import Annotated

import typer

from .. import __version__
from .._base.package import VENDORED
from ._export import export
from ._fields import fields
from ._get import get
from ._import import import_customers
from ._jobs import jobs, worker
from ._others import record, sandbox
from ._vendor import vendor

_HELP = """
Read and write the customers of a company in TIMIFY.

These environment variables say whose: TIMIFY_APP_ID and TIMIFY_APP_SECRET, or
TIMIFY_ACCESS_TOKEN; TIMIFY_COMPANY_ID; TIMIFY_BASE_URL if not production.
"""
_CODES = """
Exit codes:
0   done
1   done, but look: bad rows, a changed list, values left out, drift, nobody
2   wrong usage, file or setting; a full disk
3   the API refused or failed
130 stopped by Ctrl-C, SIGTERM or SIGHUP
141 the program that read the output went away
"""
app = typer.Typer(
    help=_HELP,
    epilog=_CODES,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=not VENDORED,  # shells complete programs on PATH
)


def _version(is_wanted: bool) -> None:  # noqa: FBT001 - typer calls it so
    if is_wanted:
        typer.echo(__version__)
        raise typer.Exit


@app.callback()
def _main(
    *,
    _: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None: ...


app.command()(export)
app.command("import")(import_customers)
app.command()(get)
app.add_typer(fields, name="fields")
app.command()(worker)
app.command()(jobs)
app.command()(vendor)
app.command(context_settings={"allow_interspersed_args": False})(record)
app.command(
    add_help_option=False,
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True},
)(sandbox)
