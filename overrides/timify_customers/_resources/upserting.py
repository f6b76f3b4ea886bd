"""Creates or updates a customer by its external id, and says which of the two it did.

The customer is looked up first, because a read does no harm, and shows whether the API understands
the key. Others may change the customer before the write, so these steps may repeat::

    looked up    then      answer              what follows
    found        update    done                the end: updated
    found        update    404                 look up again: create it if it was deleted since, or
                                               raise the 404 if it is still there
    not found    create    done or settled     the end: created
    not found    create    refused             look up again: update the customer that is there now,
                                               or raise the refusal if there is none

It is not documented whether the API refuses an external id that is in use, nor how; others who call
the API handle a 409 (third party). So any refusal of the request's content leads to another lookup.
"""

from __future__ import annotations

from typing import Any, Final

from attrs import frozen

from .._base.errors import ApiError, NotFoundError
from .._base.generated import models
from .._customfields.reading import Customer
from .writing import Entries, Writer, create_options, field_values

_ROUNDS: Final = 6
"""How many writes one upsert tries if customers come and go under its key meanwhile."""
_CONFLICT: Final = 409
_REFUSALS: Final = frozenset({200, 400, _CONFLICT, 422})
"""HTTP statuses of refusals that may mean that the external id is in use.

With 200 the refusal is in the envelope (third party).
"""


@frozen
class Upserted:
    """The result of `Customers.upsert`.

    Attributes:
        customer: the customer as the answer to the write shows it. ``customer.settled`` says that
            the answer to a create was lost, and a lookup found exactly what was sent.
        created: whether the customer was created; False if it existed.
    """

    customer: Customer
    created: bool


@frozen
class Upsert:
    """One upsert of one external id.

    Attributes:
        writer: makes the calls.
        key: the external id.
        ignore_mandatory: as for a create.
        repeats: how often a create whose answer was lost may be sent again.
    """

    writer: Writer
    key: str
    ignore_mandatory: bool
    repeats: int

    async def send(self, entries: Entries) -> Upserted:
        """Create the customer, or update the one that has the key.

        Raises:
            ApiError: the write was refused; after several rounds, the last refusal.
        """
        holder = await self._look()
        last_refusal: ApiError | None = None
        for _ in range(_ROUNDS):
            try:
                if holder is None:
                    return Upserted(await self._create(entries), created=True)
                return Upserted(await self._update(holder, entries), created=False)
            except NotFoundError as not_found:
                if holder is None or await self._look() is not None:
                    raise  # a lookup shows the customer, so the 404 is about something else
                last_refusal, holder = not_found, None
            except ApiError as refusal:
                holder = None if holder else await self._look_after(refusal)
                if holder is None:
                    raise
                last_refusal = refusal
        assert last_refusal is not None  # noqa: S101 - every round that goes on had one
        raise last_refusal

    async def _look(self) -> Customer | None:
        try:
            return await self._holder(self.key)
        except NotFoundError:
            return None

    async def _look_after(self, refusal: ApiError) -> Customer | None:
        """Look again after a create was refused; return None if no customer has the key.

        After a conflict the lookup is repeated, as a read may not see at once what another client
        wrote.
        """
        if refusal.status == _CONFLICT:
            return await self.writer.find(self._holder, self.key)
        return await self._look() if refusal.status in _REFUSALS else None

    async def _holder(self, key: str) -> Customer:
        return await self.writer.holder(key, undone="written")

    async def _create(self, entries: Entries) -> Customer:
        options = create_options(self.key, None, ignore_mandatory=self.ignore_mandatory)
        body = models.CustomerCreate(customfields=field_values(entries), **options)
        return await self.writer.create_keyed(body, self.key, self.repeats)

    async def _update(self, holder: Customer, entries: Entries) -> Customer:
        """Update by key, so that a customer who has taken over the key meanwhile is updated."""
        if not entries:
            return holder
        changes: dict[str, Any] = {"customfields": field_values(entries)}
        return await self.writer.update(self.key, 1, models.CustomerUpdate(**changes), None)
