"""What the SDK must know about an operation beyond its request."""

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

    ``build`` is the generated, typed ``build_request``, so that type checkers report every place
    where a new document changes how a request is built.

    Attributes:
        name: operationId of the document.
        build: makes the request.
        repeat: what a lost answer means.
        data: what the envelope's ``data`` must be; "flat" for an object that need not be an
            envelope, "any" where the answer is not known and may have no body, "raw" where only the
            HTTP status decides.
        writes: whether the operation changes anything.
        keep_error_body: whether an error keeps the whole body of its answer, for an import to read.
        purpose: "lookup" where the SDK looks for a customer, to learn what became of a write;
            "token" where an answer may hold a token: the body of a success is then never shown, and
            no body is collected.
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
        """Whether the client's quota pays for retries; it does not for a lookup, which must run."""
        return self.purpose != "lookup"
