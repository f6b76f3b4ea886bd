from __future__ import annotations

from typing import Any

from .. import types as _t
from ..types import optional as _optional


class DeleteAnswer(_t.Model):
    """What the API says to a deletion. Nothing is known of it."""

    __slots__ = ()

    data: Any = _optional("data", _t.anything)

    status: int | None = _optional("status", _t.integer)
    """1 when the call succeeded."""

    message: str | None = _optional("message")
    """Why the call failed, when `status` is not 1."""
