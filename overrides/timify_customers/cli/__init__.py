"""The command line ``timify-customers``: a thin shell over the library. Needs the extra ``cli``."""

import signal
import sys

__all__ = ["main"]


def main() -> int:
    """Run the command line with the process's arguments; gives the exit code when the extra is missing, else exits."""
    try:
        from ._app import app  # noqa: PLC0415 - the package imports without its extra
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in {"typer", "rich", "click"}:
            raise
        sys.stderr.write("timify-customers needs typer and rich: install timify-customers-client[cli]\n")
        return 2
    signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))
    app(prog_name="timify-customers")
    return 0
