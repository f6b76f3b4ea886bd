"""Faults, which go wrong on purpose, and the script of which request meets which fault."""

import math
import random
import threading
from collections import deque
from collections.abc import Collection
from typing import Any, Literal, get_args

from attrs import Attribute, Factory, evolve, field, frozen

from ._model import Clock, normal
from ._operations import OPERATIONS

FaultKind = Literal[
    "status",
    "html",
    "delay",
    "stall",
    "stall_after",
    "cut",
    "cut_after",
    "truncate",
    "expired_token",
    "repeat_page",
    "clamp_page",
    "late",
    "rate_limit",
]
"""What happens to a request:

* ``status``: refused with a `status` and an envelope, and a Retry-After if `retry_after` is set;
  nothing is done.
* ``html``: the same with a web page, as a gateway in front of the API answers.
* ``delay``: done and answered after `seconds`.
* ``stall``: not done and never answered; ``stall_after``: done but never answered.
* ``cut``: the connection breaks before anything is done; ``cut_after``: the request is done, but no
  part of an answer arrives.
* ``truncate``: done, and the connection breaks in the middle of the answer's body.
* ``expired_token``: the token of the request has just expired: 401, nothing is done.
* ``repeat_page``: a list returns the page before the requested one; ``clamp_page``: it returns its
  last page for each page after that.
* ``late``: a write is done, and for `seconds` of the sandbox's clock all reads of that company see
  the state before it, as from a replica that lags.
* ``rate_limit``: requests beyond `limit` in `seconds` are refused with 429 and a Retry-After, for
  each company separately.
"""

OperationName = Literal[
    "create_token",
    "list_customers",
    "create_customer",
    "get_customer",
    "update_customer",
    "delete_customer",
    "import_customers",
    "list_global_customer_events",
    "list_customfields",
    "create_customfield",
    "get_customfield",
    "update_customfield",
    "delete_customfield",
    "list_customfield_categories",
    "create_customfield_category",
    "get_customfield_category",
    "update_customfield_category",
    "delete_customfield_category",
]
"""An operation that can meet a fault: its ``operationId`` in the document."""

_NAMES: frozenset[str] = frozenset(get_args(OperationName))
_LISTS = frozenset(name for name in _NAMES if name.startswith("list_"))
_WRITES = frozenset(operation.name for operation in OPERATIONS if operation.method != "GET")
_ONLY: dict[str, Collection[str]] = {
    "repeat_page": _LISTS,
    "clamp_page": _LISTS,
    "late": _WRITES,
    "expired_token": _NAMES - {"create_token"},
}
MOST = 1e9
"""The largest number that an attribute may be."""
_TIMED = {"delay", "late", "rate_limit"}


def _number(least: float, most: float = MOST, *, whole_number: bool = False) -> Any:
    """Return a check that an attribute is a number in a range."""

    def check(_: object, attribute: "Attribute[Any]", value: object) -> None:
        fits = isinstance(value, int if whole_number else int | float) and not isinstance(
            value, bool
        )
        if not fits or not least <= value <= most:  # type: ignore[operator]  # it is a number by now
            kind, end = (
                "a whole number" if whole_number else "a number",
                "" if most == MOST else f" to {most:g}",
            )
            raise ValueError(f"{attribute.name} must be {kind} from {least:g}{end}, not {value!r}")

    return check


def _unless_none(check: Any) -> Any:
    def unless(fault: object, attribute: "Attribute[Any]", value: object) -> None:
        if value is not None:
            check(fault, attribute, value)

    return unless


def _company(company_id: str | None) -> str | None:
    return None if company_id is None else normal(company_id)


