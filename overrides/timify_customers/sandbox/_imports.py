"""The import: what becomes of its rows, and the possible answers to it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from ._behaviour import ImportAnswer
from ._company import Company
from ._model import CustomerInput, Refusal, StoredCustomer
from ._render import Answer, Done, Value


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of the row with this key.

    It has the customer's id and whether the customer is new, or why the row was rejected.
    """

    key: object
    customer_id: str | None = None
    created: bool = False
    refusal: Refusal | None = None

    @property
    def status(self) -> str:
        """The outcome in one word, which is invented."""
        if self.refusal:
            return "rejected"
        return "created" if self.created else "updated"

    def shown(self, *, key: bool) -> dict[str, Any]:
        """Return its entry in a list of rows."""
        entry: dict[str, Any] = {"status": self.status, "id": self.customer_id}
        if key:
            entry["importCustomerId"] = self.key
        return {**entry, "message": str(self.refusal)} if self.refusal else entry


def import_all(company: Company, rows: Iterable[CustomerInput | Refusal]) -> list[Outcome]:
    """Create or update each row's customer, by import key or id (documented), or none at all."""
    undo = company.restore_point()
    outcomes = import_each(company, rows)
    for number, outcome in enumerate(outcomes):
        if outcome.refusal:
            undo()
            raise Refusal(422, f"customers[{number}]: {outcome.refusal}") from outcome.refusal
    return outcomes


def import_each(company: Company, rows: Iterable[CustomerInput | Refusal]) -> list[Outcome]:
    """Create or update the customer of each acceptable row; the other rows change nothing."""
    return [
        Outcome(row.key, refusal=row) if isinstance(row, Refusal) else _import(company, row)
        for row in rows
    ]


def _import(company: Company, row: CustomerInput) -> Outcome:
    try:
        existing = _existing(company, row)
        stored = company.update(existing, row) if existing else company.add(row)
    except Refusal as refusal:
        return Outcome(row.import_customer_id, refusal=refusal)
    return Outcome(row.import_customer_id, stored.id, created=existing is None)


def _existing(company: Company, row: CustomerInput) -> StoredCustomer | None:
    """Return the customer that a row is about: by its id, else by its key."""
    by_id = company.customers.get(row.id or "")
    by_key = company.find_imported(row.import_customer_id or "")
    if by_id and by_key and by_id is not by_key:
        raise Refusal(
            422, f"id {row.id!r} and importCustomerId {row.import_customer_id!r} are two customers"
        )
    if row.id and not by_id and not by_key:
        raise Refusal(422, f"no customer has the id {row.id!r}")
    return by_id or by_key


def answer(how: ImportAnswer, outcomes: Sequence[Outcome]) -> Answer:
    """Return the answer to an import. The real API's answer is not documented."""
    if how == "nothing":
        return Done()
    if how == "accepted":
        return Value({"jobId": "5a0db0c5a0db0c5a0db0c5a1"}, 202)
    if how == "counts":
        created = sum(outcome.created for outcome in outcomes)
        return Value({"created": created, "updated": len(outcomes) - created})
    if how == "errors_by_row":
        errors = [
            {"index": row, "message": str(outcome.refusal)}
            for row, outcome in enumerate(outcomes)
            if outcome.refusal
        ]
        return Value({"errors": errors})
    return Value([outcome.shown(key=how == "by_key") for outcome in outcomes])
