"""Both packages can be copied into another project."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import timify_customers
import timify_customers_client

PROGRAM = """
import asyncio, sys
import httpx
from svc._vendor.timify_customers import Customer, TimifyCustomers
from svc._vendor.timify_customers.sandbox import Sandbox

async def main():
    sandbox = Sandbox(strict=True)
    transport = httpx.ASGITransport(app=sandbox.app)
    async with TimifyCustomers(sandbox.app_id, sandbox.app_secret, sandbox.company_id,
                               base_url="http://127.0.0.1", transport=transport) as timify:
        await timify.customers.create({"firstName": "Ada"}, external_id="crm-1815")
        ada = await timify.customers.get(external_id="crm-1815")
        assert (await timify.customers.import_many([{"importCustomerId": "1"}])).accepted == 1
    assert type(ada) is Customer and type(ada).__module__.startswith("svc._vendor.")
    print(ada.full_name, [name for name in sys.modules if name.startswith("timify_customers")])

asyncio.run(main())
"""


def test_a_vendored_copy_works_with_one_line_rewritten(tmp_path: Path) -> None:
    """Copied below svc/_vendor with only the import of _base/generated.py rewritten, the client
    makes its calls.
    """
    vendor = tmp_path / "svc" / "_vendor"
    for package in (timify_customers, timify_customers_client):
        source = Path(package.__file__ or "").parent
        shutil.copytree(source, vendor / source.name, ignore=shutil.ignore_patterns("__pycache__"))
    for folder in (tmp_path / "svc", vendor):
        (folder / "__init__.py").touch()
    door = vendor / "timify_customers" / "_base" / "generated.py"
    old, new = "from timify_customers_client import", "from ...timify_customers_client import"
    assert door.read_text("utf-8").count(old) == 1
    door.write_text(door.read_text("utf-8").replace(old, new), "utf-8")
    (tmp_path / "main.py").write_text(PROGRAM, "utf-8")
    result = subprocess.run(
        [sys.executable, "main.py"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (result.stdout.strip(), result.stderr) == ("Ada []", "")
