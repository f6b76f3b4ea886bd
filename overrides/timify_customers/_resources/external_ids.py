"""Whether the API took the external id that a write sent. Decisions are pure; `ExternalIds` is the
shell around them.

How a body spells the key is documented on a sibling operation only (``external_id``), so an API
that reads another spelling must be noticed at the first write: the customer would be there without
its key, and a later lookup by key would not find it.

What the answer to a write shows, and what it means:

* the key that was sent: taken;
* no key at all: an answer may hold as little as the id (documented on a sibling), so this says
  nothing;
* an empty key: perhaps not taken;
* another key, of the customer that was written: not taken.

In the second and third case the customer is looked up by the key. An example: ``create(...,
external_id="crm-1")`` is answered with ``{"id": "624a...", "externalId": ""}``. A lookup of
``crm-1`` that gives ``624a...`` proves that the key was taken. One that gives nothing, as often as
settling looks, counts as proof that it was not: from then on this client refuses creates with a key
before they are sent.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Literal

from attrs import define, field

from .._base.errors import ExternalIdNotTakenError, TimifyError
from .._base.generated import EXTERNAL_ID_KEY, models
from .._calls.identity import same_id, same_key
from .._calls.settling import find
from .._customfields.reading import Customer

Lookup = Callable[[str], Awaitable[Customer]]
"""Reads a customer by its external id."""
Echo = Literal["same", "silent", "empty", "other"]


def read_echo(customer: Mapping[str, Any], key: str) -> Echo:
    """Say what an answer to a write shows of the key that was sent."""
    shown = customer.get("externalId")
    if same_key(shown, key):
        return "same"
    if shown is None:
        return "silent"
    return "other" if str(shown).strip() else "empty"


@define(eq=False)
class ExternalIds:
    """What a client has learned of how the API takes external ids. Shared by its views.

    Attributes:
        taken: spellings under which a key was seen to be taken.
        not_taken: spellings under which a key was seen not to be.
    """

    taken: set[str] = field(factory=set)
    not_taken: set[str] = field(factory=set)
    _looking: asyncio.Lock = field(factory=asyncio.Lock)

    def check_worth_sending(self, spelling: str, operation: str) -> None:
        """Refuse a create whose key would be lost.

        Raises:
            ExternalIdNotTakenError: a key that was sent in this spelling was not taken before.
                Nothing was sent.
        """
        if spelling in self.not_taken:
            message = f"nothing was sent: an external id that this client sent as {spelling} was not taken; {_WAY_OUT}"
            raise ExternalIdNotTakenError(message, operation=operation)

    async def confirm(
        self,
        written: Customer,
        key: str,
        *,
        spelling: str,
        lookup: Lookup,
        until: float,
        operation: str,
    ) -> Customer:
        """Give the customer that was written, once it is known that it has its key.

        Args:
            written: the customer as the write's answer shows it.
            key: the external id that was sent.
            spelling: how the body spelled it.
            lookup: reads a customer by external id.
            until: end of the call, in seconds of the loop's clock.
            operation: name of the write.

        Raises:
            ExternalIdNotTakenError: the write was done, and the customer does not have the key.
        """
        echo = read_echo(written.raw, key)
        if echo == "same":
            self._learn(spelling, taken=True)
            return written
        if echo == "other":
            raise _not_taken(written, key, spelling, operation)
        if echo == "silent" and spelling in self.taken:
            return written
        async with self._looking:  # the first of many creates looks; the others learn from it
            if echo == "silent" and spelling in self.taken:
                return written
            found = await self._find(
                written, key, spelling=spelling, lookup=lookup, until=until, operation=operation
            )
        if found is not None and _is_same(found, written):
            self._learn(spelling, taken=True)
            return written
        if found is None:
            self._learn(spelling, taken=False)
        raise _not_taken(written, key, spelling, operation)

    async def _find(
        self,
        written: Customer,
        key: str,
        *,
        spelling: str,
        lookup: Lookup,
        until: float,
        operation: str,
    ) -> Customer | None:
        try:
            return await find(lookup, key, until)
        except TimifyError as error:
            message = f"the write was done, but its external id {key!r}, sent as {spelling}, could not be confirmed"
            raise ExternalIdNotTakenError(
                f"{message}: {error}", operation=operation, attempts=1, seen=written
            ) from error

    def _learn(self, spelling: str, *, taken: bool) -> None:
        new, old = (self.taken, self.not_taken) if taken else (self.not_taken, self.taken)
        new.add(spelling)
        old.discard(spelling)


_WAY_OUT = 'if the API reads another key, say so with the setting external_id_key="external_id" or "externalId"'


def _is_same(found: Customer, written: Customer) -> bool:
    shown = written.raw.get("id")
    return not isinstance(shown, str) or same_id(str(found.raw.get("id")), shown)


def _not_taken(
    written: Customer, key: str, spelling: str, operation: str
) -> ExternalIdNotTakenError:
    shown = written.raw.get("externalId")
    says = (
        f"the answer shows {shown!r}"
        if shown
        else "the answer shows none, and looking for it does not find the customer"
    )
    message = f"the write was done, but its external id {key!r}, sent as {spelling}, was not taken: {says}; {_WAY_OUT}"
    return ExternalIdNotTakenError(message, operation=operation, attempts=1, seen=written)


def spelled(body: models.CustomerCreate | models.CustomerUpdate, spelling: str) -> dict[str, Any]:
    """Write a body with its external id under another key than the document's."""
    raw = dict(body.raw)
    if EXTERNAL_ID_KEY in raw:
        raw[spelling] = raw.pop(EXTERNAL_ID_KEY)
    return raw
