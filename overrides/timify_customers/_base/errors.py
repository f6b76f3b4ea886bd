"""Every error that the SDK raises.

::

    TimifyError                      root of all; in the generated package, as DecodeError is
    ├── ConfigurationError           ValueError: a client cannot be made from these settings
    │   └── CompanyIdError           and an ArgumentError: a company id is not one
    ├── ArgumentError                ValueError: a call cannot be made so; nothing was sent
    │   ├── UnknownFieldError        KeyError: no custom field has this name
    │   ├── AmbiguousFieldError      LookupError: several custom fields have this name
    │   ├── CheckpointError          the checkpoint of an import cannot be used
    │   ├── InvalidValueError        a value does not fit its custom field
    │   └── PayloadError             several of these at once
    ├── ArgumentTypeError            TypeError: as ArgumentError, for a wrong type
    ├── ClientStateError             RuntimeError: closed, or not to be used in this event loop
    ├── PaginationError              RuntimeError: the server's pages contradict each other
    │   └── ListChangedError         the list changed while it was read
    ├── FilterIgnoredError           RuntimeError: a list holds what its filter excludes
    ├── DecodeError                  ValueError: an answer is not what the document says
    ├── ImportInterruptedError       RuntimeError: an import stopped before its end
    └── CallError                    a call was made, and failed
        ├── ConnectError             ConnectionError: the request never left; not done
        ├── ConnectionLostError      ConnectionError: the connection broke after sending
        ├── CallTimeoutError         TimeoutError: no answer in time
        ├── BodyError                DecodeError: the body is not JSON, or not what was asked for
        │   └── AnswerTooLargeError  the body has more bytes than max_answer_bytes
        ├── ExternalIdNotTakenError  a write was done, and its external id was not taken
        ├── AmbiguousWriteError      a write may or may not have been done
        └── ApiError                 the API answered with an error
            ├── BadRequestError      400, ValueError
            ├── AuthenticationError  401, PermissionError
            ├── AccessDeniedError    403, PermissionError
            ├── NotFoundError        404, LookupError
            ├── ConflictError        409
            ├── UnprocessableError   422, ValueError
            ├── RateLimitError       429
            ├── RedirectError        3xx: redirects are not followed
            └── ServerError          5xx

The status codes with a class of their own are those that others who call the API handle
(third-party evidence).
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import Any, Self

from .generated import DecodeError, TimifyError, models
from .portable import PortableError as _PortableError
from .reports import ImportReport
from .text import printable

__all__ = [
    "AccessDeniedError",
    "AmbiguousFieldError",
    "AmbiguousWriteError",
    "AnswerTooLargeError",
    "ApiError",
    "ArgumentError",
    "ArgumentTypeError",
    "AuthenticationError",
    "BadRequestError",
    "BodyError",
    "CallError",
    "CallTimeoutError",
    "CheckpointError",
    "ClientStateError",
    "CompanyIdError",
    "ConfigurationError",
    "ConflictError",
    "ConnectError",
    "ConnectionLostError",
    "DecodeError",
    "ExternalIdNotTakenError",
    "FilterIgnoredError",
    "ImportInterruptedError",
    "InvalidValueError",
    "ListChangedError",
    "NotFoundError",
    "PaginationError",
    "PayloadError",
    "RateLimitError",
    "RedirectError",
    "ServerError",
    "TimifyError",
    "UnknownFieldError",
    "UnprocessableError",
]


class ConfigurationError(_PortableError, ValueError):
    """A client cannot be made from these settings."""


class ArgumentError(_PortableError, ValueError):
    """A call cannot be made with these values. Nothing was sent."""


class CompanyIdError(ConfigurationError, ArgumentError):
    """A company id is not 24 hexadecimal digits. A service may take it from a request."""


class ArgumentTypeError(_PortableError, TypeError):
    """A value has the wrong type. Nothing was sent."""


class UnknownFieldError(ArgumentError, KeyError):
    """No custom field of the company has this name: id, default id or label.

    ``closest`` are names almost like it.
    """

    closest: tuple[str, ...] = ()


class AmbiguousFieldError(ArgumentError, LookupError):
    """A name fits several custom fields of the company; ``ids`` are theirs."""

    ids: tuple[str, ...] = ()


class InvalidValueError(ArgumentError):
    """A value does not fit the type of its custom field."""


class CheckpointError(ArgumentError):
    """The checkpoint of an import cannot be used.

    It is of another input, in use by another import, damaged, or not a checkpoint.
    """


class PayloadError(ArgumentError):
    """Several things are wrong with one payload; ``problems`` lists them, one error each."""

    def __init__(self, problems: Sequence[ArgumentError]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(map(str, self.problems)))

    @classmethod
    def raise_for(cls, problems: Sequence[ArgumentError]) -> None:
        """Raise the one problem itself, or all together when there are several."""
        if len(problems) == 1:
            raise problems[0]
        if problems:
            raise cls(problems)


class ClientStateError(_PortableError, RuntimeError):
    """The client is closed, or cannot be used in this process or event loop (asyncio's only)."""


class PaginationError(_PortableError, RuntimeError):
    """The server's pages contradict each other, so that a list cannot be read to its end."""


class ListChangedError(PaginationError):
    """A list changed while it was read, so that rows may be missing or have come twice.

    See ``on_shift``.
    """


class FilterIgnoredError(_PortableError, RuntimeError):
    """A list holds a customer that its filter excludes, so the API ignores the filter."""


class ImportInterruptedError(_PortableError, RuntimeError):
    """An import stopped before its end.

    ``report`` says what became of the rows that have an outcome; ``pending`` are the numbers of
    rows that were read and have none: they were not taken. Rows after them were not read. Importing
    the same rows again goes on.
    """

    report: ImportReport
    pending: tuple[int, ...] = ()


class CallError(_PortableError):
    """A call failed.

    Attributes:
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
        self.model, self.key, self.path, self.problem = "answer", "", "$", self.message


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
