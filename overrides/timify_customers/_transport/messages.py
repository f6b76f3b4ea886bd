"""What goes out and what comes back: a request ready to be sent, and an answer read to its end."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from attrs import field, frozen

from .._base.errors import ArgumentError
from .._base.generated import UNSET, Request
from .._base.text import shorten

_REQUEST_IDS: Final = ("x-amzn-requestid", "x-amz-apigw-id", "x-request-id", "x-amz-cf-id")


@frozen
class PreparedRequest:
    """A request ready to be sent. Its ``repr`` shows neither body nor headers."""

    method: str
    path: str
    params: Mapping[str, str | list[str]] = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    content: bytes | None = field(repr=False)


@frozen
class Reply:
    """An answer that was read to its end; header names are in lower case.

    ``slot`` is the connection on which it came, so that it can be distrusted.
    """

    status: int
    headers: Mapping[str, str] = field(repr=False)
    content: bytes = field(repr=False)
    slot: object = field(default=None, repr=False, eq=False)

    @property
    def request_id(self) -> str | None:
        """The server's id of the request (observed: the headers of its AWS gateway), or None."""
        present = (self.headers[name] for name in _REQUEST_IDS if self.headers.get(name))
        return next((shorten(value, 100) for value in present), None)

    @property
    def context(self) -> dict[str, Any]:
        """What an error says about the answer behind it."""
        return {"status": self.status, "request_id": self.request_id}


def prepare(request: Request, headers: Mapping[str, str]) -> PreparedRequest:
    """Encode a built request, with the headers of the view that makes the call.

    Raises:
        ArgumentError: values cannot be sent as JSON. Nothing was sent.
    """
    headers = {**headers, **request.headers}
    content = None
    if request.json is not UNSET:
        content = _encoded(request)
        headers["content-type"] = "application/json"
    return PreparedRequest(request.method, request.path, dict(request.params), headers, content)


def _encoded(request: Request) -> bytes:
    try:
        text = json.dumps(request.json, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        return text.encode()
    except (TypeError, ValueError, RecursionError) as error:
        reason = f"the values cannot be sent as JSON ({type(error).__name__})"
        raise ArgumentError(f"{request.operation}: {reason}") from None
