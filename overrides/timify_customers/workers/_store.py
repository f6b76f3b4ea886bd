"""Reads and writes the jobs in the server.

Keys under ``timify:<name of the app's secret>`` hold, for each job: its record and counts
(``job:<id>``), the rows of chunks without an outcome (``:chunks``), how often each of these and the
file was begun (``:starts``), the first problems (``:problems``), and the content of a file that was
handed over (``:file``, see `_contents`). Rows, problems and contents are sealed. All of it is
bounded: chunks by the window of the reader, problems by `PROBLEMS_KEPT`, and a job is forgotten
`KEEP_SECONDS` after its last event.
"""

from __future__ import annotations

import json
import zlib
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal, NamedTuple, cast

from attrs import field, frozen
from redis.asyncio import Redis

from .._base.reports import PROBLEMS_KEPT, OutcomeKind, RowOutcome, RowProblem
from .._bulk.sending import LOST_IN_A_ROW
from . import _scripts
from ._contents import Contents
from ._records import KEEP_SECONDS, JobRecord, as_text
from ._seal import Seal
from ._streams import STREAM_LENGTH

MOST_RUNS: Final = 5
"""How often a part of a job is begun if it ends its worker each time. Then it is given up."""

ChunkRows = list[tuple[int, dict[str, Any]]]
"""The numbers and columns of rows."""
Added = Literal["added", "there", "lost", "ended"]
"""The result of adding a chunk.

``there``: an earlier reader of the same file added it. ``lost``: the server does not have the chunk
before it, for example after a power failure. ``ended``: the job was stopped.
"""


@frozen
class ChunkResult:
    """The result of a chunk.

    Attributes:
        outcomes: the outcomes of the decided rows.
        requests: import requests that were made.
        lost: how many of the last requests in a row ended without a response; None if no request
            was made.
        lost_reason: the error of the last of these.
        stop: why the whole job cannot go on, or "".
    """

    outcomes: Sequence[RowOutcome] = ()
    requests: int = 0
    lost: int | None = None
    lost_reason: str = ""
    stop: str = ""


@frozen
class Chunk:
    """The rows of a chunk, and whether its job goes on."""

    rows: ChunkRows = field(repr=False)
    is_wanted: bool


class Start(NamedTuple):
    """How often work on a part of a job was begun: a chunk, or its file.

    Attributes:
        attempts: how often in all. Above 1, what the part does may have been done already.
        runs: in how many runs. All but the present one ended with their worker, unless they left
            the part (`JobStore.leave`). A file's runs count from its last new chunk.
    """

    attempts: int
    runs: int


