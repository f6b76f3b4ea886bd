"""Foreign texts, made fit for a message: one printable line of bounded length."""

from __future__ import annotations


def printable(text: str) -> str:
    r"""Write what is not printable as Python would, such as ``\x1b`` for the escape character.

    Every text of every error passes here. What a server put into a header or a body can then
    neither begin a line of a log, nor move a terminal's cursor, nor turn the words around it.
    """
    if text.isprintable():
        return text
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape").decode() for char in text
    )


def shorten(text: str, limit: int = 500) -> str:
    """Make a foreign text printable, cut it to ``limit`` characters, and say how many are gone."""
    shown = printable(text[:limit])
    gone = max(0, len(text) - limit) + max(0, len(shown) - limit)
    return f"{shown[:limit]}... ({gone} more characters)" if gone else shown
