"""Carries an import through: reads rows, sends them in chunks side by side, and tells what became
of each.

Everything happens while somebody waits for outcomes, and rows are read only when a chunk of them
can be sent.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, AsyncIterable, Callable, Sequence
from functools import partial
from typing import Final

from attrs import evolve

from .._base.errors import ClientStateError, ImportInterruptedError, TimifyError
from .._base.generated import models
from .._base.reports import ImportReport, RowOutcome, RowProblem
from .._calls.response import Operation
from .._calls.retry import Repeat
from .._calls.scope import View
from .._customfields.reading import Customer
from .._paging.pager import Pager
from .checkpoint import Admitted, Store
from .chunks import Todo, after_refusal, after_success, begin, judge, refusal
from .handle import Rows
from .options import Options, check_rows
from .rows import Payload, Row, check, custom
from .verdicts import failures, outcomes, read, tally
from .verify import Verifier

ListCustomers = Callable[[], Pager[Customer]]
"""Lists all customers of the company, to read an import back."""

LOST_IN_A_ROW: Final = 5
"""Requests without answer, one after the other and each repeated in vain, after which the API counts as gone."""
_AT_ONCE: Final = 25
"""Rows read or checked before others of the event loop get their turn."""
_REPEATABLE: Final = Operation("import_customers", data="any", writes=True, telling=True)
_ONCE: Final = Operation("import_customers", Repeat.NEVER, data="any", writes=True, telling=True)


class Engine:
    """One import."""

    def __init__(
        self, view: View, rows: Rows, options: Options, list_customers: ListCustomers
    ) -> None:
        check_rows(rows)
        self.report = ImportReport()
        self._view = view
        self._rows = _each(rows)
        self._options = options
        self._list_customers = list_customers
        self._store = Store(
            None if options.dry_run else options.checkpoint, view.settings.company_id, options.key
        )
        self._verifier = (
            Verifier(self._store, options.verify)
            if options.verify and not options.dry_run
            else None
        )
        self._payload: Payload | None = None
        self._turn = asyncio.Lock()
        self._begun = self._end = self._done = False
        self._stopped: Exception | None = None
        self._reading: asyncio.Task[object] | None = None
        self._open: list[int] = []
        self._count = self._lost = 0

    async def outcomes(self) -> AsyncGenerator[RowOutcome, None]:
        """Do the work, and give the outcome of each row; nothing more once all was done.

        Raises:
            ImportInterruptedError: it stopped before its end.
        """
        if self._begun and not self._done:
            raise ClientStateError(
                "this import has begun already, and ends where it is left; make another"
            )
        if self._done:
            return
        self._begun = True
        try:
            async with contextlib.aclosing(self._batches()) as batches:
                async for batch in batches:
                    for outcome in batch:
                        yield outcome
            if self._stopped:
                raise self._interruption(self._stopped) from self._stopped
            if self._verifier:
                await self._read_back(self._verifier)
            self._done = True
        finally:
            await self._rows.aclose()
            await self._store.close()

    async def _batches(self) -> AsyncGenerator[list[RowOutcome], None]:
        tasks: set[asyncio.Task[tuple[list[RowOutcome], int]]] = set()
        try:
            while tasks or not self._end:
                while len(tasks) < self._options.concurrency and not self._end:
                    tasks.add(asyncio.create_task(self._step()))
                done, tasks = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    found, requests = task.result()
                    self.report = tally(self.report, found, requests)
                    if self._options.progress:
                        self._options.progress(self.report)
                    yield found
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def _stop(self, error: Exception) -> None:
        self._stopped, self._end = self._stopped or error, True
        if self._reading is not None and self._reading is not asyncio.current_task():
            self._reading.cancel()  # the next row may never come

    async def _step(self) -> tuple[list[RowOutcome], int]:
        """Read a chunk when it is its turn, and send it, in parts if need be; gives outcomes and requests made."""
        async with self._turn:
            found, todo = ([], ()) if self._end else await self._read()
        requests = 0
        while todo and not self._stopped:
            requests += 1
            rows = todo[0].rows
            new, todo = await self._ask(todo)
            found += new
            await self._note(rows, new)
        self._open += [row.number for part in todo for row in part.rows]
        return found, requests

    async def _read(self) -> tuple[list[RowOutcome], Todo]:
        rows: list[Row] = []
        self._reading = asyncio.current_task()
        try:
            async for given in self._rows:
                self._count += 1
                rows.append(Row(self._count, given))
                rows[-1] = await self._checked(rows[-1])
                if len(rows) == self._options.chunk_size:
                    break
            else:
                self._end = True
            return await self._sorted_out(rows)
        except (
            Exception,
            asyncio.CancelledError,
        ) as error:  # of whoever makes the rows, or our own
            if isinstance(error, Exception):
                self._stop(error)
            elif not self._stopped:
                raise
            self._open += [row.number for row in rows]
            return [], ()
        finally:
            self._reading = None

    async def _checked(self, row: Row) -> Row:
        if self._payload is None and custom(row.given, self._options.key):
            registry = await self._view.registry(self._view.deadline())
            self._payload = partial(registry.payload, formats=self._view.settings.formats)
        if not row.number % _AT_ONCE:
            await asyncio.sleep(0)
        return check(row, self._options.key, self._payload, keyless=self._options.allow_keyless)

    async def _sorted_out(self, rows: list[Row]) -> tuple[list[RowOutcome], Todo]:
        admitted: Admitted = [(row, "send", None) for row in rows if row.key is None]
        admitted += await self._store.admit([row for row in rows if row.key is not None])
        found: list[RowOutcome] = []
        good: list[Row] = []
        for row, verdict, holder in sorted(admitted, key=lambda it: it[0].number):
            if verdict == "duplicate":
                reason = f"row {holder} has the same key {str(row.key).partition(':')[2]!r}"
                problem = RowProblem(row.number, reason, self._options.key)
                found += outcomes([evolve(row, problems=(*row.problems, problem))], {}, "invalid")
            elif row.problems:
                found += outcomes([row], {}, "invalid")
            elif verdict == "send":
                good.append(row)
            else:
                why = (
                    "rejected by an earlier run; its reason was not kept"
                    if verdict == "rejected"
                    else None
                )
                found.append(evolve(outcomes([row], {}, verdict, why)[0], resumed=True))
        if self._verifier:
            self._verifier.prepare([row for row in rows if not row.problems], self._payload)
            await self._verifier.remember(rows, [it for it in found if it.resumed])
        return (
            (found + outcomes(good, {}, "valid"), ())
            if self._options.dry_run
            else (found, begin(good))
        )

    async def _note(self, rows: Sequence[Row], found: list[RowOutcome]) -> None:
        try:
            await self._store.settle(found)
            if self._verifier:
                await self._verifier.remember(rows, found)
        except TimifyError as error:
            self._stop(error)

    async def _ask(self, todo: Todo) -> tuple[list[RowOutcome], Todo]:
        rows = todo[0].rows
        body = models.CustomerImport.from_dict({"customers": [row.wire for row in rows]})
        try:
            answer = await self._view.call(_REPEATABLE if rows[0].key else _ONCE, body=body)
        except TimifyError as error:
            return self._failed(todo, error)
        self._lost = 0
        said = read(answer.payload, rows)
        if failures(answer.payload) > sum(outcome == "rejected" for outcome, _ in said.values()):
            found = outcomes(
                rows, said, "unknown", "the answer tells of failures, and does not name each row"
            )
        else:
            found = outcomes(rows, said, "accepted")
        return found, after_success(todo, whole=all(it.outcome != "rejected" for it in found))

    def _failed(self, todo: Todo, error: TimifyError) -> tuple[list[RowOutcome], Todo]:
        rows, refused = todo[0].rows, refusal(error)
        said = {}
        if refused:
            said, refused.details = (
                read(refused.details, rows, refused=True),
                None,
            )  # no error keeps a whole body
        verdict = judge(error, names_rows=bool(said))
        self._lost = self._lost + 1 if verdict == "lost" else 0
        if verdict == "stop" or self._lost >= LOST_IN_A_ROW:
            self._stop(error)
        if verdict == "stop":
            return [], todo
        if verdict == "lost":
            return outcomes(rows, {}, "unknown", str(error)), todo[1:]
        named, todo = after_refusal(todo, said, verdict)
        return outcomes(
            named, dict(enumerate(said[at] for at in sorted(said))), "rejected", str(refused)
        ), todo

    async def _read_back(self, verifier: Verifier) -> None:
        try:
            async for page in self._list_customers().pages():
                await verifier.compare([customer.raw for customer in page.items])
        except TimifyError as error:
            message = f"all rows were sent, but reading them back failed: {error}"
            raise ImportInterruptedError(message, report=self.report, pending=()) from error
        self.report = await verifier.sum_up(self.report)

    def _interruption(self, error: Exception) -> Exception:
        if isinstance(error, TimifyError) and not self.report.requests:
            return error
        pending, report = tuple(sorted(self._open)), self.report
        where = f"at rows {pending[0]} to {pending[-1]}" if pending else f"after row {self._count}"
        taken = report.created + report.updated + report.accepted
        again = (
            "those that have an outcome are not sent again"
            if self._options.checkpoint
            else "it is safe by key"
        )
        message = (
            f"the import stopped {where}, after {taken} accepted rows: {error}. "
            f"Rows after {self._count} were not read. To go on, import the same rows again: {again}"
        )
        return ImportInterruptedError(message, report=report, pending=pending)


async def _each(rows: Rows) -> AsyncGenerator[object, None]:
    if isinstance(rows, AsyncIterable):
        async for row in rows:
            yield row
    else:
        for row in rows:
            yield row
