"""The errors of calls that were made and failed; the whole tree is drawn in `errors`."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any, Self

from .generated import DecodeError, models
from .portable import PortableError
from .text import printable


class CallError(PortableError):
    """A call failed.

    Attributes:
        message: what went wrong, in words.
        operation: operationId of the document, such as ``create_customer``.
        attempts: how many requests were sent or tried for this call.
        status: HTTP status of the last answer, or None when there was none.
        request_id: the server's id of the last request, to quote to TIMIFY's support; or None.
        retry_after: seconds that the server asked the client to wait, or None.
    """

    message: str
    operation: str = ""
    attempts: int = 0
    status: int | None = None
    request_id: str | None = None
    retry_after: float | None = None

    def __init__(self, message: str, **context: Any) -> None:
        super().__init__(message, **context | {"message": printable(message)})

    def of_call(self, operation: str, attempts: int) -> Self:
        """Return a copy of this error for the call that it ended after ``attempts`` attempts."""
        error = copy.copy(self)
        error.operation = operation
        error.attempts = attempts
        return error

    def __str__(self) -> str:
        parts = [f"{self.operation}: {self.message}" if self.operation else self.message]
        if self.attempts > 1:
            parts.append(f"after {self.attempts} attempts")
        if self.request_id:
            parts.append(f"request id {self.request_id}")
        return printable(", ".join(parts))


class ConnectError(CallError, ConnectionError):
    """The request never left this machine, so nothing was done."""


class ConnectionLostError(CallError, ConnectionError):
    """The connection broke after the request was sent, or may have been sent."""


class CallTimeoutError(CallError, TimeoutError):
    """No answer came within ``timeout``, or the call did not end within ``deadline``."""


class BodyError(CallError, DecodeError):
    """The body of an answer cannot be the answer to the request.

    It is not JSON, does not have the shape that the document describes, has no clear status, or is
    about another customer.
    """

    def __init__(self, message: str, **context: Any) -> None:
        super().__init__(message, **context)
        self.model: str = "answer"
        self.key: str = ""
        self.path: str = "$"
        self.problem: str = self.message


class AnswerTooLargeError(BodyError):
    """The decompressed body of an answer is larger than ``max_answer_bytes``.

    The rest was not read.
    """


class AmbiguousWriteError(CallError):
    """A write may or may not have been done, because its answer was lost.

    Attributes:
        seen: the customer that was found under the external id, or None.
        safe_to_repeat: True when making the same call again can do no harm.
    """

    seen: models.Customer | None = None
    safe_to_repeat: bool = False


class ExternalIdNotTakenError(CallError):
    """A write was done, but the API did not take the external id that it sent.

    Or nothing was sent, because the API did not take an external id of this client before. The API
    may expect another spelling of the key in bodies: see the setting ``external_id_key``.

    Attributes:
        seen: the customer that was written, as the answer shows it; None when nothing was sent.
    """

    seen: models.Customer | None = None


class ApiError(CallError):
    """The API answered that it did not do what was asked.

    Attributes:
        code: ``errorCode`` (documented on a sibling), else the envelope's ``status`` (third party).
        details: what is wrong, by place and name, such as ``{"query": {"page": "invalid"}}``
            (documented on a sibling), or None.
        body: the decoded JSON of the answer, which only an import reads; None once the error is
            raised.
    """

    code: int | str | None = None
    details: Mapping[str, Any] | None = None
    body: Any = None


class BadRequestError(ApiError, ValueError):
    """400: the API does not accept the request."""


class AuthenticationError(ApiError, PermissionError):
    """401: the token or the app's credentials are not valid."""


class AccessDeniedError(ApiError, PermissionError):
    """403: the app is not allowed to do this; see its scopes (CUSTOMERS: read, write, delete)."""


class NotFoundError(ApiError, LookupError):
    """404: there is no such object."""


class ConflictError(ApiError):
    """409: the request conflicts with the present state."""


class UnprocessableError(ApiError, ValueError):
    """422: the API understands the request but refuses its values."""


class RateLimitError(ApiError):
    """429: too many requests. ``retry_after`` holds the seconds that the server asks for."""


class RedirectError(ApiError):
    """The server redirects the request to another address.

    Redirects are not followed: they would carry the token along.
    """


class ServerError(ApiError):
    """5xx: the API, or the gateway in front of it, failed."""
