from __future__ import annotations

from collections.abc import Sequence

from .. import models as _m
from .. import types as _t
from ..types import required as _required


class CustomerImport(_t.Model):
    """Customers to create or update."""

    __slots__ = ()

    customers: Sequence[_m.CustomerImportRow] = _required(
        "customers", _t.list_of(_t.model(lambda: _m.CustomerImportRow))
    )
