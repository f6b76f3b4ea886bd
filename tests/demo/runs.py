"""Ways to run the demo as its users do: as a program of its own."""

import csv
import os
import pty
import re
import signal
import subprocess
import sys
import termios
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import NamedTuple

EXAMPLES = Path(__file__).parents[2] / "examples"
DEMO = EXAMPLES / "demo.py"
SOURCE = EXAMPLES / "customers.csv"
SECONDS = 60
ARRIVALS = 5
INVALID = {
    61: ("none", "has no key: 'crm_id'"),
    203: ("crm-0117", "row 118 has the same key 'crm-0117'"),
    347: ("crm-9003", "'saoirse.byrne(at)example.com' is not an email address"),
    498: ("crm-9004", "'rui@example.com, rui@example.org' is not an email address"),
    655: ("crm-9005", "'+372 1' is not a phone number"),
    772: ("crm-9006", "'030 23125 012' is not a phone number"),
    940: ("crm-9007", "'1987-02-31' is not a date"),
    1111: ("crm-9008", "'n/a' is not an email address", "'n/a' is not a phone number"),
}
"""Bad rows by number: the key that is shown, and words of every reason."""

Row = dict[str, str]


class Finished(NamedTuple):
    """How a run ended."""

    code: int
    out: str
    err: str


def read_rows() -> list[Row]:
    with SOURCE.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def environment(**more: str) -> Mapping[str, str]:
    """That of the tests, without what would make the demo take a pipe for a terminal."""
    kept = {
        name: text
        for name, text in os.environ.items()
        if name not in {"FORCE_COLOR", "TTY_COMPATIBLE"}
    }
    return {
        **kept,
        "COLUMNS": "80",
        "PYTHONIOENCODING": "utf-8",
        "PYTHONDONTWRITEBYTECODE": "1",
        **more,
    }


def start(
    folder: Path, program: Path = DEMO, streams: int = subprocess.PIPE, /, **more: str
) -> subprocess.Popen[str]:
    """Start the demo in a folder, in a process group of its own; ``more`` goes into its
    environment.
    """
    return subprocess.Popen(
        [sys.executable, str(program)],
        cwd=folder,
        env=environment(**more),
        stdout=streams,
        stderr=streams,
        encoding="utf-8",
        start_new_session=True,
    )


def finish(folder: Path, program: Path = DEMO, /, **more: str) -> Finished:
    """Run the demo to its end."""
    with start(folder, program, **more) as process:
        return _end_of(process)


def finish_on_terminal(folder: Path) -> tuple[int, str]:
    """Run the demo to its end on a terminal of 80 columns; gives its exit code and all that was
    written there.
    """
    ours, its = pty.openpty()
    termios.tcsetwinsize(its, (40, 80))
    with start(folder, DEMO, its, TERM="xterm-256color") as process:
        os.close(its)
        written = b"".join(iter(partial(_read_some, ours), b""))
        os.close(ours)
        return process.wait(SECONDS), written.decode()


def _read_some(terminal: int) -> bytes:
    """Read what is there; nothing at the end, which Linux calls an input/output error."""
    try:
        return os.read(terminal, 65_536)
    except OSError:
        return b""


def interrupt(folder: Path, moment: str) -> tuple[Finished, int]:
    """Send SIGINT as soon as the demo has said ``moment``; gives its process group too.

    On a busy machine the signal can come when the work is done; then once more.
    """
    for _ in range(ARRIVALS):
        with start(folder) as process:
            said = _read_to(process, moment)
            process.send_signal(signal.SIGINT)
            ended = _end_of(process)
        if "What happened" not in ended.out:
            return ended._replace(out=said + ended.out), process.pid
    raise AssertionError(f"the demo was done before a signal reached it, {ARRIVALS} times")


def _read_to(process: subprocess.Popen[str], moment: str) -> str:
    assert process.stdout is not None
    said = ""
    while moment not in said:
        line = process.stdout.readline()
        assert line, f"the demo ended without saying {moment!r}: {said}"
        said += line
    return said


def _end_of(process: subprocess.Popen[str]) -> Finished:
    try:
        out, err = process.communicate(timeout=SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        raise
    return Finished(process.returncode, out, err)


def table(out: str, title: str) -> list[list[str]]:
    """Read the rows of a printed table: cells that go on in the next line are put together."""
    rows: list[list[str]] = []
    for line in out.partition(title)[2].splitlines():
        if line.startswith("└"):
            break
        if line.startswith("│"):
            cells = [cell.strip() for cell in line.strip("│").split("│")]
            if cells[0]:
                rows.append(cells)
            else:
                rows[-1] = [
                    f"{cell} {more}".strip() for cell, more in zip(rows[-1], cells, strict=True)
                ]
    return rows


def without_what_changes(out: str) -> str:
    """Take port and time out of what the demo said."""
    return re.sub(r"127\.0\.0\.1:\d+|\d+\.\d s *", "", out)
