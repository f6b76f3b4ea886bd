"""Lists in a query, written as the built document says."""

from __future__ import annotations

from urllib.parse import quote

from timify_customers._base.generated import LIST_SEPARATORS


def written(name: str, *entries: str) -> list[str]:
    """The values that a parameter of the list of customers has for these entries."""
    separator = LIST_SEPARATORS[name]
    return [*entries] if separator == "&" else [separator.join(entries)]


def list_query(name: str, *entries: str) -> str:
    """The part of a query with these entries: `ids=a%2Cb`, or `ids=a&ids=b`."""
    return "&".join(f"{name}={quote(value, safe='')}" for value in written(name, *entries))
