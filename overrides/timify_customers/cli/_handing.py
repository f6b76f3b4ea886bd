"""Work that workers do: handing an import over, and following a job."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import attrs
import typer

from .. import ArgumentError, ConfigurationError, Formats, ImportInterruptedError
from .._base.checks import PRODUCTION
from .._base.package import PROGRAM, how_to_install
from .._base.settings import from_environment
from .._files.lines import Lines
from .._files.source import Source
from ._problems import Problems, reason_of
from ._shell import FOUND, OK, Meter, say, show_json, show_table

if TYPE_CHECKING:
    from ..workers import Job, Jobs, JobStatus

Workers = Annotated[
    str,
    typer.Option(
        "--workers",
        metavar="URL",
        envvar="TIMIFY_WORKERS",
        show_envvar=False,
        help="Redis of the workers; or TIMIFY_WORKERS.",
    ),
]


def load_workers() -> Any:
    """Return the package ``workers``.

    Raises:
        ArgumentError: its extra is not installed.
    """
    try:
        from .. import workers  # noqa: PLC0415 - needs another extra
    except ModuleNotFoundError as error:
        advice = how_to_install("workers")
        raise ArgumentError(f"workers need {error.name}: {advice}") from None
    return workers


def app_of_environment() -> dict[str, Any]:
    """Return the settings of the app that workers act for.

    Raises:
        ConfigurationError: a variable is missing. A token alone does not suffice, as data in the
            server are encrypted with the app's secret.
    """
    values = from_environment()
    missing = [name for name in ("app_id", "app_secret") if name not in values]
    if missing:
        variables = " and ".join(f"TIMIFY_{name.upper()}" for name in missing)
        raise ConfigurationError(f"workers need an app: set {variables}")
    app = {name: values[name] for name in ("app_id", "app_secret")}
    return {**app, "base_url": values.get("base_url", PRODUCTION)}


def jobs_at(url: str) -> Jobs:
    """Return the jobs in a server, for the app that the environment names."""
    jobs: Jobs = load_workers().Jobs(url, **app_of_environment())
    return jobs


@attrs.frozen(kw_only=True)
class HandedOver:
    """An import that workers are to do, with the options of the user."""

    file: Path
    source: Source
    form: str
    options: dict[str, Any]
    formats: Formats
    problems: Path | None
    as_json: bool
    total: int


async def hand_over(url: str, handed_over: HandedOver) -> int:
    """Hand an import over, and follow it."""
    limit = load_workers().HANDED_OVER_LIMIT
    size = handed_over.file.stat().st_size
    content: Any = handed_over.file
    if size <= limit:
        content = handed_over.file.read_bytes()
    async with jobs_at(url) as jobs:
        job = await jobs.import_file(
            content,
            form=handed_over.form,  # type: ignore[arg-type] # as `format_of` found it
            company_id=from_environment().get("company_id"),
            name=handed_over.file.name,
            formats=handed_over.formats,
            total=handed_over.total,
            **handed_over.options,
        )
        return await follow(
            job, url, handed_over.source.lines, handed_over.problems, as_json=handed_over.as_json
        )


async def follow(
    job: Job, url: str, lines: Lines | None, problems: Path | None, *, as_json: bool
) -> int:
    """Show the progress of a job until it is over, and then its report."""
    meter = Meter("rows")
    latest: list[JobStatus] = []

    def show(status: JobStatus) -> None:
        latest[:] = [status]
        meter.reach(_done(status), status.total)

    with Problems(problems, lines or Lines()) as bad, meter:
        try:
            await job.wait(progress=show)
        except asyncio.CancelledError:
            say(_how_to_look_again(job.job_id, url))
            raise
        except ImportInterruptedError as error:
            _add_problems(bad, latest[0])
            if lines:
                error.args = (lines.instead_of_rows(str(error)),)
            raise
        _add_problems(bad, latest[0])
    _show_end(latest[0], lines or Lines(), meter.seconds, as_json=as_json)
    return OK if latest[0].report.ok else FOUND


def _done(status: JobStatus) -> int:
    return status.report.rows if status.kind == "import" else status.rows


def _add_problems(bad: Problems, status: JobStatus) -> None:
    for problem in status.report.problems:
        bad.add(status.kinds.get(problem.number, "unknown"), problem)


def _show_end(status: JobStatus, lines: Lines, seconds: float, *, as_json: bool) -> None:
    if as_json:
        show_json(
            {**summary(status, lambda problem: reason_of(problem, lines)), "seconds": seconds}
        )
    elif status.kind == "import":
        show_table([(f"{status.report}, {seconds:,.1f} s",)])
    else:
        show_table([(f"{status.rows:,} customers in {status.file}",)])


def summary(status: JobStatus, reason: Callable[[Any], str] = str) -> dict[str, Any]:
    """Return the status of a job for machines."""
    report = attrs.asdict(status.report)
    problems = [
        {**attrs.asdict(problem), "reason": reason(problem)} for problem in status.report.problems
    ]
    return {
        "job": status.job_id,
        "kind": status.kind,
        "company_id": status.company_id,
        "file": status.file,
        "state": status.state,
        "error": status.error,
        "created": status.created.isoformat(),
        "ended": status.ended.isoformat() if status.ended else None,
        "read": status.rows,
        "total": status.total,
        "rows": status.report.rows,
        **report,
        "problems": problems,
    }


def _how_to_look_again(job_id: str, url: str) -> str:
    look = f"{PROGRAM} jobs {job_id} --workers {without_password(url)}"
    return f"the workers go on with it; to look again: {look}; to end it: the same with --cancel"


def without_password(url: str) -> str:
    """Return a URL without its password, so that it may be shown."""
    parts = urlsplit(url)
    shown = [pair for pair in parse_qsl(parts.query) if pair[0] not in {"username", "password"}]
    netloc = parts.netloc
    if "@" in netloc:
        netloc = f"***@{netloc.rpartition('@')[2]}"
    return parts._replace(netloc=netloc, query=urlencode(shown)).geturl()
