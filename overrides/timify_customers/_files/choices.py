"""What people type for an option that takes one of a few values."""

from __future__ import annotations

from collections.abc import Sequence

from .. import ArgumentError


def one_of(option: str, text: str, values: Sequence[str]) -> str:
    """Return the value that a user means, whether typed in capitals or not.

    Raises:
        ArgumentError: the text is none of them.
    """
    for value in values:
        if text.lower() == value.lower():
            return value
    listed = f"{', '.join(values[:-1])} or {values[-1]}"
    raise ArgumentError(f"{option} must be {listed}, not {text!r}")


def delimiter_of(text: str) -> str:
    """Return the delimiter that a user asked for. Raises ArgumentError if it cannot be one."""
    if text.lower() in {"tab", r"\t"}:
        return "\t"
    if len(text) != 1 or text in '"\r\n':
        raise ArgumentError(f"--delimiter must be one character, or tab, not {text!r}")
    return text
