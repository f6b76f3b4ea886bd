"""Carries writes of customers through to a clear result.

A write is sent, settled if its answer was lost, and its external id is confirmed.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, Literal

from attrs import frozen

from .._base.checks import check_id
from .._base.errors import ArgumentError, BodyError, CallError, TimifyError
from .._base.generated import EXTERNAL_ID_KEY, endpoints, models
from .._calls.caller import Answer
from .._calls.failure import ambiguous
from .._calls.identity import Identity, same_key
from .._calls.lifetime import Lifetime
from .._calls.operation import Operation
from .._calls.retry import Repeat
from .._calls.scope import Scope
from .._calls.settling import find, settle
from .._customfields.definitions import Definitions
from .._customfields.reading import Customer, SettledCustomer, customer_view
from .external_ids import ExternalIds, KeyedWrite, spelled

_get, _create, _update = (
    endpoints.get_customer,
    endpoints.create_customer,
    endpoints.update_customer,
)
GET = Operation(_get.OPERATION, _get.build_request)
_LOOKUP = Operation(_get.OPERATION, _get.build_request, purpose="lookup")
_CREATE = Operation(_create.OPERATION, _create.build_request, Repeat.NEVER, writes=True)
_CREATE_KEYED = Operation(_create.OPERATION, _create.build_request, Repeat.SETTLE, writes=True)
_UPDATE = Operation(_update.OPERATION, _update.build_request, writes=True)
_UPDATE_KEY = Operation(_update.OPERATION, _update.build_request, Repeat.SETTLE, writes=True)

Entries = Sequence[Mapping[str, Any]]
"""Custom fields as they are sent."""
External = Literal[1] | None
"""``external=1`` makes a path's customer id an external id (documented)."""


