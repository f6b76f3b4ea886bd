"""Sends an answer, or does what a fault says. Only this module applies faults to connections."""

import asyncio
from collections.abc import Callable
from typing import Any

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from . import _render
from ._behaviour import Behaviour
from ._faults import Fault
from ._model import ConnectionCut, Refusal

CONNECTION = "timify.connection"
"""Key of an ASGI scope under which `serve` passes the asyncio transport of the connection."""


async def deliver(
    fault: Fault | None,
    respond: Callable[[], Response],
    scope: Scope,
    receive: Receive,
    send: Send,
    *,
    how: Behaviour,
) -> None:
    """Answer a request by `respond`, which also performs it, unless the fault prevents that."""
    if fault is None:
        await respond()(scope, receive, send)
        return
    if fault.kind == "delay":
        await asyncio.sleep(fault.seconds)
    response = (
        _refusal(fault, how) if fault.kind in {"status", "html", "cut", "stall"} else respond()
    )
    match fault.kind:
        case "stall" | "stall_after":
            await _left(receive)
        case "cut" | "cut_after":
            await _cut(scope, receive, partial=False)
        case "truncate":
            await _half(response, send)
            await _cut(scope, receive, partial=True)
        case _:
            await response(scope, receive, send)


def _refusal(fault: Fault, how: Behaviour) -> Response:
    headers = {} if fault.retry_after is None else {"retry-after": _decimal(fault.retry_after)}
    if fault.kind == "html":
        page = f"<html><head><title>{fault.status} from the gateway</title></head></html>"
        return Response(page, fault.status, headers, "text/html")
    refusal = Refusal(fault.status, f"the sandbox was told to answer {fault.status}")
    body = _render.failure(refusal, how)
    return Response(body, fault.status, headers, "application/json")


def _decimal(seconds: float) -> str:
    """Write seconds without an exponent, as Retry-After requires (RFC 9110, 10.2.3)."""
    return f"{seconds:.3f}".rstrip("0").rstrip(".")


async def _half(response: Response, send: Send) -> None:
    """Send the head, which has the full length, and half of the body."""
    body = bytes(response.body)
    await send(
        {
            "type": "http.response.start",
            "status": response.status_code,
            "headers": response.raw_headers,
        }
    )
    await send({"type": "http.response.body", "body": body[: len(body) // 2], "more_body": True})


async def _cut(scope: Scope, receive: Receive, *, partial: bool) -> None:
    connection: Any = scope.get(CONNECTION)
    if connection is None:
        raise ConnectionCut(partial=partial)
    if partial:
        connection.close()  # sends what was written first
    else:
        connection.abort()
    await _left(receive)


async def _left(receive: Receive) -> None:
    """Wait until the client has gone."""
    while (await receive())["type"] != "http.disconnect":
        pass
