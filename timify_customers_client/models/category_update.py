from __future__ import annotations

from .. import types as _t
from ..types import optional as _optional


class CategoryUpdate(_t.Model):
    """What to change of a category."""

    __slots__ = ()

    name: str | None = _optional("name")
    """Not blank."""
