from __future__ import annotations

from .. import models as _m
from .. import types as _t
from ..types import optional as _optional
from ..types import required as _required


class CategoryEnvelope(_t.Model):
    """One category."""

    __slots__ = ()

    data: _m.Category = _required("data", _t.model(lambda: _m.Category))

    status: int | None = _optional("status", _t.integer)
    """1 when the call succeeded."""

    message: str | None = _optional("message")
    """Why the call failed, when `status` is not 1."""
