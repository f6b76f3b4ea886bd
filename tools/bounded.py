"""Runs programs in bounded time and memory: a published document is foreign, and may be hostile."""

import contextlib
import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

LONGEST = 60.0
"""Seconds of one step. For a document of two dozen operations a step takes two."""
MOST_MEMORY = 1024
"""MiB that one step may use."""


class TooLongError(Exception):
    """A program ran longer than it may. It was ended, with the programs that it had started."""


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
        memory: MiB of data that it may hold, where the system has this limit (Linux). For Node.js,
            which reserves far more than it uses, set `--max-old-space-size` instead.

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
        preexec_fn=None if memory is None else lambda: _limit_memory(memory),  # noqa: PLW1509 - one thread
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


def _limit_memory(mebibytes: int) -> None:
    import resource  # noqa: PLC0415 - not on Windows, where no limit is asked for

    size = mebibytes * 2**20
    with contextlib.suppress(OSError, ValueError):  # not every system has this limit
        resource.setrlimit(resource.RLIMIT_DATA, (size, size))
