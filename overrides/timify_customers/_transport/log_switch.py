"""``TIMIFY_LOG=debug`` or ``TIMIFY_LOG=info`` shows the log of programs that set up no logging."""

from __future__ import annotations

import logging
import os
import warnings
from typing import Final, TextIO

from .._base.text import shorten
from .events import logger

_LEVELS: Final = {"debug": logging.DEBUG, "info": logging.INFO}


class _LogHandler(logging.StreamHandler[TextIO]):
    """Writes records to stderr that no other handler takes."""

    def filter(self, record: logging.LogRecord) -> bool:
        # A program that sets up logging, even later, would otherwise show each line twice.
        other_handlers = [
            handler for handler in (*logger.handlers, *logging.root.handlers) if handler is not self
        ]
        return not other_handlers and bool(super().filter(record))


def heed_environment() -> None:
    """Show the log on stderr if ``TIMIFY_LOG`` says so. Later calls change nothing.

    Any other value is a warning only, since no service should fail because of its log.
    """
    text = os.environ.get("TIMIFY_LOG", "").strip()
    if not text or any(isinstance(existing, _LogHandler) for existing in logger.handlers):
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
