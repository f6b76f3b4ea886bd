"""Hands work over to workers, and shows its progress."""

from __future__ import annotations

import os
import time
from collections.abc import AsyncIterator
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Literal, Self
from uuid import uuid4

from attrs import evolve
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import ExponentialBackoff

from .._base.checks import PRODUCTION, check_base_url, check_company_id, check_count, check_text
from .._base.errors import ArgumentError, ArgumentTypeError
from .._base.secrets import Secret
from .._base.settings import PLAIN, Formats, app_credentials
from .._files.tables import format_of
from ._job import Job, JobServer
from ._records import ImportOptions, JobRecord, JobStatus
from ._seal import Seal
from ._shared_server import check_server, connect
from ._store import JobStore
from ._streams import EXPORT_COMPANY, READ_FILE, task_message
from ._token import checked_secret

HANDED_OVER_LIMIT: Final = 32 * 1024 * 1024
"""The most bytes of a file that may go through the server. Larger files are read in place."""

_RETRIES: Final = 30
"""How often a command is repeated, up to a second apart, as the server may be restarting."""


class Jobs:
    """Imports and exports that workers do, and that outlive the process that asks for them.

    Use it as ``async with Jobs(url, app_id, app_secret) as jobs``. Workers are other processes:
    `run_worker`, or ``timify-customers worker``. Data in the server are encrypted with a key that
    is derived from the app's secret, so workers need the same app id, secret and ``base_url``.
    """

    def __init__(
        self,
        server: str | Redis,
        app_id: str,
        app_secret: str | Secret,
        *,
        base_url: str = PRODUCTION,
        allow_http: bool = False,
    ) -> None:
        """Check the settings, without connecting to the server.

        Args:
            server: URL of the server, such as ``redis://host:6379/0``, or a client of redis-py
                (``redis.asyncio.Redis``), which stays open.
            app_id: id of your app.
            app_secret: its secret.
            base_url: the API that the workers use.
            allow_http: permit plain http to another machine.

        Raises:
            ConfigurationError: a setting cannot work.
            ArgumentTypeError: a setting has the wrong type.
        """
        credentials = app_credentials(app_id, checked_secret(app_secret), None)
        assert credentials is not None  # noqa: S101 - without a token, an app is all there may be
        address = check_base_url(base_url, allow_http=allow_http)
        checked_server = check_server(server)
        self._owns_client = isinstance(checked_server, str)
        retry = Retry(ExponentialBackoff(cap=1.0, base=0.05), _RETRIES)
        client = (
            connect(checked_server, retry=retry)
            if isinstance(checked_server, str)
            else checked_server
        )
        self._server = JobServer(JobStore(client, Seal(*credentials, address)), checked_server)

    async def import_file(
        self,
        file: str | os.PathLike[str] | bytes,
        *,
        key: str,
        company_id: str | None = None,
        form: Literal["csv", "ndjson"] | None = None,
        delimiter: str = "auto",
        encoding: str = "auto",
        ignored: tuple[str, ...] = (),
        clear: bool = False,
        chunk_size: int = 500,
        formats: Formats = PLAIN,
        name: str | None = None,
        total: int | None = None,
    ) -> Job:
        """Hand an import over.

        Rows have the same outcomes, and columns the same names, as with `Customers.import_many`.

        Args:
            file: path of a file of CSV (with a header) or NDJSON, as the workers see it; or its
                content, up to 32 MiB, which then travels through the server.
            key: the column that identifies a customer.
            company_id: the company to act for; None if the token decides.
            form: ``csv`` or ``ndjson``; by default decided by the suffix of the path.
            delimiter: between cells of CSV: one character, ``tab`` or ``auto``.
            encoding: one that Python knows, or ``auto``.
            ignored: columns to leave out.
            clear: whether blank cells of CSV clear their fields; by default they are skipped.
            chunk_size: rows in one request.
            formats: how dates and phone numbers that people typed are to be understood.
            name: the name of the file that the job shows; by default that of the path.
            total: the number of rows that the job shows, if known.

        Raises:
            ArgumentError: an argument is wrong; nothing was handed over.
            ArgumentTypeError: an argument has the wrong type.
            SharedServerError: the server cannot be used.
        """
        if company_id is not None:
            check_company_id(company_id)
        check_count("chunk_size", chunk_size)
        if not check_text("key", key):
            raise ArgumentError("key must not be empty")
        content, path = _content_and_path(file)
        kind = format_of(path, form) if path else form
        if kind is None:
            raise ArgumentError("the content of a file has no name: say form='csv' or 'ndjson'")
        options = ImportOptions(
            key=key,
            form=kind,
            delimiter=delimiter,
            encoding=encoding,
            ignored=ignored,
            clear=clear,
            chunk_size=chunk_size,
            formats=formats,
        )
        record = JobRecord(
            job_id=_new_id(),
            kind="import",
            company_id=company_id,
            file=name or (path.name if path else "handed over"),
            path=None if path is None else str(path),
            form=kind,
            options=options,
        )
        if content is not None:
            contents = self._server.store.contents
            record = evolve(
                record, blocks=contents.blocks_of(content), sha256=contents.digest_of(content)
            )
            await self._server.run(contents.hand_over(record.job_id, content))
        return await self._begin(record, READ_FILE, total)

    async def export_company(
        self,
        file: str | os.PathLike[str],
        *,
        company_id: str | None = None,
        form: Literal["csv", "ndjson"] | None = None,
    ) -> Job:
        """Hand an export of all customers over.

        Args:
            file: path of the file to write, as the workers see it. It appears only when it is
                complete.
            company_id: the company to act for; None if the token decides.
            form: ``csv`` or ``ndjson``; by default decided by the suffix of the path.

        Raises:
            ArgumentError: an argument is wrong; nothing was handed over.
            SharedServerError: the server cannot be used.
        """
        if company_id is not None:
            check_company_id(company_id)
        _, path = _content_and_path(os.fspath(file))
        assert path is not None  # noqa: S101 - as it was given
        record = JobRecord(
            job_id=_new_id(),
            kind="export",
            company_id=company_id,
            file=path.name,
            path=str(path),
            form=format_of(path, form),
        )
        return await self._begin(record, EXPORT_COMPANY, None)

    async def _begin(self, record: JobRecord, task: str, total: int | None) -> Job:
        now = time.time()
        fields: Any = {
            "record": self._server.store.sealed_record(record),
            "state": "running",
            "created_at": now,
            "produced": 0,
            "done": 0,
            "read_all": 0,
            "rows_read": 0,
            "lost_in_a_row": 0,
        }
        if total is not None:
            fields["total"] = total
        store, job_id = self._server.store, record.job_id
        await self._server.run(store.begin_job(job_id, now, task_message(task, job_id), fields))
        return Job(self._server, job_id)

    def get(self, job_id: str) -> Job:
        """Return a job by its id, without checking that it exists."""
        return Job(self._server, check_text("job_id", job_id))

    async def list(self) -> AsyncIterator[JobStatus]:
        """Look at all jobs that are not forgotten, the newest first.

        Raises:
            SharedServerError: the server cannot be used.
        """
        async for status in self._server.all():
            yield status

    async def aclose(self) -> None:
        """Close the connections, unless they belong to a client that was passed in."""
        if self._owns_client:
            await self._server.store.client.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.aclose()


def _new_id() -> str:
    return uuid4().hex[:12]


def _content_and_path(file: object) -> tuple[bytes | None, Path | None]:
    if isinstance(file, bytes):
        if len(file) > HANDED_OVER_LIMIT:
            raise ArgumentError(
                f"the file has {len(file):,} bytes, and at most {HANDED_OVER_LIMIT:,} travel "
                "through the server: give its path, where workers can read it"
            )
        return file, None
    if not isinstance(file, str | os.PathLike):
        raise ArgumentTypeError(f"file must be a path or bytes, not {type(file).__name__}")
    return None, Path(os.fspath(file)).absolute()