@frozen(kw_only=True)
class Fault:
    """One thing that goes wrong.

    Attributes:
        operation: The operation that meets it, such as ``create_customer`` or ``create_token``;
            None for any.
        kind: What happens; see `FaultKind`.
        company_id: The company whose requests meet it; None for any.
        times: How many requests meet it; None for all from then on. A rate limit has no number, and
            lasts until faults are cleared.
        skip: How many requests pass before.
        share: The share of requests that meet it, by random numbers from `seed`.
        status: HTTP status of ``status`` and ``html``.
        retry_after: Retry-After of ``status`` and ``html``, in seconds.
        seconds: The seconds of ``delay``, ``late`` and ``rate_limit``.
        limit: How many requests ``rate_limit`` allows in `seconds`.

    Raises:
        ValueError: An attribute has an invalid value.
    """

    operation: OperationName | None = None
    kind: FaultKind = "status"
    company_id: str | None = field(default=None, converter=_company)
    times: int | None = field(default=1, validator=_unless_none(_number(1, whole_number=True)))
    skip: int = field(default=0, validator=_number(0, whole_number=True))
    share: float = field(default=1.0, validator=_number(0, 1))
    seed: int = field(default=0, validator=_number(-MOST, whole_number=True))
    status: int = field(
        default=Factory(lambda fault: 502 if fault.kind == "html" else 500, takes_self=True),
        validator=_number(400, 599, whole_number=True),
    )
    retry_after: float | None = field(default=None, validator=_unless_none(_number(0)))
    seconds: float = field(default=0.0, validator=_number(0))
    limit: int = field(default=0, validator=_number(0, whole_number=True))

    def __attrs_post_init__(self) -> None:
        if self.kind not in get_args(FaultKind):
            raise ValueError(
                f"kind must be one of {', '.join(get_args(FaultKind))}, not {self.kind!r}"
            )
        operations = _ONLY.get(self.kind, _NAMES)
        if self.operation is not None and not (
            isinstance(self.operation, str) and self.operation in operations
        ):
            raise ValueError(
                f"operation of {self.kind} must be one of {', '.join(sorted(operations))}, "
                f"or None for any, not {self.operation!r}"
            )
        if self.kind in _TIMED and not self.seconds:
            raise ValueError(f"{self.kind} needs seconds")
        if self.kind == "rate_limit" and not self.limit:
            raise ValueError("rate_limit needs a limit of requests in seconds")
        if self.kind == "rate_limit" and self.times not in {None, 1}:
            raise ValueError(
                f"rate_limit lasts until faults are cleared: no times, not {self.times!r}"
            )

    def befalls(self, operation: str, company_id: str | None) -> bool:
        """Return whether the fault is for a request of this operation and company."""
        if operation not in _ONLY.get(self.kind, _NAMES) or self.operation not in {None, operation}:
            return False
        return self.company_id in {None, company_id}


class FaultScript:
    """The faults that are set, in order. A request meets only the first that is for it."""

    def __init__(self, now: Clock) -> None:
        self._now = now
        self._lock = threading.Lock()
        self._armed: list[_Armed] = []

    def add(self, fault: Fault) -> None:
        """Set one more fault."""
        with self._lock:
            self._armed.append(_Armed(fault))

    def clear(self) -> None:
        """Remove all faults."""
        with self._lock:
            self._armed.clear()

    def left(self) -> list[Fault]:
        """Return the faults that are still to come, with their remaining times and skips."""
        with self._lock:
            return [armed.left() for armed in self._armed]

    def unmet(self) -> list[Fault]:
        """Return the faults that no request met, as they were set.

        No requests came that they are for, or only as many as they skip.
        """
        with self._lock:
            return [armed.fault for armed in self._armed if not armed.met]

    def take(self, operation: str | None, company_id: str | None) -> Fault | None:
        """Return the fault for a request that arrives now, or None."""
        if operation is None:
            return None
        with self._lock:
            for armed in self._armed:
                if armed.fault.befalls(operation, company_id) and (
                    fault := armed.take(company_id, self._now())
                ):
                    if armed.times == 0:
                        self._armed.remove(armed)
                    return fault
        return None


class _Armed:
    """A fault, and how often it is still to happen.

    It counts as met when a request came that it is for, even if chance or a rate limit let the
    request pass.
    """

    def __init__(self, fault: Fault) -> None:
        self.fault = fault
        self.times = None if fault.kind == "rate_limit" else fault.times
        self.met = False
        self._skip = fault.skip
        self._luck = random.Random(fault.seed)
        self._seen: dict[str | None, deque[float]] = {}

    def left(self) -> Fault:
        return evolve(self.fault, times=self.times, skip=self._skip)

    def take(self, company_id: str | None, now: float) -> Fault | None:
        if self._skip:
            self._skip -= 1
            return None
        self.met = True
        if self._luck.random() >= self.fault.share:
            return None
        fault = self._limited(company_id, now) if self.fault.kind == "rate_limit" else self.fault
        if fault is not None and self.times is not None:
            self.times -= 1
        return fault

    def _limited(self, company_id: str | None, now: float) -> Fault | None:
        """Return None while the company is below its limit in the last seconds, else a 429."""
        moments = self._seen.setdefault(company_id, deque())
        while moments and moments[0] <= now - self.fault.seconds:
            moments.popleft()
        if len(moments) < self.fault.limit:
            moments.append(now)
            return None
        wait = math.ceil(moments[0] + self.fault.seconds - now)
        return Fault(
            operation=self.fault.operation, kind="status", status=429, retry_after=max(1, wait)
        )
