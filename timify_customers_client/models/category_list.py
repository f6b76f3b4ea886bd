from __future__ import annotations

from collections.abc import Sequence

from .. import models as _m
from .. import types as _t
from ..types import optional as _optional
from ..types import required as _required


class CategoryList(_t.Model):
    """A page of categories."""

    __slots__ = ()

    data: Sequence[_m.Category] = _required("data", _t.list_of(_t.model(lambda: _m.Category)))

    total: int | None = _optional("total", _t.integer)
    """Counts all matches, not those of the page."""

    meta: _m.PageMeta | None = _optional("meta", _t.model(lambda: _m.PageMeta))

    status: int | None = _optional("status", _t.integer)
    """1 when the call succeeded."""

    message: str | None = _optional("message")
    """Why the call failed, when `status` is not 1."""
