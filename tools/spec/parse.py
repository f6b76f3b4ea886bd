"""Telling whether a downloaded file is an OpenAPI document that may be handed on to other tools."""

import json
import re
from collections.abc import Iterator
from typing import Any

from spec import values
from spec.errors import NotADocumentError

MOST_ARMS = 200
COMPONENT = re.compile(r"[A-Za-z0-9._-]+")
ADVICE = (
    "Look at it with a browser, then give the right address with URL=..., or the file with --file."
)


def parse(content: bytes, content_type: str = "") -> dict[str, Any]:
    """Return the document in `content` as JSON values.

    Raises:
        NotADocumentError: it is a web page, not text, not YAML or JSON, not an OpenAPI 3 document,
            or it refers to other files (which the tools that read it would fetch).
    """
    try:
        text = _text(content)
        _refuse_page(text, content_type)
        return _document(_values(text))
    except NotADocumentError as wrong:
        raise NotADocumentError(f"{wrong} {ADVICE}") from wrong


def _text(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as bad:
        raise NotADocumentError(f"It is not UTF-8 text (byte {bad.start}).") from bad


def _refuse_page(text: str, content_type: str) -> None:
    if "html" in content_type.lower() or text.lstrip()[:1] == "<":
        raise NotADocumentError("It got a web page, not an OpenAPI document.")


def _values(text: str) -> Any:
    if not text.lstrip().startswith(("{", "[")):
        return values.load(text)
    try:
        return json.loads(text, parse_constant=_refuse_constant)
    except RecursionError as deep:
        raise NotADocumentError("It is nested too deep to be read.") from deep
    except ValueError:
        # A flow mapping is YAML and yet no JSON.
        return values.load(text)


def _refuse_constant(name: str) -> Any:
    raise NotADocumentError(f"It holds {name}, which is no JSON.")


def _document(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise NotADocumentError(
            f"It is not an OpenAPI document: it holds a {type(value).__name__}, not an object."
        )
    version = value.get("openapi")
    if not isinstance(version, str) or not version.startswith("3."):
        raise NotADocumentError(
            f"It is not an OpenAPI 3 document: its key `openapi` says {str(version)[:40]!r}."
        )
    if not isinstance(value.get("paths"), dict):
        raise NotADocumentError(
            "It is not a whole OpenAPI document: its key `paths` holds no object."
        )
    _check_inside(value)
    return value


def _check_inside(document: dict[str, Any]) -> None:
    """Refuse what is too deep to walk, and what Redocly would fetch from elsewhere."""
    open_values: list[tuple[Any, int]] = [(document, 1)]
    while open_values:
        value, depth = open_values.pop()
        if depth > values.MOST_DEPTH:
            raise NotADocumentError(f"It is nested deeper than {values.MOST_DEPTH} levels.")
        if isinstance(value, dict):
            _refuse_foreign(value)
            _refuse_many_arms(value)
            open_values += [(child, depth + 1) for child in value.values()]
        elif isinstance(value, list):
            open_values += [(child, depth + 1) for child in value]


def _refuse_foreign(value: dict[str, Any]) -> None:
    for each in _references(value):
        if isinstance(each, str) and not each.startswith("#"):
            raise NotADocumentError(
                f"It refers to another file ({each[:80]!r}), and only a bundled document will do."
            )


def _refuse_many_arms(value: dict[str, Any]) -> None:
    """Refuse schemas of absurdly many parts.

    The time that it takes to put them together grows with the square of their number.
    """
    for key in ("allOf", "anyOf", "oneOf"):
        if isinstance(value.get(key), list) and len(value[key]) > MOST_ARMS:
            raise NotADocumentError(
                f"One of its schemas has more than {MOST_ARMS} parts in `{key}`."
            )


def _references(value: dict[str, Any]) -> Iterator[Any]:
    """Yield what Redocly follows.

    That is references, examples that stand elsewhere, and schemas that a discriminator names.
    """
    yield value.get("$ref")
    for example in _members(value.get("examples")):
        yield example.get("externalValue") if isinstance(example, dict) else None
    discriminator = value.get("discriminator")
    for named in _members(
        discriminator.get("mapping") if isinstance(discriminator, dict) else None
    ):
        yield None if isinstance(named, str) and COMPONENT.fullmatch(named) else named


def _members(value: Any) -> list[Any]:
    return list(value.values()) if isinstance(value, dict) else []
