"""The ASGI application: receives requests, logs them, and sends the answers of the operations."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from urllib.parse import unquote
from uuid import uuid4

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from . import _bodies, _control, _pages, _render
from ._faults import Fault
from ._inject import deliver
from ._model import ReceivedRequest, Refusal
from ._operations import OPERATIONS, Call, ServedOperation
from ._state import SandboxState
from ._unserved import Unserved, UnservedPath, unserved_at


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request, its body, its violation of the document, and the fault that it meets."""

    request: Request
    body: bytes
    violation: str | None
    fault: Fault | None


Handler = Callable[[Exchange], _render.Answer]
"""Returns the answer, or raises a Refusal."""


def build(sandbox: SandboxState) -> Starlette:
    """Return the application of a sandbox."""
    token: dict[str, tuple[str, Handler]] = {
        "GET": ("create_token", partial(_token_by_query, sandbox)),
        "POST": ("create_token", partial(_token_by_body, sandbox)),
    }
    nothing = _Endpoint(sandbox, {})
    routes = [
        *_pages.routes(sandbox),
        _control.route(sandbox),
        Route("/v1/auth/token", _Endpoint(sandbox, token)),
        Route(
            "/v1/customers/global", nothing
        ),  # a route without an operation, which is not a customer
    ]
    for path, operations in groupby(OPERATIONS, lambda operation: operation.path):
        handlers = {
            operation.method: (operation.name, partial(_perform, sandbox, operation))
            for operation in operations
        }
        routes.append(Route(path, _Endpoint(sandbox, handlers)))
    routes.append(Route("/{path:path}", nothing))
    return Starlette(routes=routes, middleware=[Middleware(_SentPath)])


class _SentPath:
    """Routes requests by the path as it was sent.

    An encoded slash is part of an id, and one trailing slash is tolerated.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            scope = {**scope, "path": _sent_path(scope).removesuffix("/") or "/"}
        await self._app(scope, receive, send)


class _Endpoint:
    """The operations at one path: their names and handlers by method."""

    def __init__(self, sandbox: SandboxState, handlers: Mapping[str, tuple[str, Handler]]) -> None:
        self._sandbox = sandbox
        self._handlers = handlers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        unserved = unserved_at(_sent_path(scope))
        endpoint = self._with(unserved) if unserved else self
        await endpoint.exchange(scope, receive, send)

    def _with(self, unserved: UnservedPath) -> "_Endpoint":
        """Return the endpoint of a path for which the document has more than the sandbox."""
        handlers = {
            method: (operation.name, partial(_by_schema, self._sandbox, operation))
            for method, operation in unserved.operations.items()
        }
        return _Endpoint(
            self._sandbox, {**self._handlers, **handlers} if unserved.shared else handlers
        )

    async def exchange(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Receive one request and answer it."""
        request = Request(scope, receive)
        try:
            body = await request.body()
        except ClientDisconnect:
            return
        received = self._received(request, body)
        violation, fault = self._sandbox.receive(received)
        exchange = Exchange(request, body, violation, fault)
        respond = partial(self._respond, exchange)
        await deliver(fault, respond, scope, receive, send, how=self._sandbox.behaviour)

    def _received(self, request: Request, body: bytes) -> ReceivedRequest:
        return ReceivedRequest(
            operation=self._handlers.get(request.method, (None,))[0],
            method=request.method,
            path=_sent_path(request.scope),
            query=dict(request.query_params),
            headers=dict(request.headers),
            body=body,
            query_items=tuple(request.query_params.multi_items()),
        )

    def _respond(self, exchange: Exchange) -> Response:
        how = self._sandbox.behaviour
        try:
            answer = self._answer(exchange)
            content, status = answer.body(how), answer.status(how)
        except Refusal as refusal:
            content, status = _render.failure(refusal, how), refusal.status
        response = Response(
            content,
            status,
            {"x-amzn-requestid": str(uuid4())},
            "application/json" if content else None,
        )
        if status == 405:  # noqa: PLR2004 - Method Not Allowed, which must say what is (RFC 9110, 15.5.6)
            response.headers["allow"] = ", ".join(self._handlers)
        return response

    def _answer(self, exchange: Exchange) -> _render.Answer:
        handler = self._handler(exchange.request)
        if exchange.violation and self._sandbox.strict:
            raise Refusal(400, f"the document does not allow this request: {exchange.violation}")
        return handler(exchange)

    def _handler(self, request: Request) -> Handler:
        where = _sent_path(request.scope)
        if not self._handlers:
            raise Refusal(404, f"nothing is at {where}")
        if request.method not in self._handlers:
            raise Refusal(405, f"{request.method} is not allowed at {where}")
        return self._handlers[request.method][1]


def _perform(
    sandbox: SandboxState, operation: ServedOperation, exchange: Exchange
) -> _render.Answer:
    request, fault = exchange.request, exchange.fault
    kind = fault.kind if fault else None
    if kind == "expired_token":
        sandbox.tokens.expire(request.headers.get("authorization", ""))
    company = sandbox.authorized(request.headers)
    how = sandbox.behaviour
    json = how.understood(_json(exchange)) if operation.method in {"POST", "PATCH"} else None
    with company.lock:
        if fault and fault.kind == "late":
            company.lag(fault.seconds)
        state = company.seen() if operation.method == "GET" else company
        query = request.query_params
        call = Call(state, _id(request.path_params), query, query.multi_items(), json, how, kind)
        return _done(operation, call)


def _by_schema(sandbox: SandboxState, operation: Unserved, exchange: Exchange) -> _render.Answer:
    sandbox.authorized(exchange.request.headers)
    if exchange.violation:
        raise Refusal(400, f"the document does not allow this request: {exchange.violation}")
    return operation.answer


def _done(operation: ServedOperation, call: Call) -> _render.Answer:
    try:
        return operation.handler(call)
    except Refusal as refusal:
        if not call.behaviour.enveloped_failures:
            raise
        raise Refusal(200, str(refusal)) from refusal


def _token_by_query(sandbox: SandboxState, exchange: Exchange) -> _render.Answer:
    """Observed."""
    return _render.Plain(sandbox.tokens.issue(exchange.request.query_params))


def _token_by_body(sandbox: SandboxState, exchange: Exchange) -> _render.Answer:
    """From third parties."""
    return _render.Plain(sandbox.tokens.issue(_bodies.members(_json(exchange))))


def _json(exchange: Exchange) -> object:
    return _bodies.decode(exchange.body, exchange.request.headers.get("content-type", ""))


def _sent_path(scope: Scope) -> str:
    raw_path: bytes = scope["raw_path"]
    return raw_path.decode("ascii", "replace")


def _id(params: Mapping[str, str]) -> str:
    try:
        return unquote(params.get("id", ""), errors="strict")
    except UnicodeDecodeError as error:
        raise Refusal(400, "the path is not UTF-8") from error
