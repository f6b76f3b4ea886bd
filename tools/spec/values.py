"""YAML text as JSON values, read as Redocly reads it, within bounds.

Types are those of JSON, merge keys are followed, and timestamps stay text. Values are put together
from the parser's events, so that a document whose aliases would unfold to something huge is refused
before anything is unfolded.
"""

import re
from collections.abc import Iterator
from typing import Any

import yaml
from yaml.events import (
    AliasEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
)

from spec.errors import NotADocumentError

MOST_NODES = 2_000_000  # values, each alias counted as everything that it stands for
MOST_DEPTH = 100
KEYWORDS = {"": None, "~": None, "null": None, "Null": None, "NULL": None} | {
    word: truth
    for truth, words in ((True, "true True TRUE"), (False, "false False FALSE"))
    for word in words.split()
}
INTEGER = re.compile(r"[-+]?[0-9]+|0x[0-9a-fA-F]+|0o[0-7]+")
NUMBER = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")


def load(text: str) -> Any:
    """Return the one document in `text` as JSON values.

    Raises NotADocumentError, which names the line at fault.
    """
    try:
        return _Composer(_content(text)).document()
    except (yaml.YAMLError, ValueError) as bad:
        raise NotADocumentError(f"It is not valid YAML or JSON: {_first_lines(bad)}") from bad


def _content(text: str) -> Iterator[Any]:
    """Return the parser's events between the start and the end of the document."""
    # The loader in C is twenty times as fast as any parser in Python.
    events = yaml.parse(text, Loader=yaml.CSafeLoader)
    around = ("Stream", "Document")
    return (event for event in events if not type(event).__name__.startswith(around))


def _first_lines(bad: Exception) -> str:
    return " ".join(str(bad).split())[:300]


class _Composer:
    """Values and their unfolded sizes, put together from events."""

    def __init__(self, events: Iterator[Any]) -> None:
        self._events = events
        self._anchors: dict[str, tuple[Any, int]] = {}
        self._depth = 0

    def document(self) -> Any:
        first_event = next(self._events, None)
        if first_event is None:
            raise NotADocumentError("It is empty.")
        value, _ = self._value(first_event)
        if next(self._events, None) is not None:
            raise NotADocumentError("It holds more than one YAML document.")
        return value

    def _value(self, event: Any) -> tuple[Any, int]:
        if isinstance(event, AliasEvent):
            return self._alias(event)
        value, size = self._fresh(event)
        if size > MOST_NODES:
            raise NotADocumentError(
                f"It unfolds to more than {MOST_NODES} values ({_line(event)})."
            )
        if event.anchor:
            self._anchors[event.anchor] = value, size
        return value, size

    def _fresh(self, event: Any) -> tuple[Any, int]:
        if isinstance(event, ScalarEvent):
            return _scalar(event), 1
        self._depth += 1
        if self._depth > MOST_DEPTH:
            raise NotADocumentError(
                f"It is nested deeper than {MOST_DEPTH} levels ({_line(event)})."
            )
        value, size = self._mapping() if isinstance(event, MappingStartEvent) else self._sequence()
        self._depth -= 1
        return value, size

    def _alias(self, event: Any) -> tuple[Any, int]:
        try:
            return self._anchors[event.anchor]
        except KeyError:
            raise NotADocumentError(
                f"It refers to what is not there yet: *{event.anchor} ({_line(event)})."
            ) from None

    def _sequence(self) -> tuple[list[Any], int]:
        values, total = [], 1
        for event in self._events:
            if isinstance(event, SequenceEndEvent):
                break
            value, size = self._value(event)
            values.append(value)
            total += size
        return values, total

    def _mapping(self) -> tuple[dict[str, Any], int]:
        own: dict[str, Any] = {}
        merged: list[dict[str, Any]] = []
        total = 1
        for event in self._events:
            if isinstance(event, MappingEndEvent):
                break
            key, merges = _key(event)
            value, size = self._value(next(self._events))
            total += size + 1
            if merges:
                merged += _mappings(value, event)
            elif key in own:
                raise NotADocumentError(f"It holds the key {key[:80]!r} twice ({_line(event)}).")
            else:
                own[key] = value
        return _with_merged(own, merged), total


def _key(event: Any) -> tuple[str, bool]:
    """Return a mapping's key as text, and whether it is the merge key."""
    if not isinstance(event, ScalarEvent):
        raise NotADocumentError(f"A key of a mapping must be a plain value ({_line(event)}).")
    return event.value, event.value == "<<" and event.implicit[0]


def _mappings(value: Any, event: Any) -> list[dict[str, Any]]:
    several = value if isinstance(value, list) else [value]
    if not all(isinstance(each, dict) for each in several):
        raise NotADocumentError(f"Only mappings can be merged ({_line(event)}).")
    return several


def _with_merged(own: dict[str, Any], merged: list[dict[str, Any]]) -> dict[str, Any]:
    if not merged:
        return own
    return {key: value for each in [*reversed(merged), own] for key, value in each.items()}


def _scalar(event: Any) -> Any:
    """Read a scalar by the rules of YAML 1.2's core schema."""
    text: str = event.value
    tag = str(event.tag or "").rpartition(":")[2]
    if tag == "str" or not (event.implicit[0] or tag):
        return text
    if text in KEYWORDS:
        return KEYWORDS[text]
    if INTEGER.fullmatch(text):
        return int(text, 0 if text[:2] in {"0x", "0o"} else 10)
    return float(text) if NUMBER.fullmatch(text) else text


def _line(event: Any) -> str:
    return f"line {event.start_mark.line + 1}"
