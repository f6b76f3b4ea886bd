"""From a reply's bytes to its payload, or to the error that it is. Pure.

Envelopes: ``{"data": ..., "status": 1}`` (documented for lists, observed for single objects). A
body whose ``status`` is not 1 is a failure whatever the HTTP status (third party). Only an integer
says so clearly enough to be a refusal: after any other value the write may have been done, so such
an answer counts as one that cannot be trusted.
"""

from __future__ import annotations

import json
import re
from typing import Any, Final, Literal
from urllib.parse import urlsplit

from attrs import evolve, frozen

from .._base.errors import (
    AmbiguousWriteError,
    AnswerTooLargeError,
    ApiError,
    BodyError,
    CallError,
    RedirectError,
    TimifyError,
    api_error_class,
    shorten,
)
from .._base.secrets import Secret
from .._transport.connections import Reply
from .identity import Identity
from .retry import Kind, Repeat, Verdict, judge_failure, judge_status, parse_retry_after

_ABSENT: Final = object()
_SHORTEST: Final = 8
"""Characters below which a text is no credential, but a word that an error may well hold."""


@frozen
class Operation:
    """What the SDK must know of an operation beyond its request.

    Attributes:
        name: operationId of the document.
        repeat: what a lost answer means.
        data: what the envelope's ``data`` must be; "flat" for an answer without envelope, "any"
            where the answer is not known and an empty body will do.
        writes: False for what only reads.
        telling: whether the body of a failure may say more than its message; the error then has it
            as ``details``.
        pays: whether its retries are paid from the client's quota. A lookup that settles a write is
            not to starve.
    """

    name: str
    repeat: Repeat = Repeat.SAFE
    data: Literal["object", "list", "flat", "any"] = "object"
    writes: bool = False
    telling: bool = False
    pays: bool = True


def judge(
    operation: Operation,
    result: Reply | CallError,
    now: float,
    *,
    identity: Identity | None = None,
    secret: Secret | None = None,
) -> tuple[Verdict, Any]:
    """Judge what an attempt brought; the second part is the payload when it is done.

    Args:
        operation: what was asked.
        result: the reply, or the error in its place.
        now: seconds since the epoch, for Retry-After dates.
        identity: the customer that the answer must be about, if it is about one.
        secret: the credential that was sent, which no error is to show.
    """
    verdict, payload = _judge(operation, result, now, identity)
    if verdict.error is not None and isinstance(result, Reply) and _echoes(result, secret):
        verdict, _ = _judge(operation, blanked(result, secret), now, identity)
    return verdict, payload


def _judge(
    operation: Operation, result: Reply | CallError, now: float, identity: Identity | None
) -> tuple[Verdict, Any]:
    if isinstance(result, CallError):
        return _judge_failure(operation, result), None
    if result.status // 100 != 2:  # noqa: PLR2004 - the class of success
        retry_after = parse_retry_after(result.headers, now)
        return judge_status(
            result.status, _api_error(operation, result, retry_after), retry_after
        ), None
    try:
        payload = _payload(operation, result)
        _check_status(operation, result, payload)
        _check_shape(operation, result, payload)
    except ApiError as refusal:
        return Verdict(Kind.REFUSED, refusal), None
    except BodyError as error:
        return Verdict(Kind.LOST, error), None
    if identity is not None and identity.contradicts(payload["data"]):
        other = _body_error(
            result, "the answer is about another customer than the one that was asked for"
        )
        return Verdict(Kind.LOST, other, mismatched=True), None
    return Verdict(Kind.DONE), payload


def _judge_failure(operation: Operation, error: CallError) -> Verdict:
    if isinstance(error, AnswerTooLargeError) and not operation.writes:
        return Verdict(Kind.REFUSED, error)  # another attempt would bring as much
    return judge_failure(error, timed_out=isinstance(error, TimeoutError))


def _payload(operation: Operation, reply: Reply) -> Any:
    if not reply.content.strip():
        if operation.data == "any":
            return {}
        raise _body_error(reply, "the body is empty")
    try:
        return json.loads(reply.content)
    except (ValueError, RecursionError):
        excerpt = (
            "not shown, as it may hold a token" if operation.data == "flat" else _excerpt(reply)
        )
        raise _body_error(reply, f"the body is not JSON: {excerpt}") from None


