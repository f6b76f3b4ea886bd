"""Writes all customers of a company to a file, which appears only when it is complete.

Reading changes nothing, so if the worker of an export dies, another worker begins it again.
"""

from __future__ import annotations

import contextlib
import glob
import os
import shutil
import tempfile
from collections.abc import Callable, Generator
from contextlib import aclosing
from pathlib import Path
from typing import Final, TextIO

from attrs import define

from .._base.errors import TimifyError
from .._client import TimifyCustomers
from .._files.tables import Columns, Layout, writer
from ._records import JobRecord
from ._store import JobStore

_ENCODING: Final = ("utf-8", "backslashreplace")
"""As in exports of the command line: what UTF-8 cannot encode becomes an escape."""


@define
class Exporter:
    """One export.

    Attributes:
        store: the store of the jobs.
        timify: a client that acts for the job's company.
        job: the job.
        goes_on: returns whether the worker runs on; if not, another worker begins the export again.
    """

    store: JobStore
    timify: TimifyCustomers
    job: JobRecord
    goes_on: Callable[[], bool]

    async def write(self) -> bool:
        """Write the file; return whether there is nothing more to do."""
        assert self.job.path is not None  # noqa: S101 - as every export has
        path = Path(self.job.path)
        job_id = self.job.job_id
        try:
            with _whole_or_nothing(path, job_id) as out:
                rows = await self._write_pages(out)
        except _LeftError:
            return not await self.store.is_running(job_id)
        except (TimifyError, OSError) as error:
            await self.store.stop(job_id, "stopped", str(error))
        else:
            await self.store.wrote(job_id, rows, None)
            await self.store.read_all(job_id, 0, rows)
        return True

    async def _write_pages(self, out: TextIO) -> int:
        """Write all customers and return how many. Raises _LeftError if the export must stop."""
        columns = Columns(await self.timify.fields.registry())
        layout = Layout(self.job.form)
        out.write(layout.beginning(columns))
        write = writer(out, layout, columns)
        rows, pager = 0, self.timify.customers.list()
        async with aclosing(pager.pages()) as pages:
            async for page in pages:
                if not (self.goes_on() and await self.store.is_running(self.job.job_id)):
                    raise _LeftError
                for customer in page.items:
                    write(columns.record(customer))
                rows += len(page.items)
                await self.store.wrote(self.job.job_id, rows, page.total)
        return rows


class _LeftError(Exception):
    """The export must stop."""


def remove_left_over(path: Path, job_id: str) -> None:
    """Remove what killed workers wrote of an export."""
    for unfinished in path.parent.glob(f".{glob.escape(path.name)}.{job_id}.*"):
        unfinished.unlink(missing_ok=True)


def _put_in_place(written: Path, path: Path) -> None:
    if not written.exists():
        raise _LeftError
    if path.exists():
        shutil.copymode(path, written)  # a new file is private, because it holds customers
    written.replace(path)


@contextlib.contextmanager
def _whole_or_nothing(path: Path, job_id: str) -> Generator[TextIO, None, None]:
    """Write a temporary file, which replaces the file once it is safely on the disk.

    Raises:
        _LeftError: a worker that took the export over has removed the temporary file.
    """
    remove_left_over(path, job_id)
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.{job_id}.", dir=path.parent)
    try:
        with os.fdopen(
            descriptor, "w", encoding="utf-8", errors="backslashreplace", newline=""
        ) as out:
            yield out
            out.flush()
            os.fsync(out.fileno())
        _put_in_place(Path(name), path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
