"""The options of an import, checked. Their defaults are those of `import_many`."""

from __future__ import annotations

import os
from collections.abc import AsyncIterable, Callable, Iterable, Mapping

from attrs import frozen

from .._base.checks import check_count, check_text
from .._base.errors import ArgumentError, ArgumentTypeError
from .._base.reports import ImportReport


@frozen(kw_only=True)
class Options:
    """The options of one import; see `Customers.import_many`.

    Raises:
        ArgumentError: a value is wrong.
        ArgumentTypeError: a value has the wrong type.
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
            _check_path("checkpoint", self.checkpoint)
        if self.checkpoint is not None and self.allow_keyless:
            raise ArgumentError(
                "a checkpoint knows rows by their keys: give either checkpoint or allow_keyless"
            )


def check_rows(rows: object) -> None:
    """Refuse anything but rows. A string or a mapping is iterable, but does not yield rows."""
    iterable = isinstance(rows, Iterable | AsyncIterable)
    if not iterable or isinstance(rows, str | bytes | Mapping):
        raise ArgumentTypeError(f"rows must be an iterable of mappings, not {type(rows).__name__}")


def _check_filled(name: str, value: object) -> None:
    if not check_text(name, value):
        raise ArgumentError(f"{name} must not be empty")


def _check_path(name: str, path: object) -> None:
    """Refuse anything that cannot name a file.

    No file name can have a NUL, so Python's own functions refuse one with a plain ValueError. For a
    checkpoint that would come late: when it is opened, in another thread.
    """
    text = str(path) if isinstance(path, os.PathLike) else path
    _check_filled(name, text)
    if "\0" in str(text):
        raise ArgumentError(f"{name} must not hold a NUL character: no file has such a name")
