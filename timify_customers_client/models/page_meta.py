from __future__ import annotations

from .. import types as _t
from ..types import optional as _optional


class PageMeta(_t.Model):
    """Where a page stands in the list."""

    __slots__ = ()

    page: int | None = _optional("page", _t.integer)

    limit: int | None = _optional("limit", _t.integer)

    total_items: int | None = _optional("totalItems", _t.integer)

    total_pages: int | None = _optional("totalPages", _t.integer)
