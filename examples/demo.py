"""The main job of the SDK from end to end: import customers of a CSV file, read, update, delete.

Start it with ``make demo``. It talks to the sandbox, a stand-in of the TIMIFY API that it starts on
a free port of this machine and that forgets everything at the end. `move_in` is the part to copy
from.
"""

import asyncio
import csv
import io
import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from functools import partial
from itertools import count, groupby
from pathlib import Path
from typing import NamedTuple

try:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
    from rich.table import Table
    from timify_customers import Customer, ImportReport, NotFoundError, TimifyCustomers, TimifyError
    from timify_customers.sandbox import Sandbox
except ModuleNotFoundError as missing:
    sys.exit(f"The demo lacks the package {missing.name}. Start it with: make demo")
except KeyboardInterrupt:
    print("Stopped before it began.", file=sys.stderr)
    sys.exit(130)

SOURCE = Path(__file__).with_name("customers.csv")
OWN_FIELDS = ("Loyalty tier", "Preferred language")
UPDATED, DELETED = "crm-0042", "crm-0815"

Row = Mapping[str, str]


class Outcome(NamedTuple):
    """What happened.

    ``found`` counts the people of the file that were read after the import; ``updated`` is the
    customer before and after the update; ``customers`` counts all customers before the import,
    after it, and at the end.
    """

    created: Sequence[str]
    report: ImportReport
    found: int
    updated: tuple[Customer, Customer]
    deleted: Customer
    customers: tuple[int, int, int]


class UnexpectedError(Exception):
    """What happened is not what the demo is there to show."""


async def move_in(timify: TimifyCustomers, rows: Sequence[Row], show: "Show") -> Outcome:
    """Bring customers into a company, then change one of them and delete another."""
    first_count = await count_customers(timify)
    show.line(f"The company has {first_count:,} customers.")

    ensured = await timify.fields.ensure(OWN_FIELDS)
    for label in ensured.created:
        show.line(f"Created the custom field {label}.")

    with show.bar("Importing", len(rows)) as passed:
        report = await timify.customers.import_many(
            prepared(rows, passed), key="crm_id", chunk_size=100
        )
    show.line(f"The import accepted {report.accepted:,} rows.")
    show.line(f"{report.invalid:,} are invalid and were not sent.")

    keys, found_count, imported_count = {row["crm_id"] for row in rows}, 0, 0
    with show.bar("Reading page by page", report.accepted) as passed:
        async for customer in timify.customers.list(page_size=200):
            imported_count += 1
            if customer.external_id in keys:
                found_count += 1
                passed()

    before = await timify.customers.get(external_id=UPDATED)
    await timify.customers.update({"Loyalty tier": "platinum"}, external_id=UPDATED)
    after = await timify.customers.get(external_id=UPDATED)
    show.line(f"Updated the customer with the external id {UPDATED}.")

    deleted = await timify.customers.get(external_id=DELETED)
    await timify.customers.delete(external_id=DELETED)
    show.line(f"Deleted the customer with the external id {DELETED}.")

    counts = (first_count, imported_count, await count_customers(timify))
    return Outcome(ensured.created, report, found_count, (before, after), deleted, counts)


async def count_customers(timify: TimifyCustomers) -> int:
    """Count the customers of the company by reading them."""
    return sum([1 async for _ in timify.customers.list()])


def prepared(rows: Sequence[Row], passed: Callable[[], object]) -> Iterator[Row]:
    """Give rows as the import takes them.

    An empty cell is left out: sent, it would clear what the field holds. The key is sent as
    external id too, so that the customer can be found by it later.
    """
    for row in rows:
        yield {column: cell for column, cell in row.items() if cell} | {"externalId": row["crm_id"]}
        passed()


def read_rows(path: Path) -> list[Row]:
    """Read a CSV file with a header."""
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        if lacking := {"crm_id", "firstName", "lastName"}.difference(reader.fieldnames or ()):
            raise UnexpectedError(f"{path.name} lacks the columns {', '.join(sorted(lacking))}")
        return list(reader)


async def check(timify: TimifyCustomers, outcome: Outcome, rows: Sequence[Row]) -> None:
    """Hold what happened against what should have.

    Raises:
        UnexpectedError: something is not as it should be.
    """
    report, (_, imported, final) = outcome.report, outcome.customers
    before, after = (customer.customfields for customer in outcome.updated)
    facts = {
        "each row is accepted or invalid": report.accepted + report.invalid == len(rows),
        "all that was accepted can be read": outcome.found == report.accepted,
        "the update shows": before.get("Loyalty tier") != after.get("Loyalty tier") == "platinum",
        "one customer is gone": final == imported - 1,
    }
    if wrong := [fact for fact, holds in facts.items() if not holds]:
        raise UnexpectedError(f"expected, but not so: {'; '.join(wrong)}")
    try:
        await timify.customers.get(external_id=DELETED)
    except NotFoundError:
        return
    raise UnexpectedError(f"{DELETED} was deleted, and is still there")


