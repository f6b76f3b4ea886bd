"""Turns a reply into its payload, or into an error. Pure.

Envelopes: ``{"data": ..., "status": 1}`` (documented for lists, observed for single objects). A
body whose ``status`` is not 1 is a failure whatever the HTTP status (third party). Only an integer
is clear enough to be a refusal: with any other value the write may have been done, so such an
answer is not trusted.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Final

from .._base.errors import AnswerTooLargeError, ApiError, BodyError, CallError
from .._base.secrets import Secret
from .._base.text import shorten
from .._transport.messages import Reply
from .failure import api_message, blanked, envelope_error, http_error, shown_body
from .identity import Identity
from .operation import Operation
from .retry import AttemptOutcome, Verdict, judge_failure, judge_status, parse_retry_after

_ABSENT: Final = object()


def judge(
    operation: Operation[...],
    result: Reply | CallError,
    now: float,
    *,
    identity: Identity | None = None,
    secrets: Sequence[Secret] = (),
) -> tuple[Verdict, Any]:
    """Judge the result of an attempt, and return the verdict with the payload of a success.

    Args:
        operation: the operation that was called.
        result: the reply, or the error that came instead.
        now: seconds since the epoch, for Retry-After dates.
        identity: the customer that the answer must be about, or None.
        secrets: the credential and the secret headers that were sent, which no error may show.
    """
    verdict, payload = _judge(operation, result, now, identity)
    if verdict.error is None or not isinstance(result, Reply):
        return verdict, payload
    shown = blanked(result, secrets)
    return (verdict, payload) if shown is result else _judge(operation, shown, now, identity)


def _judge(
    operation: Operation[...], result: Reply | CallError, now: float, identity: Identity | None
) -> tuple[Verdict, Any]:
    if isinstance(result, CallError):
        return _judge_failure(operation, result), None
    if result.status // 100 != 2:  # noqa: PLR2004 - the class of success
        retry_after = parse_retry_after(result.headers, now)
        error = http_error(operation, result, retry_after=retry_after)
        return judge_status(result.status, error, retry_after), None
    try:
        payload = _payload(operation, result)
        _check_status(operation, result, payload)
        _check_shape(operation, result, payload)
    except ApiError as refusal:
        return Verdict(AttemptOutcome.REFUSED, refusal), None
    except BodyError as unreadable:
        return Verdict(AttemptOutcome.LOST, unreadable), None
    if identity is not None and identity.contradicts(payload["data"]):
        reason = "the answer is about another customer than the one that was asked for"
        return Verdict(AttemptOutcome.LOST, _body_error(result, reason), mismatched=True), None
    return Verdict(AttemptOutcome.DONE), payload


def _judge_failure(operation: Operation[...], error: CallError) -> Verdict:
    if isinstance(error, AnswerTooLargeError) and not operation.writes:
        return Verdict(AttemptOutcome.REFUSED, error)  # the next answer would be as large
    return judge_failure(error, timed_out=isinstance(error, TimeoutError))


def _payload(operation: Operation[...], reply: Reply) -> Any:
    if operation.data == "raw":
        return None
    if not reply.content.strip():
        if operation.data == "any":
            return {}
        raise _body_error(reply, "the body is empty")
    try:
        return json.loads(reply.content)
    except (ValueError, RecursionError):
        shown = shown_body(operation, reply)
        raise _body_error(reply, f"the body is not JSON: {shown}") from None


def _check_status(operation: Operation[...], reply: Reply, payload: Any) -> None:
    """Check the envelope: ``status`` 1, or none, is success, and another integer is a refusal.

    Raises:
        ApiError: the envelope says that the request was not done (third party).
        BodyError: the status cannot be trusted. If it counted as a refusal, a caller might send a
            create again that was done.
    """
    if not isinstance(payload, dict):
        return
    status = payload.get("status", _ABSENT)
    failed = status is _ABSENT and payload.get("success") is False
    if status is True or status == "1" or (status is _ABSENT and not failed):
        return
    if type(status) is int:
        if status != 1:
            raise envelope_error(operation, reply, payload, status)
        return
    claim = "success is false"
    if not failed:
        claim = f"the envelope's status is {shorten(json.dumps(status), 100)}"
    reason = api_message(payload) or "no message"
    raise _body_error(reply, f"{claim}, which is neither success nor a clear refusal: {reason}")


def _check_shape(operation: Operation[...], reply: Reply, payload: Any) -> None:
    if operation.data in {"any", "raw"}:
        return
    if not isinstance(payload, dict):
        raise _body_error(reply, f"the body is {_type_name(payload)}, not an object")
    expected = {"object": dict, "list": list}.get(operation.data, object)
    data = payload.get("data")
    if not isinstance(data, expected):
        raise _body_error(reply, f"data is {_type_name(data)}, not {_type_name(expected())}")


def _type_name(value: object) -> str:
    names = {
        dict: "an object",
        list: "a list",
        str: "a string",
        bool: "a boolean",
        type(None): "null or absent",
    }
    return names.get(type(value), "a number")


def _body_error(reply: Reply, message: str) -> BodyError:
    return BodyError(f"HTTP {reply.status}, but {message}", **reply.context)
