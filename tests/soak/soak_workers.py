"""A million rows, four workers and ten kills: what `tests/workers/test_crash.py` does, for longer.

`make soak`. ``TIMIFY_SOAK_ROWS`` takes another number of rows: the sandbox keeps all customers in
memory, several GB of a million.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

from timify_customers.sandbox import Sandbox
from workers.crash import import_through_crashes
from workers.files import expected, rows, stored, write
from workers.server import KeptServer

COMPANIES = [f"5a0db0c5a0db0c5a0db0c5a{number}" for number in range(4)]
ROWS = int(os.environ.get("TIMIFY_SOAK_ROWS", "1000000")) // len(COMPANIES)
"""Of each company."""


async def test_crashes_and_faults_lose_nothing_and_double_nothing(tmp_path: Path) -> None:
    """Each row is there once, as it was, and the server never had more than its bounds."""
    sandbox, began = Sandbox(validate=False), time.monotonic()
    sandbox.fail("import_customers", "status", status=500, share=0.05, seed=1, times=None)
    sandbox.fail("import_customers", "cut_after", share=0.05, seed=2, times=None)
    for company in COMPANIES:
        sandbox.company(company)
    files = {company: write(tmp_path / f"{company}.csv", rows(ROWS)) for company in COMPANIES}
    with sandbox.serve() as url, KeptServer(tmp_path).running() as server:
        reports, workers = await import_through_crashes(
            sandbox, url, server, files, count=ROWS * len(COMPANIES), workers=4, kills=10, seed=17
        )
        with server.client() as client:
            peak = client.info("memory")["used_memory_peak"] / 1e6
    for company, report in zip(COMPANIES, reports, strict=True):
        assert (report.accepted, report.rows) == (ROWS, ROWS)
        assert stored(sandbox, company) == expected(ROWS)
    print(  # noqa: T201 - the figures are the point
        f"\n{ROWS * len(COMPANIES):,} rows, 4 workers, 10 kills: {time.monotonic() - began:.0f} s, "
        f"Redis at most {peak:.0f} MB (since its restart), the largest worker {workers:.0f} MB"
    )
    assert peak < 64
    assert workers < 256
