"""Reads the body of an answer in pieces, within a bound.

A few hundred bytes of gzip can become hundreds of megabytes. So raw bytes are decompressed in steps
of bounded size, and counted as they come. Only ``gzip`` is requested and understood; any other
coding is refused.
"""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import AsyncIterable, Callable, Iterator, Mapping
from typing import Final

from .._base.errors import AnswerTooLargeError, BodyError
from .._base.text import shorten
from .messages import Reply

STEP: Final = 64 * 1024
"""The most bytes that one step of decompression yields."""
_BREATH: Final = 16
"""Steps after which other tasks of the event loop get their turn."""

Decode = Callable[[bytes], Iterator[bytes]]


async def read_body(
    stream: AsyncIterable[bytes], headers: Mapping[str, str], limit: int, head: Reply
) -> bytes:
    """Read a body to its end and decode it.

    Args:
        stream: the body as it comes.
        headers: lower-case names.
        limit: the most bytes that it may have, decoded.
        head: the answer without its body, for the error.

    Raises:
        AnswerTooLargeError: it has more bytes; the rest is not read.
        BodyError: its coding is broken, or was not requested.
    """
    gunzip = _Gunzip() if _is_gzip(headers.get("content-encoding", ""), head) else None
    decode: Decode = gunzip.feed if gunzip else _as_it_is
    pieces: list[bytes] = []
    size = 0
    try:
        async for raw in stream:
            for piece in decode(raw):
                size += len(piece)
                if size > limit:
                    allowed = f"{limit:,} bytes, which is what max_answer_bytes allows"
                    raise AnswerTooLargeError(f"the answer has more than {allowed}", **head.context)
                pieces.append(piece)
                if not len(pieces) % _BREATH:
                    await asyncio.sleep(0)
        if gunzip:
            pieces.append(gunzip.end())
    except (zlib.error, EOFError) as error:
        raise BodyError(
            f"HTTP {head.status}, but the body's gzip coding is broken ({error})", **head.context
        ) from None
    return b"".join(pieces)


def _is_gzip(coding: str, head: Reply) -> bool:
    coding = coding.strip().lower()
    if coding in {"", "identity"}:
        return False
    if coding in {"gzip", "x-gzip"}:  # equivalent (RFC 9110 section 8.4.1.3)
        return True
    shown = shorten(coding, 100)
    reason = f"the body's coding is {shown!r}, and only gzip was asked for"
    raise BodyError(f"HTTP {head.status}, but {reason}", **head.context)


def _as_it_is(raw: bytes) -> Iterator[bytes]:
    yield raw


class _Gunzip:
    """Decompresses gzip, of one member or several (RFC 1952 section 2.2), in bounded steps."""

    def __init__(self) -> None:
        self._member = zlib.decompressobj(wbits=31)
        self._begun = False

    def feed(self, raw: bytes) -> Iterator[bytes]:
        self._begun = self._begun or bool(raw)
        while raw:
            if self._member.eof:
                self._member = zlib.decompressobj(wbits=31)
            yield self._member.decompress(raw, STEP)
            raw = self._member.unconsumed_tail or self._member.unused_data

    def end(self) -> bytes:
        """Return what remains, which is less than a step.

        Raises EOFError when the coding breaks off.
        """
        tail = self._member.flush()
        if self._begun and not self._member.eof:
            raise EOFError("it breaks off")
        return tail
