from __future__ import annotations

from collections.abc import Sequence

from .. import models as _m
from .. import types as _t
from ..types import optional as _optional


class CustomerUpdate(_t.Model):
    """What to change of a customer."""

    __slots__ = ()

    customfields: Sequence[_m.CustomfieldValue] | None = _optional(
        "customfields", _t.list_of(_t.model(lambda: _m.CustomfieldValue))
    )
    """The customer's data. The reference also writes "customfield" here."""

    external_id: str | None = _optional("external_id")
    """Your own id of this customer. The reference calls it `externalId` in prose; the body of POST /v1/enterprise-
    customers has `external_id`."""