def _check_status(operation: Operation, reply: Reply, payload: Any) -> None:
    """Take ``status`` 1, or none, for success, another integer for a refusal, and anything else for
    no clear answer.

    Raises:
        ApiError: the envelope says that it was not done (third party).
        BodyError: what it says cannot be trusted. Taking that for a refusal would make the caller
            of a create that was done send it again.
    """
    if not isinstance(payload, dict):
        return
    status = payload.get("status", _ABSENT)
    failed = status is _ABSENT and payload.get("success") is False
    if status is True or status == "1" or (status is _ABSENT and not failed):
        return
    if type(status) is int:
        if status != 1:
            raise _enveloped_error(operation, reply, payload, status)
        return
    said = (
        "success is false"
        if failed
        else f"the envelope's status is {shorten(json.dumps(status), 100)}"
    )
    raise _body_error(
        reply,
        f"{said}, which is neither success nor a clear refusal: {_message(payload) or 'no message'}",
    )


def _check_shape(operation: Operation, reply: Reply, payload: Any) -> None:
    if operation.data == "any":
        return
    if not isinstance(payload, dict):
        raise _body_error(reply, f"the body is {_kind(payload)}, not an object")
    wanted = {"object": dict, "list": list}.get(operation.data, object)
    if not isinstance(data := payload.get("data"), wanted):
        raise _body_error(reply, f"data is {_kind(data)}, not {_kind(wanted())}")


def _kind(value: object) -> str:
    names = {
        dict: "an object",
        list: "a list",
        str: "a string",
        bool: "a boolean",
        type(None): "null or absent",
    }
    return names.get(type(value), "a number")


def _failure_code(payload: Any) -> int | None:
    code = payload.get("status") if isinstance(payload, dict) else None
    return code if isinstance(code, int) and not isinstance(code, bool) and code != 1 else None


def _body_error(reply: Reply, message: str) -> BodyError:
    return BodyError(f"HTTP {reply.status}, but {message}", **reply.context)


def _enveloped_error(
    operation: Operation, reply: Reply, payload: dict[str, Any], code: int
) -> ApiError:
    message = f"HTTP {reply.status}, but the envelope's status is {code}: {_message(payload) or 'no message'}"
    details = payload if operation.telling else None
    return ApiError(message, **reply.context, code=code, details=details)


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
    context = {**reply.context, "retry_after": retry_after, "code": _failure_code(payload)}
    return cls(message, details=payload if operation.telling else None, **context)


def _host(reply: Reply) -> str:
    try:
        return (
            shorten(urlsplit(reply.headers.get("location", "")).netloc, 100) or "an unnamed place"
        )
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


def _echoes(reply: Reply, secret: Secret | None) -> bool:
    """Say whether an answer holds the credential that was sent."""
    if secret is None or len(secret.reveal()) < _SHORTEST:
        return False
    return secret.reveal().encode() in reply.content


def blanked(reply: Reply, secret: Secret | None) -> Reply:
    """Blank a credential that an error page echoes (an AWS gateway does so), lest it come into messages and logs."""
    if secret is None or not _echoes(reply, secret):
        return reply
    return evolve(reply, content=reply.content.replace(secret.reveal().encode(), b"***"))


def ambiguous(
    error: TimifyError, operation: Operation, attempts: int, advice: str | None = None
) -> AmbiguousWriteError:
    """Say of a write that it may have been done, and how to find out."""
    safe = operation.repeat in {Repeat.SAFE, Repeat.DELETE}
    advice = advice or (
        "sending the same call again is safe" if safe else "look for it before sending it again"
    )
    cause = error if isinstance(error, CallError) else CallError(str(error))
    context = vars(cause) | {
        "operation": operation.name,
        "attempts": attempts,
        "safe_to_repeat": safe,
    }
    return AmbiguousWriteError(
        f"it may or may not have been done ({context.pop('message')}); {advice}", **context
    )
