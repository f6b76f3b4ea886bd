"""Whether the API took the external id that a write sent.

The spelling of the key in a body is documented only on a sibling operation (``external_id``). An
API that expects another spelling must be noticed at the first write: otherwise the customer would
exist without its key, and a later lookup by key would not find it.

What the answer to a write may show, and what that means:

* the key that was sent: taken;
* no key at all: an answer may hold as little as the id (documented on a sibling), so this says
  nothing;
* an empty key: perhaps not taken;
* another key, of the customer that was written: not taken.

In the second and third case the customer is looked up by the key. An example: ``create(...,
external_id="crm-1")`` is answered with ``{"id": "624a...", "externalId": ""}``. If a lookup of
``crm-1`` returns ``624a...``, the key was taken. If it returns nothing, as often as settling looks,
that counts as proof that the key was not taken: from then on this client refuses creates with a key
before they are sent.

Decisions are pure; `ExternalIds` is the shell around them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final, Literal

from attrs import define, field, frozen

from .._base.errors import ExternalIdNotTakenError, TimifyError
from .._base.generated import EXTERNAL_ID_KEY, models
from .._calls.identity import same_id, same_key
from .._calls.lifetime import Lifetime
from .._calls.settling import find
from .._customfields.reading import Customer
from .key_locks import KeyLocks

Lookup = Callable[[str], Awaitable[Customer]]
"""Reads a customer by its external id."""
Echo = Literal["same", "silent", "empty", "other"]

_WAY_OUT: Final = (
    "if the API reads another key, say so with the setting "
    'external_id_key="external_id" or "externalId"'
)


def read_echo(customer: Mapping[str, Any], key: str) -> Echo:
    """Return how an answer to a write shows the key that was sent."""
    shown = customer.get("externalId")
    if same_key(shown, key):
        return "same"
    if shown is None:
        return "silent"
    return "other" if str(shown).strip() else "empty"


@frozen
class KeyedWrite:
    """A write that was done and that sent an external id.

    Attributes:
        operation: operationId of the document.
        key: the external id that was sent.
        spelling: how the body spelled it.
        customer: the customer as the answer to the write shows it.
    """

    operation: str
    key: str
    spelling: str
    customer: Customer

    def error(self, problem: str) -> ExternalIdNotTakenError:
        """Make the error that says what is wrong with the key."""
        return ExternalIdNotTakenError(
            f"the write was done, but its external id {self.key!r}, sent as {self.spelling}, "
            f"{problem}",
            operation=self.operation,
            attempts=1,
            seen=self.customer,
        )

    def not_taken(self) -> ExternalIdNotTakenError:
        """Make the error that says that the key was not taken."""
        shown = self.customer.raw.get("externalId")
        proof = "the answer shows none, and looking for it does not find the customer"
        if shown:
            proof = f"the answer shows {shown!r}"
        return self.error(f"was not taken: {proof}; {_WAY_OUT}")


@define(eq=False)
class ExternalIds:
    """What a client has learned about the spelling of external ids. Its views share it.

    Attributes:
        taken: spellings with which a key was taken.
        not_taken: spellings with which a key was not taken.
        locks: let the upserts of one key run one after the other.
    """

    taken: set[str] = field(factory=set)
    not_taken: set[str] = field(factory=set)
    locks: KeyLocks = field(factory=KeyLocks)
    _looking: asyncio.Lock = field(factory=asyncio.Lock)

    def check_worth_sending(self, spelling: str, operation: str) -> None:
        """Refuse a create whose key would be lost.

        Raises:
            ExternalIdNotTakenError: an earlier key in this spelling was not taken. Nothing was
                sent.
        """
        if spelling in self.not_taken:
            raise ExternalIdNotTakenError(
                f"nothing was sent: an external id that this client sent as {spelling} was not "
                f"taken; {_WAY_OUT}",
                operation=operation,
            )

    async def confirm(
        self, write: KeyedWrite, lookup: Lookup, until: float, lifetime: Lifetime
    ) -> Customer:
        """Return the customer that was written, once it is certain that it has its key.

        Args:
            write: the write.
            lookup: reads a customer by external id.
            until: the end of the call, in seconds of the client's clock.
            lifetime: the client's, by which the lookup waits.

        Raises:
            ExternalIdNotTakenError: the write was done, but the customer does not have the key, or
                it could not be found out whether it does.
        """
        echo = read_echo(write.customer.raw, write.key)
        if echo == "same":
            self._learn(write.spelling, taken=True)
            return write.customer
        if echo == "other":
            raise write.not_taken()
        if not self._is_believed(echo, write.spelling):
            await self._look_up(echo, write, lookup, until, lifetime)
        return write.customer

    def _is_believed(self, echo: Echo, spelling: str) -> bool:
        """Return whether an answer without the key suffices, because earlier keys were taken."""
        return echo == "silent" and spelling in self.taken

    async def _look_up(
        self, echo: Echo, write: KeyedWrite, lookup: Lookup, until: float, lifetime: Lifetime
    ) -> None:
        async with self._looking:
            # Of many concurrent creates, the first looks up its key and the others learn from that.
            if self._is_believed(echo, write.spelling):
                return
            try:
                customer = await find(lookup, write.key, until, lifetime)
            except TimifyError as error:
                raise write.error(f"could not be confirmed: {error}") from error
        if customer is not None and _is_same(customer, write.customer):
            self._learn(write.spelling, taken=True)
            return
        if customer is None:
            self._learn(write.spelling, taken=False)
        raise write.not_taken()

    def _learn(self, spelling: str, *, taken: bool) -> None:
        learned, disproved = self.taken, self.not_taken
        if not taken:
            learned, disproved = disproved, learned
        learned.add(spelling)
        disproved.discard(spelling)


def _is_same(looked_up: Customer, written: Customer) -> bool:
    shown = written.raw.get("id")
    return not isinstance(shown, str) or same_id(str(looked_up.raw.get("id")), shown)


def spelled(body: models.CustomerCreate | models.CustomerUpdate, spelling: str) -> dict[str, Any]:
    """Return a body with its external id under another key than the document's."""
    raw = dict(body.raw)
    if EXTERNAL_ID_KEY in raw:
        raw[spelling] = raw.pop(EXTERNAL_ID_KEY)
    return raw
