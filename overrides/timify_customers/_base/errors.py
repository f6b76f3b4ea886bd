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

from collections.abc import Sequence

from .call_errors import (
    AccessDeniedError,
    AmbiguousWriteError,
    AnswerTooLargeError,
    ApiError,
    AuthenticationError,
    BadRequestError,
    BodyError,
    CallError,
    CallTimeoutError,
    ConflictError,
    ConnectError,
    ConnectionLostError,
    ExternalIdNotTakenError,
    NotFoundError,
    RateLimitError,
    RedirectError,
    ServerError,
    UnprocessableError,
)
from .generated import DecodeError, TimifyError
from .portable import PortableError as _PortableError
from .reports import ImportReport

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
    """A company id is not 24 hexadecimal digits.

    It is an `ArgumentError` as well, because a service may read the id from a request.
    """


class ArgumentTypeError(_PortableError, TypeError):
    """A value has the wrong type. Nothing was sent."""


class UnknownFieldError(ArgumentError, KeyError):
    """No custom field of the company has this name: id, default id or label.

    Attributes:
        closest: similar names.
    """

    closest: tuple[str, ...] = ()


class AmbiguousFieldError(ArgumentError, LookupError):
    """A name fits several custom fields of the company.

    Attributes:
        ids: the ids of those fields.
    """

    ids: tuple[str, ...] = ()


class InvalidValueError(ArgumentError):
    """A value does not fit the type of its custom field."""


class CheckpointError(ArgumentError):
    """The checkpoint of an import cannot be used.

    It belongs to another input, is in use by another import, is damaged, or is not a checkpoint.
    """


class PayloadError(ArgumentError):
    """Several things are wrong with one payload.

    Attributes:
        problems: one error for each thing that is wrong.
    """

    problems: tuple[ArgumentError, ...]

    def __init__(self, problems: Sequence[ArgumentError]) -> None:
        self.problems: tuple[ArgumentError, ...] = tuple(problems)
        super().__init__("; ".join(map(str, self.problems)))

    @classmethod
    def raise_for(cls, problems: Sequence[ArgumentError]) -> None:
        """Raise a single problem as it is, or several together as one error."""
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
    """A list holds a customer that its filter excludes, so the API ignored the filter."""


class ImportInterruptedError(_PortableError, RuntimeError):
    """An import stopped before its end.

    Rows after the ``pending`` ones were not read. Importing the same rows again continues from
    here.

    Attributes:
        report: what became of the rows that have an outcome.
        pending: numbers of the rows that were read but have no outcome, because they were not
            taken.
    """

    report: ImportReport
    pending: tuple[int, ...] = ()