class JobStore:
    """The jobs of one app in one server."""

    def __init__(self, client: Redis, seal: Seal) -> None:
        self.client = client
        self._seal = seal
        self._prefix = f"timify:{seal.name}"
        self.files_stream: str = f"{self._prefix}:files"
        self.chunks_stream: str = f"{self._prefix}:chunks"
        self.index: str = f"{self._prefix}:jobs"
        self.contents: Contents = Contents(client, seal, self.key)
        self._begin_job = client.register_script(_scripts.BEGIN)
        self._add = client.register_script(_scripts.ADD)
        self._read_all = client.register_script(_scripts.READ_ALL)
        self._record = client.register_script(_scripts.RECORD)
        self._stop = client.register_script(_scripts.STOP)
        self._begin_part = client.register_script(_scripts.BEGIN_PART)
        self._leave_part = client.register_script(_scripts.LEAVE_PART)

    def key(self, job_id: str, part: str = "") -> str:
        """Return the key of a job, or of a part of it."""
        return f"{self._prefix}:job:{job_id}{part and ':'}{part}"

    async def _run(self, script: Any, job_id: str, *arguments: object) -> Any:
        parts = ("", "chunks", "starts", "problems")
        keys = [*(self.key(job_id, part) for part in parts), self.chunks_stream]
        return await script(keys=keys, args=[KEEP_SECONDS, PROBLEMS_KEPT, *arguments])

    async def begin_job(
        self, job_id: str, now: float, message: bytes, fields: Mapping[str, Any]
    ) -> None:
        """Make a job and the message that starts it, once, however often this is repeated."""
        values = [part for pair in fields.items() for part in pair]
        keys = [self.key(job_id), self.index, self.files_stream]
        await self._begin_job(
            keys=keys, args=[KEEP_SECONDS, now, job_id, STREAM_LENGTH, message, *values]
        )

    # For readers of files.

    async def add(
        self,
        job_id: str,
        number: int,
        rows: ChunkRows,
        message: bytes,
        *,
        rows_read: int,
        outcomes: Sequence[RowOutcome],
    ) -> Added:
        """Add a chunk, with the outcomes of rows that need no request."""
        packed = self._pack(job_id, number, rows) if rows else b""
        outcome = self._outcome(ChunkResult(outcomes))
        arguments = number, packed, message, rows_read, outcome, STREAM_LENGTH
        return _added(await self._run(self._add, job_id, *arguments))

    async def read_all(self, job_id: str, produced: int, rows_read: int) -> Added:
        """Record that the file was read to its end."""
        return _added(await self._run(self._read_all, job_id, produced, rows_read))

    async def is_read(self, job_id: str) -> bool:
        """Return whether the file was read to its end."""
        return as_text(await self.client.hget(self.key(job_id), "read_all") or "") == "1"

    async def produced(self, job_id: str) -> int:
        """Return how many chunks were added."""
        return int(await self.client.hget(self.key(job_id), "produced") or 0)

    async def waiting(self, job_id: str) -> tuple[int, int]:
        """Return how many chunks of the job and of all jobs are without an outcome."""
        async with self.client.pipeline(transaction=False) as pipeline:
            pipeline.hlen(self.key(job_id, "chunks"))
            pipeline.xlen(self.chunks_stream)
            of_job, of_all = await pipeline.execute()
        return of_job, of_all

    async def is_same_file(self, job_id: str, fingerprint: str) -> bool:
        """Return whether the file is the one that an earlier reader of this job saw, if any."""
        await self.client.hsetnx(self.key(job_id), "fingerprint", fingerprint)
        stored: Any = await self.client.hget(self.key(job_id), "fingerprint")
        return as_text(stored) == fingerprint

    # For senders of chunks.

    async def chunk(self, job_id: str, number: int) -> Chunk | None:
        """Return the rows of a chunk, or None if it has an outcome."""
        async with self.client.pipeline(transaction=True) as pipeline:
            pipeline.hget(self.key(job_id, "chunks"), str(number))
            pipeline.hget(self.key(job_id), "state")
            packed, state = await pipeline.execute()
        if packed is None:
            return None
        rows = self._unpack(job_id, number, packed)
        if rows is None:
            return Chunk([], is_wanted=False)  # this app did not put it there, so it is dropped
        return Chunk(rows, is_wanted=as_text(state) == "running")

    def _pack(self, job_id: str, number: int, rows: ChunkRows) -> bytes:
        """Seal the rows of a chunk with its job and number.

        So nobody with access to the server can have the rows of one company imported for another.
        """
        return self._seal.close(zlib.compress(json.dumps([job_id, number, rows]).encode()))

    def _unpack(self, job_id: str, number: int, packed: bytes | str) -> ChunkRows | None:
        """Return the rows of a chunk, or None if this app did not seal them for this chunk."""
        content = self._seal.open(packed)
        if content is None:
            return None
        *place, rows = json.loads(zlib.decompress(content))
        return (
            [(row_number, row) for row_number, row in rows] if place == [job_id, number] else None
        )

    async def record(self, job_id: str, number: int, result: ChunkResult) -> None:
        """Record the outcome of a chunk, unless it already has one."""
        stop = self._sealed_text(result.stop) if result.stop else ""
        arguments = number, self._outcome(result), stop, LOST_IN_A_ROW
        await self._run(self._record, job_id, *arguments)

    def _outcome(self, result: ChunkResult) -> str:
        counts = Counter[str](outcome.outcome for outcome in result.outcomes)
        problems = [(row, problem) for row in result.outcomes for problem in row.problems]
        summary = {
            "counts": {**counts, "requests": result.requests},
            "problems": [
                [problem.number, self._packed(outcome.outcome, problem)]
                for outcome, problem in problems[:PROBLEMS_KEPT]
            ],
            "lost": -1 if result.lost is None else result.lost,
            "lost_reason": self._sealed_text(result.lost_reason),
        }
        return json.dumps(summary)

    def _packed(self, kind: OutcomeKind, problem: RowProblem) -> str:
        content = [kind, problem.number, problem.reason, problem.column]
        return self._sealed_text(json.dumps(content))

    def _sealed_text(self, text: str) -> str:
        return self._seal.close(text.encode()).decode()

    def text(self, sealed: bytes | str) -> str | None:
        """Return a sealed text, or None for anything else."""
        content = self._seal.open(sealed)
        return None if content is None else content.decode()

    def problem(self, packed: bytes | str) -> tuple[OutcomeKind, RowProblem] | None:
        """Return a stored problem, and what became of its row."""
        content = self.text(packed)
        if content is None:
            return None
        kind, *values = json.loads(content)
        return kind, RowProblem(*values)

    # For all of them.

    async def begin(self, job_id: str, part: int | Literal["file"], run: str) -> Start:
        """Count that work on a part of a job begins.

        Args:
            job_id: the job.
            part: the number of a chunk, or ``"file"`` for reading or writing the job's file.
            run: tells this delivery of the task from others.
        """
        return Start(*await self._count(self._begin_part, job_id, part, run))

    async def leave(self, job_id: str, part: int | Literal["file"], run: str) -> None:
        """Take back that a run counts, as its worker left the part and did not die."""
        await self._count(self._leave_part, job_id, part, run)

    async def finish(self, job_id: str, part: int | Literal["file"]) -> None:
        """Forget how often work on a part began, as it is done."""
        await self.client.hdel(self.key(job_id, "starts"), str(part))

    async def _count(self, script: Any, job_id: str, part: object, run: str) -> Any:
        return await script(keys=[self.key(job_id, "starts")], args=[part, run, KEEP_SECONDS])

    async def stop(self, job_id: str, state: Literal["stopped", "cancelled"], reason: str) -> None:
        """End a running job. Chunks that were not begun are not sent."""
        await self._run(self._stop, job_id, state, self._sealed_text(reason))

    async def is_running(self, job_id: str) -> bool:
        """Return whether a job is running."""
        return as_text(await self.client.hget(self.key(job_id), "state") or "") == "running"

    async def wrote(self, job_id: str, rows: int, total: int | None) -> None:
        """Record how many customers an export has written."""
        values: Any = {"rows_read": rows} | ({} if total is None else {"total": total})
        await self.client.hset(self.key(job_id), mapping=values)
        await self.client.expire(self.key(job_id), KEEP_SECONDS)

    async def job(self, job_id: str) -> JobRecord | None:
        """Return the record of a job, or None if it was forgotten."""
        sealed: Any = await self.client.hget(self.key(job_id), "record")
        return self.record_of(job_id, sealed or b"")

    def sealed_record(self, record: JobRecord) -> str:
        """Return a record in its sealed form, which nobody else can make or change."""
        return self._sealed_text(record.to_json())

    def record_of(self, job_id: str, sealed: bytes | str) -> JobRecord | None:
        """Return the record of a job, or None if this app did not seal it for this job."""
        text = self.text(sealed)
        record = None if text is None else JobRecord.from_json(text)
        return record if record and record.job_id == job_id else None


def _added(answer: str | bytes) -> Added:
    return cast("Added", as_text(answer))
