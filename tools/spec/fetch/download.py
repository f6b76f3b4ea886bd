"""Downloading a file of unknown size from an address of unknown honesty, within bounds.

Redirects are followed by hand, so that every hop is judged before anything is sent to it. What is
counted is what stays in memory, so decoded bytes. One deadline covers all of it, a server that
drips its headers included.
"""

import asyncio
import ssl
import zlib
from dataclasses import dataclass
from functools import cache

import httpx

from spec.errors import DownloadError
from spec.fetch.address import check_first, check_redirect, shown

REDIRECTS = frozenset({301, 302, 303, 307, 308})
HEADERS = {"Accept": "application/yaml, application/json, */*;q=0.1", "Accept-Encoding": "gzip"}
SIZED = frozenset({"content-length", "transfer-encoding", "content-encoding"})
"""Headers of an answer whose end is known, so that a cut would be seen."""
GZIP_OR_ZLIB = 47  # zlib's word for "find out which of the two it is"


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one download.

    `size` is in bytes of the decoded file, `redirects` counts hops, `silence` and `deadline` are in
    seconds: without any data, and in all.
    """

    size: int = 20_000_000
    redirects: int = 5
    silence: float = 20.0
    deadline: float = 120.0


@dataclass(frozen=True, slots=True)
class Download:
    """A whole file, and the address (without its query) that gave it in the end."""

    content: bytes
    content_type: str
    address: str
    sized: bool
    """Whether the server said how long the file is, so that a cut would have been seen."""


def download(address: str, limits: Limits | None = None) -> Download:
    """Return the file at `address`.

    Raises:
        UsageError: `address` is neither https nor on this machine.
        DownloadError: no whole file of a bearable size came in time.
    """
    return asyncio.run(_in_time(check_first(address), limits or Limits()))


async def _in_time(url: httpx.URL, limits: Limits) -> Download:
    try:
        async with asyncio.timeout(limits.deadline):
            return await _follow(url, limits)
    except TimeoutError as late:
        raise DownloadError(
            f"{shown(url)} did not deliver the file within {limits.deadline:g} seconds. "
            "Try again later."
        ) from late


def _what_broke(url: httpx.URL, broken: Exception) -> str:
    reason = f"{type(broken).__name__}: {broken}".rstrip(": ")
    if isinstance(broken, httpx.TimeoutException):
        return f"{shown(url)} fell silent ({reason}). Try again later."
    if isinstance(broken, httpx.RemoteProtocolError):
        return f"The download from {shown(url)} was cut off or garbled ({reason}). Try again."
    return f"{shown(url)} could not be reached ({reason}). Check the address and the network."


async def _follow(url: httpx.URL, limits: Limits) -> Download:
    visited = [url]
    while True:
        try:
            answer = await _one_hop(visited[-1], limits)
        except (httpx.HTTPError, OSError, ValueError) as broken:
            raise DownloadError(_what_broke(visited[-1], broken)) from broken
        if isinstance(answer, Download):
            return answer
        if answer in visited:
            raise DownloadError(
                f"{shown(url)} redirects in a circle, back to {shown(answer)}. Check the address."
            )
        if len(visited) > limits.redirects:
            raise DownloadError(
                f"{shown(url)} redirects more than {limits.redirects} times. "
                "Give the final address instead."
            )
        visited.append(answer)


async def _one_hop(url: httpx.URL, limits: Limits) -> Download | httpx.URL:
    # A client for each hop: no cookie goes from one host to the next. Nothing is taken from the
    # environment either, so that a proxy or a .netrc of the machine cannot change what is fetched.
    async with (
        httpx.AsyncClient(
            trust_env=False, verify=_trusted(), timeout=limits.silence, headers=HEADERS
        ) as client,
        client.stream("GET", url) as response,
    ):
        if response.status_code in REDIRECTS:
            return check_redirect(url, response.headers.get("location", ""))
        if response.status_code != httpx.codes.OK:
            raise DownloadError(
                f"{shown(url)} answered with status {response.status_code}, not with the file. "
                "Check the address."
            )
        return Download(
            content=await _read(response, limits.size),
            content_type=response.headers.get("content-type", ""),
            address=shown(url),
            sized=bool(response.headers.keys() & SIZED),
        )


@cache
def _trusted() -> ssl.SSLContext:
    return httpx.create_ssl_context(trust_env=False)


async def _read(response: httpx.Response, size: int) -> bytes:
    declared = response.headers.get("content-length", "")
    if declared.isdecimal() and int(declared) > size:
        raise _too_large(response.url, size)
    decoder = _decoder(response, size)
    content = bytearray()
    async for piece in response.aiter_raw():
        content += decoder.feed(piece)
        if len(content) > size:
            raise _too_large(response.url, size)
    decoder.finish()
    return bytes(content)


def _decoder(response: httpx.Response, size: int) -> "_Plain":
    encoding = response.headers.get("content-encoding", "identity").strip().lower()
    if encoding == "identity":
        return _Plain()
    if encoding in {"gzip", "x-gzip"}:
        return _Gzip(shown(response.url), size)
    raise DownloadError(
        f"{shown(response.url)} sent the file encoded as {encoding[:40]!r}, "
        "which nobody asked for. "
        "Download it with a browser and give it with --file."
    )


class _Plain:
    """The bytes as they are."""

    def feed(self, piece: bytes) -> bytes:
        return piece

    def finish(self) -> None:
        """Nothing to see: httpx itself raises when a body is shorter than it was said to be."""


class _Gzip(_Plain):
    """Unzips, never to more than `size` + 1 bytes at a time: httpx's own decoder has no bound."""

    def __init__(self, address: str, size: int) -> None:
        self._address = address
        self._most = size + 1
        self._unzip = zlib.decompressobj(GZIP_OR_ZLIB)

    def feed(self, piece: bytes) -> bytes:
        try:
            return self._unzip.decompress(piece, self._most)
        except zlib.error as broken:
            raise DownloadError(
                f"{self._address} sent broken gzip data ({broken}). Try again."
            ) from broken

    def finish(self) -> None:
        if not self._unzip.eof or self._unzip.unused_data:
            raise DownloadError(
                f"The gzip data from {self._address} was cut off or garbled. Try again."
            )


def _too_large(url: httpx.URL, size: int) -> DownloadError:
    return DownloadError(
        f"{shown(url)} sends more than {size / 1_000_000:g} MB: "
        "that is not the OpenAPI document. Check the address."
    )
