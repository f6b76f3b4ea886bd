"""Links that lead from a page of docs/ to what lies outside of it.

Pages are read on a code host too, where a link such as ``../ARCHITECTURE.md`` works. The site has
these as pages of its own.
"""

import posixpath
import re
from pathlib import Path
from typing import Final

PAGES: Final = {
    "README.md": "index.md",
    "ARCHITECTURE.md": "explanation/architecture.md",
    "CHANGELOG.md": "reference/changelog.md",
    "openapi/README.md": "explanation/document.md",
    "overrides/timify_customers/_base/errors.py": "reference/errors.md",
}
"""Files of the project, and the page of the site that shows each."""

_LINK = re.compile(r"(?<=\]\()([^)#\s]+)(#[^)\s]*)?(?=\))")
_COMMENT = re.compile(r"^ *<!--.*?-->\n?", re.DOTALL | re.MULTILINE)


class OutsideLinkError(Exception):
    """A page links to a file that the site does not have."""


def for_site(text: str, page: str, folder: str = "docs") -> str:
    """Return the Markdown of a page with the links to other files as the site has them.

    ``page`` is its path below docs/. ``folder`` is where the text comes from, as seen from the
    root of the project. Raises OutsideLinkError for a file that `PAGES` does not have.
    """
    home = posixpath.dirname(page)

    def replaced(link: re.Match[str]) -> str:
        target, anchor = link[1], link[2] or ""
        if re.match(r"[a-z]+:", target):
            return link[0]
        place = posixpath.normpath(posixpath.join(folder, target))
        if place.startswith("docs/"):
            page_path = place.removeprefix("docs/")
        elif place in PAGES:
            page_path = PAGES[place]
        else:
            raise OutsideLinkError(f"docs/{page} links to {target}, which the site does not have")
        return posixpath.relpath(page_path, home or ".") + anchor

    return _LINK.sub(replaced, text)


def other_pages(index: str, folder: Path) -> str:
    """Return the names of the pages in a folder that its first page does not name, one a line."""
    named = set(index.splitlines()) | {"index"}
    return "\n".join(sorted({path.stem for path in folder.glob("*.md")} - named))


def without_comments(text: str) -> str:
    """Leave out HTML comments, which speak to the tests of a page and not to its readers."""
    return _COMMENT.sub("", text)
