"""The handle of an import: the only module of this room that is loaded before an import begins."""

from __future__ import annotations

import contextlib
from collections.abc import (
    AsyncGenerator,
    AsyncIterable,
    AsyncIterator,
    Generator,
    Iterable,
    Mapping,
)
from typing import Any, Protocol

from .._base.reports import ImportReport, RowOutcome

ImportRows = Iterable[Mapping[str, object]] | AsyncIterable[Mapping[str, object]]
"""What `import_many` takes: one mapping for each customer, of column names to values."""


class ImportEngine(Protocol):
    """The part of the engine that a handle needs. The engine is loaded with the first import."""

    report: ImportReport
    """What became of the rows so far."""

    def outcomes(self) -> AsyncGenerator[RowOutcome, None]:
        """Run the import, and yield the outcome of each row as it comes."""
        ...


class ImportRun:
    """An import, which begins when it is awaited or iterated.

    ``report = await run`` runs it to its end. ``async for outcome in run`` also yields the outcome
    of each row as it comes. Leaving the loop or cancelling the task ends the import, and nothing is
    sent after that. ``run.report`` says at any time how far the import has come.
    """

    def __init__(self, engine: ImportEngine) -> None:
        self._engine = engine

    @property
    def report(self) -> ImportReport:
        """What became of the rows so far."""
        return self._engine.report

    def __aiter__(self) -> AsyncIterator[RowOutcome]:
        return self._engine.outcomes()

    def __await__(self) -> Generator[Any, None, ImportReport]:
        return self._finish().__await__()

    async def _finish(self) -> ImportReport:
        async with contextlib.aclosing(self._engine.outcomes()) as outcomes:
            async for _ in outcomes:
                pass
        return self.report
