"""Operations that the document does not have, made for `TimifyCustomers.request`. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, Literal

from .._base.errors import ArgumentError, ArgumentTypeError
from .._base.generated import UNSET, Request
from .._base.request_checks import (
    check_headers,
    check_method,
    check_path,
    decode_fully,
    write_params,
)
from .operation import Operation
from .retry import Repeat

_WORD: Final = re.compile("[A-Za-z][A-Za-z-]*|v[0-9]+")
"""A segment of a path that is the API's own, and no id."""
_TOKENS: Final = "/v1/auth/"
"""Below this lie the API's operations on tokens (third party)."""

RepeatChoice = Literal["safe", "never"] | None


def any_operation(
    method: str, path: str, *, repeat: RepeatChoice, envelope: bool
) -> Operation[...]:
    """Make an operation of what `TimifyCustomers.request` says of it.

    Raises:
        ArgumentError: ``method``, ``path`` or ``repeat`` is refused.
        ArgumentTypeError: an argument has the wrong type.
    """
    method, path = check_method(method), check_path(path)
    if repeat not in ("safe", "never", None):
        raise ArgumentError(f'repeat must be "safe" or "never", not {repeat!r}')
    if not isinstance(envelope, bool):
        raise ArgumentTypeError(f"envelope must be True or False, not {type(envelope).__name__}")
    reads = method == "GET"
    safe = reads if repeat is None else repeat == "safe"
    # A write may be answered without a body; a read that brings none has failed.
    judged: Literal["flat", "any"] = "flat" if reads else "any"
    return Operation(
        operation_name(method, path),
        Request,
        Repeat.SAFE if safe else Repeat.NEVER,
        data=judged if envelope else "raw",
        writes=not reads,
        purpose="token" if decode_fully(path).lower().startswith(_TOKENS) else "call",
        keep_response=True,
    )


def operation_name(method: str, path: str) -> str:
    """Name a request for errors, events and the log, such as ``GET /v1/services/*``.

    A segment that may be an id, because it holds more than letters and hyphens, is a ``*``: ids are
    no business of a log, and of too many names no metric can be made.
    """
    segments = path.removesuffix("/").split("/")[1:]
    shown = [segment if _WORD.fullmatch(segment) else "*" for segment in segments]
    return f"{method} /{'/'.join(shown)}"


def any_request(
    operation: Operation[...],
    method: str,
    path: str,
    *,
    params: object,
    json: object,
    headers: Mapping[str, str] | None,
    company_id: str | None,
) -> Request:
    """Make the request of such an operation.

    Raises:
        ArgumentError: a parameter or header is refused, or a GET has a body.
        ArgumentTypeError: an argument has the wrong type.
    """
    if json is not UNSET and method == "GET":
        raise ArgumentError("a GET takes no json: its body would have no meaning (RFC 9110, 9.3.1)")
    sent = dict(check_headers(headers))
    if company_id is not None:
        sent["company-id"] = company_id
    return Request(operation.name, method, path, write_params(params), sent, json)
