"""Runs an import: reads rows, sends them in concurrent chunks, and yields outcomes.

Everything happens while the caller waits for outcomes, and rows are read only when a chunk of them
can be sent. Each of ``concurrency`` tasks takes one chunk from its rows to its outcomes::

    read ─► check ─► admit ─► send, in parts if need be ─► record ─► tally, yield
    └── one task at a time ─┘ └──────── side by side ────────┘
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, AsyncIterable, Callable, Sequence
from functools import partial
from typing import Final

from attrs import evolve

from .._base.errors import ClientStateError, ImportInterruptedError, TimifyError
from .._base.reports import ImportReport, RowOutcome, RowProblem
from .._calls.lifetime import running_loop
from .._calls.scope import Scope
from .._customfields.definitions import Definitions
from .._customfields.reading import Customer
from .._paging.pager import Pager
from .checkpoint import Admitted, Store
from .chunks import Queue, begin
from .handle import ImportRows
from .options import Options, check_rows
from .outcomes import outcome_of, outcomes_of, tally
from .rows import Payload, Row, check, custom
from .sending import Sender
from .verify import Verifier

ListCustomers = Callable[[], Pager[Customer]]
"""Lists all customers of the company, to read an import back."""

_ROWS_AT_ONCE: Final = 25
"""Rows that are checked before other tasks of the event loop get their turn."""
_REJECTED_EARLIER: Final = "rejected by an earlier run; its reason was not kept"


class Engine:
    """One import."""

    def __init__(
        self,
        scope: Scope,
        definitions: Definitions,
        rows: ImportRows,
        options: Options,
        list_customers: ListCustomers,
    ) -> None:
        check_rows(rows)
        self.report = ImportReport()
        self._scope = scope
        self._definitions = definitions
        self._rows = _iterate(rows)
        self._options = options
        self._list_customers = list_customers
        checkpoint = None if options.dry_run else options.checkpoint
        self._store = Store(checkpoint, scope.company_id, options.key)
        self._verifier: Verifier | None = None
        if options.verify and not options.dry_run:
            self._verifier = Verifier(self._store, options.verify)
        self._sender = Sender(scope)
        self._payload: Payload | None = None
        self._reading_lock = asyncio.Lock()
        self._reader: asyncio.Task[object] | None = None
        self._begun = self._all_read = self._done = False
        self._stop_error: Exception | None = None
        self._rows_read = 0
        self._pending: list[int] = []

    async def outcomes(self) -> AsyncGenerator[RowOutcome, None]:
        """Run the import and yield the outcome of each row, or nothing once it is complete.

        Raises:
            ImportInterruptedError: the import stopped before its end.
        """
        if self._done:
            return
        if self._begun:
            raise ClientStateError(
                "this import has begun already, and ends where it is left; make another"
            )
        running_loop()
        self._begun = True
        try:
            async with contextlib.aclosing(self._batches()) as batches:
                async for batch in batches:
                    for outcome in batch:
                        yield outcome
            if self._stop_error:
                raise self._interruption(self._stop_error) from self._stop_error
            absent = await self._store.absent(self._rows_read)
            self.report = evolve(self.report, absent=absent)
            if self._verifier:
                await self._read_back(self._verifier)
            self._done = True
        finally:
            await self._rows.aclose()
            await self._store.close()

    async def _batches(self) -> AsyncGenerator[list[RowOutcome], None]:
        """Keep ``concurrency`` chunks under way, and yield the outcomes of each."""
        tasks: set[asyncio.Task[tuple[list[RowOutcome], int]]] = set()
        try:
            while tasks or not self._all_read:
                while len(tasks) < self._options.concurrency and not self._all_read:
                    tasks.add(asyncio.create_task(self._import_chunk()))
                done, tasks = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    yield self._count(*task.result())
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def _count(self, outcomes: list[RowOutcome], requests: int) -> list[RowOutcome]:
        self.report = tally(self.report, outcomes, requests)
        if self._options.progress:
            self._options.progress(self.report)
        return outcomes

    def _stop(self, error: Exception) -> None:
        """Stop reading and sending. Of several errors that stop an import, the first is raised."""
        self._stop_error = self._stop_error or error
        self._all_read = True
        if self._reader is not None and self._reader is not asyncio.current_task():
            self._reader.cancel()  # the next row may never come

    async def _import_chunk(self) -> tuple[list[RowOutcome], int]:
        """Read a chunk and send it, in parts if needed; return outcomes and number of requests."""
        async with self._reading_lock:
            outcomes, queue = ([], ()) if self._all_read else await self._read()
        requests = 0
        while queue and not self._stop_error:
            rows = queue[0].rows
            result = await self._sender.send(queue)
            if result.stop:
                self._stop(result.stop)
            requests += 1
            queue = result.queue
            outcomes += result.outcomes
            await self._record(rows, result.outcomes)
        self._pending += [row.number for part in queue for row in part.rows]
        return outcomes, requests

    async def _read(self) -> tuple[list[RowOutcome], Queue]:
        """Read a chunk of rows; return outcomes that need no request, and a queue of the rest."""
        rows: list[Row] = []
        self._reader = asyncio.current_task()
        try:
            await self._fill(rows)
            return await self._sort_out(rows)
        except asyncio.CancelledError:
            if not self._stop_error:
                raise  # the caller cancelled it, and not `_stop`
        except Exception as error:  # noqa: BLE001 - the source of the rows may raise anything
            self._stop(error)
        finally:
            self._reader = None
        self._pending += [row.number for row in rows]
        return [], ()

    async def _fill(self, rows: list[Row]) -> None:
        async for original in self._rows:
            self._rows_read += 1
            row = Row(self._rows_read, original)
            rows.append(row)  # first, so that a row whose check fails is pending
            rows[-1] = await self._checked(row)
            if len(rows) == self._options.chunk_size:
                return
        self._all_read = True

    async def _checked(self, row: Row) -> Row:
        if self._payload is None and custom(row.original, self._options.key):
            registry = await self._definitions.registry(self._scope.deadline())
            self._payload = partial(registry.payload, formats=self._scope.settings.formats)
        if row.number % _ROWS_AT_ONCE == 0:
            await asyncio.sleep(0)
        return check(row, self._options.key, self._payload, keyless=self._options.allow_keyless)

    async def _sort_out(self, rows: list[Row]) -> tuple[list[RowOutcome], Queue]:
        """Return the outcomes of rows that need no request, and a queue of the others.

        An example, with a checkpoint of an earlier run::

            row 1  {"key": "a"}                 accepted by the earlier run   accepted, resumed
            row 2  {"key": "b", "email": "no"}  not valid                     invalid
            row 3  {"key": "a"}                 has the key of row 1          invalid
            row 4  {"key": "c"}                 new                           sent
        """
        outcomes: list[RowOutcome] = []
        to_send: list[Row] = []
        for admitted in await self._admit(rows):
            outcome = outcome_without_request(admitted, self._options.key)
            if outcome:
                outcomes.append(outcome)
            else:
                to_send.append(admitted.row)
        if self._verifier:
            self._verifier.prepare([row for row in rows if not row.problems], self._payload)
            await self._verifier.remember(
                rows, [outcome_of_row for outcome_of_row in outcomes if outcome_of_row.resumed]
            )
        if self._options.dry_run:
            return outcomes + outcomes_of(to_send, {}, "valid"), ()
        return outcomes, begin(to_send)

    async def _admit(self, rows: list[Row]) -> list[Admitted]:
        """Ask the store about the rows that have a key, as it does not know the others."""
        keyless = [Admitted(row, "send") for row in rows if row.key is None]
        keyed = await self._store.admit([row for row in rows if row.key is not None])
        return sorted(keyless + keyed, key=lambda admitted: admitted.row.number)

    async def _record(self, rows: Sequence[Row], outcomes: list[RowOutcome]) -> None:
        try:
            await self._store.record(outcomes)
            if self._verifier:
                await self._verifier.remember(rows, outcomes)
        except TimifyError as error:
            self._stop(error)

    async def _read_back(self, verifier: Verifier) -> None:
        try:
            async for page in self._list_customers().pages():
                await verifier.compare([customer.raw for customer in page.items])
        except TimifyError as error:
            message = f"all rows were sent, but reading them back failed: {error}"
            raise ImportInterruptedError(message, report=self.report, pending=()) from error
        self.report = await verifier.sum_up(self.report)

    def _interruption(self, error: Exception) -> Exception:
        """Return the error to raise when an import stopped.

        An error of the SDK before any request was made is returned as it is, as there is nothing
        else to report. An example of any other error: chunks of five rows are sent one at a time,
        and the third request is answered with 403. Rows 1 to 10 are accepted. Rows 11 to 15 are
        pending, as they were read but not taken, and the source may hold more rows::

            the import stopped at rows 11 to 15, after 10 accepted rows: ... HTTP 403 ... Rows after
            15 were not read. To go on, import the same rows again: it is safe by key

        With several chunks under way, some rows between the first and the last pending one may have
        an outcome. ``pending`` lists exactly the pending ones.
        """
        if isinstance(error, TimifyError) and not self.report.requests:
            return error
        pending = tuple(sorted(self._pending))
        where = f"after row {self._rows_read}"
        if pending:
            where = f"at rows {pending[0]} to {pending[-1]}"
        report = self.report
        accepted = report.created + report.updated + report.accepted
        advice = "it is safe by key"
        if self._options.checkpoint:
            advice = "those that have an outcome are not sent again"
        message = (
            f"the import stopped {where}, after {accepted} accepted rows: {error}. Rows after "
            f"{self._rows_read} were not read. To go on, import the same rows again: {advice}"
        )
        return ImportInterruptedError(message, report=report, pending=pending)


def outcome_without_request(admitted: Admitted, key: str) -> RowOutcome | None:
    """Return the outcome of a row that need not be sent, or None if it must be."""
    row, admission, holder = admitted
    if admission == "duplicate":
        value = str(row.key).partition(":")[2]
        problem = RowProblem(row.number, f"row {holder} has the same key {value!r}", key)
        return outcome_of(evolve(row, problems=(*row.problems, problem)), "invalid")
    if row.problems:
        return outcome_of(row, "invalid")
    if admission == "send":
        return None
    reason = _REJECTED_EARLIER if admission == "rejected" else None
    return evolve(outcome_of(row, admission, reason), resumed=True)


async def _iterate(rows: ImportRows) -> AsyncGenerator[object, None]:
    if isinstance(rows, AsyncIterable):
        async for row in rows:
            yield row
    else:
        for row in rows:
            yield row
