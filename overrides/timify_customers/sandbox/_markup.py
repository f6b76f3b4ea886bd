"""Builds HTML from elements, so that no text can be taken for markup."""

from typing import TypeAlias
from xml.etree import ElementTree

Element: TypeAlias = ElementTree.Element
Child: TypeAlias = "Element | str | list[Child] | None"


def element(tag: str, *children: Child, **attributes: str | bool | None) -> Element:
    """Make an element.

    An example: ``element("label", "Kind ", element("input", id="kind"), for_="kind")``.

    Args:
        tag: its name.
        children: texts and elements, in order; None is left out, and a list stands for its items.
        attributes: a final underscore is dropped (``for_``), and others are hyphens
            (``aria_label``). None and False leave an attribute out, and True sets it.
    """
    made = ElementTree.Element(tag)
    for name, value in attributes.items():
        if value is not None and value is not False:
            made.set(name.rstrip("_").replace("_", "-"), "" if value is True else value)
    for child in children:
        _append(made, child)
    return made


def _append(parent: Element, child: Child) -> None:
    if isinstance(child, list):
        for each in child:
            _append(parent, each)
    elif isinstance(child, str):
        _append_text(parent, child)
    elif child is not None:
        parent.append(child)


def _append_text(parent: Element, text: str) -> None:
    """Add a text, which ElementTree keeps with the element before it."""
    if len(parent):
        parent[-1].tail = (parent[-1].tail or "") + text
    else:
        parent.text = (parent.text or "") + text


def to_html(root: Element) -> bytes:
    """Return the HTML of an element, in ASCII."""
    content: bytes = ElementTree.tostring(root, encoding="us-ascii", method="html")
    return content
