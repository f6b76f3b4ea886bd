"""Finds the code blocks of README.md, docs/ and examples/, and says how each is run.

The rules, for who writes a page:

- **python** blocks of a page run one after the other, in one namespace, as somebody would who
  follows the page. ``await`` and ``async for`` may stand at the top. At hand are `PRELUDE`, and the
  ``TIMIFY_*`` variables of a sandbox.
- One that calls ``asyncio.run`` is a program, and runs in a process of its own.
- One that defines ``test_...`` functions is run by pytest, with an ``anyio_backend`` fixture.
- **console** blocks: ``timify-customers`` runs against the sandbox, in a folder with `FILES`. Of
  its commands that serve until they are stopped the options are checked. Of ``make``, ``pip
  install``, ``export`` and ``python`` it is checked that target, extra, variable and options exist.
- **json** and **toml** are parsed; **text** and other languages are for the eye.

A comment before a block speaks to the tests and is left out of the site:

- ``<!-- not run: REASON -->`` for a block that cannot run here. The reason is a sentence.
- ``<!-- set up`` and Python code up to ``-->`` runs before the block: names that the page takes for
  granted. Use it sparingly.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from attrs import frozen
from markdown_it import MarkdownIt

ROOT = Path(__file__).parents[2]
PRELUDE = ("timify", "sandbox", "rows", "yesterday")
"""A client of the sandbox, that sandbox, three rows with the key ``crm_id``, and a date."""
FILES = {
    "crm.csv": "crm_id,firstName,email,Loyalty tier\ncrm-1,Ada,ada@example.com,gold\n",
    "customers.csv": "id,externalId,firstName\n,crm-2,Grace\n",
    "labels.txt": "Shoe size\n",
    "notes.csv": "crm_id,firstName,Internal note\ncrm-3,Mary,likes tea\n",
}
LANGUAGES = {"console", "dockerfile", "ini", "json", "python", "text", "toml", "yaml"}
_NOT_RUN = re.compile(r"<!--\s*not run:(.*?)-->", re.DOTALL)
_SET_UP = re.compile(r"<!--\s*set up\n(.*?)-->", re.DOTALL)


@frozen
class Block:
    """A code block of a page.

    Attributes:
        page: path below the project's root.
        line: of its first line of code, from 1.
        language: first word behind the fence.
        code: as it is printed.
        reason: why it is not run, or None.
    """

    page: str
    line: int
    language: str
    code: str
    reason: str | None = None

    @property
    def kind(self) -> str:
        """What is to be done with it."""
        if self.reason is not None:
            return "not run"
        if self.language != "python":
            return self.language
        if re.search(r"^(async )?def test_", self.code, re.MULTILINE):
            return "tests"
        return "program" if "asyncio.run(" in self.code else "python"


def pages() -> list[Path]:
    """Every page for users."""
    folders = (ROOT / "docs", ROOT / "examples")
    return [ROOT / "README.md", *(page for it in folders for page in sorted(it.rglob("*.md")))]


def blocks(page: Path) -> list[Block]:
    """Read the blocks of a page; hidden set-up is a block of Python too."""
    return list(blocks_of(page.read_text("utf-8"), page.relative_to(ROOT).as_posix()))


def blocks_of(text: str, page: str) -> Iterator[Block]:
    """Yield the blocks of a Markdown text."""
    reason: str | None = None
    for token in MarkdownIt().parse(text):
        first = token.map[0] if token.map else 0
        if token.type == "html_block":
            for code in _SET_UP.findall(token.content):
                yield Block(page, first + 2, "python", code)
            found = _NOT_RUN.search(token.content)
            reason = " ".join(found[1].split()) if found else None
        elif token.type == "fence":
            language = token.info.split()[0] if token.info else ""
            if not language.startswith("{"):  # a directive of the site
                yield Block(page, first + 2, language, token.content, reason)
            reason = None
        elif token.nesting >= 0:
            reason = None
