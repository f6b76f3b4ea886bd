"""Make the pictures of docs/pictures: what ``make demo`` prints, and the page of the sandbox.

``python tools/pictures.py`` runs the demo and draws what a terminal would show; a test fails when
the demo says something else. Where Chromium is on the path, it also takes pictures of the page, in
light and dark.
"""

import asyncio
import contextlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from io import StringIO
from pathlib import Path

from rich.console import Console
from rich.text import Text
from timify_customers import ApiError, TimifyCustomers
from timify_customers.sandbox import Sandbox

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


async def call(sandbox: Sandbox, url: str) -> None:
    """Make requests for the page to show, one of which the document does not allow."""
    credentials = (sandbox.app_id, sandbox.app_secret, sandbox.company_id)
    async with TimifyCustomers(*credentials, base_url=url, retries=0) as timify:
        await timify.customers.create({"firstName": "Ada"}, external_id="crm-1815")
        await timify.request("GET", "/v1/customers", params={"colour": "blue"})
        sandbox.fail("create_customer", status=429, retry_after=2, times=3)
        with contextlib.suppress(ApiError):
            await timify.customers.create({"firstName": "Eve"}, external_id="crm-1816")


def take_pictures_of_the_page(chromium: str) -> None:
    """Write a picture of the sandbox's page for light and for dark pages."""
    sandbox = Sandbox()
    with sandbox.serve() as url, tempfile.TemporaryDirectory() as profile:
        asyncio.run(call(sandbox, url))
        for theme, preferred in (("light", 1), ("dark", 0)):
            options = [
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--hide-scrollbars",
                "--window-size=1000,900",
                f"--user-data-dir={profile}",
                f"--blink-settings=preferredColorScheme={preferred}",
                f"--screenshot={PICTURE.with_name(f'sandbox-{theme}.png')}",
            ]
            command = [chromium, *options, f"{url}/_sandbox/"]
            subprocess.run(command, check=True, capture_output=True, timeout=60)


def main() -> int:
    """Write the pictures."""
    PICTURE.parent.mkdir(exist_ok=True)
    PICTURE.write_text(draw(steady(run_demo())), "utf-8")
    if chromium := shutil.which("chromium"):
        take_pictures_of_the_page(chromium)
    return 0


if __name__ == "__main__":
    sys.exit(main())
