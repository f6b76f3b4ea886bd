from __future__ import annotations

from .. import types as _t
from ..types import optional as _optional
from ..types import required as _required


class Token(_t.Model):
    """An access token. This answer has no envelope."""

    __slots__ = ()

    access_token: str = _required("accessToken", secret=True)
    """A JWT."""

    refresh_token: str | None = _optional("refreshToken", secret=True)
    """A JWT."""

    expires: int | None = _optional("expires", _t.integer)
    """Seconds from now."""
