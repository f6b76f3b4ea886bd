"""``export``."""

from __future__ import annotations

from contextlib import aclosing
from pathlib import Path
from typing import Annotated

import typer

from .. import ArgumentError, Customer, Pager
from .._files.choices import delimiter_of, one_of
from .._files.tables import Columns, Layout, format_of, writer
from ._connecting import client
from ._durable import Rows
from ._files import FileTarget, StdoutTarget
from ._options import Format, Json, at_least_one
from ._shell import FOUND, OK, Meter, command, say, show_json


@command
async def export(
    file: Annotated[
        Path | None, typer.Argument(metavar="[FILE]", help=".csv or .ndjson; stdout if not given.")
    ] = None,
    *,
    form: Format = None,
    delimiter: Annotated[
        str | None, typer.Option(metavar="CHAR", help="Between cells of CSV; a comma if not given.")
    ] = None,
    excel: Annotated[
        bool, typer.Option("--excel", help="CSV as Excel opens it, with semicolons.")
    ] = False,
    on_shift: Annotated[
        str, typer.Option(metavar="HOW", help="If the list changes: warn, raise or rescan.")
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
    timify-customers export customers.csv --excel
    timify-customers export --format csv | head
    timify-customers export customers.ndjson --on-shift rescan
    """
    file = None if file == Path("-") else file
    layout = _layout(format_of(file, form), delimiter, excel=excel)
    how = one_of("--on-shift", on_shift, ("warn", "raise", "rescan"))
    at_least_one("--page-size", page_size)
    if cursor and how == "rescan":
        raise ArgumentError("--on-shift rescan reads from the beginning: leave out --cursor")
    if as_json and file is None:
        raise ArgumentError("--json tells of a FILE; without one, stdout has the customers")
    target = FileTarget(file) if file else StdoutTarget()
    async with client() as timify:
        columns = Columns(await timify.fields.registry())
        pager = timify.customers.list(page_size=page_size, cursor=cursor, on_shift=how)  # type: ignore[arg-type]
        meter = Meter("customers", done=target.resume(cursor, layout, columns) if cursor else 0)
        with target.open(cursor) as out, meter:
            if not cursor:
                out.write(layout.beginning(columns))
            lost = await _write_pages(pager, out, layout, columns, meter)
    if file is not None:
        _report(file, meter, lost, as_json=as_json)
    if lost:
        names = ", ".join(sorted(lost))
        say(f"warning: CSV leaves out values of {names}: the company has no such field", "yellow")
    return FOUND if lost else OK


def _layout(form: str, delimiter: str | None, *, excel: bool) -> Layout:
    """Return the layout of the export. Raises ArgumentError for options that do not fit it."""
    if form != "csv" and (excel or delimiter):
        raise ArgumentError("--excel and --delimiter are for CSV: name a .csv, or --format csv")
    char = delimiter_of(delimiter) if delimiter else ";" if excel else ","
    return Layout(form, char, bom=excel)


async def _write_pages(
    pager: Pager[Customer], out: Rows, layout: Layout, columns: Columns, meter: Meter
) -> set[str]:
    """Write all customers, page by page, and return the fields that have no column."""
    lost = set[str]()
    write = writer(out, layout, columns)
    async with aclosing(pager.pages()) as pages:
        async for page in pages:
            for customer in page.items:
                lost |= write(columns.record(customer))
                meter.step(page.total)
            out.commit(pager.cursor)
    return lost


def _report(file: Path, meter: Meter, lost: set[str], *, as_json: bool) -> None:
    if not as_json:
        say(f"{meter.done:,} customers in {file}, {meter.seconds:,.1f} s")
        return
    show_json(
        {
            "file": str(file),
            "customers": meter.done,
            "seconds": meter.seconds,
            "left_out": sorted(lost),
        }
    )
