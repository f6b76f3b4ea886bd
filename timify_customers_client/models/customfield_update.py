from __future__ import annotations

from collections.abc import Sequence

from .. import models as _m
from .. import types as _t
from ..types import optional as _optional


class CustomfieldUpdate(_t.Model):
    """What to change of a custom field."""

    __slots__ = ()

    label: str | None = _optional("label")
    """Not blank, since a company's own field has no other name."""

    type_: _m.CustomfieldType | str | None = _optional("type")

    category_id: str | None = _optional("categoryId")

    select_options: Sequence[_m.CustomfieldOption | str] | None = _optional(
        "selectOptions", _t.list_of(_t.model(lambda: _m.CustomfieldOption) | _t.text)
    )

    is_multiple: bool | None = _optional("isMultiple", _t.boolean)
