from __future__ import annotations

from .. import types as _t
from ..types import optional as _optional


class CustomfieldOption(_t.Model):
    """One choice of a SELECT."""

    __slots__ = ()

    value: str | None = _optional("value")

    label: str | None = _optional("label")
