"""Draw docs/pictures/demo.svg: what ``make demo`` prints, as a terminal would show it.

``python tools/pictures.py`` runs the demo and writes the picture; a test fails when the demo says
something else.
"""

import os
import re
import subprocess
import sys
from io import StringIO
from pathlib import Path

from rich.console import Console
from rich.text import Text

ROOT = Path(__file__).parents[1]
PICTURE = ROOT / "docs" / "pictures" / "demo.svg"
COLUMNS = 80
END = "Rows that were not sent"
"""The table of bad rows is left out: the picture is to fit on a screen."""


def run_demo() -> str:
    """Run the demo on a terminal without bars, and return what it says up to `END`."""
    result = subprocess.run(
        [sys.executable, "-P", str(ROOT / "examples" / "demo.py")],
        env=os.environ | {"COLUMNS": str(COLUMNS), "PYTHONIOENCODING": "utf-8"},
        check=True,
        capture_output=True,
        encoding="utf-8",
    )
    return result.stdout.partition(END)[0].rstrip()


def steady(output: str) -> str:
    """Replace what differs from run to run, the port and the seconds, and keep tables straight."""
    output = re.sub(r"127\.0\.0\.1:\d+", "127.0.0.1:8089", output)

    def same_width(match: re.Match[str]) -> str:
        return "1.5 s".ljust(len(match[0]) - 1) + " "

    return re.sub(r"\b\d+\.\d s +", same_width, output)


def draw(output: str) -> str:
    """Return the SVG. Its letters are those of the reader's machine: it loads no font."""
    console = Console(record=True, width=COLUMNS, file=StringIO(), force_terminal=True)
    console.print(Text("$ make demo", style="bold green"))
    console.print(Text(output))
    picture = console.export_svg(title="make demo", unique_id="demo")
    picture = re.sub(r"@font-face \{.*?\}\n\s*", "", picture, flags=re.DOTALL)
    return picture.replace("Fira Code", "ui-monospace, Menlo, Consolas")


def main() -> int:
    """Write the picture."""
    PICTURE.parent.mkdir(exist_ok=True)
    PICTURE.write_text(draw(steady(run_demo())), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
