from __future__ import annotations

from .. import types as _t
from ..types import optional as _optional


class Failure(_t.Model):
    """Why a call failed. It can also arrive with HTTP 200, with a `status` that is not 1."""

    __slots__ = ()

    status: int | None = _optional("status", _t.integer)
    """Not 1."""

    message: str | None = _optional("message")
    """The reason."""
