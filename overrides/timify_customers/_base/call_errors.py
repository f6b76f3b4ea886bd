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
        request_id: the server's id of the last request, to be named to TIMIFY's support; or None.
        retry_after: seconds that the server asked to wait, or None.
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
        """Return this error as that of a call, which it ended after so many attempts."""
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
    """The connection broke after the request was sent, or in a way that leaves that open."""


class CallTimeoutError(CallError, TimeoutError):
    """No answer came within ``timeout``, or the call did not end within ``deadline``."""


class BodyError(CallError, DecodeError):
    """The body of an answer cannot be taken for the answer to what was asked.

    It is not JSON, not of the shape that the document gives, of no clear status, or about another
    customer.
    """

    def __init__(self, message: str, **context: Any) -> None:
        super().__init__(message, **context)
        self.model: str = "answer"
        self.key: str = ""
        self.path: str = "$"
        self.problem: str = self.message


class AnswerTooLargeError(BodyError):
    """The body of an answer has more bytes, decompressed, than ``max_answer_bytes``.

    The rest was not read.
    """


class AmbiguousWriteError(CallError):
    """A write may or may not have been done, because its answer was lost.

    Attributes:
        seen: the customer that was found under the external id, or None.
        safe_to_repeat: True when sending the same call again cannot do harm.
    """

    seen: models.Customer | None = None
    safe_to_repeat: bool = False


class ExternalIdNotTakenError(CallError):
    """A write was done, and the external id that it sent was not taken.

    Or nothing was sent, because keys of this client were not taken before. The API may read the key
    of bodies in another spelling: see the setting ``external_id_key``.

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
        body: the decoded JSON of the answer while an import reads it; None in an error that is
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
    """403: the app may not do this; see its scopes (CUSTOMERS: read, write, delete)."""


class NotFoundError(ApiError, LookupError):
    """404: there is no such object."""


class ConflictError(ApiError):
    """409: the request contradicts what is there."""


class UnprocessableError(ApiError, ValueError):
    """422: the API understands the request and refuses its values."""


class RateLimitError(ApiError):
    """429: too many requests. ``retry_after`` has the seconds that the server named."""


class RedirectError(ApiError):
    """The server wants the request elsewhere.

    Redirects are not followed: they would carry the token along.
    """


class ServerError(ApiError):
    """5xx: the API, or the gateway in front of it, failed."""
