"""Whether bytes follow an answer, which would become part of the connection's next answer."""

from __future__ import annotations

from typing import Any, Final

LAYERS: Final = ("_stream", "_httpcore_stream", "_connection")
"""Attributes that lead from a response to its HTTP/1.1 connection.

These are the names in httpx 0.28 with httpcore 1.0, and in httpx2 2.16 with httpcore2 2.16.
"""


def has_leftover(response: Any) -> bool:
    """Return whether bytes follow a whole answer, where the connection's next answer would begin.

    Such bytes do not answer a later request (RFC 9112 section 9.2). Neither httpx nor httpcore nor
    their successors expose them, but h11 does (``Connection.trailing_data``), so this reads private
    attributes. Where these are not as expected, the answer is always True and no connection is used
    twice, which is slow but safe; a test then fails.
    """
    layer: object = response.stream
    while layer is not None:
        if (state := getattr(layer, "_h11_state", None)) is not None:
            return bool(state.trailing_data[0])
        layer = next(
            (inner for name in LAYERS if (inner := getattr(layer, name, None)) is not None), None
        )
    return True
