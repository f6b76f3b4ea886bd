"""The parameters of requests, as the document describes them: their types and styles."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from attrs import frozen
from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

_NUMBER = re.compile(r"-?[0-9]{1,100}(\.[0-9]{1,100})?(e[-+]?[0-9]{1,3})?")
_SEPARATORS = {"form": ",", "spaceDelimited": " ", "pipeDelimited": "|"}
"""What separates the entries of a list by ``style``, if ``explode`` is false."""


@frozen
class Parameter:
    """A parameter: its place, whether it is required, and its schema.

    `separator` is what separates the entries of a list, or None where each is sent by itself.
    """

    name: str
    place: str
    required: bool
    types: frozenset[str]
    items: frozenset[str]
    separator: str | None
    schema: Draft202012Validator

    def problem(self, texts: Sequence[str]) -> str | None:
        """Return what is wrong with the values that were sent, or None."""
        where = f"{self.place} parameter {self.name}"
        if not texts:
            return f"{where} is missing" if self.required else None
        if len(texts) > 1 and not self._is_repeated():
            return f"{where} is given {len(texts)} times"
        error = best_match(self.schema.iter_errors(self._value(texts)))
        return error and f"{where}: {error.message}"

    def entries(self, texts: Sequence[str]) -> list[str]:
        """Return the entries of a list. Of a parameter that is no list, the last text counts."""
        if self._is_repeated():
            return list(texts)
        if "array" in self.types and self.separator:
            return texts[-1].split(self.separator)
        return [texts[-1]]

    def _is_repeated(self) -> bool:
        return "array" in self.types and self.separator is None

    def _value(self, texts: Sequence[str]) -> Any:
        if "array" in self.types:
            return [_typed(entry, self.items) for entry in self.entries(texts)]
        return _typed(texts[0], self.types)


def compiled_parameter(raw: Mapping[str, Any]) -> Parameter:
    """Compile a parameter of the document."""
    schema = raw["schema"]
    style = raw.get("style", "form")
    is_repeated = raw.get("explode", style == "form")
    return Parameter(
        raw["name"],
        raw["in"],
        raw.get("required", False),
        _types(schema),
        _types(schema.get("items", {})),
        None if is_repeated else _SEPARATORS.get(style, ","),
        Draft202012Validator(schema),
    )


def query_values(items: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """Return all values of each parameter of a query."""
    query: dict[str, list[str]] = {}
    for name, value in items:
        query.setdefault(name, []).append(value)
    return query


def _typed(text: str, types: Collection[str]) -> Any:
    """Return the value of a parameter's text: the text, unless its schema names another type."""
    if "boolean" in types and text in {"true", "false"}:
        return text == "true"
    if "integer" in types and re.fullmatch(r"-?[0-9]{1,100}", text):
        return int(text)
    if "number" in types and _NUMBER.fullmatch(text):
        return float(text)
    return text


def _types(schema: Mapping[str, Any]) -> frozenset[str]:
    """Return the types that a schema names, or whose values it lists."""
    named = schema.get("type", ())
    has_integers = any(type(value) is int for value in schema.get("enum", ()))
    types = {named} if isinstance(named, str) else set(named)
    return frozenset(types | ({"integer"} if has_integers else set[str]()))
