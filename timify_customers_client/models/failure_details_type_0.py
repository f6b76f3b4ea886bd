from __future__ import annotations

from .. import types as _t


class FailureDetailsType0(_t.Model):
    """What is wrong, by place and name, such as `{"query":{"page":"invalid"}}`."""

    __slots__ = ()
