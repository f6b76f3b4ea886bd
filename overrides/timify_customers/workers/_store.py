"""Reads and writes the jobs in the server.

Keys under ``timify:<name of the app's secret>`` hold, for each job: its record and counts
(``job:<id>``), the rows of chunks without an outcome (``:chunks``), how often each of these was
begun (``:starts``), the first problems (``:problems``), and the content of a file that was handed
over (``:file``). Rows, problems and contents are sealed. All of it is bounded: chunks by the window
of the reader, problems by `PROBLEMS_KEPT`, and a job is forgotten `KEEP_SECONDS` after its last
event.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import zlib
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, Final, Literal, cast

from attrs import field, frozen
from redis.asyncio import Redis
from redis.exceptions import RedisError

from .._base.errors import TimifyError
from .._base.reports import PROBLEMS_KEPT, OutcomeKind, RowOutcome, RowProblem
from .._bulk.sending import LOST_IN_A_ROW
from . import _scripts
from ._records import JobRecord, as_text
from ._seal import Seal
from ._streams import STREAM_LENGTH

KEEP_SECONDS: Final = 7 * 24 * 3600
BLOCK_SIZE: Final = 256 * 1024
"""Bytes of a handed-over file in one value."""

ChunkRows = list[tuple[int, dict[str, Any]]]
"""The numbers and columns of rows."""
Added = Literal["added", "there", "lost", "ended"]
"""The result of adding a chunk.

``there``: an earlier reader of the same file added it. ``lost``: the server does not have the chunk
before it, for example after a power failure. ``ended``: the job was stopped.
"""


class ContentLostError(TimifyError):
    """The server does not have all of a file that was handed over."""


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


class JobStore:
    """The jobs of one app in one server."""

    def __init__(self, client: Redis, seal: Seal) -> None:
        self.client = client
        self._seal = seal
        self._prefix = f"timify:{seal.name}"
        self.files_stream: str = f"{self._prefix}:files"
        self.chunks_stream: str = f"{self._prefix}:chunks"
        self.index: str = f"{self._prefix}:jobs"
        self._begin_job = client.register_script(_scripts.BEGIN)
        self._add = client.register_script(_scripts.ADD)
        self._read_all = client.register_script(_scripts.READ_ALL)
        self._record = client.register_script(_scripts.RECORD)
        self._stop = client.register_script(_scripts.STOP)

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
        packed = self._seal.close(zlib.compress(json.dumps(rows).encode())) if rows else b""
        outcome = self._outcome(ChunkResult(outcomes))
        arguments = number, packed, message, rows_read, outcome, STREAM_LENGTH
        return _added(await self._run(self._add, job_id, *arguments))

    async def read_all(self, job_id: str, produced: int, rows_read: int) -> Added:
        """Record that the file was read to its end."""
        return _added(await self._run(self._read_all, job_id, produced, rows_read))

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

    async def content(self, job_id: str, blocks: int) -> AsyncIterator[bytes]:
        """Yield the content of a file that was handed over in this many blocks.

        Raises:
            ContentLostError: a block is missing, or was not sealed by this app.
        """
        key = self.key(job_id, "file")
        for place in range(blocks):
            sealed: Any = await self.client.hget(key, str(place))
            block = self._seal.open(sealed) if sealed else None
            if block is None:
                raise ContentLostError(
                    f"the server lost a part of the file that was handed over ({place + 1} of "
                    f"{blocks}); import it again: it is safe by key"
                )
            yield block

    @staticmethod
    def blocks_of(content: bytes) -> int:
        """Return the number of blocks that a content takes in the server."""
        return -(-len(content) // BLOCK_SIZE)

    async def hand_over(self, job_id: str, content: bytes) -> None:
        """Put the content of a file into the server.

        Each block has its place, because a client repeats a command whose answer was lost. Appended
        to a list, the block would then be there twice.
        """
        key = self.key(job_id, "file")
        try:
            for place in range(self.blocks_of(content)):
                block = content[place * BLOCK_SIZE : (place + 1) * BLOCK_SIZE]
                async with self.client.pipeline(transaction=True) as pipeline:
                    pipeline.hset(key, str(place), self._seal.close(block))
                    pipeline.expire(key, KEEP_SECONDS)
                    await pipeline.execute()
        except BaseException:
            with contextlib.suppress(RedisError, OSError):
                await asyncio.shield(self.client.delete(key))
            raise

    async def forget_content(self, job_id: str) -> None:
        """Delete the content of a file that was read."""
        await self.client.delete(self.key(job_id, "file"))

    # For senders of chunks.

    async def chunk(self, job_id: str, number: int) -> Chunk | None:
        """Return the rows of a chunk, or None if it has an outcome."""
        async with self.client.pipeline(transaction=True) as pipeline:
            pipeline.hget(self.key(job_id, "chunks"), str(number))
            pipeline.hget(self.key(job_id), "state")
            packed, state = await pipeline.execute()
        if packed is None:
            return None
        content = self._seal.open(packed)
        if content is None:
            return Chunk([], is_wanted=False)  # this app did not seal it, so it is dropped
        rows = [(number, row) for number, row in json.loads(zlib.decompress(content))]
        return Chunk(rows, is_wanted=as_text(state) == "running")

    async def begin(self, job_id: str, number: int) -> int:
        """Count that a chunk is about to be sent, and return the count."""
        return int(await self.client.hincrby(self.key(job_id, "starts"), str(number), 1))

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
        return self.record_of(sealed or b"")

    def sealed_record(self, record: JobRecord) -> str:
        """Return a record in its sealed form, which nobody else can make or change."""
        return self._sealed_text(record.to_json())

    def record_of(self, sealed: bytes | str) -> JobRecord | None:
        """Return a record, or None if this app did not seal it."""
        text = self.text(sealed)
        return None if text is None else JobRecord.from_json(text)


def _added(answer: str | bytes) -> Added:
    return cast("Added", as_text(answer))
