"""A headless Chromium, driven by the DevTools protocol over pipes, so that nothing is installed."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import shutil
import signal
import time
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any, Final

NAMES: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PATIENCE: Final = 30.0
"""Seconds for what the page is to show."""
_OPTIONS: Final = (
    "--headless",
    "--remote-debugging-pipe",
    "--no-sandbox",  # root, as in containers, has none; only pages of this machine are loaded
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def program() -> str | None:
    """Find a browser on the path."""
    return next((found for name in NAMES if (found := shutil.which(name))), None)


class Browser:
    """One page of a browser."""

    def __init__(self, commands: int, answers: int) -> None:
        self._commands, self._answers = commands, answers
        self._number = 0
        self._received = b""
        self._session: str | None = None
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        attached = self.call("Target.attachToTarget", targetId=target, flatten=True)
        self._session = attached["sessionId"]
        self.call("Page.enable")

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Send a command, and return its result."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._commands, json.dumps(message).encode() + b"\0")
        while (answer := self._next()).get("id") != self._number:
            pass
        assert "error" not in answer, answer
        result: dict[str, Any] = answer["result"]
        return result

    def _next(self) -> dict[str, Any]:
        while b"\0" not in self._received:
            part = os.read(self._answers, 65536)
            assert part, "the browser has ended"
            self._received += part
        message, _, self._received = self._received.partition(b"\0")
        decoded: dict[str, Any] = json.loads(message)
        return decoded

    def run(self, script: str) -> Any:
        """Return the value of an expression in the page."""
        answer = self.call("Runtime.evaluate", expression=script, returnByValue=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def open(self, url: str) -> None:
        self.call("Page.navigate", url=url)
        self.until(lambda: self.run("document.readyState") == "complete")

    def text(self, selector: str = "body") -> str:
        """Return the text of an element, or "" where there is none, as while a page is loaded."""
        return str(self.run(f"document.querySelector({json.dumps(selector)})?.innerText ?? ''"))

    def shows(self, selector: str, text: str) -> None:
        """Wait until an element has a text."""
        self.until(lambda: text in self.text(selector))

    def choose(self, name: str, value: str) -> None:
        """Set a field of a form."""
        self.run(f"document.querySelector('[name={name}]').value = {json.dumps(value)}")

    def click(self, text: str) -> None:
        """Click the button with this text, and wait for the page that follows."""
        self.run("document.documentElement.dataset.old = 'yes'")
        buttons = "[...document.querySelectorAll('button')]"
        self.run(f"{buttons}.find(button => button.innerText === {json.dumps(text)}).click()")
        fresh = "document.readyState === 'complete' && !document.documentElement.dataset.old"
        self.until(lambda: self.run(fresh) is True)

    def until(self, condition: Callable[[], bool]) -> None:
        end = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < end, self.text()[:3000]
            time.sleep(0.05)


@contextlib.contextmanager
def browser(folder: Path) -> Generator[Browser]:
    """Run a browser whose profile is in the folder."""
    commands, ours = _high_pipe()
    theirs, answers = _high_pipe()
    executable = program() or ""
    process = os.posix_spawn(
        executable,
        [executable, *_OPTIONS, f"--user-data-dir={folder}"],
        os.environ,
        file_actions=[
            (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0),
            (os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0),
            (os.POSIX_SPAWN_DUP2, commands, 3),  # where the browser reads commands
            (os.POSIX_SPAWN_DUP2, answers, 4),  # and writes answers
        ],
        setsid=True,
    )
    for descriptor in (commands, answers):
        os.close(descriptor)
    try:
        yield Browser(ours, theirs)
    finally:
        for descriptor in (ours, theirs):
            os.close(descriptor)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process, signal.SIGKILL)
        os.waitpid(process, 0)


def _high_pipe() -> tuple[int, int]:
    """Make a pipe of descriptors that are not 3 or 4."""
    low = os.pipe()
    high = [fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, 10) for descriptor in low]
    for descriptor in low:
        os.close(descriptor)
    return high[0], high[1]
