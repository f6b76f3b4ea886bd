"""Files to import, whose rows can be told apart by each value."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from timify_customers.sandbox import Sandbox


def rows(count: int, first: int = 0) -> Iterator[dict[str, str]]:
    for number in range(first, first + count):
        yield {
            "crm": f"crm-{number}",
            "externalId": f"x-{number}",
            "firstName": f"Ada {number}",
            "notes": f"n {number}",
        }


def write(path: Path, content: Iterable[Mapping[str, str]]) -> Path:
    """Write rows as CSV."""
    listed = [*content]
    with path.open("w", newline="", encoding="utf-8") as out:
        writer = csv.DictWriter(out, [*listed[0]])
        writer.writeheader()
        writer.writerows(listed)
    return path


def stored(sandbox: Sandbox, company_id: str | None = None) -> Counter[tuple[str, str, str]]:
    """Count what the sandbox has: external id, first name and notes of each customer."""
    company = sandbox.company(company_id)
    with company.lock:
        return Counter(
            (it.external_id, company.value(it, "firstName"), company.value(it, "notes"))
            for it in company.customers.values()
        )


def expected(count: int) -> Counter[tuple[str, str, str]]:
    """Count what the sandbox is to have after these rows."""
    return Counter((row["externalId"], row["firstName"], row["notes"]) for row in rows(count))
