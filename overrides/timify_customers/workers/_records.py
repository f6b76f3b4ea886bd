"""What is stored about a job: its options and its progress."""

from __future__ import annotations

import datetime
import json
from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal

import attrs
from attrs import field, frozen

from .._base.errors import TimifyError
from .._base.reports import ImportReport, OutcomeKind, RowProblem
from .._base.settings import PLAIN, Formats

JobKind = Literal["import", "export"]
JobState = Literal["running", "done", "stopped", "cancelled"]
"""The state of a job; an error ended a ``stopped`` one, see `JobStatus.error`."""

KEEP_SECONDS: Final = 7 * 24 * 3600
"""How long a job is remembered after its last event."""
COUNTS: Final = ("created", "updated", "accepted", "rejected", "unknown", "invalid", "requests")
"""The counts of a job, by their names in `ImportReport`."""


class JobRecordError(TimifyError):
    """The record of a job was written by another version of the SDK."""


@frozen(kw_only=True)
class ImportOptions:
    """The options of an import; see `Jobs.import_file`."""

    key: str
    form: str
    delimiter: str = "auto"
    encoding: str = "auto"
    ignored: tuple[str, ...] = field(default=(), converter=tuple[str, ...])
    clear: bool = False
    chunk_size: int = 500
    formats: Formats = PLAIN


@frozen(kw_only=True)
class JobRecord:
    """What workers must know about a job. It does not change.

    Attributes:
        job_id: its id.
        kind: import or export.
        company_id: the company of the job, or None.
        file: name of the file, for people.
        path: the file that is read or written, as workers see it; None if its content is in the
            server.
        form: ``csv`` or ``ndjson``.
        options: the options of an import, or None.
        blocks: the number of blocks in which the server has the content of the file.
        sha256: hash of that content, in hexadecimal digits.
    """

    job_id: str
    kind: JobKind
    company_id: str | None
    file: str
    path: str | None
    form: str
    options: ImportOptions | None = None
    blocks: int = 0
    sha256: str = ""

    def to_json(self) -> str:
        """Return the record as the server stores it."""
        return json.dumps(attrs.asdict(self))

    @classmethod
    def from_json(cls, text: str | bytes) -> JobRecord:
        """Read a record.

        Raises:
            JobRecordError: another version of the SDK wrote it, and this one cannot read it.
        """
        values: dict[str, Any] = json.loads(text)
        try:
            if (options := values["options"]) is not None:
                formats = Formats(**options["formats"])
                values["options"] = ImportOptions(**{**options, "formats": formats})
            return cls(**values)
        except (KeyError, TypeError) as error:
            raise JobRecordError(
                f"the job was handed over by another version of the SDK ({error})"
            ) from None


@frozen(kw_only=True)
class JobStatus:
    """The status of a job at one moment.

    Attributes:
        job_id: the id of the job.
        kind: ``import`` or ``export``.
        company_id: the company of the job, or None.
        file: the name of the file that it reads or writes.
        state: ``running``, ``done``, ``stopped`` (by an error) or ``cancelled``.
        error: what stopped it, or None.
        report: what became of the rows so far; empty for an export. Its ``problems`` are those of
            the first rows in the file, up to 1,000.
        kinds: what became of the rows with these problems, by their numbers.
        rows: rows that were read from the file, or customers that were written to it.
        total: rows in all, or None while that is not known.
        outstanding: chunks that workers are sending, or that wait for a worker.
        created: when it was handed over.
        ended: when it ended, or None.
    """

    job_id: str
    kind: JobKind
    company_id: str | None
    file: str
    state: JobState
    error: str | None
    report: ImportReport
    kinds: Mapping[int, OutcomeKind]
    rows: int
    total: int | None
    outstanding: int
    created: datetime.datetime
    ended: datetime.datetime | None

    @property
    def is_over(self) -> bool:
        """Whether nothing more will be sent, and every outcome is counted."""
        return self.state != "running" and not self.outstanding


def status_of(
    record: JobRecord,
    fields: Mapping[str, str],
    outstanding: int,
    problems: Sequence[tuple[OutcomeKind, RowProblem]],
) -> JobStatus:
    """Return the status of a job.

    Args:
        record: the job.
        fields: its fields in the server, with unsealed texts.
        outstanding: its chunks without an outcome.
        problems: its first problems, with what became of their rows.
    """
    counts: dict[str, Any] = {name: int(fields.get(name, 0)) for name in COUNTS}
    state: Any = fields["state"]
    return JobStatus(
        job_id=record.job_id,
        kind=record.kind,
        company_id=record.company_id,
        file=record.file,
        state=state,
        error=fields.get("error"),
        report=ImportReport(**counts, problems=tuple(problem for _, problem in problems)),
        kinds={problem.number: kind for kind, problem in problems},
        rows=int(fields["rows_read"]),
        total=_total(fields),
        outstanding=outstanding,
        created=_moment(fields["created_at"]),
        ended=_moment(fields["ended_at"]) if "ended_at" in fields else None,
    )


def as_text(value: str | bytes) -> str:
    """Return a text from the server as a ``str``, whether or not its client decodes texts."""
    return value.decode() if isinstance(value, bytes) else value


def _total(fields: Mapping[str, str]) -> int | None:
    total = fields["rows_read"] if fields["read_all"] == "1" else fields.get("total")
    return None if total is None else int(total)


def _moment(seconds: str) -> datetime.datetime:
    return datetime.datetime.fromtimestamp(float(seconds), datetime.UTC)
