"""Whether bytes lie behind an answer, which a connection's next answer would be made of."""

from __future__ import annotations

from typing import Any, Final

LAYERS: Final = ("_stream", "_httpcore_stream", "_connection")
"""Attributes that lead from a response to its HTTP/1.1 connection.

So it is in httpx 0.28 with httpcore 1.0, and in httpx2 2.16 with httpcore2 2.16.
"""


def has_leftover(response: Any) -> bool:
    """Say whether bytes lie behind a whole answer, where the connection's next answer would begin.

    Such bytes are no answer to a later request (RFC 9112 section 9.2). Neither httpx nor httpcore
    shows them, nor do their successors. h11, which holds them, does (``Connection.trailing_data``),
    so this looks through private attributes. Where these are not as expected, nothing can be told,
    and no connection is used twice: slow and safe, and a test fails.
    """
    layer: object = response.stream
    while layer is not None:
        if (state := getattr(layer, "_h11_state", None)) is not None:
            return bool(state.trailing_data[0])
        layer = next(
            (inner for name in LAYERS if (inner := getattr(layer, name, None)) is not None), None
        )
    return True
