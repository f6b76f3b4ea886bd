"""Turns an answer that reports a failure into an exception. Pure.

The body of a 400 has ``error``, ``errorCode`` and ``details`` (documented on a sibling). Other
failures have ``message`` (third party); those of the gateway in front of the API do too, sometimes
as ``Message``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from attrs import evolve

from .._base.errors import (
    AccessDeniedError,
    AmbiguousWriteError,
    ApiError,
    AuthenticationError,
    BadRequestError,
    CallError,
    ConflictError,
    NotFoundError,
    RateLimitError,
    RedirectError,
    ServerError,
    TimifyError,
    UnprocessableError,
)
from .._base.secrets import Secret
from .._base.text import shorten
from .._transport.messages import Reply
from .operation import Operation
from .retry import Repeat

_SHORTEST: Final = 8
"""A shorter text is not taken for a credential, because an error may well hold it as a word."""
_PLACES: Final = 5
"""How many places of ``details`` an error's text names; `ApiError.details` has all of them."""

_BY_STATUS: Final[dict[int, type[ApiError]]] = {
    400: BadRequestError,
    401: AuthenticationError,
    403: AccessDeniedError,
    404: NotFoundError,
    409: ConflictError,
    422: UnprocessableError,
    429: RateLimitError,
}


def api_error_class(status: int) -> type[ApiError]:
    """Return the class for an HTTP status: ``ApiError`` if it has no class of its own."""
    if status in _BY_STATUS:
        return _BY_STATUS[status]
    if status // 100 == 3:  # noqa: PLR2004 - the class of redirects
        return RedirectError
    return ServerError if status >= 500 else ApiError  # noqa: PLR2004 - the class of server errors


def http_error(
    operation: Operation[...], reply: Reply, *, retry_after: float | None = None
) -> ApiError:
    """Make the error for an answer whose HTTP status reports a failure."""
    cls = api_error_class(reply.status)
    payload = _decoded(reply.content)
    reason = api_message(payload) or shown_body(operation, reply)
    if cls is RedirectError:
        reason = f"redirected to {_host(reply)}; redirects are not followed, check base_url"
    return cls(
        f"HTTP {reply.status}: {reason}",
        **reply.context,
        **_documented(payload),
        retry_after=retry_after,
        body=payload if operation.keep_error_body else None,
    )


def envelope_error(
    operation: Operation[...], reply: Reply, payload: Mapping[str, Any], status: int
) -> ApiError:
    """Make the error for an answer whose envelope reports a failure by its ``status``."""
    reason = api_message(payload) or "no message"
    context = {"code": status} | _documented(payload)
    return ApiError(
        f"HTTP {reply.status}, but the envelope's status is {status}: {reason}",
        **reply.context,
        **context,
        body=payload if operation.keep_error_body else None,
    )


def _decoded(content: bytes) -> Any:
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        return None


def _documented(payload: Any) -> dict[str, Any]:
    """Read ``errorCode``, else the envelope's status, and ``details``."""
    if not isinstance(payload, Mapping):
        return {}
    details = payload.get("details")
    context: dict[str, Any] = {"details": details} if isinstance(details, Mapping) else {}
    for key in ("errorCode", "status"):
        code = payload.get(key)
        if isinstance(code, (int, str)) and not isinstance(code, bool) and code not in ("", 1):
            return {**context, "code": code}
    return context


def api_message(payload: Any) -> str | None:
    """Return the message of the API or its gateway, with the places that ``details`` names.

    An example: ``Invalid request payload (body.customfields: invalid)``.
    """
    if not isinstance(payload, Mapping):
        return None
    texts = (payload.get(key) for key in ("message", "error", "Message"))
    message = next((text for text in texts if isinstance(text, str) and text.strip()), None)
    places = [f"{place}: {problem}" for place, problem in _places(payload.get("details"))]
    if len(places) > _PLACES:
        places[_PLACES:] = [f"and {len(places) - _PLACES} more"]
    detail = "; ".join(shorten(place, 100) for place in places)
    if message is None:
        return detail or None
    text = shorten(" ".join(message.split()))
    return f"{text} ({detail})" if detail else text


def _places(node: Any, place: str = "", depth: int = 0) -> Iterator[tuple[str, str]]:
    """Yield each place in ``details``, an object by place and name, and what it says about it."""
    if isinstance(node, Mapping) and depth < 8:  # noqa: PLR2004 - deeper is not documented, and need not end
        for name, inner in node.items():
            yield from _places(inner, f"{place}.{name}" if place else str(name), depth + 1)
    elif place and node is not None:
        yield place, node if isinstance(node, str) else json.dumps(node, default=str)


def shown_body(operation: Operation[...], reply: Reply) -> str:
    """Return the beginning of an unexpected body, unless it may hold a token."""
    if operation.purpose == "token":
        return "not shown, as it may hold a token"
    return excerpt(reply.content)


def excerpt(content: bytes) -> str:
    """Return the beginning of an unexpected body, or the title if it is a web page."""
    text = content[:4000].decode("utf-8", "replace")
    if title := re.search(r"<title[^>]*>([^<]*)</title>", text, re.IGNORECASE):
        text = f"a web page titled {' '.join(title[1].split())!r}"
    return shorten(" ".join(text.split())) or "no body"


def _host(reply: Reply) -> str:
    try:
        place = urlsplit(reply.headers.get("location", "")).netloc
    except ValueError:
        return "a place that is no address"
    return shorten(place, 100) or "an unnamed place"


def blanked(reply: Reply, secrets: Iterable[Secret]) -> Reply:
    """Blank secrets that an answer echoes, so that no message or log shows them.

    An error page of an AWS gateway may echo one. Without an echo, the reply itself is returned.
    """
    for secret in secrets:
        text = secret.reveal()
        if len(text) >= _SHORTEST and _echoes(reply, text):
            reply = _without(reply, text)
    return reply


def _echoes(reply: Reply, text: str) -> bool:
    return text.encode() in reply.content or any(text in value for value in reply.headers.values())


def _without(reply: Reply, text: str) -> Reply:
    headers = {name: value.replace(text, "***") for name, value in reply.headers.items()}
    content = reply.content.replace(text.encode(), b"***")
    return evolve(reply, headers=headers, content=content)


def ambiguous(
    error: TimifyError, operation: Operation[...], attempts: int, advice: str | None = None
) -> AmbiguousWriteError:
    """Make the error that says that a write may have been done, and how to find out.

    Args:
        error: what ended the call.
        operation: the write.
        attempts: how many requests were sent for it.
        advice: what the caller should do; by default it follows from the operation.
    """
    safe = operation.repeat in {Repeat.SAFE, Repeat.DELETE}
    if advice is None:
        advice = (
            "sending the same call again is safe" if safe else "look for it before sending it again"
        )
    cause = error if isinstance(error, CallError) else CallError(str(error))
    return AmbiguousWriteError(
        f"it may or may not have been done ({cause.message}); {advice}",
        operation=operation.name,
        attempts=attempts,
        status=cause.status,
        request_id=cause.request_id,
        retry_after=cause.retry_after,
        safe_to_repeat=safe,
    )
