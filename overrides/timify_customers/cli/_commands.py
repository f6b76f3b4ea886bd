"""The commands."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from contextlib import aclosing
from pathlib import Path
from typing import Annotated, Any

import attrs
import typer

from .. import ArgumentError, FieldRegistry, Formats, TimifyCustomers, __version__
from .._base.checks import PRODUCTION
from ._files import FileTarget, Problems, StdoutTarget
from ._shell import FOUND, OK, Meter, command, say, show_json, show_table
from ._tables import Columns, cell, check, format_of, read, writable, writer

_HELP = """
Read and write the customers of a company in TIMIFY.

The environment says for whom: TIMIFY_APP_ID and TIMIFY_APP_SECRET, or
TIMIFY_ACCESS_TOKEN; TIMIFY_COMPANY_ID; and TIMIFY_BASE_URL, unless it is production.
"""
_CODES = """
Exit codes:
0   done
1   done, but look: bad rows, a list that changed, values left out, drift, nobody found
2   wrong usage, file or setting; a full disk
3   the API refused or failed
130 stopped by Ctrl-C, SIGTERM or SIGHUP
141 whoever read the output went away
"""
app = typer.Typer(
    help=_HELP,
    epilog=_CODES,
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
fields = typer.Typer(
    help="The custom fields of the company: list, ensure, save, diff.", no_args_is_help=True
)

Json = Annotated[bool, typer.Option("--json", help="Machine-readable result on stdout.")]
Format = Annotated[
    str | None,
    typer.Option("--format", metavar="csv|ndjson", help="When the suffix does not say it."),
]
File = Annotated[Path, typer.Argument(metavar="FILE")]


def _version(wanted: bool) -> None:  # noqa: FBT001 - typer calls it so
    if wanted:
        typer.echo(__version__)
        raise typer.Exit


@app.callback()
def _main(
    *,
    _: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None: ...


@app.command()
@command
async def export(
    file: Annotated[
        Path | None, typer.Argument(metavar="[FILE]", help=".csv or .ndjson; without it, stdout.")
    ] = None,
    *,
    form: Format = None,
    on_shift: Annotated[
        str,
        typer.Option(
            metavar="warn|raise|rescan", help="What to do when the list changes while it is read."
        ),
    ] = "warn",
    page_size: Annotated[
        int | None, typer.Option(metavar="ROWS", help="Customers in one request.")
    ] = None,
    cursor: Annotated[
        str | None, typer.Option(metavar="TEXT", help="Where an export ended early, as it said.")
    ] = None,
    as_json: Json = False,
) -> int:
    """Write all customers, by the names of their fields.

    FILE appears when it is whole. NDJSON has every value, CSV those of the
    fields that the company has now.

    timify-customers export customers.csv
    timify-customers export --format csv | head
    timify-customers export customers.ndjson --on-shift rescan
    """
    file = None if file == Path("-") else file
    kind, lost = format_of(file, form), set[str]()
    target = FileTarget(file) if file else StdoutTarget()
    if as_json and file is None:
        raise ArgumentError("--json tells of a FILE; without one, stdout has the customers")
    async with TimifyCustomers.from_env() as timify:
        columns, how = Columns(await timify.fields.registry()), {"on_shift": on_shift}
        pager = timify.customers.list(page_size=page_size, cursor=cursor, **how)  # type: ignore[arg-type]
        if cursor and kind == "csv":
            target.check(columns.header)
        meter = Meter("customers")
        with target.open(cursor) as out, meter:
            write = writer(out, kind, columns, header=cursor is None)
            async with aclosing(pager.pages()) as pages:
                async for page in pages:
                    for customer in page.items:
                        lost |= write(columns.record(customer))
                        meter.step(page.total)
                    out.commit(pager.cursor)
    if as_json:
        show_json(
            {
                "file": str(file),
                "customers": meter.done,
                "seconds": meter.seconds,
                "left_out": sorted(lost),
            }
        )
    elif file is not None:
        say(f"{meter.done:,} customers in {file}, {meter.seconds:,.1f} s")
    if lost:
        say(
            f"warning: CSV leaves out values of {', '.join(sorted(lost))}: the company has no such field",
            "yellow",
        )
    return FOUND if lost else OK


@app.command("import")
@command
async def import_customers(
    file: Annotated[Path, typer.Argument(metavar="FILE", help=".csv with a header, or .ndjson.")],
    *,
    key: Annotated[
        str, typer.Option(metavar="COLUMN", help="The column that tells customers apart.")
    ],
    form: Format = None,
    delimiter: Annotated[str, typer.Option(metavar="CHAR", help="Between the cells of CSV.")] = ",",
    clear: Annotated[
        bool,
        typer.Option("--clear", help="Blank cells of CSV clear fields; else they change nothing."),
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Check all rows and send none.")
    ] = False,
    checkpoint: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Keeps what is done, for the same command to go on."),
    ] = None,
    problems: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Takes all that is wrong, as NDJSON.")
    ] = None,
    verify: Annotated[
        str | None,
        typer.Option(
            metavar="COLUMN", help="Read back and compare by it: id, externalId or a field."
        ),
    ] = None,
    chunk_size: Annotated[int, typer.Option(metavar="ROWS", help="Rows in one request.")] = 500,
    concurrency: Annotated[int, typer.Option(metavar="N", help="Requests at one time.")] = 4,
    phone_region: Annotated[
        str | None, typer.Option(metavar="GB", help="Of phone numbers without +.")
    ] = None,
    date_order: Annotated[
        str | None, typer.Option(metavar="DMY|MDY|YMD", help="Of dates such as 10/12/1815.")
    ] = None,
    as_json: Json = False,
) -> int:
    """Create customers, or update those that are there.

    COLUMN becomes importCustomerId; id and externalId are what they say;
    createdAt and updatedAt are passed over; every other column is a custom
    field by name. What export wrote goes back with --key id.

    timify-customers import customers.csv --key crm_id --dry-run
    timify-customers import customers.csv --key crm_id --checkpoint c.sqlite
    timify-customers import edited.ndjson --key id --problems problems.ndjson
    """
    kind, formats = format_of(file, form), {"phone_region": phone_region, "date_order": date_order}
    async with TimifyCustomers.from_env(formats=Formats(**formats)) as timify:  # type: ignore[arg-type]
        meter = Meter("rows", check(file, kind, delimiter, key))
        columns = Columns(await timify.fields.registry())
        run = timify.customers.import_many(
            (
                writable(row, key, columns, blanks=clear or kind != "csv")
                for row in read(file, kind, delimiter)
            ),
            key=key,
            chunk_size=chunk_size,
            concurrency=concurrency,
            dry_run=dry_run,
            checkpoint=checkpoint,
            verify=verify,
        )
        try:
            with Problems(problems) as bad, meter:
                async with aclosing(aiter(run)) as outcomes:  # type: ignore[type-var]
                    async for outcome in outcomes:
                        for problem in outcome.problems:
                            bad.tell(outcome.outcome, problem, outcome.row)
                        meter.step()
                for problem in run.report.problems[bad.count :]:
                    bad.tell("verify", problem)
        except BaseException as error:
            if not isinstance(error, ArgumentError):
                say(
                    f"{run.report}; to go on: the same command{'' if checkpoint else ', which sends every row again'}"
                )
            raise
    if as_json:
        show_json({"rows": run.report.rows, "seconds": meter.seconds, **attrs.asdict(run.report)})
    else:
        show_table([(f"{run.report}, {meter.seconds:,.1f} s",)])
    return OK if run.report.ok else FOUND


@app.command()
@command
async def get(
    customer_id: Annotated[
        str | None, typer.Argument(metavar="[ID]", help="24 hex digits.")
    ] = None,
    *,
    external_id: Annotated[
        str | None, typer.Option(metavar="KEY", help="Its external id, in place of ID.")
    ] = None,
    as_json: Json = False,
) -> int:
    """Show one customer.

    timify-customers get 624af9cbed7a899e0f233400
    timify-customers get --external-id crm-1815 --json
    """
    async with TimifyCustomers.from_env() as timify:
        customer = await timify.customers.get(customer_id, external_id=external_id)
        row = Columns(await timify.fields.registry()).record(customer)
    if as_json:
        show_json(row)
    else:
        show_table((name, cell(value)) for name, value in row.items())
    return OK


app.add_typer(fields, name="fields")


@fields.command("list")
@command
async def list_fields(*, as_json: Json = False) -> int:
    """Show all custom fields, by the names that rows and payloads take."""
    async with TimifyCustomers.from_env() as timify:
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
    """
    async with TimifyCustomers.from_env() as timify:
        done = await timify.fields.ensure(_json_file(file))
    if as_json:
        show_json({"created": done.created, "duplicates": dict(done.duplicates)})
    else:
        created = (
            f"{len(done.created)} created{': ' if done.created else ''}{', '.join(done.created)}"
        )
        show_table([(f"{created}; {len(done.items) - len(done.created)} were there",)])
    for label, ids in done.duplicates.items():
        say(f"warning: several fields have the label {label!r}: {', '.join(ids)}", "yellow")
    return FOUND if done.duplicates else OK


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
    async with TimifyCustomers.from_env() as timify:
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
    async with TimifyCustomers.from_env() as timify:
        drifts = saved.diff(await timify.fields.registry())
    if as_json:
        show_json([drift._asdict() for drift in drifts])
    else:
        show_table((str(drift),) for drift in drifts)
    return FOUND if drifts else OK


@app.command(context_settings={"allow_interspersed_args": False})
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


@app.command(
    add_help_option=False,
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True},
)
def sandbox(context: typer.Context) -> None:
    """Serve a stand-in of the API on this machine, until Ctrl-C."""
    from ..sandbox.__main__ import main  # noqa: PLC0415 - needs another extra

    sys.argv[1:] = context.args
    raise typer.Exit(main())
