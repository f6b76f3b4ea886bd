"""What is kept of a job: its options, and how far it has come."""

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
"""How a job stands: ``stopped`` is one that an error ended, see `JobStatus.error`."""

COUNTS: Final = ("created", "updated", "accepted", "rejected", "unknown", "invalid", "requests")
"""What is counted of the rows of a job, by the names of `ImportReport`."""


class JobRecordError(TimifyError):
    """What the server has of a job was written by another version of the SDK."""


@frozen(kw_only=True)
class ImportOptions:
    """How a file is imported; see `Jobs.import_file`."""

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
    """What the workers need of a job, which does not change.

    Attributes:
        job_id: its id.
        kind: import or export.
        company_id: the company that it is for, or None.
        file: name of the file, for people.
        path: the file that is read or written, as workers see it; None when its content lies in the
            server.
        form: ``csv`` or ``ndjson``.
        options: of an import, or None.
        blocks: in how many pieces the content of the file lies in the server.
    """

    job_id: str
    kind: JobKind
    company_id: str | None
    file: str
    path: str | None
    form: str
    options: ImportOptions | None = None
    blocks: int = 0

    def to_json(self) -> str:
        """Return it as it lies in the server."""
        return json.dumps(attrs.asdict(self))

    @classmethod
    def from_json(cls, text: str | bytes) -> JobRecord:
        """Read it.

        Raises:
            JobRecordError: another version of the SDK wrote it, with what this one does not know.
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
    """How a job stands at one moment.

    Attributes:
        job_id: names the job.
        kind: ``import`` or ``export``.
        company_id: the company that it is for, or None.
        file: the name of the file that it reads or writes.
        state: ``running``, ``done``, ``stopped`` (by an error) or ``cancelled``.
        error: what stopped it, or None.
        report: what became of the rows so far; of an export it is empty. Its ``problems`` are
            those of the rows that come first in the file, up to 1,000.
        kinds: what became of the rows that these problems are of, by their numbers.
        rows: rows that were read from the file, or customers that were written to it.
        total: rows in all, or None while that is not known.
        outstanding: chunks that are with workers, or wait for one.
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
    """Return how a job stands.

    Args:
        record: the job.
        fields: what the server has of it, with texts that are not sealed.
        outstanding: its chunks without an outcome.
        problems: the first of its rows, with what became of these.
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
    """Return a text of the server as one of Python, whatever its client was told to decode."""
    return value.decode() if isinstance(value, bytes) else value


def _total(fields: Mapping[str, str]) -> int | None:
    known = fields["rows_read"] if fields["read_all"] == "1" else fields.get("total")
    return None if known is None else int(known)


def _moment(seconds: str) -> datetime.datetime:
    return datetime.datetime.fromtimestamp(float(seconds), datetime.UTC)
