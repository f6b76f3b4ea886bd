"""Finds out whether a write was done when its answer was lost, by the external id that it sent.

It is not known whether a read right after a write sees it, nor whether external ids are unique. So
a create is settled only by a customer that holds what was sent and nothing else (observed: only
fields that were ever written appear), and a change of key only when no customer has the old key.
Anything else is left to the caller, with the customer that was seen.
"""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final, TypeVar

from .._base.entries import texts_by_field
from .._base.errors import CallError, NotFoundError, TimifyError
from .._base.generated import models
from .failure import ambiguous
from .identity import same_key
from .lifetime import Lifetime
from .operation import Operation
from .retry import backoff

C = TypeVar("C", bound=models.Customer)

LOOKUPS: Final = 5
"""How often a lost write is looked for, with backoff."""


async def settle(
    lookup: Callable[[str], Awaitable[models.Customer]],
    operation: Operation[...],
    lost: CallError,
    *,
    key: str,
    sent: Sequence[Mapping[str, Any]],
    until: float,
    lifetime: Lifetime,
    old_key: str | None = None,
    again: bool = False,
) -> models.Customer | None:
    """Return the customer that shows that the write was done.

    Return None when no customer has the key and the write may be sent ``again``.

    Args:
        lookup: reads a customer by external id.
        operation: the write.
        lost: the error that lost its answer.
        key: the external id that was sent.
        sent: the custom fields that were sent.
        until: the end of the call, in seconds of the client's clock.
        lifetime: the client's, by which the search waits.
        old_key: the external id that the customer had before, when the write changed it.
        again: whether the write may be sent again when nothing is found.

    Raises:
        AmbiguousWriteError: not found, or found with other values than were sent.
    """
    seen: models.Customer | None = None
    try:
        customer = await find(lookup, key, until, lifetime)
        if customer is None and again:
            return None
        if customer is None:
            doubt = "no customer with its external id can be seen"
        elif not same_key(customer.raw.get("externalId"), key):
            doubt = "looking for its external id gives a customer that has another"
        else:
            seen = customer
            if await _is_proven(lookup, customer, sent, old_key):
                return customer
            doubt = "a customer has its external id, but what was sent cannot be told from it"
    except TimifyError as error:
        doubt = f"looking for it failed too: {error}"
    advice = f"{doubt}; look at external id {key!r} before sending it again"
    unclear = ambiguous(lost, operation, lost.attempts, advice)
    unclear.seen = seen
    raise unclear from lost


async def _is_proven(
    lookup: Callable[[str], Awaitable[models.Customer]],
    customer: models.Customer,
    sent: Sequence[Mapping[str, Any]],
    old_key: str | None,
) -> bool:
    """Return whether the customer that was found is the result of the write.

    A create is proven by a customer that holds what was sent and nothing else. A change of key is
    proven by a customer that holds what was sent, if no customer has the old key any more.
    """
    if old_key is None:
        return shows(customer, sent, only=True)
    return shows(customer, sent, only=False) and await _gone(lookup, old_key)


async def find(
    lookup: Callable[[str], Awaitable[C]], key: str, until: float, lifetime: Lifetime
) -> C | None:
    """Look for a customer by external id, up to `LOOKUPS` times, with backoff.

    A single 404 proves nothing, as a read right after a write may not see it.
    """
    for attempt in range(1, LOOKUPS + 1):
        remaining = max(0.0, until - lifetime.now())
        jitter = random.random()  # noqa: S311 - spreads load
        await lifetime.pause(min(remaining / 2, backoff(attempt, jitter)))
        try:
            return await lookup(key)
        except NotFoundError:
            continue
    return None


async def _gone(lookup: Callable[[str], Awaitable[models.Customer]], key: str) -> bool:
    try:
        await lookup(key)
    except NotFoundError:
        return True
    return False


def shows(customer: models.Customer, sent: Sequence[Mapping[str, Any]], *, only: bool) -> bool:
    """Return whether a customer holds every value that was sent.

    With ``only``, it must hold no other values, and at least one.
    """
    shown, expected = texts_by_field(customer.raw), texts_by_field(sent)
    if only:
        return any(expected.values()) and _filled(expected) == _filled(shown)
    return all(shown.get(field, "") == text for field, text in expected.items())


def _filled(texts: Mapping[str, str]) -> dict[str, str]:
    return {field: text for field, text in texts.items() if text}
