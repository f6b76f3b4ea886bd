"""Received requests without their secrets, as the page shows them."""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, cast

from .._base.secrets import may_be_secret
from ._model import ReceivedRequest

BLANK = "***"
MOST_SHOWN = 4000
"""Characters of a body that are shown."""
MOST_DECODED = 100_000
"""Bytes of a body that are decoded; of a longer one the beginning is shown as it was sent."""

_LEAST_SECRET = 4
"""Characters. A shorter secret is blanked only under its own name: elsewhere it may be a word."""

_TOKEN = re.compile(r"eyJ[\w-]+\.[\w-]+\.[\w-]+")
"""A token in the form of a JWT, as those of the sandbox are."""

_NAMED = re.compile(
    r"""(?ix) ( ["']? [\w.%\\-]{0,80}
            (?: auth|cookie|credential|jwt|passw|secret|session|signature|token|api-?key )
            [\w.%\\-]{0,80} ["']? \s* [:=] \s* )
        (?: "(?:[^"\\]|\\.)*"? | '[^']*'? | [^&\s,;}]+ )"""
)
"""A name that may be that of a secret, and its value, in a body that is not JSON."""


@dataclass(frozen=True, slots=True)
class RedactedRequest:
    """The texts of a request, each without secrets, and bounded in length."""

    path: str
    query: tuple[tuple[str, str], ...]
    headers: tuple[tuple[str, str], ...]
    body: str
    reason: str


def redacted(request: ReceivedRequest, reason: str, app_secret: str) -> RedactedRequest:
    """Return the texts of a request without its secrets.

    What a header, a parameter or a member of the body holds is blanked if the name says that it may
    be secret, and so is the same text anywhere else in the request.

    Args:
        request: The request.
        reason: What the document has against it, which may quote it.
        app_secret: The app's secret.
    """
    content = request.json if len(request.body) <= MOST_DECODED else None
    secrets = _Secrets([app_secret, *_secrets_of(request, content)])
    return RedactedRequest(
        path=secrets.blank(request.path),
        query=tuple(secrets.pairs(request.query_items)),
        headers=tuple(secrets.pairs(request.headers.items())),
        body=_body(request, content, secrets),
        reason=secrets.blank(reason),
    )


class _Secrets:
    """The secrets to blank, the longest first, so that none leaves a part of another."""

    def __init__(self, texts: Iterable[str]) -> None:
        long_enough = {text for text in texts if len(text) >= _LEAST_SECRET}
        self._texts = sorted(long_enough, key=len, reverse=True)

    def blank(self, text: str) -> str:
        for secret in self._texts:
            text = text.replace(secret, BLANK)
        return _TOKEN.sub(BLANK, text)

    def pairs(self, pairs: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
        for name, value in pairs:
            shown = BLANK if may_be_secret(name.lower()) else self.blank(value)
            yield self.blank(name), shown

    def members(self, content: Any) -> Any:
        """Return a decoded body in which the members that may be secret are blank."""
        if isinstance(content, dict):
            members = cast("dict[str, Any]", content)
            return {
                self.blank(name): BLANK if may_be_secret(name.lower()) else self.members(value)
                for name, value in members.items()
            }
        if isinstance(content, list):
            return [self.members(value) for value in content]
        return self.blank(content) if isinstance(content, str) else content


def _secrets_of(request: ReceivedRequest, content: object) -> Iterator[str]:
    pairs = [*request.headers.items(), *request.query_items]
    if isinstance(content, dict):
        members = cast("dict[str, object]", content)
        pairs += [(name, value) for name, value in members.items() if isinstance(value, str)]
    for name, value in pairs:
        if may_be_secret(name.lower()):
            yield value
            yield value.rpartition(" ")[2]  # the token without its scheme


def _body(request: ReceivedRequest, content: object, secrets: _Secrets) -> str:
    text = ""
    if content is not None:
        try:
            text = json.dumps(secrets.members(content), ensure_ascii=False, indent=2)
        except RecursionError:
            content = None
    if content is None:
        begin = request.body[: 4 * MOST_SHOWN].decode("utf-8", "replace")
        text = _NAMED.sub(rf"\1{BLANK}", secrets.blank(begin))
    if len(text) <= MOST_SHOWN and len(request.body) <= MOST_DECODED:
        return text
    return f"{text[:MOST_SHOWN]}\n… and more: the body has {len(request.body):,} bytes"
