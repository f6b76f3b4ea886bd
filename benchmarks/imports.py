"""What importing the SDK and making its client cost, as multiples of httpx.

Each contender is a fresh interpreter, one after the other in every round; what counts is the CPU
time of the whole process. The first situation is the import alone. The second makes a client too,
because the SDK loads httpx only then; with httpx it is the making of an ``AsyncClient``.
"""

import argparse
import importlib
import os
import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parent))
results = importlib.import_module("results")

IMPORT, CLIENT = "import", "import, and a client"
OURS = "from timify_customers import TimifyCustomers"
PROGRAMS = {
    (IMPORT, "httpx"): "import httpx",
    (IMPORT, "ours"): OURS,
    (IMPORT, "httpx2"): "import httpx2",
    (IMPORT, "aiohttp"): "import aiohttp",
    (CLIENT, "httpx"): "import httpx; httpx.AsyncClient()",
    (CLIENT, "ours"): f"{OURS}; TimifyCustomers(access_token='x')",
    (CLIENT, "httpx2"): "import httpx2; httpx2.AsyncClient()",
}
BARS = {(IMPORT, "ours"): 1.30}


def seconds(program: str) -> float:
    """Run a program in a fresh interpreter; return its CPU seconds."""
    command = [sys.executable, "-P", "-c", program]
    process = os.posix_spawn(command[0], command, os.environ)
    _, status, used = os.wait4(process, 0)
    if status:
        raise SystemExit(f"{program} failed")
    return used.ru_utime + used.ru_stime


def measure(rounds: int) -> dict[tuple[str, str], list[float]]:
    """Return the ratios to httpx of each round."""
    ratios: dict[tuple[str, str], list[float]] = {key: [] for key in PROGRAMS}
    for program in PROGRAMS.values():
        seconds(program)  # the files are in memory
    for _ in range(rounds):
        times = {key: seconds(program) for key, program in PROGRAMS.items()}
        for (situation, contender), time in times.items():
            ratios[situation, contender].append(time / times[situation, "httpx"])
    return ratios


def main() -> int:
    """Measure, and say whether the bar is met; the status is 1 when it is not."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rounds", type=int, default=15)
    results.add_option(options)
    chosen = options.parse_args()
    ratios = measure(chosen.rounds)
    case = results.Case("imports", "Importing (CPU time)", "httpx", ratios, BARS)
    status: int = results.publish([case], chosen.json)
    return status


if __name__ == "__main__":
    sys.exit(main())
