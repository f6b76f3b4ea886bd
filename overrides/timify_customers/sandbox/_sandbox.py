"""The sandbox itself: companies, tokens, the log of requests, and the ways to reach it."""

import json
import re
import time
from collections import deque
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ._company import Company
from ._tokens import Tokens
from ._values import Clock, Refusal

if TYPE_CHECKING:
    from starlette.applications import Starlette

APP_ID = "sandbox-app"
APP_SECRET = "sandbox-secret"  # noqa: S105 - invented, and good for nothing but the sandbox
COMPANY_ID = "5a0db0c5a0db0c5a0db0c5a0"
REQUESTS_KEPT = 10_000


@dataclass(frozen=True, slots=True)
class ReceivedRequest:
    """A request as it arrived.

    Attributes:
        operation: The operation that it was for, such as ``get_customer``; None when the API has none there.
        path: As sent, still percent-encoded, without the query.
        headers: By lower-case name.
        body: The raw body.
    """

    operation: str | None
    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The decoded body; None when there is none, or none that is JSON."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            return None


class Sandbox:
    """A stand-in of the TIMIFY API for one app, with its companies in memory.

    Attributes:
        app_id: Invented credentials of the app, with `app_secret`.
        company_id: The app's home company, used when a request has no ``company-id`` header.
        app: The ASGI application, for ``httpx.ASGITransport(app=sandbox.app)``.
        requests: What has been received, oldest first, at most the last 10,000. Copy it (``list(...)``) to look at it
            while more may come in.
        tokens: The app's access tokens.

    Args:
        clock: Gives the time in seconds since the epoch: tokens expire by it, and changes are dated by it.
        token_lifetime: In seconds.
        unique_external_ids: Whether a second customer with the same external id is refused. Not known of TIMIFY.
    """

    def __init__(
        self,
        *,
        app_id: str = APP_ID,
        app_secret: str = APP_SECRET,
        company_id: str = COMPANY_ID,
        clock: Clock = time.time,
        token_lifetime: int = 7200,
        unique_external_ids: bool = True,
    ) -> None:
        self.app_id = app_id
        self.app_secret = app_secret
        self.company_id = company_id
        self.requests: deque[ReceivedRequest] = deque(maxlen=REQUESTS_KEPT)
        self.tokens = Tokens(app_id, app_secret, clock, token_lifetime)
        self._clock = clock
        self._unique_external_ids = unique_external_ids
        self._companies: dict[str, Company] = {}
        self.company(company_id)
        with _extra():
            from ._app import build  # noqa: PLC0415 - the package imports without its extra
        self.app: Starlette = build(self)

    def company(self, company_id: str | None = None) -> Company:
        """The state of a company, created when it is new; of the home company when no id is given.

        Raises:
            ValueError: The id is not 24 hex digits.
        """
        company_id = _normal(self.company_id if company_id is None else company_id)
        if company_id not in self._companies:
            made = Company(company_id, self._clock, unique_external_ids=self._unique_external_ids)
            self._companies[company_id] = made
        return self._companies[company_id]

    def authorized(self, headers: Mapping[str, str]) -> Company:
        """The company that the headers of a request give access to, or a Refusal with 401, 400 or 403."""
        self.tokens.check(headers.get("authorization"))
        try:
            company_id = _normal(headers.get("company-id", self.company_id))
        except ValueError as error:
            raise Refusal(400, str(error)) from error
        if company_id not in self._companies:
            raise Refusal(403, f"the app has no access to company {company_id}")
        return self._companies[company_id]

    @contextmanager
    def serve(self, port: int = 0) -> Generator[str]:
        """Serve on a socket of 127.0.0.1, in a thread, and give the base URL; 0 takes a free port.

        Raises:
            OSError: The port is taken, or not allowed.
        """
        with _extra():
            from ._server import serve  # noqa: PLC0415 - only this needs uvicorn
        with serve(self.app, port) as url:
            yield url


@contextmanager
def _extra() -> Generator[None]:
    try:
        yield
    except ModuleNotFoundError as error:
        message = "the sandbox needs starlette and uvicorn: install timify-customers-client[sandbox]"
        raise ModuleNotFoundError(message, name=error.name) from error


def _normal(company_id: str) -> str:
    if not re.fullmatch(r"[0-9a-fA-F]{24}", company_id):
        raise ValueError(f"company-id must be 24 hex digits, not {company_id!r}")
    return company_id.lower()
