from __future__ import annotations

from collections.abc import Sequence

from .. import models as _m
from .. import types as _t
from ..types import optional as _optional
from ..types import required as _required


class CustomfieldCreate(_t.Model):
    """A custom field to create."""

    __slots__ = ()

    label: str = _required("label")
    """Not blank, since a company's own field has no other name."""

    type_: _m.CustomfieldType | str = _required("type")

    category_id: str | None = _optional("categoryId")

    select_options: Sequence[_m.CustomfieldOption | str] | None = _optional(
        "selectOptions", _t.list_of(_t.model(lambda: _m.CustomfieldOption) | _t.text)
    )

    is_multiple: bool | None = _optional("isMultiple", _t.boolean)
