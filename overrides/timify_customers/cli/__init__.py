"""The command line ``timify-customers``: a thin shell over the library. Needs the extra ``cli``."""

import signal
import sys

__all__ = ["main"]


def main() -> int:
    """Run the command line with the process's arguments; gives the exit code when the extra is missing, else exits."""
    try:
        from ._commands import app  # noqa: PLC0415 - the package imports without its extra
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in {"typer", "rich", "click"}:
            raise
        sys.stderr.write(
            "timify-customers needs typer and rich: install timify-customers-client[cli]\n"
        )
        return 2
    _stop_cleanly()
    app(prog_name="timify-customers")
    return 0


def _stop_cleanly() -> None:
    """Let SIGTERM and SIGHUP do what Ctrl-C does; one that is ignored, as SIGHUP is by nohup, stays so."""
    known = {
        getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)
    }  # Windows has no SIGHUP
    heard = {number for number in known if signal.getsignal(number) == signal.SIG_DFL}

    def stop(*_: object) -> None:
        # shell and terminal may each say that they are gone: the second must not end the clean-up
        for number in heard:
            signal.signal(number, signal.SIG_IGN)
        signal.raise_signal(signal.SIGINT)

    for number in heard:
        signal.signal(number, stop)
