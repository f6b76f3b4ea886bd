from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .. import models as _m
from .. import types as _t
from ..types import optional as _optional


class CustomerField(_t.Model):
    """What one custom field holds for one customer."""

    __slots__ = ()

    id: str | None = _optional("id")
    """The id of the field's definition."""

    type_: _m.CustomfieldType | str | None = _optional("type")

    value: str | None = _optional("value")
    """Empty when unset. A PHONE is a JSON object in a string with the keys `phone`, `country`, `prefix` and `number`,
    a DATE is YYYY-MM-DD."""

    values: Sequence[Any] | None = _optional("values", _t.list_of(_t.anything))
    """Only seen empty."""

    is_multiple: bool | None = _optional("isMultiple", _t.boolean | _t.null)
    """Only seen null."""

    default_id: str | None = _optional("defaultId", _t.text | _t.null)
    """The name of a field that every company has, such as `firstName` or `mobilePhone`."""

    label: str | None = _optional("label")
    """Empty for a field with a `defaultId`."""
