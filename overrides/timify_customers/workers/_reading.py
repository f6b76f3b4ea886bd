"""Reads the file of an import, and hands its rows over in chunks.

It takes constant memory: the file is read as needed, keys are remembered on the disk, and chunks
are added only while few of them are without an outcome. If a reader dies, another one reads the
file from its start, and does not add chunks again that are already there.
"""

from __future__ import annotations

import asyncio
import contextlib
import tempfile
from collections.abc import AsyncGenerator, Callable, Iterator
from pathlib import Path
from typing import Any, Final

from attrs import define, evolve, field

from .._base.errors import TimifyError
from .._base.reports import RowOutcome
from .._bulk.checkpoint import Admitted, Store
from .._bulk.engine import outcome_without_request
from .._bulk.rows import Row, check
from .._client import TimifyCustomers
from .._files.source import Source
from .._files.tables import FIXED, Columns, writable
from ._records import ImportOptions, JobRecord
from ._store import Added, ChunkRows, JobStore
from ._streams import SEND_CHUNK, task_message

WINDOW: Final = 64
"""How many chunks of one job may be without an outcome before its reader waits."""
STREAM_WINDOW: Final = 10_000
"""The same for the chunks of all jobs."""
_POLL: Final = 0.05
_POLL_LONGEST: Final = 1.0


class FileChangedError(Exception):
    """The file is not the one that an earlier reader of the job saw."""


@define
class _Progress:
    """How far a reader has come."""

    chunks: int = 0
    rows: int = 0


@define
class FileReader:
    """Reads the file of one job.

    Attributes:
        store: the store of the jobs.
        timify: a client that acts for the job's company.
        job: the job.
        goes_on: returns whether the worker runs on; if not, another worker reads the file.
    """

    store: JobStore
    timify: TimifyCustomers
    job: JobRecord
    goes_on: Callable[[], bool]
    _progress: _Progress = field(init=False, factory=_Progress)
    _path: str | None = field(init=False, default=None)

    async def read(self) -> bool:
        """Read the file to its end; return whether there is nothing more to read.

        A file that was read is not read again, as its content may be gone from the server.
        """
        if await self.store.is_read(self.job.job_id):
            await self.store.contents.forget(self.job.job_id)
            return True
        assert self.job.options is not None  # noqa: S101 - as every import has
        try:
            async with self._file() as path:
                while (ending := await self._read_once(path, self.job.options)) == "lost":
                    self._progress = _Progress()  # the server lost chunks: add them again
        except FileChangedError:
            reason = f"{self.job.file} was changed while it was imported"
            await self.store.stop(self.job.job_id, "stopped", reason)
        except (TimifyError, OSError) as error:
            await self.store.stop(self.job.job_id, "stopped", self._reason(error))
        else:
            if ending is None:
                return False
        await self.store.contents.forget(self.job.job_id)
        return True

    def _reason(self, error: Exception) -> str:
        """Return the message of an error, with the original name of a file that was handed over."""
        return str(error) if self._path is None else str(error).replace(self._path, self.job.file)

    @contextlib.asynccontextmanager
    async def _file(self) -> AsyncGenerator[Path, None]:
        if self.job.path is not None:
            yield Path(self.job.path)
            return
        with tempfile.NamedTemporaryFile(prefix="timify-import-") as file:
            content = self.store.contents.read(self.job.job_id, self.job.blocks, self.job.sha256)
            async for block in content:
                file.write(block)
            file.flush()
            self._path = file.name
            yield Path(file.name)

    async def _read_once(self, path: Path, options: ImportOptions) -> Added | None:
        """Read from the start. Return None if the worker must stop."""
        source = Source(
            path,
            options.form,
            delimiter=options.delimiter,
            encoding=options.encoding,
            ignored=options.ignored,
        )
        source.require(options.key)
        await self._check_same(path)
        columns = Columns(await self.timify.fields.registry())
        columns.check(
            Path(self.job.file),
            [name for name in source.header if name not in {options.key, *FIXED}],
        )
        keys = Store(None, self.job.company_id, options.key)
        try:
            return await self._add_all(_rows(source, columns, options), options, keys)
        finally:
            await keys.close()

    async def _check_same(self, path: Path) -> None:
        """Raise FileChangedError if an earlier reader saw another file."""
        if self.job.path is None:
            return  # content that was handed over does not change
        status = path.stat()  # noqa: ASYNC240 - at once, as reading the file is
        if not await self.store.is_same_file(
            self.job.job_id, f"{status.st_size} {status.st_mtime_ns}"
        ):
            raise FileChangedError

    async def _add_all(
        self, rows: Iterator[dict[str, Any]], options: ImportOptions, keys: Store
    ) -> Added | None:
        produced = await self.store.produced(self.job.job_id)
        while chunk := self._next_chunk(rows, options):
            admitted = await _admit(chunk, keys)
            self._progress.rows += len(chunk)
            if self._progress.chunks >= produced:
                if not await self._has_room():
                    return None
                if (added := await self._add(admitted, options)) in {"lost", "ended"}:
                    return added
            self._progress.chunks += 1
        progress = self._progress
        return await self.store.read_all(self.job.job_id, progress.chunks, progress.rows)

    def _next_chunk(self, rows: Iterator[dict[str, Any]], options: ImportOptions) -> list[Row]:
        chunk: list[Row] = []
        for original in rows:
            number = self._progress.rows + len(chunk) + 1
            chunk.append(check(Row(number, original), options.key, None, keyless=False))
            if len(chunk) == options.chunk_size:
                break
        return chunk

    async def _has_room(self) -> bool:
        """Wait until few chunks are without an outcome, and return whether to go on."""
        pause = _POLL
        while self.goes_on():
            of_job, of_all = await self.store.waiting(self.job.job_id)
            if of_job < WINDOW and of_all < STREAM_WINDOW:
                return True
            if not await self.store.is_running(self.job.job_id):
                return True  # adding a chunk will say that the job has ended
            await asyncio.sleep(pause)
            pause = min(_POLL_LONGEST, pause * 1.5)
        return False

    async def _add(self, admitted: list[Admitted], options: ImportOptions) -> Added:
        outcomes: list[RowOutcome] = []
        to_send: ChunkRows = []
        for row_admitted in admitted:
            if outcome := outcome_without_request(row_admitted, options.key):
                outcomes.append(evolve(outcome, row=None))
            else:
                original: Any = row_admitted.row.original
                to_send.append((row_admitted.row.number, original))
        number = self._progress.chunks
        return await self.store.add(
            self.job.job_id,
            number,
            to_send,
            task_message(SEND_CHUNK, self.job.job_id, number),
            rows_read=self._progress.rows,
            outcomes=outcomes,
        )


async def _admit(rows: list[Row], keys: Store) -> list[Admitted]:
    """Decide which rows repeat the key of an earlier row."""
    keyless = [Admitted(row, "send") for row in rows if row.key is None]
    keyed = await keys.admit([row for row in rows if row.key is not None])
    return sorted(keyless + keyed, key=lambda admitted: admitted.row.number)


def _rows(source: Source, columns: Columns, options: ImportOptions) -> Iterator[dict[str, Any]]:
    blanks = options.clear or options.form != "csv"
    for row in source.rows():
        yield writable(row, options.key, columns, blanks=blanks)
