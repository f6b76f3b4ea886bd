"""A worker, which takes tasks from the server and does them until it is told to stop."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import ssl
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Annotated, Any, Final, Literal
from uuid import uuid4

from redis.asyncio.retry import Retry
from redis.backoff import ExponentialBackoff
from redis.exceptions import RedisError
from taskiq import Context, TaskiqDepends
from taskiq.receiver import Receiver

from .._base.checks import PRODUCTION, check_base_url, check_count, check_seconds, check_text
from .._base.errors import TimifyError
from .._base.package import NAME
from .._base.secrets import Secret
from .._base.settings import app_credentials
from .._client import TimifyCustomers
from ._chunks import ChunkSender
from ._exporting import Exporter, remove_left_over
from ._limit import SharedLimit
from ._reading import FileReader
from ._records import JobRecord
from ._seal import Seal
from ._shared_server import check_reachable, check_server, connect
from ._store import MOST_RUNS, JobStore
from ._streams import EXPORT_COMPANY, READ_FILE, SEND_CHUNK, LeasedStreamBroker
from ._token import SharedToken, checked_secret

LEASE: Final = 20.0
"""Seconds after which another worker takes over the work of a worker that died."""
FILES_AT_ONCE: Final = 2
"""How many files one worker reads or writes at a time. Chunks have slots of their own, so that
readers, which wait for chunks to be done, cannot take all slots."""
GRACE: Final = 60.0
"""Seconds that work under way may take when a worker is told to stop."""
_REFUSED_PAUSE: Final = 2.0

_POISON: Final = f"its worker ended {MOST_RUNS} times while it read or wrote the file"

logger = logging.getLogger(f"{NAME}.workers")
Work = Callable[[JobRecord, TimifyCustomers], Coroutine[Any, Any, bool]]
"""The work of a task. It returns whether there is nothing more to do."""
TaskContext = Annotated[Context, TaskiqDepends()]


async def run_worker(
    server: str,
    app_id: str,
    app_secret: str | Secret,
    *,
    base_url: str = PRODUCTION,
    allow_http: bool = False,
    ssl_context: ssl.SSLContext | None = None,
    proxy: str | None = None,
    limit: str | None = None,
    per: Literal["company", "app"] = "company",
    concurrency: int = 4,
    lease: float = LEASE,
    grace: float = GRACE,
    stop: asyncio.Event | None = None,
) -> None:
    """Do the work that `Jobs` hand over, until ``stop`` is set.

    Work under way may then go on for ``grace`` seconds; another worker does what is not finished by
    then. All workers of an app share one access token and, with ``limit``, one limit.

    Args:
        server: URL of the server, such as ``redis://host:6379/0``.
        app_id: id of your app.
        app_secret: its secret.
        base_url: as for `TimifyCustomers`, like the next three.
        allow_http: permit plain http to another machine.
        ssl_context: decides which servers are trusted.
        proxy: address of a proxy.
        limit: requests in a period for all workers together, such as ``5/second``; see
            `SharedLimit`.
        per: whether the limit applies to each company, or to all of them together.
        concurrency: chunks that are sent at a time.
        lease: seconds after which another worker takes over the work of a worker that died.
        grace: seconds that work under way may take when the worker is told to stop.
        stop: set it to end the worker.

    Raises:
        ConfigurationError: a setting cannot work.
        ArgumentTypeError: a setting has the wrong type.
        SharedServerError: the server cannot be reached at the start. Later, the worker waits for
            it.
    """
    credentials = app_credentials(app_id, checked_secret(app_secret), None)
    assert credentials is not None  # noqa: S101 - without a token, an app is all there may be
    check_server(check_text("server", server))
    check_count("concurrency", concurrency)
    check_seconds("lease", lease)
    check_seconds("grace", grace)
    api: dict[str, Any] = {
        "base_url": check_base_url(base_url, allow_http=allow_http),
        "allow_http": allow_http,
        "ssl_context": ssl_context,
        "proxy": proxy,
    }
    async with contextlib.AsyncExitStack() as stack:
        shared = None
        if limit is not None:
            shared = await stack.enter_async_context(SharedLimit(server, limit, per=per))
        token = SharedToken(server, *credentials, **api)
        timify = await stack.enter_async_context(
            TimifyCustomers(access_token=token, limit=shared, **api)
        )
        client = connect(server, retry=Retry(ExponentialBackoff(cap=2.0, base=0.05), -1))
        stack.push_async_callback(client.aclose)
        await check_reachable(server)
        store = JobStore(client, Seal(*credentials, api["base_url"]))
        worker = Worker(store, timify, server, lease=lease, grace=grace, stop=stop)
        await worker.run(concurrency)


class Worker:
    """The tasks, and the receivers of taskiq that run them."""

    def __init__(
        self,
        store: JobStore,
        timify: TimifyCustomers,
        server: str,
        *,
        lease: float,
        grace: float,
        stop: asyncio.Event | None,
    ) -> None:
        self._store = store
        self._timify = timify
        self._grace = grace
        self._stop = stop or asyncio.Event()
        self._under_way: set[asyncio.Task[Any]] = set()
        self._files = LeasedStreamBroker(
            server, store.files_stream, (READ_FILE, EXPORT_COMPANY), lease=lease
        )
        self._chunks = LeasedStreamBroker(server, store.chunks_stream, (SEND_CHUNK,), lease=lease)
        self._register_tasks()

    async def run(self, concurrency: int) -> None:
        """Do tasks until the worker is told to stop."""
        logger.info("the worker is ready")
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._receive(self._files, FILES_AT_ONCE))
                group.create_task(self._receive(self._chunks, concurrency))
        finally:
            await self._leave()
        logger.info("the worker has ended")

    async def _leave(self) -> None:
        """Cancel the work under way, so that another worker does it.

        This must precede closing the client, as its errors would be taken for those of the job.
        """
        tasks = {*self._under_way}
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=5)

    async def _receive(self, broker: LeasedStreamBroker, at_once: int) -> None:
        broker.is_worker_process = True
        await broker.startup()
        receiver = Receiver(
            broker, max_async_tasks=at_once, run_startup=False, wait_tasks_timeout=self._grace
        )
        try:
            async with broker.keeping_leases():
                await receiver.listen(self._stop)
        finally:
            await broker.shutdown()

    def _goes_on(self) -> bool:
        return not self._stop.is_set()

    def _register_tasks(self) -> None:
        """Register the tasks. They are functions, as taskiq cannot register methods."""

        async def read_file(job_id: str, context: TaskContext) -> None:
            async def read(job: JobRecord, timify: TimifyCustomers) -> bool:
                return await FileReader(self._store, timify, job, self._goes_on).read()

            await self._do(job_id, context, self._giving_up(read))

        async def export_company(job_id: str, context: TaskContext) -> None:
            async def write(job: JobRecord, timify: TimifyCustomers) -> bool:
                return await Exporter(self._store, timify, job, self._goes_on).write()

            await self._do(job_id, context, self._giving_up(write))

        async def send_chunk(job_id: str, number: int, context: TaskContext) -> None:
            run = uuid4().hex

            async def send(job: JobRecord, timify: TimifyCustomers) -> bool:
                await ChunkSender(self._store, timify, job, number, run).send()
                return True

            await self._do(job_id, context, send)

        self._files.register_task(read_file, task_name=READ_FILE)
        self._files.register_task(export_company, task_name=EXPORT_COMPANY)
        self._chunks.register_task(send_chunk, task_name=SEND_CHUNK)

    def _giving_up(self, work: Work) -> Work:
        """Return work on a file that stops its job if it has ended worker after worker."""
        run = uuid4().hex

        async def begin(job: JobRecord, timify: TimifyCustomers) -> bool:
            start = await self._store.begin(job.job_id, "file", run)
            if start.runs > MOST_RUNS:
                if job.kind == "export" and job.path is not None:
                    remove_left_over(Path(job.path), job.job_id)
                return await self._give_up(job.job_id, _POISON)
            is_over = False
            try:
                is_over = await work(job, timify)
            finally:
                if not is_over:
                    await self._store.leave(job.job_id, "file", run)
            if is_over:
                with contextlib.suppress(RedisError):  # it is forgotten in time, too
                    await self._store.finish(job.job_id, "file")
            return is_over

        return begin

    async def _do(self, job_id: str, context: Context, work: Work) -> None:
        """Do the work of a task, and acknowledge it once there is nothing more to do.

        While the server refuses commands, for example because it is out of memory or has become a
        replica, the work is begun again.
        """
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - taskiq runs it
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)
        while True:
            try:
                is_over = await self._attempt(job_id, work)
                break
            except RedisError as error:
                logger.warning("the Redis server refuses a command (%s)", type(error).__name__)
                await asyncio.sleep(_REFUSED_PAUSE)
        if is_over:
            await context.ack()

    async def _attempt(self, job_id: str, work: Work) -> bool:
        """Do the work once, and return whether there is nothing more to do.

        An unexpected error stops the job, as one worker after another would only run into it again.
        """
        try:
            job = await self._store.job(job_id)
            if job is None:
                return True  # it was forgotten, or belongs to another app
            return await work(job, self._acting_for(job))
        except RedisError:
            raise
        except TimifyError as error:
            return await self._give_up(job_id, str(error))
        except Exception as error:
            logger.exception("a task failed")
            return await self._give_up(job_id, f"a worker failed: {type(error).__name__}")

    def _acting_for(self, job: JobRecord) -> TimifyCustomers:
        timify = self._timify
        if job.options is not None:
            timify = timify.with_options(formats=job.options.formats)
        return timify if job.company_id is None else timify.for_company(job.company_id)

    async def _give_up(self, job_id: str, reason: str) -> bool:
        await self._store.stop(job_id, "stopped", reason)
        return True
