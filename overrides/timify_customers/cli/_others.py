"""``record`` and ``sandbox``, which need the extra ``sandbox``."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import httpx
import typer

from .. import ArgumentError, ConfigurationError
from .._base.checks import PRODUCTION, is_loopback
from .._base.package import PROGRAM, how_to_install
from ._shell import command, say


@command
async def record(
    program: Annotated[
        list[str], typer.Argument(metavar="-- COMMAND", help="Takes the API from TIMIFY_BASE_URL.")
    ],
    *,
    file: Annotated[Path, typer.Option("--to", metavar="FILE", help="A new HAR file.")] = Path(
        "traffic.har"
    ),
) -> int:
    """Run a program, and record its traffic with the API.

    Look-alikes replace secrets and personal data (docs/prove-the-document.md).
    The exit code is the program's; 1 when that is 0 and exchanges are missing.

    timify-customers record -- timify-customers export customers.csv
    """
    try:
        from ..recording.proxy import recording_proxy  # noqa: PLC0415 - needs another extra
    except ModuleNotFoundError as error:
        raise ArgumentError(f"record needs {error.name}: {how_to_install('sandbox')}") from None
    target = os.environ.get("TIMIFY_BASE_URL") or PRODUCTION
    with recording_proxy(file, target, inner=_sender(target)) as url:
        process = await asyncio.create_subprocess_exec(*program, env=_environment(url))
        code = await process.wait()
    say(f"recorded in {file}")
    return code if code >= 0 else 128 - code


def _sender(target: str) -> httpx.AsyncBaseTransport | None:
    """Return a transport that uses the proxy of the environment, as the client itself does.

    Args:
        target: base URL of the API.

    Returns:
        None if no proxy is to be used: there is none, ``NO_PROXY`` says so, or the API is on this
        machine.

    Raises:
        ConfigurationError: the proxy cannot be used.
    """
    address = urlsplit(target)
    host = address.hostname or ""
    proxy = getproxies().get("https") or getproxies().get("all")
    if not proxy or address.scheme != "https" or is_loopback(host) or proxy_bypass(host):
        return None
    limits = httpx.Limits(max_keepalive_connections=0)  # as `recording_proxy` has it
    try:
        return httpx.AsyncHTTPTransport(proxy=_with_scheme(proxy), limits=limits)
    except (ImportError, ValueError) as error:  # SOCKS needs a package
        raise ConfigurationError(f"the proxy of the environment cannot be used: {error}") from None


def _with_scheme(proxy: str) -> str:
    return proxy if "://" in proxy else f"http://{proxy}"


def _environment(url: str) -> dict[str, str]:
    """Return the environment of the program, with the recorder as the API, without a proxy."""
    values = {**os.environ, "TIMIFY_BASE_URL": url}
    direct = urlsplit(url).hostname or ""
    for name in ("no_proxy", "NO_PROXY"):
        values[name] = ",".join(filter(None, (os.environ.get(name), direct)))
    return values


def sandbox(context: typer.Context) -> None:
    """Serve a stand-in of the API on this machine, until Ctrl-C."""
    from ..sandbox.__main__ import main  # noqa: PLC0415 - needs another extra

    sys.argv[1:] = context.args
    raise typer.Exit(main(f"{PROGRAM} sandbox"))
