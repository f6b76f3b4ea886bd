from __future__ import annotations

from .. import types as _t
from ..types import required as _required


class CustomfieldValue(_t.Model):
    """What to write into one custom field of a customer."""

    __slots__ = ()

    id: str = _required("id")
    """The id of the field's definition."""

    value: str = _required("value")
    """A PHONE is a JSON object in a string, a DATE is YYYY-MM-DD."""
