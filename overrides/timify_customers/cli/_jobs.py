"""``worker`` and ``jobs``, which need the extra ``workers``."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
from collections.abc import Generator, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from .. import ArgumentError
from .._base.package import NAME
from ._handing import Workers, app_of_environment, follow, jobs_at, load_workers, summary
from ._options import Json, at_least_one
from ._shell import OK, command, say, show_json, show_table

if TYPE_CHECKING:
    from ..workers import JobStatus

_HEAD = ("id", "kind", "state", "file", "company", "rows", "of", "since")


@command
async def worker(
    *,
    workers: Workers,
    limit: Annotated[
        str | None,
        typer.Option(metavar="N/TIME", help="Requests of all workers, such as 5/second."),
    ] = None,
    per: Annotated[
        str, typer.Option(metavar="WHOM", help="The limit: company or app.")
    ] = "company",
    concurrency: Annotated[int, typer.Option(metavar="N", help="Chunks at one time.")] = 4,
) -> int:
    """Do what import --workers hands over, until Ctrl-C or SIGTERM.

    Start as many as you like, on as many machines; all need the same
    TIMIFY_APP_ID and TIMIFY_APP_SECRET (docs/many-processes.md).

    timify-customers worker --workers redis://localhost:6379/0
    timify-customers worker --workers redis://redis/0 --limit 5/second
    """
    at_least_one("--concurrency", concurrency)
    if per not in {"company", "app"}:
        raise ArgumentError(f"--per must be company or app, not {per!r}")
    run_worker = load_workers().run_worker
    app = app_of_environment()
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(message)s")
    logging.getLogger(f"{NAME}.workers").setLevel(logging.INFO)
    stop = asyncio.Event()
    with _stopping(stop):
        await run_worker(workers, **app, limit=limit, per=per, concurrency=concurrency, stop=stop)
    return OK


@contextlib.contextmanager
def _stopping(stop: asyncio.Event) -> Generator[None, None, None]:
    """Let the first signal stop the worker after its present work, and the second at once."""
    loop = asyncio.get_running_loop()
    handled = (signal.SIGINT, signal.SIGTERM)
    before = {number: signal.getsignal(number) for number in handled}

    def begin() -> None:
        stop.set()
        say("finishing what is under way; once more to end at once")
        end()

    def end() -> None:
        for number in handled:
            loop.remove_signal_handler(number)
            signal.signal(number, before[number])

    try:
        for number in handled:
            loop.add_signal_handler(number, begin)
    except NotImplementedError:  # Windows: the first signal ends the worker at once
        yield
        return
    try:
        yield
    finally:
        if not stop.is_set():
            end()


@command
async def jobs(
    job_id: Annotated[
        str | None, typer.Argument(metavar="[ID]", help="One, to follow; all if not given.")
    ] = None,
    *,
    workers: Workers,
    cancel: Annotated[
        bool, typer.Option("--cancel", help="End it; what is under way is finished.")
    ] = False,
    as_json: Json = False,
) -> int:
    """Show the jobs of workers, or follow one.

    A job is forgotten a week after its last event.

    timify-customers jobs --workers redis://localhost:6379/0
    timify-customers jobs 4f1c20a8e9b3 --workers redis://localhost:6379/0
    timify-customers jobs 4f1c20a8e9b3 --cancel
    """
    if cancel and job_id is None:
        raise ArgumentError("--cancel needs the ID of a job")
    async with jobs_at(workers) as all_jobs:
        if job_id is None:
            return _show_all([status async for status in all_jobs.list()], as_json=as_json)
        job = all_jobs.get(job_id)
        if cancel:
            await job.cancel()
        status = await job.status()
        if cancel or (as_json and not status.is_over):
            return _show_all([status], as_json=as_json)
        return await follow(job, workers, None, None, as_json=as_json)


def _show_all(statuses: Sequence[JobStatus], *, as_json: bool) -> int:
    if as_json:
        show_json([summary(status) for status in statuses])
    else:
        show_table([_cells(status) for status in statuses], _HEAD)
    return OK


def _cells(status: JobStatus) -> tuple[str, ...]:
    rows = status.report.rows if status.kind == "import" else status.rows
    return (
        status.job_id,
        status.kind,
        status.state,
        status.file,
        status.company_id or "",
        f"{rows:,}",
        "" if status.total is None else f"{status.total:,}",
        f"{status.created:%Y-%m-%d %H:%M} UTC",
    )
