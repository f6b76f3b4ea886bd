"""The transport that records exchanges to a HAR 1.2 file."""

from __future__ import annotations

import asyncio
import io
import json
import os
import secrets
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import httpx

from .._base.errors import ConfigurationError
from .._transport.events import logger
from .._version import __version__
from ._lookalikes import Lookalikes

_HEAD: Final = (
    f'{{"log":{{"version":"1.2","creator":{{"name":"timify","version":"{__version__}"}},"entries":['
)
_TAIL: Final = "\n]}}\n"
OF_THE_CONNECTION: Final = {
    "connection",
    "content-encoding",
    "content-length",
    "host",
    "transfer-encoding",
}
"""Headers that concern only one connection, or that do not fit a changed body."""


class Recorder(httpx.AsyncBaseTransport):
    """A transport that passes requests on, and writes each exchange to a file, anonymised.

    The file is complete after each exchange, whatever happens next, and only its owner can read it.
    An exchange without an answer is not recorded. If an exchange cannot be written, that is a
    warning in the log, and its answer is still returned.

    Attributes:
        missing: how many exchanges could not be written.
        reason: why the last of them could not be written.

    Args:
        path: the file to make.
        inner: the transport that sends; by default plain httpx, which uses no proxy from the
            environment.

    Raises:
        ConfigurationError: the file already exists, or cannot be made.
    """

    def __init__(self, path: str | Path, inner: httpx.AsyncBaseTransport | None = None) -> None:
        self._path = Path(path)
        self._inner = inner or httpx.AsyncHTTPTransport(limits=httpx.Limits(max_connections=None))
        self._lookalikes = Lookalikes(secrets.token_bytes(32))
        self._lock = threading.Lock()
        self.missing: int = 0
        self.reason: str = ""
        try:
            self._begin()
        except OSError as error:
            raise ConfigurationError(
                f"cannot record to {path}: {error.strerror}; name another file"
            ) from None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request, and record it together with its answer."""
        begun = datetime.now(UTC).isoformat(timespec="milliseconds")
        await request.aread()
        response = await self._inner.handle_async_request(request)
        await response.aread()
        try:
            await asyncio.to_thread(self._write, begun, request, response)
        except Exception as error:  # noqa: BLE001 - the answer must be returned, recorded or not
            self.missing += 1
            self.reason = getattr(error, "strerror", None) or type(error).__name__
            logger.warning("an exchange was not recorded (%s)", type(error).__name__)
        return response

    async def aclose(self) -> None:
        """Close the connections; the file is complete already."""
        await self._inner.aclose()

    def _begin(self) -> None:
        """Make a complete file without an exchange, or no file at all."""
        self._path.touch(0o600, exist_ok=False)
        try:
            self._path.write_text(_HEAD + _TAIL, "ascii", newline="")
        except OSError:
            self._path.unlink(missing_ok=True)
            raise

    def _write(self, begun: str, request: httpx.Request, response: httpx.Response) -> None:
        line = json.dumps(_entry(self._lookalikes, begun, request, response))
        with self._lock, self._path.open("r+b", buffering=0) as file:
            size = file.seek(0, os.SEEK_END)
            is_first = size == len(_HEAD) + len(_TAIL)
            _replace_tail(file, size, f"{'' if is_first else ','}\n{line}{_TAIL}".encode("ascii"))


def _replace_tail(file: io.FileIO, size: int, text: bytes) -> None:
    """Replace the tail of a file of this size by a text that ends in the same tail.

    The part that needs more disk space is written first, after the old tail. If there is no space,
    it is cut off again, so that the file is as complete as before.
    """
    tail_size = len(_TAIL)
    try:
        _write_at(file, size, text[tail_size:])
    except OSError:
        file.truncate(size)
        raise
    _write_at(file, size - tail_size, text[:tail_size])


def _write_at(file: io.FileIO, place: int, data: bytes) -> None:
    file.seek(place)
    remaining = memoryview(data)
    while remaining:
        remaining = remaining[file.write(remaining) :]  # a disk that is nearly full takes a part


def _entry(
    lookalikes: Lookalikes, begun: str, request: httpx.Request, response: httpx.Response
) -> dict[str, Any]:
    """Return an exchange as an entry of HAR. Times are not measured."""
    url = httpx.URL(lookalikes.url(str(request.url)))
    query = [{"name": name, "value": value} for name, value in url.params.multi_items()]
    request_body, response_body = _body(lookalikes, request), _body(lookalikes, response)
    return {
        "startedDateTime": begun,
        "time": 0,
        "request": {
            "method": request.method,
            "url": str(url),
            "queryString": query,
            **_head(lookalikes, request),
        }
        | ({"postData": request_body} if request.content else {}),
        "response": {
            "status": response.status_code,
            "statusText": response.reason_phrase,
            "content": {"size": len(response_body["text"]), **response_body},
            "redirectURL": "",
            **_head(lookalikes, response),
        },
        "cache": {},
        "timings": {"send": 0, "wait": 0, "receive": 0},
    }


def _body(lookalikes: Lookalikes, message: httpx.Request | httpx.Response) -> dict[str, str]:
    text = lookalikes.body(message.content.decode("utf-8", "replace"))
    return {"mimeType": message.headers.get("content-type", ""), "text": text}


def _head(lookalikes: Lookalikes, message: httpx.Request | httpx.Response) -> dict[str, Any]:
    headers = [
        header for header in message.headers.multi_items() if header[0] not in OF_THE_CONNECTION
    ]
    shown = [{"name": name, "value": lookalikes.header(name, value)} for name, value in headers]
    return {
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": shown,
        "headersSize": -1,
        "bodySize": -1,
    }
