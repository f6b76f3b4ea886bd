"""The command line ``timify-customers``: a thin shell over the library. Needs the extra ``cli``."""

import signal
import sys

from .._base.package import PROGRAM, how_to_install

__all__ = ["main"]


def main() -> int:
    """Run the command line with the arguments of the process, and exit.

    Returns:
        2 if the extra ``cli`` is not installed.
    """
    try:
        from ._commands import app  # noqa: PLC0415 - the package imports without its extra
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in {"typer", "rich", "click"}:
            raise
        sys.stderr.write(f"{PROGRAM} needs typer and rich: {how_to_install('cli')}\n")
        return 2
    _stop_cleanly()
    app(prog_name=PROGRAM)
    return 0


def _stop_cleanly() -> None:
    """Make SIGTERM and SIGHUP do the same as Ctrl-C.

    A signal that is ignored when the program starts, as SIGHUP is by nohup, stays ignored.
    """
    signals = {
        getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)
    }  # Windows has no SIGHUP
    handled = {number for number in signals if signal.getsignal(number) == signal.SIG_DFL}

    def stop(*_: object) -> None:
        # Shell and terminal may both send SIGHUP, and the second must not interrupt the clean-up.
        for number in handled:
            signal.signal(number, signal.SIG_IGN)
        signal.raise_signal(signal.SIGINT)

    for number in handled:
        signal.signal(number, stop)
