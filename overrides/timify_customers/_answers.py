"""From a reply's bytes to its payload, or to the error that it is. Pure.

Envelopes: ``{"data": ..., "status": 1}`` (documented for lists, observed for single objects). A body whose integer
``status`` is not 1 is a failure whatever the HTTP status (third party).
"""

from __future__ import annotations

import json
import re
from typing import Any, Final, Literal
from urllib.parse import urlsplit

from attrs import evolve, frozen

from ._errors import (
    AmbiguousWriteError,
    ApiError,
    BodyError,
    CallError,
    RedirectError,
    TimifyError,
    api_error_class,
    shorten,
)
from ._http import Reply
from ._options import Secret
from ._retry import Kind, Repeat, Verdict, judge_failure, judge_status, parse_retry_after

_SHORTEST: Final = 8
"""Characters below which a text is no credential, but a word that an error may well hold."""
_REQUEST_IDS: Final = ("x-amzn-requestid", "x-amz-apigw-id", "x-request-id", "x-amz-cf-id")


@frozen
class Operation:
    """What the SDK must know of an operation beyond its request.

    Attributes:
        name: operationId of the document.
        repeat: what a lost answer means.
        data: what the envelope's ``data`` must be; "flat" for an answer without envelope, "any" where the answer is not
            known and an empty body will do.
        writes: False for what only reads.
        telling: whether the body of a failure may say more than its message; the error then has it as ``details``.
    """

    name: str
    repeat: Repeat = Repeat.SAFE
    data: Literal["object", "list", "flat", "any"] = "object"
    writes: bool = False
    telling: bool = False


def judge(operation: Operation, result: Reply | CallError, now: float) -> tuple[Verdict, Any]:
    """Judge what an attempt brought; the second part is the payload when it is done.

    Args:
        operation: what was asked.
        result: the reply, or the error in its place.
        now: seconds since the epoch, for Retry-After dates.
    """
    if isinstance(result, CallError):
        return judge_failure(result, timed_out=isinstance(result, TimeoutError)), None
    if result.status // 100 != 2:  # noqa: PLR2004 - the class of success
        retry_after = parse_retry_after(result.headers, now)
        return judge_status(result.status, _api_error(operation, result, retry_after), retry_after), None
    try:
        payload = _payload(operation, result)
    except BodyError as error:
        return Verdict(Kind.LOST, error), None
    if (code := _failure_code(payload)) is not None:
        return Verdict(Kind.REFUSED, _enveloped_error(operation, result, payload, code)), None
    return Verdict(Kind.DONE), payload


def _payload(operation: Operation, reply: Reply) -> Any:
    if not reply.content.strip():
        if operation.data == "any":
            return {}
        raise _body_error(reply, "the body is empty")
    try:
        payload = json.loads(reply.content)
    except (ValueError, RecursionError):
        told = "not shown, as it may hold a token" if operation.data == "flat" else _excerpt(reply)
        raise _body_error(reply, f"the body is not JSON: {told}") from None
    if _failure_code(payload) is None:
        _check_shape(operation, reply, payload)
    return payload


def _check_shape(operation: Operation, reply: Reply, payload: Any) -> None:
    if operation.data == "any":
        return
    if not isinstance(payload, dict):
        raise _body_error(reply, f"the body is {_kind(payload)}, not an object")
    wanted = {"object": dict, "list": list}.get(operation.data, object)
    if not isinstance(data := payload.get("data"), wanted):
        raise _body_error(reply, f"data is {_kind(data)}, not {_kind(wanted())}")


def _kind(value: object) -> str:
    names = {dict: "an object", list: "a list", str: "a string", bool: "a boolean", type(None): "null or absent"}
    return names.get(type(value), "a number")


def _failure_code(payload: Any) -> int | None:
    code = payload.get("status") if isinstance(payload, dict) else None
    return code if isinstance(code, int) and not isinstance(code, bool) and code != 1 else None


def _body_error(reply: Reply, message: str) -> BodyError:
    return BodyError(f"HTTP {reply.status}, but {message}", status=reply.status, request_id=_request_id(reply))


def _enveloped_error(operation: Operation, reply: Reply, payload: dict[str, Any], code: int) -> ApiError:
    message = f"HTTP {reply.status}, but the envelope's status is {code}: {_message(payload) or 'no message'}"
    details = payload if operation.telling else None
    context = {"request_id": _request_id(reply), "code": code, "details": details}
    return ApiError(message, status=reply.status, **context)


def _api_error(operation: Operation, reply: Reply, retry_after: float | None) -> ApiError:
    cls = api_error_class(reply.status)
    try:
        payload = json.loads(reply.content)
    except (ValueError, RecursionError):
        payload = None
    text = _message(payload) or _excerpt(reply)
    if cls is RedirectError:
        text = f"redirected to {_host(reply)}; redirects are not followed, check base_url"
    message = f"HTTP {reply.status}: {text}"
    context = {"request_id": _request_id(reply), "retry_after": retry_after, "code": _failure_code(payload)}
    return cls(message, status=reply.status, details=payload if operation.telling else None, **context)


def _host(reply: Reply) -> str:
    try:
        return shorten(urlsplit(reply.headers.get("location", "")).netloc, 100) or "an unnamed place"
    except ValueError:
        return "a place that is no address"


def _message(payload: Any) -> str | None:
    """Find the words of the API (``message``, third party) or of its gateway (``message`` or ``Message``)."""
    if not isinstance(payload, dict):
        return None
    for key in ("message", "Message", "error"):
        if isinstance(text := payload.get(key), str) and text.strip():
            return shorten(" ".join(text.split()))
    return None


def _excerpt(reply: Reply) -> str:
    text = reply.content[:4000].decode("utf-8", "replace")
    if title := re.search(r"<title[^>]*>([^<]*)</title>", text, re.IGNORECASE):
        text = f"a web page titled {' '.join(title[1].split())!r}"
    return shorten(" ".join(text.split())) or "no body"


def _request_id(reply: Reply) -> str | None:
    return next((shorten(reply.headers[name], 100) for name in _REQUEST_IDS if reply.headers.get(name)), None)


def blanked(reply: Reply, secret: Secret | None) -> Reply:
    """Blank a credential that an error page echoes (an AWS gateway does so), lest it come into messages and logs."""
    if secret is None or len(secret.reveal()) < _SHORTEST:
        return reply
    return evolve(reply, content=reply.content.replace(secret.reveal().encode(), b"***"))


def ambiguous(
    error: TimifyError, operation: Operation, attempts: int, advice: str | None = None
) -> AmbiguousWriteError:
    """Say of a write that it may have been done, and how to find out."""
    safe = operation.repeat in {Repeat.SAFE, Repeat.DELETE}
    advice = advice or ("sending the same call again is safe" if safe else "look for it before sending it again")
    cause = error if isinstance(error, CallError) else CallError(str(error))
    context = vars(cause) | {"operation": operation.name, "attempts": attempts, "safe_to_repeat": safe}
    return AmbiguousWriteError(f"it may or may not have been done ({context.pop('message')}); {advice}", **context)