class Show:
    """Says what is going on: with bars on a terminal, in plain lines elsewhere."""

    def __init__(self) -> None:
        if isinstance(sys.stdout, io.TextIOWrapper):
            sys.stdout.reconfigure(
                errors="replace"
            )  # names need more letters than some terminals have
        self._console = Console(markup=False, emoji=False, highlight=False)

    def line(self, text: str) -> None:
        """Say something once."""
        self._console.print(text)

    @contextmanager
    def bar(self, label: str, total: int) -> Iterator[Callable[[], object]]:
        """Give a function to call for each of so many steps."""
        if self._console.is_terminal:
            columns = (TextColumn(f"{label:20}"), BarColumn(), MofNCompleteColumn())
            with Progress(*columns, console=self._console) as progress:
                yield partial(progress.advance, progress.add_task(label, total=total))
        else:
            yield partial(self._count, label, count(1), total)

    def _count(self, label: str, numbers: Iterator[int], total: int) -> None:
        if (number := next(numbers)) % 400 == 0 or number == total:
            self.line(f"{label}: {number:,} of {total:,}")

    def outcome(self, outcome: Outcome, rows: Sequence[Row], requests: int, seconds: float) -> None:
        """Print what happened as a table, and the invalid rows as another."""
        report, (before, after) = outcome.report, outcome.updated
        tiers = " -> ".join(
            str(problem.customfields.get("Loyalty tier", "none")) for problem in (before, after)
        )
        facts = {
            "Rows read": f"{len(rows):,}",
            "Accepted by the import": f"{report.accepted:,} in {report.requests} chunks",
            "Invalid, not sent": f"{report.invalid:,}, see below",
            "Read again, page by page": f"{outcome.found:,}",
            "Custom fields created": ", ".join(outcome.created) or "none, all were there",
            "Updated": f"{UPDATED} {after.full_name}\nLoyalty tier {tiers}",
            "Deleted": f"{DELETED} {outcome.deleted.full_name}",
            "Customers": "{:,} at first, {:,} after the import, {:,} now".format(
                *outcome.customers
            ),
            "Requests, time": f"{requests:,}, {seconds:.1f} s",
        }
        table = Table(title="What happened", show_header=False)
        for fact in facts.items():
            table.add_row(*fact)
        invalid = Table(
            "Row", "Key", "Name", "What is wrong with it", title="Rows that were not sent"
        )
        for number, problems in groupby(report.problems, lambda problem: problem.number):
            row = rows[number - 1]
            name = f"{row['firstName']} {row['lastName']}"
            invalid.add_row(
                str(number),
                row["crm_id"] or "none",
                name,
                "\n".join(problem.reason for problem in problems),
            )
        self._console.print(table, invalid, sep="\n")
        self.line("Accepted: sent in a chunk that the API took.")
        self.line("What it made of each row, its answer does not say.")


async def run(sandbox: Sandbox, url: str, rows: Sequence[Row], show: Show) -> None:
    """Open a client on the sandbox, do the work, tell about it and check it."""
    started = time.monotonic()
    show.line(f"The sandbox listens on {url}.")
    async with TimifyCustomers(
        sandbox.app_id, sandbox.app_secret, sandbox.company_id, base_url=url
    ) as timify:
        try:
            outcome = await move_in(timify, rows, show)
            show.outcome(outcome, rows, len(sandbox.requests), time.monotonic() - started)
            await check(timify, outcome, rows)
        except asyncio.CancelledError:
            signal.signal(
                signal.SIGINT, signal.SIG_IGN
            )  # closing takes a moment, which a second Ctrl-C would disturb
            raise


def main() -> int:
    """Run the demo; gives its exit code."""
    try:
        show, rows, sandbox = Show(), read_rows(SOURCE), Sandbox(strict=True)
        with sandbox.serve() as url, closing(run(sandbox, url, rows, show)) as work:
            asyncio.run(work)
    except KeyboardInterrupt:
        print("Stopped by Ctrl-C. The sandbox is gone, with all that it held.", file=sys.stderr)
        return 130
    except (
        TimifyError,
        UnexpectedError,
        OSError,
        UnicodeDecodeError,
        ModuleNotFoundError,
    ) as error:
        print(f"The demo failed: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
