from __future__ import annotations

from .. import models as _m
from .. import types as _t
from ..types import optional as _optional


class Failure(_t.Model):
    """Why a call failed. It can also arrive with HTTP 200, with a `status` that is not 1."""

    __slots__ = ()

    error: str | None = _optional("error")
    """The reason."""

    name: str | None = _optional("name")
    """The class of the error, such as `BadRequestError`."""

    error_code: str | int | None = _optional("errorCode", _t.text | _t.integer | _t.null)
    """Called a string, with the example 2."""

    details: _m.FailureDetailsType0 | None = _optional("details", _t.model(lambda: _m.FailureDetailsType0) | _t.null)
    """What is wrong, by place and name, such as `{"query":{"page":"invalid"}}`."""

    extras: _m.FailureExtrasType0 | None = _optional("extras", _t.model(lambda: _m.FailureExtrasType0) | _t.null)

    status: int | None = _optional("status", _t.integer)
    """Not 1."""

    message: str | None = _optional("message")
    """The reason, where it is not in `error`."""
