"""Answers as users see them: `Response`, and `responses`, which collects them.

A collector lives in a context variable. A task has a copy of the context that it was started in, so
it adds to the collectors that were open there, and to no others. An example: two tasks of a web
service each open a block of their own; each collects the answers of its own calls, while both use
one client. The cost for calls that nobody collects is one look at that variable.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from functools import cached_property
from typing import Any, Final, Self

from attrs import define, evolve, field, frozen

from .._base.errors import BodyError
from .._base.secrets import Secret
from .._transport.messages import Reply
from .failure import blanked, echoes, excerpt
from .operation import Operation, Purpose

_SECRET_HEADER: Final = re.compile(
    "auth|cookie|credential|jwt|passw|secret|session|signature|token|api-?key"
)


class Headers(Mapping[str, str]):
    """The headers of an answer, by name in any case; without those that may hold a secret.

    A header that came several times has its values joined by ``", "`` (RFC 9110 section 5.3).
    """

    def __init__(self, headers: Mapping[str, str]) -> None:
        lower = ((name.lower(), value) for name, value in headers.items())
        self._values = {name: value for name, value in lower if not _SECRET_HEADER.search(name)}
        if "location" in self._values:  # its query may hold a token
            self._values["location"] = self._values["location"].partition("?")[0]

    def __hash__(self) -> int:
        return hash(frozenset(self._values.items()))

    def __getitem__(self, name: str) -> str:
        return self._values[name.lower()]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        return f"Headers({self._values!r})"


@frozen(slots=False)
class Response:
    """An answer of the API, read to its end.

    Attributes:
        status: HTTP status.
        headers: by name in any case. Left out are those whose name says that they may hold a
            secret, such as ``set-cookie``.
        content: the body, decompressed. Of an answer that may hold a token it is empty in
            `responses`. A credential that the answer echoes is shown as ``***``.
        operation: operationId of the document; for `TimifyCustomers.request`, method and path.
        purpose: "call" for what was called; "lookup" where the SDK looked for a customer, to learn
            what became of a write; "token" for a request of an access token.
        request_id: the server's id of the request (observed: the headers of its AWS gateway), to be
            named to TIMIFY's support; or None.
    """

    status: int
    headers: Mapping[str, str] = field(repr=False)
    content: bytes = field(repr=False)
    operation: str
    purpose: Purpose
    request_id: str | None

    @property
    def text(self) -> str:
        """The body as text. It is read as UTF-8; what is not UTF-8 becomes U+FFFD."""
        return self.content.decode("utf-8", "replace")

    @cached_property
    def json(self) -> Any:
        """The body, decoded from JSON: the whole of it, so with its envelope. To be read only.

        Raises:
            BodyError: the body is not JSON, is empty, or was not kept.
        """
        try:
            return json.loads(self.content)
        except (ValueError, RecursionError):
            reason = f"HTTP {self.status}, but {self._why_no_json()}"
        context = {"status": self.status, "request_id": self.request_id}
        raise BodyError(reason, operation=self.operation, attempts=1, **context)

    def _why_no_json(self) -> str:
        if self.purpose == "token":
            return "the body is not shown, as it may hold a token"
        if not self.content.strip():
            return "the body is empty"
        return f"the body is not JSON: {excerpt(self.content)}"

    @classmethod
    def of(cls, operation: Operation[...], reply: Reply, secret: Secret | None) -> Self:
        """Make the response of an attempt; ``secret`` is the credential that was sent."""
        if secret is not None and echoes(reply, secret):
            reply = blanked(reply, secret)
        return cls(
            reply.status,
            Headers(reply.headers),
            reply.content,
            operation.name,
            operation.purpose,
            reply.request_id,
        )


@define(eq=False)
class _Collector:
    """The responses of one block.

    None once the block has ended: a task that was started inside may go on, with this in its
    context, and must neither add to them nor keep them.
    """

    seen: list[Response] | None


_collectors: ContextVar[tuple[_Collector, ...]] = ContextVar("collectors", default=())


@contextmanager
def responses() -> Iterator[list[Response]]:
    """Collect the `Response` of each attempt that is made inside the block, in order of arrival.

    ::

        with timify_customers.responses() as seen:
            await timify.customers.create({"firstName": "Ada"}, external_id="crm-1815")
        print(seen[-1].status, seen[-1].request_id)

    Failed attempts are among them, and so are lookups and token requests, each marked by its
    ``purpose``. An attempt that brought no whole answer has no response; the event hook tells of
    those.

    It collects what is asked by the task that is inside, and by tasks that were started inside,
    until the block ends. Blocks may be nested: the outer one has the responses of the inner one
    too. Requests that several calls wait for belong to the block of the call that started them:
    one for an access token, for the definitions of custom fields, or for the next page of a list.

    The list holds whole bodies, so use it for few calls at a time.
    """
    seen: list[Response] = []
    collector = _Collector(seen)
    before = _collectors.set((*_collectors.get(), collector))
    try:
        yield seen
    finally:
        collector.seen = None
        # A fixture, or a generator that a framework runs, may end in another context: that one
        # never had the collector.
        with suppress(ValueError):
            _collectors.reset(before)


def observe(operation: Operation[...], reply: Reply, secret: Secret | None) -> Response | None:
    """Make the response of an attempt, if anybody wants it, and give it to all who collect.

    A body that may hold a token is not collected.
    """
    wanted = [collector.seen for collector in _collectors.get() if collector.seen is not None]
    if not (wanted or operation.keep_response):
        return None
    response = Response.of(operation, reply, secret)
    collected = evolve(response, content=b"") if operation.purpose == "token" else response
    for seen in wanted:
        seen.append(collected)
    return response
