"""The built site, as a browser and a reader without eyes find it."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from urllib.parse import unquote, urldefrag

from bs4 import BeautifulSoup

REDOC = "api.html"
OUTSIDE = ("http:", "https:", "mailto:", "data:")


class Page:
    """One HTML file of the site."""

    def __init__(self, path: Path, root: Path) -> None:
        self.path = path
        self.name = path.relative_to(root).as_posix()

    @cached_property
    def html(self) -> BeautifulSoup:
        return BeautifulSoup(self.path.read_text("utf-8"), "html.parser")

    @cached_property
    def anchors(self) -> set[str]:
        return {str(tag["id"]) for tag in self.html.find_all(id=True)} | {""}

    def loaded(self) -> list[str]:
        """Addresses that a browser fetches to show the page."""
        tags = self.html.select("script[src], img[src], iframe[src], source[srcset]")
        styles = self.html.select(
            'link[rel~="stylesheet"], link[rel~="icon"], link[rel~="preload"]'
        )
        return [str(tag.get("src") or tag.get("srcset")) for tag in tags] + [
            str(tag["href"]) for tag in styles
        ]

    def links(self) -> list[tuple[Path, str]]:
        """File and anchor of each link within the site."""
        targets = [str(tag["href"]) for tag in self.html.select("a[href]")]
        found = []
        for target in targets:
            if not target.startswith(OUTSIDE):
                place, anchor = urldefrag(target)
                file = (self.path.parent / unquote(place)).resolve() if place else self.path
                found.append((file, unquote(anchor)))
        return found


def pages_of(root: Path) -> list[Page]:
    """Every page of a built site; that of Redoc is one of another tool."""
    return [Page(path, root) for path in sorted(root.rglob("*.html")) if path.name != REDOC]
