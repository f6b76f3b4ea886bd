from __future__ import annotations

from .. import types as _t
from ..types import optional as _optional


class Category(_t.Model):
    """A group of custom fields."""

    __slots__ = ()

    id: str | None = _optional("id")

    name: str | None = _optional("name")

    translation_key: str | None = _optional("translationKey", _t.text | _t.null)

    order_index: int | None = _optional("orderIndex", _t.integer | _t.null)

    is_default: bool | None = _optional("isDefault", _t.boolean | _t.null)
