"""What the SDK must know of an operation beyond its request."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, Literal, ParamSpec

from attrs import frozen

from .._base.generated import Request
from .retry import Repeat

P = ParamSpec("P")
Purpose = Literal["call", "lookup", "token"]


@frozen
class Operation(Generic[P]):
    """An operation of the document, and what a call of it may do.

    ``build`` is the generated, typed ``build_request``: type checkers see what a new document
    changes at each place that builds a request.

    Attributes:
        name: operationId of the document.
        build: makes the request.
        repeat: what a lost answer means.
        data: what the envelope's ``data`` must be; "flat" for an object that need not be an
            envelope, "any" where the answer is not known and an empty body will do, "raw" where the
            HTTP status alone decides.
        writes: False for what only reads.
        keep_error_body: whether an error keeps the whole body of its answer, for an import to read.
        purpose: "lookup" where the SDK looks for a customer, to learn what became of a write;
            "token" where an answer may hold a token: the body of a success is then not shown, and
            none is collected.
        keep_response: whether the caller wants the `Response`.
    """

    name: str
    build: Callable[P, Request]
    repeat: Repeat = Repeat.SAFE
    data: Literal["object", "list", "flat", "any", "raw"] = "object"
    writes: bool = False
    keep_error_body: bool = False
    purpose: Purpose = "call"
    keep_response: bool = False

    @property
    def pays(self) -> bool:
        """Whether its retries are paid from the client's quota; a lookup is not to starve."""
        return self.purpose != "lookup"
