from __future__ import annotations

from .. import types as _t
from ..types import optional as _optional


class CustomerPhone(_t.Model):
    """A phone number. Every key is absent when the customer has none."""

    __slots__ = ()

    phone: str | None = _optional("phone")
    """With country prefix, as in E.164."""

    number: str | None = _optional("number")
    """Without country prefix."""

    code: str | None = _optional("code")
    """The country, two capital letters."""
