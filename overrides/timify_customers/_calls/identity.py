"""Which customer an answer must be about, and whether it is. Pure.

A connection that is out of step (a server or middlebox that sent two answers in one packet, say)
brings one call the answer to another. Of a single customer that can be seen: the answer shows an id
or an external id, and not the one that was asked for. What has no identity (a deletion, a list, an
import) is guarded by the transport alone, which uses no connection again that had bytes behind an
answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from unicodedata import normalize

from attrs import frozen


@frozen
class Identity:
    """The customer that was asked for: by ``id``, or by one of ``external_ids``.

    There are two of these when a write changes the external id.
    """

    id: str | None = None
    external_ids: tuple[str, ...] = ()

    def contradicts(self, customer: Mapping[str, Any]) -> bool:
        """Say whether what an answer shows is another customer.

        An answer that shows neither id nor external id contradicts nothing.

        An example: asked for id ``624AF9...`` and given ``{"id": "624af9...", "externalId":
        "other"}``, it is the one that was asked for: the id says so, and an id outweighs an
        external id.
        """
        shown = customer.get("id")
        if self.id is not None and isinstance(shown, str) and shown.strip():
            return not same_id(shown, self.id)
        external_id = customer.get("externalId")
        if not self.external_ids or not isinstance(external_id, str) or not external_id.strip():
            return False
        return not any(same_key(external_id, key) for key in self.external_ids)


def same_id(one: str, other: str) -> bool:
    """Compare two ids of the API: 24 hex digits (observed), whose case means nothing."""
    return one.strip().lower() == other.strip().lower()


def same_key(one: object, other: str) -> bool:
    """Compare two external ids as people read them.

    That is, without blanks around them, and in one Unicode form (NFC).
    """
    return isinstance(one, str) and comparable_key(one) == comparable_key(other)


def comparable_key(key: str) -> str:
    """Return what two external ids share that people read as the same."""
    return normalize("NFC", key).strip()
