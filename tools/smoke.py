"""A first call through an installed distribution, with its runtime dependencies alone.

Run as `python -P -W error tools/smoke.py` by a Python that has it installed. No request leaves the
process.
"""

from __future__ import annotations

import asyncio
import importlib.util
import runpy
import sys
from importlib.metadata import distribution, version
from pathlib import Path

import httpx
import timify_customers
import timify_customers_client
from timify_customers import NotFoundError, TimifyCustomers

ADA = {"id": "6" * 24, "externalId": "crm-1815", "firstName": "Ada", "fields": []}
WRONG_USAGE = 2
TOKEN = {"accessToken": "access", "refreshToken": "refresh", "expires": 7200}


def answer(request: httpx.Request) -> httpx.Response:
    """Answer as the API does: a token, one customer, and nobody else."""
    if request.url.path == "/v1/auth/token":
        return httpx.Response(200, json=TOKEN)
    if request.url.path == f"/v1/customers/{ADA['id']}":
        return httpx.Response(200, json={"data": ADA, "status": 1})
    return httpx.Response(404, json={"error": "no such customer", "name": "NotFoundError"})


async def calls() -> None:
    """Read a customer who is there, and one who is not."""
    transport = httpx.MockTransport(answer)
    async with TimifyCustomers("app", "secret", "5" * 24, transport=transport) as timify:
        ada = await timify.customers.get(str(ADA["id"]))
        assert (ada.first_name, ada.external_id) == ("Ada", "crm-1815")
        try:
            await timify.customers.get("7" * 24)
        except NotFoundError:
            return
    raise AssertionError("nobody was found, and that was no error")


def files() -> None:
    """Types, document and licence are where tools look for them; version and metadata agree."""
    for package in (timify_customers, timify_customers_client):
        assert (Path(package.__file__ or "").parent / "py.typed").exists()
    generated = Path(timify_customers_client.__file__ or "").parent
    assert (generated / "customers.yaml").stat().st_size > 0
    assert timify_customers.__version__ == version("timify-customers-client")
    assert distribution("timify-customers-client").read_text("licenses/LICENSE")


def command_line() -> None:
    """Without its extra, the command line says what to install, and ends with 2."""
    if importlib.util.find_spec("typer"):
        return
    sys.argv[1:] = ["--version"]
    try:
        runpy.run_module("timify_customers", run_name="__main__")
    except SystemExit as end:
        assert end.code == WRONG_USAGE


def main() -> None:
    """Try all of it."""
    asyncio.run(calls())
    files()
    command_line()
    print(f"timify-customers-client {timify_customers.__version__} works")


if __name__ == "__main__":
    main()
