"""Build the documentation site, the API document as a page of Redoc included, and open it.

``python tools/build_docs.py`` writes build/site/ and prints where it begins. It opens a browser
when it runs on a terminal of a desktop. Warnings are errors. Nothing of the site needs a network.
"""

import argparse
import os
import subprocess
import sys
import webbrowser
from pathlib import Path

import node
from node import ROOT

DOCUMENT = ROOT / "openapi" / "customers.yaml"
SITE = ROOT / "build" / "site"
REDOC = ROOT / "build" / "redoc"
"""What Sphinx copies into the site as it is: see docs/conf.py."""

NO_NETWORK = (
    '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
    "script-src 'unsafe-inline' 'unsafe-eval' blob:; worker-src blob:; "
    "style-src 'unsafe-inline'; img-src data:; font-src data:\">"
)
"""Redoc's page holds all that it needs. It would load a logo from its makers all the same, and
report to them how it is used."""


class DocsError(Exception):
    """The site could not be built; the message is what the tool said."""


def build_redoc(folder: Path) -> Path:
    """Render the API document as one page, with its scripts in it, and return its path.

    Raises DocsError, and NodeError when the tools cannot be installed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    page = folder / "api.html"
    answer = node.run(
        "redocly", "build-docs", str(DOCUMENT), "--output", str(page), "--inlineBundle", check=False
    )
    if answer.returncode:
        raise DocsError(f"Redoc could not be made:\n{answer.stdout}{answer.stderr}")
    text = page.read_text("utf-8")
    if "<head>" not in text:
        raise DocsError("Redoc's page has no <head> that could forbid it to load anything.")
    page.write_text(text.replace("<head>", f"<head>{NO_NETWORK}", 1), "utf-8")
    return page


def build_pages(folder: Path) -> Path:
    """Build the pages, and return the path of the first.

    Raises DocsError on the first run that warns: a link that leads nowhere, a page that nobody
    links to, a docstring that is not well formed.
    """
    answer = subprocess.run(
        [
            *(sys.executable, "-P", "-m", "sphinx", "--builder", "html", "--quiet"),
            *("--fail-on-warning", "--fresh-env", "--show-traceback"),
            *("--doctree-dir", f"{folder}.doctrees"),
            *(str(ROOT / "docs"), str(folder)),
        ],
        check=False,
        capture_output=True,
        encoding="utf-8",
    )
    if answer.returncode:
        raise DocsError(f"The site has faults:\n{answer.stdout}{answer.stderr}")
    return folder / "index.html"


def has_browser() -> bool:
    """Say whether somebody sits at a desktop; a browser in a terminal would be in the way."""
    if not sys.stdout.isatty():
        return False
    if sys.platform in {"win32", "darwin"}:
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def main() -> int:
    """Build all of it; the exit code is 1 when something is wrong with a page."""
    parser = argparse.ArgumentParser(description="Build the documentation site, and open it.")
    parser.add_argument("--no-open", action="store_true", help="do not open a browser")
    arguments = parser.parse_args()
    try:
        build_redoc(REDOC)
        start_page = build_pages(SITE)
    except (DocsError, node.NodeError) as failure:
        print(failure, file=sys.stderr)
        return 1
    print(start_page)
    if has_browser() and not arguments.no_open:
        webbrowser.open(start_page.as_uri())
    return 0


if __name__ == "__main__":
    sys.exit(main())
