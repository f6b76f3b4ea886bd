"""The content of a company as immutable values: a change replaces the old value by a new one."""

import itertools
import json
import re
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

Clock = Callable[[], float]
"""Returns the time in seconds since the epoch, as ``time.time`` does."""

FIELD_TYPES = ("TEXT", "TEXTAREA", "EMAIL", "PHONE", "DATE", "SELECT", "NUMBER", "CHECKBOX")
"""The first six were observed, the others are inferred."""

DEFAULT_FIELDS = {
    "salutation": "SELECT",
    "firstName": "TEXT",
    "lastName": "TEXT",
    "email": "EMAIL",
    "mobilePhone": "PHONE",
    "landlinePhone": "PHONE",
    "birthday": "DATE",
    "notes": "TEXTAREA",
}
"""The default ids that were observed, with their types, in the order of definitions."""

SALUTATIONS = ("mr", "mrs")


def normal(company_id: object) -> str:
    """Return a company's id in lower case. Raises ValueError if it is not an id."""
    if not isinstance(company_id, str) or not re.fullmatch(r"[0-9a-fA-F]{24}", company_id):
        raise ValueError(f"company-id must be 24 hex digits, not {company_id!r}")
    return company_id.lower()


class MovableClock:
    """A running clock that tests can also move forward."""

    def __init__(self, base: Clock = time.time) -> None:
        self._base = base
        self._ahead = 0.0

    def __call__(self) -> float:
        """Return the time in seconds since the epoch."""
        return self._base() + self._ahead

    def advance(self, seconds: float) -> None:
        """Move the clock forward.

        Raises:
            ValueError: it would run backwards, or by more than thirty years.
        """
        if not 0 <= seconds <= 1e9:  # noqa: PLR2004 - thirty years
            raise ValueError(f"the clock goes forward, by at most 1e9 seconds, not by {seconds!r}")
        self._ahead += seconds


@dataclass(frozen=True, slots=True)
class ReceivedRequest:
    """A request as it arrived.

    Attributes:
        operation: The operation that it was for, such as ``get_customer``; None if the API has no
            operation there.
        path: The path as it was sent, still percent-encoded, without the query.
        query: The last value of each parameter.
        headers: The headers by lower-case name.
        body: The raw body.
        query_items: Each parameter as often as it was sent.
    """

    operation: str | None
    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    query_items: tuple[tuple[str, str], ...] = ()

    @property
    def json(self) -> Any:
        """The decoded body, or None if there is none or it is not JSON."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            return None


@dataclass(frozen=True, slots=True)
class Violation:
    """A request that the document does not allow, and why."""

    request: ReceivedRequest
    reason: str


class ConnectionCut(ConnectionError):  # noqa: N818 - named like its siblings of the standard library
    """The connection broke on purpose.

    The application raises it where there is no socket to break.

    Attributes:
        partial: Whether a part of the answer was sent before.
    """

    def __init__(self, *, partial: bool) -> None:
        super().__init__("the sandbox was told to cut the connection")
        self.partial = partial


Details = Mapping[str, Mapping[str, str]]
"""What is wrong with a request, by place (``body``, ``query`` or ``headers``) and name."""


class Refusal(Exception):  # noqa: N818 - it is an answer, not an error of the sandbox
    """The request is refused.

    Attributes:
        status: The HTTP status of the failure.
        details: What is wrong, by place and name: ``{"query": {"page": "invalid"}}``.
        key: The ``importCustomerId`` of the row that it is about, if it is about a row.
    """

    key: object = None

    def __init__(self, status: int, message: str, details: Details | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.details = details


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredCustomer:
    """A customer of a company.

    Attributes:
        values: The value of each field ever written, by field id.
        lists: The values of each field written with several values (inferred), by field id.
        external_id: Empty if unset.
        import_customer_id: The key of the import that created it. It is never shown, as observed
            customers have none.
        global_id: The customer's id across an enterprise.
        tag_ids: The ids of its tags, which ``tags`` shows as they are (it was only seen empty).
        created_at: Seconds since the epoch, as is ``updated_at``.
    """

    id: str
    values: Mapping[str, str]
    lists: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    external_id: str = ""
    import_customer_id: str = ""
    global_id: str | None = None
    tag_ids: tuple[str, ...] = ()
    created_at: float
    updated_at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerInput:
    """What a request says about one customer; None for what it does not mention.

    Each field in `values` is in `lists` too, with all values that were sent, or none.

    Attributes:
        ignore_mandatory: Whether mandatory fields may be missing.
    """

    values: Mapping[str, str] = field(default_factory=dict[str, str])
    lists: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    id: str | None = None
    external_id: str | None = None
    import_customer_id: str | None = None
    ignore_mandatory: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredField:
    """The definition of a custom field.

    A default field has a ``default_id`` and no label; a company's own field has the reverse.

    Attributes:
        is_mandatory: Whether a create without it is refused. Answers do not show it, as it is not
            known how a definition would.
    """

    id: str
    category_id: str
    order_index: int
    type: str = "TEXT"
    label: str = ""
    default_id: str | None = None
    select_options: tuple[object, ...] = ()
    is_multiple: bool | None = None
    is_mandatory: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredCategory:
    """A group of custom fields."""

    id: str
    name: str
    order_index: int
    is_default: bool = False


class ObjectIds:
    """Makes ids as MongoDB does, which are unique and ascend with time.

    They are 24 hex digits of seconds, process and counter.
    """

    def __init__(self, now: Clock) -> None:
        self._now = now
        self._process = secrets.token_hex(5)
        self._count = itertools.count()

    def __call__(self) -> str:
        return (
            f"{int(self._now()) & 0xFFFFFFFF:08x}{self._process}{next(self._count) & 0xFFFFFF:06x}"
        )
