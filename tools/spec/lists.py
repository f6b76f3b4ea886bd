"""How a list is written in a query, by the style that a parameter has in OpenAPI.

What separates the entries is a character, or `REPEATED` where each entry is a parameter of its own.
`ids` with a and b is ``ids=a,b`` with commas (``style: form`` and ``explode: false``), and
``ids=a&ids=b`` when repeated (``explode: true``).
"""

from typing import Any, Final

COMMA: Final = ","
REPEATED: Final = "&"
_BY_STYLE: Final = {"form": COMMA, "spaceDelimited": " ", "pipeDelimited": "|"}


def is_stated(parameter: dict[str, Any]) -> bool:
    """Return whether a parameter says how its list is written."""
    return "style" in parameter or "explode" in parameter


def separator(parameter: dict[str, Any]) -> str | None:
    """Return what separates the entries, or None where OpenAPI has no such style for a list.

    `form` is the default of ``style``, and to explode is the default of `form` alone (OpenAPI 3.1,
    section 4.8.12.2).
    """
    style = parameter.get("style", "form")
    if not isinstance(style, str) or style not in _BY_STYLE:
        return None
    explode = parameter.get("explode", style == "form")
    if not isinstance(explode, bool):
        return None
    return REPEATED if explode else _BY_STYLE[style]


def style(separator: str) -> dict[str, Any]:
    """Return the keys of a parameter whose list is written with this separator."""
    if separator == REPEATED:
        return {"style": "form", "explode": True}
    named = next(name for name, each in _BY_STYLE.items() if each == separator)
    return {"style": named, "explode": False}


def example(name: str, separator: str) -> str:
    """Return a list of two entries as it is written: ``ids=a,b``."""
    between = f"&{name}=" if separator == REPEATED else separator
    return f"{name}=a{between}b"
