"""The state of a sandbox: companies, tokens, faults and logs, and how tests change it."""

import secrets
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from . import _seed
from ._behaviour import Behaviour
from ._company import Company
from ._faults import Fault, FaultKind, FaultScript, OperationName
from ._model import Clock, MovableClock, ReceivedRequest, Refusal, StoredCustomer, Violation, normal
from ._tokens import Tokens

APP_ID = "sandbox-app"
APP_SECRET = "sandbox-secret"  # noqa: S105 - invented, and good for nothing but the sandbox
COMPANY_ID = "5a0db0c5a0db0c5a0db0c5a0"
REQUESTS_KEPT = 10_000


class SandboxState:
    """The part of a `Sandbox` that requests, the control and tests share, without HTTP."""

    def __init__(
        self,
        *,
        app_id: str = APP_ID,
        app_secret: str = APP_SECRET,
        company_id: str = COMPANY_ID,
        clock: Clock = time.time,
        token_lifetime: int = 7200,
        unique_external_ids: bool = True,
        strict: bool = False,
        behaviour: Behaviour | None = None,
        find_violation: Callable[[ReceivedRequest], str | None] | None = None,
    ) -> None:
        self.app_id = app_id
        self.app_secret = app_secret
        self.company_id = company_id
        self.requests: deque[ReceivedRequest] = deque(maxlen=REQUESTS_KEPT)
        self.violations: deque[Violation] = deque(maxlen=REQUESTS_KEPT)
        self.strict = strict
        self.behaviour: Behaviour = behaviour or Behaviour()
        self.clock: MovableClock = MovableClock(clock)
        self.faults: FaultScript = FaultScript(self.clock)
        self.tokens: Tokens = Tokens(app_id, app_secret, self.clock, token_lifetime)
        self._unique_external_ids = unique_external_ids
        self._find_violation = find_violation
        self._companies: dict[str, Company] = {}
        self.company(company_id)

    def company(self, company_id: str | None = None) -> Company:
        """Return the state of a company, by default the home company. A new one is created.

        Raises:
            ValueError: The id is not 24 hex digits.
        """
        company_id = normal(self.company_id if company_id is None else company_id)
        if company_id not in self._companies:
            self._companies[company_id] = self._new(company_id)
        return self._companies[company_id]

    def _new(self, company_id: str) -> Company:
        return Company(company_id, self.clock, unique_external_ids=self._unique_external_ids)

    @property
    def company_ids(self) -> list[str]:
        """The ids of the companies that the app has access to, the home company first."""
        return list(self._companies)

    def reset(self) -> None:
        """Empty all companies and logs, and remove all faults.

        Tokens stay valid, and the clock runs on.
        """
        for company_id in self._companies:
            self._companies[company_id] = self._new(company_id)
        for log in (self.requests, self.violations):
            log.clear()
        self.faults.clear()

    def add_customers(
        self, rows: _seed.Rows, *, company_id: str | None = None
    ) -> list[StoredCustomer]:
        """Add customers to a company, by default to the home company.

        Args:
            rows: mappings, or the path of a ``.csv`` file with a header or of a ``.json`` file with
                a list, or with a list answer of the API. A row names custom fields by default id,
                label or id, and besides them ``id``, ``externalId``, ``importCustomerId``,
                ``globalId``, ``tagIds``, ``createdAt`` and ``updatedAt``. A customer as the API
                returns it, with ``fields``, is added with its ids and its own fields. A phone is
                its JSON text, or a number that begins with ``+``.
            company_id: the company, which is created if it is new.

        Raises:
            ValueError: a row cannot be added; the message says which, and why. Nothing is added.
        """
        return _seed.add(self.company(company_id), rows)

    def add_global_customer(self, row: Mapping[str, Any], company_ids: Iterable[str]) -> str:
        """Add an enterprise's customer to several companies; return the shared ``globalId``."""
        global_id = str(row.get("globalId") or secrets.token_hex(12))
        for company_id in company_ids:
            self.add_customers([{**row, "globalId": global_id}], company_id=company_id)
        return global_id

    def add_events(
        self, global_id: str, events: Iterable[Mapping[str, Any]]
    ) -> list[dict[str, Any]]:
        """Add events of a global customer to each company that has the customer.

        An event without an id gets one.

        Raises:
            ValueError: no company has a customer with this ``globalId``, or an event is not a
                mapping.
        """
        having = [
            company
            for company in self._companies.values()
            if any(customer.global_id == global_id for customer in company.customers.values())
        ]
        if not having:
            raise ValueError(f"no company has a customer with the globalId {global_id!r}")
        added: list[dict[str, Any]] = []
        for event in events:
            if not isinstance(event, Mapping):
                raise ValueError(f"an event must be a mapping, not {type(event).__name__}")
            added.append({"id": secrets.token_hex(12), "type": "booking", **event})
        for company in having:
            company.events.setdefault(global_id, []).extend(added)
        return added

    def authorized(self, headers: Mapping[str, str]) -> Company:
        """Return the company of a request's headers. Raises a Refusal with 401, 400 or 403."""
        self.tokens.check(headers.get("authorization"))
        try:
            company_id = normal(headers.get("company-id", self.company_id))
        except ValueError as error:
            raise Refusal(400, str(error), {"headers": {"company-id": "invalid"}}) from error
        if company_id not in self._companies:
            raise Refusal(403, f"the app has no access to company {company_id}")
        return self._companies[company_id]

    def receive(self, request: ReceivedRequest) -> tuple[str | None, Fault | None]:
        """Log a request; return its violation of the document, and the fault that it meets."""
        self.requests.append(request)
        violation = self._find_violation(request) if self._find_violation else None
        if violation:
            self.violations.append(Violation(request, violation))
        company_id = (
            None
            if request.operation == "create_token"
            else request.headers.get("company-id", self.company_id)
        )
        return violation, self.faults.take(request.operation, company_id and company_id.lower())

    def fail(
        self,
        operation: OperationName | None = None,
        kind: FaultKind = "status",
        *,
        company_id: str | None = None,
        times: int | None = 1,
        skip: int = 0,
        share: float = 1.0,
        seed: int = 0,
        status: int | None = None,
        retry_after: float | None = None,
        seconds: float = 0.0,
        limit: int = 0,
    ) -> None:
        """Make the next request of an operation go wrong, or several requests.

        ``sandbox.fail("create_customer", status=429, retry_after=2, times=3)``,
        ``sandbox.fail("update_customer", "cut_after")``, ``sandbox.fail(kind="stall", share=0.1,
        seed=7, times=None)``. Each request meets at most one fault, in the order in which they were
        set.

        Args:
            operation: its name, or None for any.
            kind: what goes wrong; see `FaultKind`.
            company_id: the company whose requests meet the fault; None for any.
            times: how many requests meet it; None for all from then on. A rate limit has no number,
                and lasts until faults are cleared.
            skip: how many requests pass before.
            share: the share of requests that meet it, from 0 to 1, by random numbers from `seed`.
            seed: the seed of the random numbers of `share`.
            status: HTTP status of the kinds ``status`` (default 500) and ``html`` (default 502).
            retry_after: the header Retry-After of these two, in seconds.
            seconds: the length of a ``delay``, how long a write is ``late``, or the window of a
                ``rate_limit``.
            limit: how many requests ``rate_limit`` allows in `seconds`.

        Raises:
            ValueError: there is no such operation or kind, or an argument has an invalid value.
        """
        by_kind = {} if status is None else {"status": status}
        fault = Fault(
            operation=operation,
            kind=kind,
            company_id=company_id,
            times=times,
            skip=skip,
            share=share,
            seed=seed,
            retry_after=retry_after,
            seconds=seconds,
            limit=limit,
            **by_kind,
        )
        self.faults.add(fault)
