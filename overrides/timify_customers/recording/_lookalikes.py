"""Replaces secrets and personal data by look-alikes. Pure: no file, no network, no clock."""

from __future__ import annotations

import hmac
import itertools
import json
import re
import string
from collections.abc import Iterator
from typing import Any, Final, cast
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

_ROUTE: Final = re.compile(
    r"|v1|auth|(refresh-?)?token|customers|customfields|categories|import|global|events"
)
_COUNT: Final = re.compile(r"status|page|limit|total(Items|Pages|Bookings)?|orderIndex|expires")
_PLAIN_HEADERS: Final = {"accept", "accept-encoding", "allow", "content-type", "retry-after"}
_HOSTS: Final = re.compile(r"([a-z0-9-]+\.)?timify\.com|(localhost|127\.0\.0\.1)(:\d+)?")
# Values of these keys and parameters that the API defines. Any other value is replaced.
_PLAIN: Final = {
    "type": re.compile(r"[A-Z][A-Z_]{1,19}|booking"),
    "defaultId": re.compile(r"[a-z][A-Za-z]{1,29}"),
    **dict.fromkeys(("page", "limit", "external"), re.compile(r"-?\d{1,6}")),
}
_KEY: Final = re.compile(r"\d{1,2}|(?!.*\d{3}|[0-9a-fA-F]{12,}$)[A-Za-z_$][A-Za-z0-9_$]{0,39}")
_HEX: Final = re.compile(r"[0-9a-fA-F-]{8,}")
_KEPT: Final = re.compile(r"https?://|(?i:bearer |basic )?(?:eyJ)?")
_STAMP: Final = re.compile(
    r"(\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?)?)(Z|[+-]\d\d:?\d\d)?"
)
_BOUNDS: Final = ((1950, 80), (1, 12), (1, 28), (0, 24), (0, 60), (0, 60), (0, 10**9))
"""The lowest value of year, month, day, hour, minute, second and fraction, and how many there are.
"""
_LETTERS: Final = ("0123456789", string.ascii_lowercase, string.ascii_uppercase)
_HEX_LETTERS: Final = ("0123456789", "abcdef", "ABCDEF")
_FAR: Final = "áçèëîñôûăčęğłňřşťůžαβγδλπσωдежийлфщюя"


class Lookalikes:
    """Replaces each value by a look-alike of the same type, length and form.

    Equal values become equal look-alikes. Letters become letters of the same case, digits become
    digits, and characters beyond ASCII become letters beyond ASCII; other characters stay. So 24
    hex digits, an e-mail address, a phone number and a JWT keep their forms. Dates and timestamps
    stay valid, and JSON within a string stays JSON with its keys. Null, true, false and the empty
    string stay, and so do the values that the document defines: routes, counts, types of fields,
    default ids. A key stays if it can be the name of a property.

    Args:
        secret: determines the look-alikes. It is random for each recording and never stored, so
            that nobody can try out values.
    """

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def text(self, value: str) -> str:
        """Return another text of the same form."""
        noise = self._noise(value)
        lookalikes = (_made(value, noise) for _ in range(8))
        return next((lookalike for lookalike in lookalikes if lookalike != value), value)

    def json(self, value: Any, key: str = "") -> Any:
        """Return the same structure with other values; ``key`` is the key of the value."""
        if isinstance(value, dict):
            return {
                self.key(name): self.json(item, name)
                for name, item in cast("dict[str, Any]", value).items()
            }
        if isinstance(value, list):
            return [self.json(item, key) for item in value]
        if isinstance(value, str):
            return self._value(key, value)
        if value is None or isinstance(value, bool) or _COUNT.fullmatch(key):
            return value
        mantissa, e, exponent = repr(value).partition("e")
        return (
            type(value)(self.text(mantissa) + e + exponent)
            if mantissa.strip("-")[:1].isdigit()
            else value
        )

    def key(self, name: str) -> str:
        """Return a key as it is if it can be the name of a property; otherwise it may be data."""
        return name if _KEY.fullmatch(name) else self.text(name)

    def url(self, url: str) -> str:
        """Return a URL with the same routes, but other ids and query values."""
        parts = urlsplit(url)
        segments = (unquote(segment) for segment in parts.path.split("/"))
        path = "/".join(
            segment if _ROUTE.fullmatch(segment) else quote(self.text(segment), safe="")
            for segment in segments
        )
        host = parts.netloc if _HOSTS.fullmatch(parts.netloc) else self.text(parts.netloc)
        pairs = parse_qsl(parts.query, keep_blank_values=True)
        query = urlencode([(self.key(name), self._value(name, value)) for name, value in pairs])
        return f"{parts.scheme}://{host}{path}" + (f"?{query}" if query else "")

    def header(self, name: str, value: str) -> str:
        """Return the look-alike of a header's value; ``name`` is in lower case."""
        plain = name in _PLAIN_HEADERS or ("ratelimit" in name and value.isdecimal())
        return value if plain else self.text(value)

    def body(self, text: str) -> str:
        """Return the look-alike of a body or a string in it: JSON by its values, else as a text."""
        try:
            inner = json.loads(text) if text.lstrip()[:1] in {"{", "["} else None
        except (ValueError, RecursionError):
            inner = None
        if inner is None:
            return self.text(text)
        separators = (", ", ": ") if '": ' in text else (",", ":")
        return json.dumps(self.json(inner), separators=separators, ensure_ascii=text.isascii())

    def _value(self, key: str, value: str) -> str:
        return value if key in _PLAIN and _PLAIN[key].fullmatch(value) else self.body(value)

    def _noise(self, value: str) -> Iterator[int]:
        for block in itertools.count():
            yield from hmac.digest(
                self._secret, f"{block} {value}".encode("utf-8", "surrogatepass"), "sha256"
            )


def _made(value: str, noise: Iterator[int]) -> str:
    if stamp := _STAMP.fullmatch(value):
        bounds = iter(_BOUNDS)
        return re.sub(r"\d+", lambda part: _within(part[0], next(bounds), noise), stamp[1]) + (
            stamp[2] or ""
        )
    prefix = _KEPT.match(value)
    start = prefix.end() if prefix else 0
    alphabets = _HEX_LETTERS if _HEX.fullmatch(value) else _LETTERS
    return value[:start] + "".join(
        _like(character, alphabets, noise) for character in value[start:]
    )


def _within(digits: str, bounds: tuple[int, int], noise: Iterator[int]) -> str:
    low, count = bounds
    chosen = low + int.from_bytes(bytes(itertools.islice(noise, 4))) % count
    return f"{chosen:0{len(digits)}}"[-len(digits) :]


def _like(character: str, alphabets: tuple[str, ...], noise: Iterator[int]) -> str:
    if not character.isascii():
        return _FAR[next(noise) % len(_FAR)]
    alphabet = next((letters for letters in alphabets if character in letters), character)
    if character in "123456789":
        alphabet = "123456789"  # a number without a leading 0 does not get one
    return alphabet[next(noise) % len(alphabet)]
