from __future__ import annotations

from collections.abc import Sequence

from .. import models as _m
from .. import types as _t
from ..types import optional as _optional
from ..types import required as _required


class CustomerList(_t.Model):
    """A page of customers, in ascending order of first name. Recorded answers carry no `meta`, some no `total`."""

    __slots__ = ()

    data: Sequence[_m.Customer] = _required("data", _t.list_of(_t.model(lambda: _m.Customer)))

    total: int | None = _optional("total", _t.integer)
    """Counts all matches, not those of the page."""

    meta: _m.PageMeta | None = _optional("meta", _t.model(lambda: _m.PageMeta))

    status: int | None = _optional("status", _t.integer)

    message: str | None = _optional("message")
    """Why the call failed, when `status` is not 1."""
