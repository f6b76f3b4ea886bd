"""What is loaded, and when: little by the import, and nothing by a call."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HEAVY = {
    "anyio",
    "dateutil",
    "email",
    "httpx",
    "httpx2",
    "phonenumbers",
    "rich",
    "sqlite3",
    "starlette",
    "timify_customers._bulk.engine",
    "timify_customers.sandbox",
    "uvicorn",
}

CALLS = """
import asyncio, json, sys
from timify_customers import TimifyCustomers

ADA = {"id": "624af9cbed7a899e0f233400", "fields": [], "phone": {"code": "GB"}}

class Server(asyncio.Protocol):
    def connection_made(self, transport):
        self.transport = transport

    def data_received(self, head):
        data = [ADA] if b"page=" in head else ADA
        body = json.dumps({"data": data, "total": 1, "status": 1}).encode()
        head = b"HTTP/1.1 200 OK\\r\\ncontent-length: %d\\r\\n\\r\\n" % len(body)
        self.transport.write(head + body)

async def main():
    server = await asyncio.get_running_loop().create_server(Server, "127.0.0.1", 0)
    address = "http://127.0.0.1:%d" % server.sockets[0].getsockname()[1]
    async with TimifyCustomers(access_token="x", base_url=address, http=sys.argv[1]) as timify:
        before = set(sys.modules)
        ada = await timify.customers.get(ADA["id"])
        assert ada.phone.code == "GB"
        assert [customer.id async for customer in timify.customers.list()] == [ada.id]
        print(json.dumps(sorted(set(sys.modules) - before)))
    await asyncio.sleep(0.1)
    server.close()

asyncio.run(main())
"""


def run(code: str, *arguments: str) -> list[str]:
    """Run code in a fresh interpreter; gives the list that it prints."""
    command = [sys.executable, "-P", "-W", "error", "-c", code, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    assert done.stderr == ""
    printed: list[str] = json.loads(done.stdout)
    return printed


def test_importing_is_light() -> None:
    """The import brings no HTTP library, no server, no database, and no metadata of phones."""
    code = "import json, sys, timify_customers; print(json.dumps([*sys.modules]))"
    assert HEAVY & set(run(code)) == set()


@pytest.mark.parametrize("library", ["httpx", "httpx2"])
def test_a_call_that_reads_loads_nothing(library: str) -> None:
    """What a call needs is loaded when its client is made, so that no call holds the event loop."""
    assert run(CALLS, library) == []


def test_one_module_imports_the_http_library() -> None:
    """Of the core, one module imports httpx or httpx2, by name."""
    importers = set()
    for path in (ROOT / "overrides/timify_customers").glob("_*/*.py"):
        text = path.read_text("utf-8")
        assert "import httpx" not in text, path
        if "import_module" in text:
            importers.add(f"{path.parent.name}/{path.name}")
    assert importers == {"_transport/library.py"}
