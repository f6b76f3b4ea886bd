"""The picture of the demo shows what the demo says, and loads nothing."""

from __future__ import annotations

import html
import re
from xml.etree import ElementTree as ET

import pictures


def lines_of(svg: str) -> list[str]:
    """The lines of text that the picture shows."""
    rows: dict[str, str] = {}
    for text in ET.fromstring(svg).iter("{http://www.w3.org/2000/svg}text"):
        if text.get("clip-path"):
            rows[text.attrib["y"]] = rows.get(text.attrib["y"], "") + (text.text or "")
    return [" ".join(row.split()) for row in rows.values()]


def test_it_shows_what_the_demo_says() -> None:
    """Each line of a run of the demo is in the committed picture; `python tools/pictures.py`
    draws it anew.
    """
    shown = lines_of(pictures.PICTURE.read_text("utf-8"))
    said = [" ".join(line.split()) for line in pictures.steady(pictures.run_demo()).splitlines()]
    assert [line for line in shown if line] == ["$ make demo", *filter(None, said)]


def test_what_differs_from_run_to_run_is_replaced() -> None:
    """Port and seconds are always the same, and the table keeps its width."""
    text = "on http://127.0.0.1:42303.\n│ 36, 12.7 s     │\n"
    assert pictures.steady(text) == "on http://127.0.0.1:8089.\n│ 36, 1.5 s      │\n"


def test_it_loads_nothing() -> None:
    """No font or picture comes from elsewhere."""
    svg = html.unescape(pictures.PICTURE.read_text("utf-8"))
    assert "@font-face" not in svg
    assert not re.findall(r"url\(['\"]?http|href=", svg)
