"""Bounds of time and memory: a published document is foreign, and may be hostile.

`run` bounds a program, and `limits` what this process does with a document, together with all
programs that it runs for it.
"""

import contextlib
import os
import re
import signal
import subprocess
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import FrameType
from typing import NoReturn

LONGEST = 60.0
"""Seconds of one step, and of all steps. For two dozen operations a step takes two seconds."""
MOST_MEMORY = 1024
"""MiB that one process may use."""
_STATUS = Path("/proc/self/status")


class BoundError(Exception):
    """A bound was reached."""


class TooLongError(BoundError):
    """It took longer than it may. Programs were ended, with the programs that they had started."""


class TooLargeError(BoundError):
    """This process would have needed more memory than it may."""


@contextlib.contextmanager
def limits(seconds: float | None = None, memory: int | None = None) -> Iterator[None]:
    """Bound the time of a block with all programs that it runs, and the memory of this process.

    There is a bound of time where the system has alarms (not on Windows) and in the main thread
    alone, and one of memory on Linux.

    Args:
        seconds: how long the block may take; `LONGEST` if not given.
        memory: MiB of data that this process may hold more than it does; `MOST_MEMORY` if not
            given.

    Raises:
        TooLongError: the block took longer.
        TooLargeError: it needed more memory.
    """
    seconds = LONGEST if seconds is None else seconds
    memory = MOST_MEMORY if memory is None else memory
    with _alarm(seconds), _ceiling(memory):
        try:
            yield
        except MemoryError as full:
            raise TooLargeError(f"it needed more than {memory} MiB of memory") from full


@contextlib.contextmanager
def _alarm(seconds: float) -> Iterator[None]:
    if os.name != "posix" or threading.current_thread() is not threading.main_thread():
        yield
        return

    def ring(_: int, __: FrameType | None) -> NoReturn:
        raise TooLongError(f"all steps together took longer than {seconds:g} seconds")

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@contextlib.contextmanager
def _ceiling(memory: int) -> Iterator[None]:
    """Limit the data of this process, softly: the programs that it runs set limits of their own."""
    if not _STATUS.exists():
        yield
        return
    import resource  # noqa: PLC0415 - not on Windows

    held = re.search(r"^VmData:\s+(\d+) kB$", _STATUS.read_text("ascii"), re.MULTILINE)
    soft, hard = resource.getrlimit(resource.RLIMIT_DATA)
    size = (int(held[1]) if held else 0) * 1024 + memory * 2**20
    if resource.RLIM_INFINITY not in {soft, hard}:
        size = min(size, soft, hard)
    resource.setrlimit(resource.RLIMIT_DATA, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, (soft, hard))


def run(
    command: Sequence[str | Path],
    *,
    cwd: Path,
    env: Mapping[str, str],
    seconds: float | None = None,
    memory: int | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run a program without input, and return its exit code and what it printed.

    Args:
        command: the program and its arguments.
        cwd: the folder in which it runs.
        env: its environment.
        seconds: how long it may run; None for no limit.
        memory: MiB of data that it may hold, where the system has this limit (Linux); None for no
            limit. For Node.js, which reserves far more than it uses, set `--max-old-space-size`
            instead.

    Raises:
        TooLongError: it ran longer than `seconds`.
    """
    with subprocess.Popen(
        command,
        cwd=cwd,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        errors="replace",
        start_new_session=os.name == "posix",
        preexec_fn=(lambda: _set_memory(memory)) if os.name == "posix" else None,  # noqa: PLW1509 - one thread
    ) as process:
        try:
            out, errors = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired as late:
            _end(process)
            raise TooLongError(f"it took longer than {seconds:g} seconds") from late
        except BaseException:
            _end(process)
            raise
    return subprocess.CompletedProcess(command, process.returncode, out, errors)


def _end(process: subprocess.Popen[str]) -> None:
    """End a program and all that it started, which would otherwise keep its output open."""
    if os.name == "posix":
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()


def _set_memory(mebibytes: int | None) -> None:
    """Set the limit of this program, or lift the one that it has from `limits`."""
    import resource  # noqa: PLC0415 - not on Windows

    with contextlib.suppress(OSError, ValueError):  # not every system has this limit
        _, most = resource.getrlimit(resource.RLIMIT_DATA)
        size = most if mebibytes is None else mebibytes * 2**20
        resource.setrlimit(resource.RLIMIT_DATA, (size, most if mebibytes is None else size))
