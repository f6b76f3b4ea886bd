"""Answers as users see them: `Response`, and `responses`, which collects them.

Collectors live in a context variable. A task has a copy of the context in which it was started, so
it adds to the collectors that were open there, and to no others. An example: two tasks of a web
service each open a block of their own; each collects the answers of its own calls, while both use
one client. A call that nobody collects costs one read of that variable.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from functools import cached_property
from typing import Any, Self

from attrs import define, evolve, field, frozen

from .._base.errors import BodyError
from .._base.secrets import Secret, may_be_secret
from .._transport.messages import Reply
from .failure import blanked, excerpt
from .operation import Operation, Purpose


class Headers(Mapping[str, str]):
    """The headers of an answer by name, in any case, without those that may hold a secret.

    The values of a header that came several times are joined by ``", "`` (RFC 9110 section 5.3).
    """

    def __init__(self, headers: Mapping[str, str]) -> None:
        lower = ((name.lower(), value) for name, value in headers.items())
        self._values = {name: value for name, value in lower if not may_be_secret(name)}
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
        headers: by name, in any case. Headers whose names say that they may hold a secret, such as
            ``set-cookie``, are left out.
        content: the body, decompressed. In `responses` it is empty for an answer that may hold a
            token. A credential that the answer echoes is shown as ``***``.
        operation: operationId of the document; for `TimifyCustomers.request`, method and path.
        purpose: "call" for the call itself; "lookup" where the SDK looked for a customer, to learn
            what became of a write; "token" for a request for an access token.
        request_id: the server's id of the request (observed: the headers of its AWS gateway), to
            quote to TIMIFY's support; or None.
    """

    status: int
    headers: Mapping[str, str] = field(repr=False)
    content: bytes = field(repr=False)
    operation: str
    purpose: Purpose
    request_id: str | None

    @property
    def text(self) -> str:
        """The body as text, read as UTF-8; invalid bytes become U+FFFD."""
        return self.content.decode("utf-8", "replace")

    @cached_property
    def json(self) -> Any:
        """The whole body, decoded from JSON, with its envelope. Do not change it.

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
    def of(cls, operation: Operation[...], reply: Reply, secrets: Sequence[Secret]) -> Self:
        """Make the response to an attempt; ``secrets`` are those that were sent."""
        reply = blanked(reply, secrets)
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

    ``seen`` is None once the block has ended: a task that was started inside may run on with this
    in its context, and must neither add responses nor keep them alive.
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

    They include failed attempts, lookups and token requests, each marked by its ``purpose``. An
    attempt without a whole answer has no response, but the event hook reports it.

    Until the block ends, it collects the requests of the task that runs it, and of tasks started
    inside it. Blocks may be nested: the outer one also collects the responses of the inner one. A
    request that several calls wait for (for an access token, the definitions of custom fields, or
    the next page of a list) belongs to the block of the call that started it.

    The list holds whole bodies, so use it for few calls at a time.
    """
    collected: list[Response] = []
    collector = _Collector(collected)
    reset_token = _collectors.set((*_collectors.get(), collector))
    try:
        yield collected
    finally:
        collector.seen = None
        # A fixture, or a generator that a framework runs, may end in another context, which never
        # had the collector.
        with suppress(ValueError):
            _collectors.reset(reset_token)


def observe(operation: Operation[...], reply: Reply, secrets: Sequence[Secret]) -> Response | None:
    """Make the response to an attempt, if it is wanted, and add it to every open collector.

    A body that may hold a token is not collected.
    """
    open_lists = [collector.seen for collector in _collectors.get() if collector.seen is not None]
    if not (open_lists or operation.keep_response):
        return None
    response = Response.of(operation, reply, secrets)
    collected = evolve(response, content=b"") if operation.purpose == "token" else response
    for open_list in open_lists:
        open_list.append(collected)
    return response
