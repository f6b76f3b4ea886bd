"""The import: what becomes of its rows, and each answer that is thinkable."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ._behaviour import ImportAnswer
from ._model import Refusal
from ._render import Answer, Done, Value


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a row with this key: the customer's id and whether it is new, or why it was rejected."""

    key: object
    customer_id: str | None = None
    created: bool = False
    refusal: Refusal | None = None

    @property
    def status(self) -> str:
        """In a word, which is invented."""
        if self.refusal:
            return "rejected"
        return "created" if self.created else "updated"

    def shown(self, *, key: bool) -> dict[str, Any]:
        """Its entry in a list of rows."""
        entry: dict[str, Any] = {"status": self.status, "id": self.customer_id}
        if key:
            entry["importCustomerId"] = self.key
        return {**entry, "message": str(self.refusal)} if self.refusal else entry


def answer(how: ImportAnswer, outcomes: Sequence[Outcome]) -> Answer:
    """The answer to an import; all that is known of the true one is that it is not documented."""
    if how == "nothing":
        return Done()
    if how == "accepted":
        return Value({"jobId": "5a0db0c5a0db0c5a0db0c5a1"}, 202)
    if how == "counts":
        created = sum(it.created for it in outcomes)
        return Value({"created": created, "updated": len(outcomes) - created})
    if how == "errors_by_row":
        return Value({
            "errors": [{"index": row, "message": str(it.refusal)} for row, it in enumerate(outcomes) if it.refusal]
        })  # fmt: skip
    return Value([it.shown(key=how == "by_key") for it in outcomes])
