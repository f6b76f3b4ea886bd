"""``python -m timify_customers.sandbox``: serves the sandbox until Ctrl-C."""

import argparse
import signal
import sys
import time

from .._base.package import NAME
from ._sandbox import Sandbox
from ._seed import add_fields


def main(prog: str = f"python -m {NAME}.sandbox") -> int:
    """Run the command, which its help calls ``prog``, and return its exit code."""
    options = _parser(prog).parse_args()
    try:
        for stop in (signal.SIGINT, signal.SIGTERM):
            signal.signal(stop, signal.default_int_handler)
        sandbox = Sandbox(strict=options.strict)
        if options.customers:
            if options.add_fields:
                add_fields(sandbox.company(), options.customers)
            sandbox.add_customers(options.customers)
        with sandbox.serve(options.port) as url:
            _say(_settings(sandbox, url))
            while True:
                time.sleep(60)
    except KeyboardInterrupt:
        return 0
    except (ModuleNotFoundError, OSError, OverflowError, ValueError) as error:
        where = f"{error.filename}: " if isinstance(error, OSError) and error.filename else ""
        sys.stderr.write(f"timify sandbox: {where}{getattr(error, 'strerror', None) or error}\n")
        return 1


def _parser(prog: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=prog,
        description="Serve a stand-in of the TIMIFY API for customers on 127.0.0.1, in memory.",
    )
    parser.add_argument(
        "--port", type=int, default=8089, help="the port; 0 takes a free one (default: 8089)"
    )
    parser.add_argument(
        "--customers", metavar="FILE", help="customers to begin with: a .csv, or a .json list"
    )
    parser.add_argument(
        "--add-fields", action="store_true", help="make a text field of each other column of FILE"
    )
    parser.add_argument(
        "--strict", action="store_true", help="refuse what the document does not allow, with 400"
    )
    return parser


def _settings(sandbox: Sandbox, url: str) -> str:
    return "\n".join([
        f"# The TIMIFY sandbox serves invented data at {url} until Ctrl-C. For a shell beside it:",
        *(f"export {name}={value}" for name, value in sandbox.environment(url).items()),
        f"# Watch and control it in a browser: {url}/_sandbox/",
    ])  # fmt: skip


def _say(text: str) -> None:
    """Print and flush, because a parent process may be waiting for the text."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
