"""What all commands share: how they run and end, and how they print.

Data go to stdout, everything else goes to stderr.
"""

from __future__ import annotations

import asyncio
import functools
import json
import os
import sys
import time
import warnings
from collections.abc import Callable, Coroutine, Iterable, Sequence
from contextlib import suppress
from typing import IO, Any, Final, Self, cast

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Column, Table

from .. import (
    ArgumentError,
    ArgumentTypeError,
    ConfigurationError,
    ImportInterruptedError,
    NotFoundError,
    TimifyError,
)
from .._base.package import PROGRAM
from .._base.text import printable
from ._durable import ENCODING, naming, to_stdout
from ._words import in_words_of_the_command_line

OK: Final = 0
FOUND: Final = 1
"""The command is complete, but there is something to look at."""
USAGE: Final = 2
FAILED: Final = 3
STOPPED: Final = 130
PIPE_CLOSED: Final = 141


class _Lenient:
    """Stderr while it can be written to. Once the terminal is gone, the work goes on silently."""

    def __init__(self, stream: IO[str]) -> None:
        self._stream = stream

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def write(self, text: str) -> int:
        """Write if possible, and return the length."""
        try:
            return self._stream.write(text)
        except OSError:
            let_go(self._stream)
        return len(text)

    def flush(self) -> None:
        """Flush if possible."""
        try:
            self._stream.flush()
        except OSError:
            let_go(self._stream)


class _Screen(Console):
    @property  # type: ignore[misc]
    def file(self) -> IO[str]:  # pyright: ignore[reportIncompatibleMethodOverride]
        """The present stderr, which a progress bar replaces at times."""
        return cast("IO[str]", _Lenient(super().file))


SCREEN: Final = _Screen(stderr=True, highlight=False, soft_wrap=True)
"""The only console, so that lines appear above a progress bar."""

LINE_SECONDS = 5.0
"""Seconds between two lines of progress where there is no terminal."""

Work = Callable[..., Coroutine[Any, Any, int]]


def command(work: Work) -> Callable[..., None]:
    """Turn a coroutine function that returns an exit code into a command.

    Errors become one line on stderr and an exit code. Examples in the help use the name by which
    this copy is started.
    """

    @functools.wraps(work)
    def run(*args: Any, **options: Any) -> None:
        encoding, errors = ENCODING
        sys.stdout.reconfigure(encoding=encoding, errors=errors, newline="")  # type: ignore[union-attr]
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always", UserWarning)
            code = _ended(work(*args, **options))
        for warning in caught:
            say(f"warning: {in_words_of_the_command_line(str(warning.message))}", "yellow")
        raise typer.Exit(FOUND if caught and code == OK else code)

    run.__doc__ = (work.__doc__ or "").replace("timify-customers ", f"{PROGRAM} ")
    return run


def _ended(work: Coroutine[Any, Any, int]) -> int:
    try:
        code = asyncio.run(work)
        with naming("stdout"):
            sys.stdout.flush()
    except KeyboardInterrupt:
        say("stopped")
        return STOPPED
    except TimifyError as error:
        say(f"error: {in_words_of_the_command_line(str(error))}", "red")
        return _code(error)
    except BrokenPipeError:
        let_go(sys.stdout)
        return PIPE_CLOSED
    except OSError as error:
        if error.filename == "stdout":
            let_go(sys.stdout)
        say(
            f"error: {f'{error.filename}: ' if error.filename else ''}{error.strerror or error}",
            "red",
        )
        return USAGE
    return code


def _code(error: TimifyError) -> int:
    """Return the exit code of an error. For an import that stopped, that of the cause counts."""
    cause = error.__cause__ if isinstance(error, ImportInterruptedError) else error
    if isinstance(cause, ArgumentError | ArgumentTypeError | ConfigurationError):
        return USAGE
    if isinstance(cause, OSError) and not isinstance(cause, TimifyError):
        return USAGE  # the input cannot be read
    return FOUND if isinstance(error, NotFoundError) else FAILED


