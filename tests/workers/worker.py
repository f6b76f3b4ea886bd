"""A worker as a process that is there to be killed: ``worker.py REDIS API LEASE``."""

from __future__ import annotations

import asyncio
import sys

from timify_customers.sandbox import Sandbox
from timify_customers.workers import run_worker

if __name__ == "__main__":
    _, redis, api, lease = sys.argv
    app = Sandbox()
    asyncio.run(
        run_worker(
            redis, app.app_id, app.app_secret, base_url=api, lease=float(lease), concurrency=2
        )
    )
