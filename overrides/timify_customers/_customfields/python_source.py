"""Writes Python source in the layout of ``ruff format`` with its line length of 88. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from unicodedata import category, east_asian_width

LINE_LENGTH = 88
_INDENT = "    "


def quoted(text: str) -> str:
    """Write a text as a string literal on one line.

    Unprintable characters are escaped, such as line breaks and marks that change the direction of
    writing.
    """
    quote = "'" if text.count('"') > text.count("'") else '"'
    return quote + "".join(_escaped(char, quote) for char in text) + quote


def _escaped(char: str, quote: str) -> str:
    if char in {quote, "\\"}:
        return f"\\{char}"
    return char if char.isprintable() else repr(char)[1:-1]


def fits(line: str) -> bool:
    """Return whether a line is short enough to stay on one line."""
    return sum(map(_width, line)) <= LINE_LENGTH


def _width(char: str) -> int:
    if category(char) in {"Mn", "Me"}:
        return 0
    return 2 if east_asian_width(char) in "WF" else 1


def constant(name: str, text: str) -> str:
    """Write a constant in the body of a class: ``NAME: Final = "text"``."""
    line = f"{_INDENT}{name}: Final = {quoted(text)}"
    moved_line = f"{_INDENT * 2}{quoted(text)}"
    if fits(line) or not fits(moved_line):
        return line
    return f"{_INDENT}{name}: Final = (\n{moved_line}\n{_INDENT})"


def literal(name: str, texts: Sequence[str], notes: Sequence[str]) -> str:
    """Write an alias of a ``Literal``, with a note after each text that has one."""
    line = f"{name} = Literal[{', '.join(map(quoted, texts))}]"
    if fits(line) and not any(notes):
        return line
    comma = "," if len(texts) > 1 else ""  # after a single text it would make a tuple
    rows = [
        f"{_INDENT}{quoted(text)}{comma}" + (f"  # {quoted(note)}" if note else "")
        for text, note in zip(texts, notes, strict=True)
    ]
    return "\n".join([f"{name} = Literal[", *rows, "]"])


def entry(key: str, kinds: Sequence[str]) -> str:
    """Write an entry of a dict that is an argument of a call: a key and a union of types."""
    indent = _INDENT * 2
    line = f"{indent}{quoted(key)}: {' | '.join(kinds)},"
    if fits(line):
        return line
    first_kind, *other_kinds = kinds
    head = f"{indent}{quoted(key)}: {first_kind}"
    if not fits(head) and first_kind.endswith("]"):
        outer, _, inner = first_kind.removesuffix("]").partition("[")
        head = f"{indent}{quoted(key)}: {outer}[\n{indent}{_INDENT}{inner}\n{indent}]"
    return "\n".join([head, *(f"{indent}| {kind}" for kind in other_kinds)]) + ","