def let_go(stream: IO[str]) -> None:
    """Redirect a broken stream to nowhere, as Python flushes it once more when it exits."""
    with suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def say(text: str, style: str = "") -> None:
    """Print a line on stderr."""
    SCREEN.print(escape(printable(text)), style=style)


def show_json(value: object) -> None:
    """Write JSON to stdout."""
    _print(json.dumps(value, ensure_ascii=False, indent=2) + "\n")


def _print(text: str) -> None:
    to_stdout(text.encode(*ENCODING))


def show_table(rows: Iterable[Sequence[str]], head: Sequence[str] = ()) -> None:
    """Write aligned columns to a terminal, or lines with tabs to a pipe.

    Where columns are too narrow, texts are wrapped, except for ids, so that they can be copied.
    """
    out = Console(highlight=False, soft_wrap=True)
    columns = [Column(name, overflow="fold", no_wrap=name == "id") for name in head]
    table = Table(*columns, box=None, show_header=bool(head), pad_edge=False, header_style="bold")
    for row in rows:
        cells = [printable(cell) for cell in row]
        while len(table.columns) < len(cells):
            table.add_column(overflow="fold")
        if out.is_terminal:
            table.add_row(*map(escape, cells))
        else:
            _print("\t".join(cells) + "\n")
    if out.is_terminal:
        out.print(table)


def show_lines(rows: Sequence[tuple[str, str]]) -> None:
    """Write a name and a text in each line, for the text to be copied: it is never wrapped."""
    width = max(len(name) for name, _ in rows)
    for name, text in rows:
        between = " " * (width - len(name) + 2) if sys.stdout.isatty() else "\t"
        _print(f"{printable(name)}{between}{printable(text)}\n")


class Meter:
    """Shows progress, speed and remaining time: as a bar on a terminal, else as occasional lines.

    Attributes:
        done: how many items are done.
        total: how many items there are, or None if that is not known.
    """

    def __init__(self, noun: str, total: int | None = None, *, done: int = 0) -> None:
        self.done, self.total, self._noun = done, total, noun
        self._before = done
        self._began = time.monotonic()
        self._next = self._began + LINE_SECONDS
        self._terminal = SCREEN.is_terminal
        columns = (
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rate]}"),
            TimeRemainingColumn(),
        )
        self._bar = Progress(
            TextColumn(noun), *columns, console=SCREEN, transient=True, disable=not self._terminal
        )
        self._task = self._bar.add_task(noun, total=total, rate="")

    def __enter__(self) -> Self:
        if self._terminal:
            self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._terminal:  # elsewhere rich before 15 ends a bar with an empty line
            self._bar.stop()

    def step(self, total: int | None = None) -> None:
        """Count one more item; ``total`` replaces the total if it is passed."""
        self.reach(self.done + 1, total)

    def reach(self, done: int, total: int | None = None) -> None:
        """Set how many items are done; ``total`` is as for `step`."""
        is_first = self.done == self._before < done
        self.done, self.total = done, total or self.total
        if (now := time.monotonic()) >= self._next or (self._terminal and is_first):
            self._next = now + (0.1 if self._terminal else LINE_SECONDS)
            self._show()

    @property
    def seconds(self) -> float:
        """Seconds since the beginning."""
        return time.monotonic() - self._began

    def _show(self) -> None:
        rate = (self.done - self._before) / max(self.seconds, 1e-9)
        if self._terminal:
            self._bar.update(
                self._task, completed=self.done, total=self.total, rate=f"{rate:,.0f}/s"
            )
            return
        of = "" if self.total is None else f" of {self.total:,}"
        remaining = (
            "" if self.total is None else f", {max(0, self.total - self.done) / rate:,.0f} s left"
        )
        say(f"{self.done:,}{of} {self._noun}, {rate:,.0f}/s{remaining}")
