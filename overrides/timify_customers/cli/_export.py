"""``export``."""

from __future__ import annotations

from contextlib import aclosing
from pathlib import Path
from typing import Annotated

import typer

from .. import ArgumentError, TimifyCustomers
from ._files import FileTarget, StdoutTarget
from ._options import Format, Json
from ._shell import FOUND, OK, Meter, command, say, show_json
from ._tables import Columns, format_of, writer


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
        names = ", ".join(sorted(lost))
        say(f"warning: CSV leaves out values of {names}: the company has no such field", "yellow")
    return FOUND if lost else OK
