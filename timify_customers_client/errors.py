"""What the raw layer raises beside `TypeError` and `ValueError` for wrong arguments, and httpx's own errors.

TimifyError
├── UnexpectedStatus    the document knows no answer with this status
├── DecodeError         ValueError: a value in an answer is missing, or not what the document says
└── InvalidBody         ValueError: an answer is not JSON at all
"""

import reprlib

_PIECE = 500


class TimifyError(Exception):
    """Root of everything that this package, and the SDK on top of it, raises."""


class DecodeError(TimifyError, ValueError):
    """A value in decoded JSON is missing or is not what the document says. The value itself is never named.

    Attributes:
        model: Name of the class that was read.
        key: The JSON key that was read, empty when the whole object is at fault.
        path: JSON path from where reading began, such as `$.data[3].createdAt`.
        problem: What was expected, and the JSON type of what was found.
    """

    def __init__(self, model: str, key: str, path: str, problem: str) -> None:
        super().__init__(model, key, path, problem)
        self.model = model
        self.key = key
        self.path = path
        self.problem = problem

    def __str__(self) -> str:
        name = f"{self.model}, key {self.key!r}" if self.key else self.model
        return f"{name}, at {self.path}: {self.problem}"


class InvalidBody(TimifyError, ValueError):
    """An answer's body is not JSON.

    Attributes:
        status: The answer's HTTP status, any integer.
        body: The first 500 characters of the body.
    """

    def __init__(self, status: int, body: object) -> None:
        super().__init__(status, piece(body))
        self.status = status
        self.body: str = piece(body)

    def __str__(self) -> str:
        return f"status {self.status}: the body is not JSON: {self.body!r}"


class UnexpectedStatus(TimifyError):
    """The document knows no answer with this status.

    Attributes:
        status: The answer's HTTP status, any integer.
        body: The first 500 characters of the body.
    """

    def __init__(self, status: int, body: object) -> None:
        super().__init__(status, piece(body))
        self.status = status
        self.body: str = piece(body)

    def __str__(self) -> str:
        return f"undocumented status {self.status}: {self.body!r}"


def piece(body: object) -> str:
    """Give at most 500 characters of a body: its text, or what decoded JSON looks like."""
    if isinstance(body, bytes):
        return body[: 4 * _PIECE].decode(errors="replace")[:_PIECE]
    if isinstance(body, str):
        return body[:_PIECE]
    return reprlib.repr(body)[:_PIECE]


__all__ = ("DecodeError", "InvalidBody", "TimifyError", "UnexpectedStatus")
