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

    external_id: str | None = _optional("external_id")
    """Your own id of this customer. The reference calls it `externalId` in prose; the body of POST /v1/enterprise-
    customers has `external_id`."""

    import_customer_id: str | None = _optional("import_customer_id")
    """The id that an import knows this customer by."""

    ignore_mandatory_validation: str | None = _optional("ignore_mandatory_validation")
    """Skips the check of fields that are mandatory. Called a string; its values are not known."""