@frozen
class Writer:
    """Writes customers for one scope, until a moment of the client's clock."""

    _scope: Scope
    _definitions: Definitions
    _external_ids: ExternalIds
    until: float

    def alone(self, key: str) -> AbstractAsyncContextManager[None]:
        """Wait until no other upsert of the external id is under way; see `KeyLocks.alone`."""
        seconds = self.until - self._lifetime.now()
        return self._external_ids.locks.alone(self._scope.company_id, key, seconds)

    async def get(self, key: str, external: External) -> Customer:
        """Read one customer by id or, with ``external``, by external id."""
        return await self._read(GET, key, external)

    async def holder(self, key: str, *, undone: str) -> Customer:
        """Read the customer that has an external id, before it is written to.

        Args:
            key: the external id.
            undone: what was not done if the answer is another customer, for the message.

        Raises:
            NotFoundError: there is no such customer.
            BodyError: the answer does not show that the customer has this external id.
        """
        customer = await self.get(key, 1)
        if not same_key(customer.raw.get("externalId"), key):
            raise BodyError(
                "the API gave a customer with another external id than was asked for; "
                f"nothing was {undone}",
                operation=GET.name,
            )
        return customer

    async def find(self, lookup: Callable[[str], Awaitable[Customer]], key: str) -> Customer | None:
        """Look for a customer by external id, repeatedly; see `settling.find`."""
        return await find(lookup, key, self.until, self._lifetime)

    async def _lookup(self, key: str) -> Customer:
        return await self._read(_LOOKUP, key, 1)

    async def _read(self, operation: Operation[...], key: str, external: External) -> Customer:
        request = GET.build(key, external=external, company_id=self._scope.company_id)
        identity = identity_of(key, external)
        answer = await self._scope.call(operation, request, until=self.until, identity=identity)
        return self._customer(answer)

    async def create(self, body: models.CustomerCreate) -> Customer:
        """Create a customer without a key.

        It is sent again only if it cannot have been done.
        """
        request = _CREATE.build(body=self._spelled(body), company_id=self._scope.company_id)
        return self._customer(await self._scope.call(_CREATE, request, until=self.until))

    async def create_keyed(self, body: models.CustomerCreate, key: str, repeats: int) -> Customer:
        """Create a customer with a key, by which it is looked up when the answer is lost.

        It must never be created twice. So it is sent again only if the lookup finds nothing, and
        only as often as the caller, who vouches for the API, allows. An example with ``repeats=1``:
        sent, answer lost, nothing found, sent again, refused with 409. The refusal may be due to
        the first request, so the customer is looked up once more, and the lookup decides.

        Args:
            body: the customer, with its key.
            key: its external id.
            repeats: how often it may be sent again.
        """
        self._external_ids.check_worth_sending(self._spelling, _CREATE_KEYED.name)
        attempts = 0
        lost: CallError | None = None
        while True:
            answer, refused_again = await self._send_keyed(body, key, lost)
            if answer.lost is None:
                written = self._customer(answer)
                return await self._confirmed(written, key, _CREATE_KEYED)
            attempts += answer.lost.attempts
            lost = answer.lost.of_call(answer.lost.operation, attempts)
            may_repeat = repeats > 0 and not refused_again
            customer = await settle(
                self._lookup,
                _CREATE_KEYED,
                lost,
                key=key,
                sent=body.raw["customfields"],
                until=self.until,
                lifetime=self._lifetime,
                again=may_repeat,
            )
            if customer is not None:
                return SettledCustomer.from_dict(customer.raw)
            if not self._scope.caller.afford(lost):
                raise ambiguous(lost, _CREATE_KEYED, attempts, "no retries are left in the quota")
            repeats -= 1

    async def _send_keyed(
        self, body: models.CustomerCreate, key: str, lost: CallError | None
    ) -> tuple[Answer, bool]:
        """Send a create, and return whether it was refused after an earlier one was lost."""
        request = _CREATE_KEYED.build(body=self._spelled(body), company_id=self._scope.company_id)
        identity = Identity(external_ids=(key,))
        try:
            answer = await self._scope.call(
                _CREATE_KEYED, request, until=self.until, identity=identity
            )
        except TimifyError as error:
            if lost is None:
                raise
            attempts = getattr(error, "attempts", 0)
            return Answer(lost=lost.of_call(lost.operation, attempts)), True
        return answer, False

    async def update(
        self, key: str, external: External, body: models.CustomerUpdate, new_key: str | None
    ) -> Customer:
        """Change a customer.

        If the answer to a change of the key that names the customer is lost, the new key settles
        it.

        Args:
            key: the customer's id, or its external id with ``external``.
            external: see `External`.
            body: what to change.
            new_key: the new external id, or None.
        """
        changes_its_key = external is not None and new_key not in {None, key}
        operation = _UPDATE_KEY if changes_its_key else _UPDATE
        request = _UPDATE.build(
            key, body=self._spelled(body), external=external, company_id=self._scope.company_id
        )
        identity = identity_of(key, external, new_key)
        answer = await self._scope.call(operation, request, until=self.until, identity=identity)
        if answer.lost is None:
            written = self._customer(answer)
            return await self._confirmed(written, new_key, operation)
        sent = body.raw.get("customfields", [])
        customer = await settle(
            self._lookup,
            operation,
            answer.lost,
            key=str(new_key),
            sent=sent,
            until=self.until,
            lifetime=self._lifetime,
            old_key=key,
        )
        assert customer is not None  # noqa: S101 - None is only for a write that may be sent again
        return SettledCustomer.from_dict(customer.raw)

    async def _confirmed(
        self, written: Customer, key: str | None, operation: Operation[...]
    ) -> Customer:
        if key is None:
            return written
        write = KeyedWrite(operation.name, key, self._spelling, written)
        return await self._external_ids.confirm(write, self._lookup, self.until, self._lifetime)

    @property
    def _lifetime(self) -> Lifetime:
        return self._scope.caller.lifetime

    @property
    def _spelling(self) -> str:
        return self._scope.settings.external_id_key or EXTERNAL_ID_KEY

    def _spelled(self, body: Any) -> Any:
        if self._spelling == EXTERNAL_ID_KEY:
            return body
        return type(body).from_dict(spelled(body, self._spelling))

    def _customer(self, answer: Answer) -> Customer:
        envelope = models.CustomerEnvelope.from_dict(answer.payload)
        return customer_view(envelope.data, self._definitions.last_seen)


def identity_of(key: str, external: External, new_external_id: str | None = None) -> Identity:
    """Return which customer the answer to a call must be about."""
    if external is None:
        return Identity(id=key)
    return Identity(external_ids=(key,) if new_external_id is None else (key, new_external_id))


def path_key(customer_id: str | None, external_id: str | None) -> tuple[str, External]:
    """Return the id or external id that names a customer in a path, and which of them it is."""
    if (customer_id is None) == (external_id is None):
        raise ArgumentError("give either customer_id or external_id")
    if customer_id is not None:
        return check_id("customer_id", customer_id), None
    return check_id("external_id", external_id), 1


def field_values(entries: Entries) -> list[models.CustomfieldValue]:
    """Return entries as the models that the generated constructors take."""
    return [models.CustomfieldValue.from_dict(entry) for entry in entries]


def create_options(
    external_id: str | None, import_customer_id: str | None, *, ignore_mandatory: bool
) -> dict[str, Any]:
    """Return the arguments of a create's generated constructor, besides the custom fields."""
    options = {
        "external_id": external_id,
        "import_customer_id": import_customer_id,
        "ignore_mandatory_validation": "true" if ignore_mandatory else None,
    }
    return {name: value for name, value in options.items() if value is not None}
