"""Text and values of a published document that people read: descriptions, examples, defaults."""

import re
from typing import Any

from spec.compare.view import View

LONGEST = 4_000  # characters of a description
MOST_EXACT = 2**53  # beyond it, and for infinity, JSON readers differ
_CONTROL = re.compile(r"[^\t\n\x20-\x7e\xa0-\u2027\u2030-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What YAML does not print, or what an editor takes for the end of a line."""


def text(value: Any) -> str:
    """Return foreign text without control characters, and of bounded length.

    It never ends with a quote: in a docstring that would be one with the three that close it.
    """
    clean = _CONTROL.sub(" ", value).strip() if isinstance(value, str) else ""
    short = clean if len(clean) <= LONGEST else clean[: LONGEST - 1] + "…"
    return f"{short}." if short.endswith('"') else short


def line(value: Any) -> str:
    """Return foreign text as one line."""
    return " ".join(text(value).split())


def described(view: View) -> dict[str, Any]:
    """Return the description of a schema, if it has one."""
    description = text(view.remarks.get("description"))
    return {"description": description} if description else {}


def examples(view: View) -> dict[str, Any]:
    """Return the example of a plain value, if it is of the value's type.

    The examples of a document are often of another type.
    """
    if "example" in view.remarks and fits(view.remarks["example"], view):
        return {"examples": [view.remarks["example"]]}
    return {}


def fits(value: Any, view: View) -> bool:
    """Return whether a plain value is one that the schema takes."""
    kind = {str: "string", bool: "boolean", int: "integer", float: "number"}.get(type(value))
    if kind in {"integer", "number"} and not abs(value) < MOST_EXACT:
        return False
    if kind == "string" and text(value) != value:
        return False
    types = view.types | {"integer"} if "number" in view.types else view.types
    return kind in types and view.format is None and (view.values is None or value in view.values)
