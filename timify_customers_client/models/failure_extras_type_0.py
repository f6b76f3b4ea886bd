from __future__ import annotations

from .. import types as _t


class FailureExtrasType0(_t.Model):
    """An object of which the document says nothing."""

    __slots__ = ()
