from __future__ import annotations

from collections.abc import Sequence

from .. import models as _m
from .. import types as _t
from ..types import optional as _optional


class Customfield(_t.Model):
    """The definition of a custom field."""

    __slots__ = ()

    id: str | None = _optional("id")

    default_id: str | None = _optional("defaultId", _t.text | _t.null)
    """The name of a field that every company has. A company's own field has none."""

    type_: _m.CustomfieldType | str | None = _optional("type")

    label: str | None = _optional("label")
    """Empty for a field with a `defaultId`. Two fields may share a label."""

    category_id: str | None = _optional("categoryId", _t.text | _t.null)

    select_options: Sequence[_m.CustomfieldOption | str] | None = _optional(
        "selectOptions", _t.list_of(_t.model(lambda: _m.CustomfieldOption) | _t.text) | _t.null
    )
    """What a SELECT can hold. Whether objects or strings is not known."""

    is_multiple: bool | None = _optional("isMultiple", _t.boolean | _t.null)

    is_mandatory_online: bool | None = _optional("isMandatoryOnline", _t.boolean | _t.null)

    is_after_auth: bool | None = _optional("isAfterAuth", _t.boolean | _t.null)

    has_overwrite: bool | None = _optional("hasOverwrite", _t.boolean | _t.null)

    translation_key: str | None = _optional("translationKey", _t.text | _t.null)

    placeholder: str | None = _optional("placeholder", _t.text | _t.null)

    order_index: int | None = _optional("orderIndex", _t.integer | _t.null)
