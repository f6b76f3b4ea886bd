"""``TIMIFY_LOG=debug`` or ``TIMIFY_LOG=info`` shows the log, for programs that set up none."""

from __future__ import annotations

import logging
import os
import warnings
from typing import Final, TextIO

from .._base.text import shorten
from .events import logger

_LEVELS: Final = {"debug": logging.DEBUG, "info": logging.INFO}


class _LogHandler(logging.StreamHandler[TextIO]):
    """Writes to stderr what no other handler takes."""

    def filter(self, record: logging.LogRecord) -> bool:
        # A program that sets up logging, be it after this, would have each line twice.
        others = [it for it in (*logger.handlers, *logging.root.handlers) if it is not self]
        return not others and bool(super().filter(record))


def heed_environment() -> None:
    """Show the log on stderr if ``TIMIFY_LOG`` says so: once, whatever is set later.

    A value that is neither of the two is a warning, since no service is to fail for its log.
    """
    text = os.environ.get("TIMIFY_LOG", "").strip()
    if not text or any(isinstance(it, _LogHandler) for it in logger.handlers):
        return
    level = _LEVELS.get(text.lower())
    if level is None:
        reason = f"TIMIFY_LOG must be debug or info, not {shorten(text, 50)!r}; it is ignored"
        warnings.warn(reason, UserWarning, stacklevel=3)
        return
    handler = _LogHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logger.addHandler(handler)
    logger.setLevel(level)
