"""``import``."""

from __future__ import annotations

from contextlib import aclosing
from pathlib import Path
from typing import Annotated, Any

import attrs
import typer

from .. import ArgumentError, ImportRun, TimifyError
from .._files.source import AUTO, Source
from .._files.tables import FIXED, Columns, format_of, writable
from ._connecting import client
from ._handing import HandedOver, hand_over
from ._options import Format, Json, at_least_one, formats_of
from ._problems import Problems, reason_of
from ._shell import FOUND, OK, Meter, command, say, show_json, show_table


@command
async def import_customers(
    file: Annotated[Path, typer.Argument(metavar="FILE", help=".csv with a header, or .ndjson.")],
    *,
    key: Annotated[str, typer.Option(metavar="COLUMN", help="Tells customers apart.")],
    form: Format = None,
    delimiter: Annotated[
        str, typer.Option(metavar="CHAR", help="Between cells: auto, tab or another.")
    ] = AUTO,
    encoding: Annotated[str, typer.Option(metavar="NAME", help="auto, cp1252 or another.")] = AUTO,
    ignore_column: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="Leave out a column; may be repeated.")
    ] = None,
    clear: Annotated[
        bool, typer.Option("--clear", help="Let blank cells of CSV clear fields.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Check all rows and send none.")
    ] = False,
    checkpoint: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Keeps what is done, to go on with.")
    ] = None,
    problems: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Takes all that is wrong, as NDJSON.")
    ] = None,
    verify: Annotated[
        str | None, typer.Option(metavar="COLUMN", help="Read all back, finding rows by it.")
    ] = None,
    chunk_size: Annotated[int, typer.Option(metavar="ROWS", help="Rows in one request.")] = 500,
    concurrency: Annotated[int, typer.Option(metavar="N", help="Requests at one time.")] = 4,
    phone_region: Annotated[
        str | None, typer.Option(metavar="GB", help="Country of numbers without +.")
    ] = None,
    date_order: Annotated[
        str | None, typer.Option(metavar="ORDER", help="DMY, MDY or YMD, as in 10/12/1815.")
    ] = None,
    workers: Annotated[
        str | None, typer.Option(metavar="URL", help="Let workers do it, by their Redis.")
    ] = None,
    as_json: Json = False,
) -> int:
    """Create customers, or update those that are there.

    The column of --key becomes importCustomerId; id and externalId are what
    they say; createdAt and updatedAt are passed over; every other column is a
    custom field by name. What export wrote goes back with --key id.

    auto finds ; tab or , and takes UTF-8, and UTF-16 with byte order mark.

    timify-customers import customers.csv --key crm_id --dry-run
    timify-customers import customers.csv --key crm_id --checkpoint c.sqlite
    timify-customers import edited.ndjson --key id --problems problems.ndjson
    timify-customers import huge.csv --key crm_id --workers redis://localhost
    """
    kind, formats = format_of(file, form), formats_of(phone_region, date_order)
    at_least_one("--chunk-size", chunk_size)
    at_least_one("--concurrency", concurrency)
    source = Source(file, kind, delimiter=delimiter, encoding=encoding, ignored=ignore_column or ())
    source.require(key)
    async with client(formats) as timify:
        columns = Columns(await timify.fields.registry())
        columns.check(file, [name for name in source.header if name not in {key, *FIXED}])
        total = source.check()
        if workers is not None:
            _check_for_workers(dry_run=dry_run, checkpoint=checkpoint, verify=verify)
            options = {
                "key": key,
                "delimiter": delimiter,
                "encoding": encoding,
                "ignored": tuple(ignore_column or ()),
                "clear": clear,
                "chunk_size": chunk_size,
            }
            handed_over = HandedOver(
                file=file,
                source=source,
                form=kind,
                options=options,
                formats=formats,
                problems=problems,
                as_json=as_json,
                total=total,
            )
            return await hand_over(workers, handed_over)
        meter = Meter("rows", total)
        blanks = clear or kind != "csv"
        run = timify.customers.import_many(
            (writable(row, key, columns, blanks=blanks) for row in source.rows()),
            key=key,
            chunk_size=chunk_size,
            concurrency=concurrency,
            dry_run=dry_run,
            checkpoint=checkpoint,
            verify=verify,
        )
        try:
            with Problems(problems, source.lines) as bad, meter:
                await _follow(run, bad, meter)
        except ArgumentError:
            raise  # nothing was sent
        except BaseException as error:
            remark = "" if checkpoint else ", which sends every row again"
            say(f"{run.report}; to go on: the same command{remark}")
            if isinstance(error, TimifyError):
                error.args = (source.lines.instead_of_rows(str(error)),)
            raise
    if as_json:
        show_json(_summary(run, source, meter.seconds))
    else:
        show_table([(f"{run.report}, {meter.seconds:,.1f} s",)])
    return OK if run.report.ok else FOUND


def _check_for_workers(**options: object) -> None:
    """Refuse options that only an import in this process has. Raises ArgumentError."""
    for name, value in options.items():
        if value:
            option = f"--{name.replace('_', '-')}"
            raise ArgumentError(f"{option} is for an import without --workers: leave one out")


async def _follow(run: ImportRun, bad: Problems, meter: Meter) -> None:
    """Run an import, and report the problems of its rows."""
    async with aclosing(aiter(run)) as outcomes:  # type: ignore[type-var]
        async for outcome in outcomes:
            for problem in outcome.problems:
                bad.add(outcome.outcome, problem, outcome.row)
            meter.step()
    for problem in run.report.problems[bad.count :]:
        bad.add("verify", problem)


def _summary(run: ImportRun, source: Source, seconds: float) -> dict[str, Any]:
    """Return the result for machines, with line and row number for each problem."""
    report = attrs.asdict(run.report)
    report["problems"] = [
        {
            **attrs.asdict(problem),
            "line": source.lines.of(problem.number),
            "reason": reason_of(problem, source.lines),
        }
        for problem in run.report.problems
    ]
    return {"rows": run.report.rows, "seconds": seconds, **report}
