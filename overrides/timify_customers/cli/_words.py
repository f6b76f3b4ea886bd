"""Rewrites texts of the library for the command line: ``--page-size``, not ``page_size``."""

from __future__ import annotations

import re
from typing import Final

from .._files.lines import QUOTED

OPTIONS: Final = {
    "page_size": "--page-size",
    "on_shift": "--on-shift",
    "chunk_size": "--chunk-size",
    "phone_region": "--phone-region",
    "date_order": "--date-order",
    "external_id": "--external-id",
    "customer_id": "ID",
    "app_id": "TIMIFY_APP_ID",
    "app_secret": "TIMIFY_APP_SECRET",
    "access_token": "TIMIFY_ACCESS_TOKEN",
    "company_id": "TIMIFY_COMPANY_ID",
    "base_url": "TIMIFY_BASE_URL",
}
"""Names of the library that users of the command line do not know, and what they type instead."""

_NAMES: Final = "|".join(OPTIONS)

_SPOKEN: Final = re.compile(
    rf"""(?P<quoted>{QUOTED})
    | \bFormats\((?P<call>{_NAMES})=[^()]*\)
    | (?:\b[Ff]ormats\ (?:with\ )?an?\ )?\b(?P<name>{_NAMES})\b=?
    | \bverify=
    | (?P<dropped>;\ allow_http=True\ permits\ it)
    | ^cursor(?=\ (?:is|belongs)\b)
    """,
    re.VERBOSE,
)


def in_words_of_the_command_line(text: str) -> str:
    """Replace names of Python arguments by those of the command line, except in quoted data.

    An example: ``write it so, or give formats with a date_order`` becomes ``write it so, or give
    --date-order``.
    """
    return _SPOKEN.sub(_word, text)


def _word(match: re.Match[str]) -> str:
    if match["quoted"]:
        return match[0]
    if name := match["call"] or match["name"]:
        return OPTIONS[name]
    if match["dropped"]:
        return ""
    return "--verify " if match[0] == "verify=" else "--cursor"
