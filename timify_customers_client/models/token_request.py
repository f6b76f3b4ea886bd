from __future__ import annotations

from .. import types as _t
from ..types import required as _required


class TokenRequest(_t.Model):
    """The credentials of an app."""

    __slots__ = ()

    appid: str = _required("appid")
    """The app's id."""

    appsecret: str = _required("appsecret", secret=True)
    """The app's secret."""
