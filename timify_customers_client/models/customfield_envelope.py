from __future__ import annotations

from .. import models as _m
from .. import types as _t
from ..types import optional as _optional
from ..types import required as _required


class CustomfieldEnvelope(_t.Model):
    """One custom field."""

    __slots__ = ()

    data: _m.Customfield = _required("data", _t.model(lambda: _m.Customfield))

    status: int | None = _optional("status", _t.integer)
    """1 when the call succeeded."""

    message: str | None = _optional("message")
    """Why the call failed, when `status` is not 1."""
