"""From an answer that is an error to the exception that it is. Pure.

A 400's body has ``error``, ``errorCode`` and ``details`` (documented on a sibling); other failures
have ``message`` (third party), and so has the gateway in front of the API, as ``Message`` at times.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
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
"""Characters below which a text is no credential, but a word that an error may well hold."""
_PLACES: Final = 5
"""Places of ``details`` that an error's text names; `ApiError.details` has all."""

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
    """Return the class for an HTTP status; one without a class of its own is an ``ApiError``."""
    if status in _BY_STATUS:
        return _BY_STATUS[status]
    if status // 100 == 3:  # noqa: PLR2004 - the class of redirects
        return RedirectError
    return ServerError if status >= 500 else ApiError  # noqa: PLR2004 - the class of server errors


def http_error(
    operation: Operation[...], reply: Reply, *, retry_after: float | None = None
) -> ApiError:
    """Make the error of an answer whose HTTP status says that it is one."""
    cls = api_error_class(reply.status)
    payload = _decoded(reply.content)
    reason = api_message(payload) or excerpt(reply.content)
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
    """Make the error of an answer whose envelope says, by its ``status``, that it is one."""
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
    found: dict[str, Any] = {"details": details} if isinstance(details, Mapping) else {}
    for key in ("errorCode", "status"):
        code = payload.get(key)
        if isinstance(code, (int, str)) and not isinstance(code, bool) and code not in ("", 1):
            return {**found, "code": code}
    return found


def api_message(payload: Any) -> str | None:
    """Return the words of the API or of its gateway, with the places that ``details`` names.

    An example: ``Invalid request payload (body.customfields: invalid)``.
    """
    if not isinstance(payload, Mapping):
        return None
    texts = (payload.get(key) for key in ("message", "error", "Message"))
    message = next((text for text in texts if isinstance(text, str) and text.strip()), None)
    places = [f"{place}: {what}" for place, what in _places(payload.get("details"))]
    if len(places) > _PLACES:
        places[_PLACES:] = [f"and {len(places) - _PLACES} more"]
    detail = "; ".join(shorten(place, 100) for place in places)
    if message is None:
        return detail or None
    text = shorten(" ".join(message.split()))
    return f"{text} ({detail})" if detail else text


def _places(node: Any, place: str = "", depth: int = 0) -> Iterator[tuple[str, str]]:
    """Walk ``details``, which is an object by place and name, to what it says of each."""
    if isinstance(node, Mapping) and depth < 8:  # noqa: PLR2004 - deeper is not documented, and need not end
        for name, inner in node.items():
            yield from _places(inner, f"{place}.{name}" if place else str(name), depth + 1)
    elif place and node is not None:
        yield place, node if isinstance(node, str) else json.dumps(node, default=str)


def excerpt(content: bytes) -> str:
    """Show the beginning of a body that nobody expected; of a web page its title."""
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


def echoes(reply: Reply, secret: Secret | None) -> bool:
    """Say whether an answer holds the credential that was sent."""
    if secret is None or len(secret.reveal()) < _SHORTEST:
        return False
    text = secret.reveal()
    return text.encode() in reply.content or any(text in it for it in reply.headers.values())


def blanked(reply: Reply, secret: Secret) -> Reply:
    """Blank a credential that an answer echoes, lest it come into messages and logs.

    An AWS gateway's error page does so.
    """
    text = secret.reveal()
    headers = {name: value.replace(text, "***") for name, value in reply.headers.items()}
    content = reply.content.replace(text.encode(), b"***")
    return evolve(reply, headers=headers, content=content)


def ambiguous(
    error: TimifyError, operation: Operation[...], attempts: int, advice: str | None = None
) -> AmbiguousWriteError:
    """Say of a write that it may have been done, and how to find out.

    Args:
        error: what ended the call.
        operation: the write.
        attempts: how many requests were sent for it.
        advice: what to do; by default what follows from the operation.
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
