"""Operations outside the document, made for `TimifyCustomers.request`. Pure."""

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
"""A segment of a path that belongs to the API, and is not an id."""
_TOKENS: Final = "/v1/auth/"
"""The path of the API's operations on tokens (third party)."""

RepeatChoice = Literal["safe", "never"] | None


def any_operation(
    method: str, path: str, *, repeat: RepeatChoice, envelope: bool
) -> Operation[...]:
    """Make an operation from the arguments of `TimifyCustomers.request`.

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
    # The answer to a write may have no body; a read without one has failed.
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

    A segment that may be an id, because it holds more than letters and hyphens, becomes ``*``: ids
    do not belong in a log, and too many names make a metric useless.
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
    """Make the request of an operation that `any_operation` made.

    Raises:
        ArgumentError: a parameter or header is refused, or a GET has a body.
        ArgumentTypeError: an argument has the wrong type.
    """
    if json is not UNSET and method == "GET":
        raise ArgumentError("a GET takes no json: its body would have no meaning (RFC 9110, 9.3.1)")
    all_headers = dict(check_headers(headers))
    if company_id is not None:
        all_headers["company-id"] = company_id
    return Request(operation.name, method, path, write_params(params), all_headers, json)
