from __future__ import annotations

from collections.abc import Sequence

from .. import models as _m
from .. import types as _t
from ..types import optional as _optional
from ..types import required as _required


class CustomerCreate(_t.Model):
    """A customer to create."""

    __slots__ = ()

    customfields: Sequence[_m.CustomfieldValue] = _required(
        "customfields", _t.list_of(_t.model(lambda: _m.CustomfieldValue))
    )
    """The customer's data."""

    external_id: str | None = _optional("externalId")
    """Your own id of this customer."""
