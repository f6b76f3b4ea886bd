"""Sends one chunk of an import, which an earlier worker may have begun.

It uses the same parts as an import in one process: rows are checked, a refused request is halved
until the bad rows are alone, and each row gets its outcome.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from functools import partial
from typing import Any, Final

from attrs import define, field
from redis.exceptions import RedisError

from .._base.errors import TimifyError
from .._base.package import NAME
from .._base.reports import RowOutcome
from .._bulk.chunks import begin
from .._bulk.outcomes import outcome_of, outcomes_of
from .._bulk.rows import Row, check, custom
from .._bulk.sending import Sender
from .._client import TimifyCustomers
from ._records import ImportOptions, JobRecord
from ._store import MOST_RUNS, ChunkResult, ChunkRows, JobStore, Start
from ._verify import find_shown

logger = logging.getLogger(f"{NAME}.workers")
_POISON: Final = f"its worker ended {MOST_RUNS} times while it was sent"


@define
class ChunkSender:
    """Sends one chunk.

    Attributes:
        store: the store of the jobs.
        timify: a client that acts for the job's company.
        job: the job.
        number: the number of the chunk.
        run: tells this delivery of the task from others.
    """

    store: JobStore
    timify: TimifyCustomers
    job: JobRecord
    number: int
    run: str
    _outcomes: list[RowOutcome] = field(init=False, factory=list)
    _requests: int = field(init=False, default=0)

    async def send(self) -> None:
        """Send the chunk, unless it already has an outcome, and record the result."""
        chunk = await self.store.chunk(self.job.job_id, self.number)
        if chunk is None:
            return
        result = await self._send(chunk.rows) if chunk.is_wanted else ChunkResult()
        await self.store.record(self.job.job_id, self.number, result)

    async def _send(self, rows: ChunkRows) -> ChunkResult:
        assert self.job.options is not None  # noqa: S101 - as every import has
        try:
            checked = await self._check(rows, self.job.options)
            to_send = [row for row in checked if not row.problems]
            self._outcomes += [outcome_of(row, "invalid") for row in checked if row.problems]
            start = await self._begin() if to_send else Start(0, 0)
            if start.runs > MOST_RUNS:
                self._outcomes += outcomes_of(to_send, {}, "unknown", _POISON)
                return self._result()
            if start.attempts > 1:
                to_send = await self._without_those_that_are_there(to_send)
            return await self._send_parts(to_send)
        except RedisError:
            raise
        except TimifyError as error:
            return self._result(stop=str(error))
        except Exception as error:
            logger.exception("a chunk of an import failed")
            return self._result(stop=f"a worker failed: {type(error).__name__}")

    async def _begin(self) -> Start:
        return await self.store.begin(self.job.job_id, self.number, self.run)

    async def _check(self, rows: ChunkRows, options: ImportOptions) -> list[Row]:
        payload = None
        if any(custom(row, options.key) for _, row in rows):
            registry = await self.timify.fields.registry()
            payload = partial(registry.payload, formats=options.formats)
        return [
            check(Row(number, row), options.key, payload, keyless=False) for number, row in rows
        ]

    async def _without_those_that_are_there(self, rows: Sequence[Row]) -> list[Row]:
        """Count rows that an earlier worker sent, and that can be read back, as accepted."""
        shown = await find_shown(self.timify, rows)
        self._outcomes += outcomes_of([row for row in rows if row.number in shown], {}, "accepted")
        return [row for row in rows if row.number not in shown]

    async def _send_parts(self, rows: Sequence[Row]) -> ChunkResult:
        sender = Sender(self.timify._scope)  # noqa: SLF001 - as `Customers.import_many` does
        queue = begin(rows)
        while queue:
            result = await sender.send(queue)
            self._requests += 1
            queue = result.queue
            self._outcomes += result.outcomes
            if result.stop:
                return self._result(sender, stop=str(result.stop))
        return self._result(sender)

    def _result(self, sender: Sender | None = None, *, stop: str = "") -> ChunkResult:
        lost = sender.lost_in_a_row if sender and self._requests else None
        return ChunkResult(
            self._outcomes,
            self._requests,
            lost=lost,
            lost_reason=_last_reason(self._outcomes) if lost else "",
            stop=stop,
        )


def _last_reason(outcomes: Sequence[RowOutcome]) -> str:
    problems: list[Any] = [problem for outcome in outcomes for problem in outcome.problems]
    return str(problems[-1].reason) if problems else "requests end without a response"
