from __future__ import annotations

from collections.abc import Sequence

from .. import models as _m
from .. import types as _t
from ..types import optional as _optional


class CustomerImportRow(_t.Model):
    """One customer to create, or to update where `importCustomerId` or `id` is known already."""

    __slots__ = ()

    import_customer_id: str | None = _optional("importCustomerId")
    """Your unique identifier of this customer."""

    id: str | None = _optional("id")
    """The id that TIMIFY assigned."""

    external_id: str | None = _optional("externalId")
    """Your own id of this customer."""

    customfields: Sequence[_m.CustomfieldValue] | None = _optional(
        "customfields", _t.list_of(_t.model(lambda: _m.CustomfieldValue))
    )
    """The customer's data."""
