"""Which customer an answer must be about, and whether it is about that customer. Pure.

When a connection is out of step (say, because a server or middlebox sent two answers in one
packet), a call gets the answer to another call. For a single customer this shows: the answer has an
id or an external id, but not the requested one. Operations without an identity (a deletion, a list,
an import) are guarded only by the transport, which never reuses a connection that had bytes behind
an answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from unicodedata import normalize

from attrs import frozen


@frozen
class Identity:
    """The requested customer: its ``id``, or its ``external_ids``.

    There are two external ids when a write changes it.
    """

    id: str | None = None
    external_ids: tuple[str, ...] = ()

    def contradicts(self, customer: Mapping[str, Any]) -> bool:
        """Return whether an answer shows another customer.

        An answer that shows neither id nor external id contradicts nothing.

        An example: the request was for the id ``624AF9...``, and the answer is ``{"id":
        "624af9...", "externalId": "other"}``. That is the requested customer: the ids agree, and an
        id outweighs an external id.
        """
        shown = customer.get("id")
        if self.id is not None and isinstance(shown, str) and shown.strip():
            return not same_id(shown, self.id)
        external_id = customer.get("externalId")
        if not self.external_ids or not isinstance(external_id, str) or not external_id.strip():
            return False
        return not any(same_key(external_id, key) for key in self.external_ids)


def same_id(first: str, second: str) -> bool:
    """Return whether two ids of the API are equal: 24 hex digits (observed), in any case."""
    return first.strip().lower() == second.strip().lower()


def same_key(first: object, second: str) -> bool:
    """Return whether two external ids read the same to people.

    They are compared without surrounding blanks, and in one Unicode form (NFC).
    """
    return isinstance(first, str) and comparable_key(first) == comparable_key(second)


def comparable_key(key: str) -> str:
    """Return the form of an external id that is equal for all ids that read the same."""
    return normalize("NFC", key).strip()
