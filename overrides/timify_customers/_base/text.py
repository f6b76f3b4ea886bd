"""Turns text from outside into text for a message: one printable line of bounded length."""

from __future__ import annotations


def printable(text: str) -> str:
    r"""Escape what is not printable as Python does, such as ``\x1b`` for the escape character.

    The text of every error passes through here. Whatever a server puts into a header or a body can
    then not begin a new line in a log, move the cursor of a terminal, or change the direction of
    the text around it.
    """
    if text.isprintable():
        return text
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape").decode() for char in text
    )


def shorten(text: str, limit: int = 500) -> str:
    """Make a text printable, cut it to ``limit`` characters, and say how many were cut."""
    shown = printable(text[:limit])
    dropped = max(0, len(text) - limit) + max(0, len(shown) - limit)
    return f"{shown[:limit]}... ({dropped} more characters)" if dropped else shown
