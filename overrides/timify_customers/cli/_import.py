"""``import``."""

from __future__ import annotations

from contextlib import aclosing
from pathlib import Path
from typing import Annotated

import attrs
import typer

from .. import ArgumentError, Formats, TimifyCustomers
from ._options import Format, Json
from ._problems import Problems
from ._shell import FOUND, OK, Meter, command, say, show_json, show_table
from ._tables import Columns, check, format_of, read, writable


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
                            bad.add(outcome.outcome, problem, outcome.row)
                        meter.step()
                for problem in run.report.problems[bad.count :]:
                    bad.add("verify", problem)
        except BaseException as error:
            if not isinstance(error, ArgumentError):
                again = "" if checkpoint else ", which sends every row again"
                say(f"{run.report}; to go on: the same command{again}")
            raise
    if as_json:
        show_json({"rows": run.report.rows, "seconds": meter.seconds, **attrs.asdict(run.report)})
    else:
        show_table([(f"{run.report}, {meter.seconds:,.1f} s",)])
    return OK if run.report.ok else FOUND
