from __future__ import annotations

from .. import types as _t
from ..types import required as _required


class CategoryCreate(_t.Model):
    """A category to create."""

    __slots__ = ()

    name: str = _required("name")
    """Not blank."""
