"""Finds out whether a write was done when its answer was lost, by the external id that it carried.

Not known of the API: whether a read right after a write sees it, and whether external ids are
unique. So a create is settled only by a customer that holds what was sent and no more (observed:
only fields that were ever written appear), and a change of key only when nobody has the old one;
anything else is left to the caller, with what was seen.
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
    """Return the customer that shows what was sent.

    Return None when there is none and the write may be sent ``again``.

    Args:
        lookup: reads a customer by external id.
        operation: the write.
        lost: the error that lost its answer.
        key: the external id that was sent.
        sent: the custom fields that were sent.
        until: end of the call, in seconds of the client's clock.
        lifetime: of the client, by which the search waits.
        old_key: the external id that the customer had before, when the write changed it.
        again: whether the write may be sent again when nothing is found.

    Raises:
        AmbiguousWriteError: not found, or found with other values than were sent.
    """
    seen: models.Customer | None = None
    try:
        found = await find(lookup, key, until, lifetime)
        if found is None and again:
            return None
        if found is None:
            doubt = "no customer with its external id can be seen"
        elif not same_key(found.raw.get("externalId"), key):
            doubt = "looking for its external id gives a customer that has another"
        else:
            seen = found
            if await _is_proven(lookup, found, sent, old_key):
                return found
            doubt = "a customer has its external id, but what was sent cannot be told from it"
    except TimifyError as error:
        doubt = f"looking for it failed too: {error}"
    advice = f"{doubt}; look at external id {key!r} before sending it again"
    unclear = ambiguous(lost, operation, lost.attempts, advice)
    unclear.seen = seen
    raise unclear from lost


async def _is_proven(
    lookup: Callable[[str], Awaitable[models.Customer]],
    found: models.Customer,
    sent: Sequence[Mapping[str, Any]],
    old_key: str | None,
) -> bool:
    """Decide whether the customer that was found is what the write made.

    A create is proven by a customer that holds what was sent and no more. A change of key is proven
    by one that holds what was sent, when nobody has the old key any more.
    """
    if old_key is None:
        return shows(found, sent, only=True)
    return shows(found, sent, only=False) and await _gone(lookup, old_key)


async def find(
    lookup: Callable[[str], Awaitable[C]], key: str, until: float, lifetime: Lifetime
) -> C | None:
    """Look for a customer by external id, some times, with backoff.

    A 404 proves nothing at once: whether a read right after a write sees it is not known.
    """
    for attempt in range(1, LOOKUPS + 1):
        left = max(0.0, until - lifetime.now())
        jitter = random.random()  # noqa: S311 - spreads load
        await lifetime.pause(min(left / 2, backoff(attempt, jitter)))
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


def shows(seen: models.Customer, sent: Sequence[Mapping[str, Any]], *, only: bool) -> bool:
    """Say whether a customer holds every value that was sent.

    With ``only``, those and no others, and at least one.
    """
    shown, wanted = texts_by_field(seen.raw), texts_by_field(sent)
    if only:
        return any(wanted.values()) and _filled(wanted) == _filled(shown)
    return all(shown.get(field, "") == text for field, text in wanted.items())


def _filled(texts: Mapping[str, str]) -> dict[str, str]:
    return {field: text for field, text in texts.items() if text}
