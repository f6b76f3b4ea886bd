"""What the caller of an import asked for, checked. The defaults are written at `import_many`."""

from __future__ import annotations

import os
from collections.abc import AsyncIterable, Callable, Iterable, Mapping

from attrs import frozen

from .._base.errors import ArgumentError, ArgumentTypeError
from .._base.reports import ImportReport
from .._base.settings import check_count, check_text


@frozen(kw_only=True)
class Options:
    """The options of one import; see `Customers.import_many`.

    Raises:
        ArgumentError: a value is wrong.
        ArgumentTypeError: a value is of the wrong type.
    """

    key: str
    chunk_size: int
    concurrency: int
    allow_keyless: bool
    dry_run: bool
    checkpoint: str | os.PathLike[str] | None
    verify: str | None
    progress: Callable[[ImportReport], object] | None

    def __attrs_post_init__(self) -> None:
        check_count("chunk_size", self.chunk_size)
        check_count("concurrency", self.concurrency)
        _check_filled("key", self.key)
        if self.verify is not None:
            _check_filled("verify", self.verify)
        if self.checkpoint is not None:
            _check_filled("checkpoint", _path_text(self.checkpoint))
        if self.checkpoint is not None and self.allow_keyless:
            raise ArgumentError(
                "a checkpoint knows rows by their keys: give either checkpoint or allow_keyless"
            )


def check_rows(rows: object) -> None:
    """Refuse what holds no rows. A string or a mapping can be iterated over, but not by rows."""
    iterable = isinstance(rows, Iterable | AsyncIterable)
    if not iterable or isinstance(rows, str | bytes | Mapping):
        raise ArgumentTypeError(f"rows must be an iterable of mappings, not {type(rows).__name__}")


def _check_filled(name: str, value: object) -> None:
    if not check_text(name, value):
        raise ArgumentError(f"{name} must not be empty")


def _path_text(path: object) -> object:
    return str(path) if isinstance(path, os.PathLike) else path
