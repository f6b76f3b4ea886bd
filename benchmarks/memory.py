"""What 10,000 customers held in memory take, as multiples of the plain dictionaries of their JSON.

All are parsed from the same bytes: the page of `decode`. Counted is what Python's allocator holds
for the list of customers once everything else is freed (tracemalloc), so rounds hardly differ.
Held by ours are `Customer` views, as a loop over `customers.list()` gives them.
"""

import argparse
import gc
import importlib
import json
import sys
import tempfile
import tracemalloc
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

from timify_customers import Customer

sys.path.append(str(Path(__file__).parent))
decode = importlib.import_module("decode")
results = importlib.import_module("results")

BAR = 1.05
Hold = Callable[[bytes], list[Any]]


def plain(content: bytes) -> list[Any]:
    """Hold the decoded JSON."""
    rows: list[Any] = json.loads(content)["data"]
    return rows


def ours(content: bytes) -> list[Any]:
    """Hold the customers of this SDK."""
    return [Customer.from_dict(row) for row in plain(content)]


def contenders(scratch: Path) -> dict[str, Hold]:
    """Return what makes customers to hold, by contender."""
    stock = decode.stock(scratch).CustomerList.from_dict
    pydantic = decode.shapes(decode._pydantic).model_validate_json  # noqa: SLF001 - beside this one
    return {
        "plain dicts": plain,
        "ours": ours,
        "stock client": lambda content: stock(json.loads(content)).data,
        "pydantic": lambda content: pydantic(content).data,
    }


def held(hold: Hold, content: bytes) -> int:
    """Return the bytes that the customers take."""
    hold(content)  # caches are warm
    gc.collect()
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    customers = hold(content)
    gc.collect()
    after, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    del customers
    return after - before


def main() -> int:
    """Measure, and say whether the bar is met; the status is 1 when it is not."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--customers", type=int, default=10_000)
    options.add_argument("--rounds", type=int, default=3)
    results.add_option(options)
    chosen = options.parse_args()
    content = decode.page(chosen.customers)
    situation = f"{chosen.customers:,} customers held"
    ratios: dict[tuple[str, str], list[float]] = {}
    with tempfile.TemporaryDirectory() as scratch, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the stock client
        holds = contenders(Path(scratch))
        for _ in range(chosen.rounds):
            sizes = {name: held(hold, content) for name, hold in holds.items()}
            for name, size in sizes.items():
                ratios.setdefault((situation, name), []).append(size / sizes["plain dicts"])
    bars = {(situation, "ours"): BAR}
    case = results.Case("memory", "Memory of customers", "plain dictionaries", ratios, bars)
    status: int = results.publish([case], chosen.json)
    return status


if __name__ == "__main__":
    sys.exit(main())
