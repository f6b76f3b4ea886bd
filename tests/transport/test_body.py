"""The body of an answer: its coding and its bounds."""

from __future__ import annotations

import asyncio
import gzip
import json
import zlib
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.faults import ID, Exchange, Fault, FaultServer, answer, haste
from support.operations import ENTRIES
from timify_customers import (
    AmbiguousWriteError,
    AnswerTooLargeError,
    BodyError,
    CallError,
    ConfigurationError,
    TimifyCustomers,
)
from timify_customers._transport.body import STEP, read_body
from timify_customers._transport.messages import Reply

HEAD = Reply(200, {"x-request-id": "r-1"}, b"")
GZIP = {"content-encoding": "gzip"}


async def pieces(data: bytes, size: int, taken: list[int] | None = None) -> AsyncIterator[bytes]:
    for start in range(0, len(data), size):
        if taken is not None:
            taken.append(size)
        yield data[start : start + size]


def read(data: bytes, headers: dict[str, str], limit: int = 1 << 30, size: int = 4096) -> bytes:
    return asyncio.run(read_body(pieces(data, size), headers, limit, HEAD))


@given(
    st.lists(st.binary(max_size=3 * STEP), max_size=3),
    st.integers(1, 100_000),
    st.sampled_from(["gzip", " X-GZIP "]),
)
def test_gzip_of_any_members_in_any_pieces(members: list[bytes], size: int, coding: str) -> None:
    """What was compressed comes back, as one member or several, however the network cuts it."""
    coded = b"".join(map(gzip.compress, members))
    assert read(coded, {"content-encoding": coding}, size=size) == b"".join(members)


@pytest.mark.parametrize("headers", [{}, {"content-encoding": "identity"}])
def test_what_is_not_coded_is_as_it_is(headers: dict[str, str]) -> None:
    """Without a coding, bytes are bytes, also those that look like gzip."""
    data = gzip.compress(b"x")
    assert read(data, headers) == data


@pytest.mark.parametrize("coding", ["br", "deflate", "zstd", "gzip, gzip", "gzip,br", "\x1b[31m"])
def test_a_coding_that_was_not_asked_for_is_refused(coding: str) -> None:
    """Only gzip is asked for; another coding, or one inside another, is an error that names it."""
    with pytest.raises(BodyError, match="only gzip was asked for") as caught:
        read(b"anything", {"content-encoding": coding})
    assert (caught.value.status, caught.value.request_id) == (200, "r-1")


@pytest.mark.parametrize(
    "data",
    [
        b"not gzip at all",
        gzip.compress(b"x" * 100)[:-9],
        gzip.compress(b"x")[:5],
        gzip.compress(b"x") + b"rest",
    ],
    ids=["no gzip", "cut", "cut in its head", "followed by something else"],
)
def test_broken_gzip_is_refused(data: bytes) -> None:
    """A coding that is broken, or breaks off, is never half an answer."""
    with pytest.raises(BodyError, match="gzip coding is broken"):
        read(data, GZIP)


@pytest.mark.parametrize("size", [1, 7, STEP, STEP + 1, 300_000])
def test_the_bound_counts_decoded_bytes(size: int) -> None:
    """Exactly as many bytes as are allowed are read; one more is refused."""
    data = bytes(size)
    for coded, headers in ((data, {}), (gzip.compress(data), GZIP)):
        assert read(coded, headers, limit=size) == data
        with pytest.raises(AnswerTooLargeError, match=f"more than {size - 1:,} bytes"):
            read(coded, headers, limit=size - 1)


def test_a_bomb_is_left_as_soon_as_it_passes_the_bound() -> None:
    """Of 500 KB that would become 500 MB, no more is read and decompressed than the bound takes."""
    bomb = _bomb(500)
    taken: list[int] = []
    with pytest.raises(AnswerTooLargeError):
        asyncio.run(read_body(pieces(bomb, 1024, taken), GZIP, 1_000_000, HEAD))
    assert sum(taken) < 5_000


def test_no_step_is_larger_than_it_says(monkeypatch: pytest.MonkeyPatch) -> None:
    """A few bytes never become one huge piece: each step of decompression is bounded."""
    longest = 0
    real = zlib.decompressobj

    class Watched:
        def __init__(self, wbits: int) -> None:
            self._real = real(wbits)

        def decompress(self, raw: bytes, most: int) -> bytes:
            nonlocal longest
            piece = self._real.decompress(raw, most)
            longest = max(longest, len(piece))
            return piece

        def __getattr__(self, name: str) -> Any:
            return getattr(self._real, name)

    monkeypatch.setattr(zlib, "decompressobj", Watched)
    assert len(read(_bomb(3), GZIP)) == 3 << 20
    assert longest == STEP


def _bomb(megabytes: int) -> bytes:
    """Compress so many megabytes of zeros, without holding them."""
    coder = zlib.compressobj(wbits=31)
    return b"".join(coder.compress(bytes(1 << 20)) for _ in range(megabytes)) + coder.flush()


def test_others_get_their_turn_while_a_large_answer_is_decompressed() -> None:
    """Megabytes that came in one piece do not hold the event loop to their end."""

    async def main() -> int:
        reading = asyncio.create_task(read_body(pieces(bomb, len(bomb)), GZIP, 1 << 30, HEAD))
        turns = 0
        while not reading.done():
            turns += 1
            await asyncio.sleep(0)
        return turns

    bomb = _bomb(20)
    assert asyncio.run(main()) >= 20


# End to end.


def coded(body: object, *headers: str) -> Fault:
    """Answer with a body of gzip."""
    return answer(200, gzip.compress(json.dumps(body).encode()), "content-encoding: gzip", *headers)


async def test_gzip_is_asked_for_and_read() -> None:
    """The client asks for gzip alone, and reads it."""
    server = FaultServer([coded({"data": {"id": ID}, "status": 1})])
    async with server, TimifyCustomers(access_token="x", base_url=server.url) as timify:
        assert (await timify.customers.get(ID)).id == ID
    assert server.received[0].headers["accept-encoding"] == "gzip"


async def test_a_transport_that_looked_into_the_answer_is_heard() -> None:
    """A wrapper that reads the body itself, as a recorder does, leaves it readable, decoded and
    bounded.
    """

    class Curious(httpx.AsyncBaseTransport):
        def __init__(self) -> None:
            self.inner = httpx.AsyncHTTPTransport()

        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            response = await self.inner.handle_async_request(request)
            await response.aread()
            return response

        async def aclose(self) -> None:
            await self.inner.aclose()

    server = FaultServer(
        [coded({"data": {"id": ID, "notes": size * "x"}, "status": 1}) for size in (1, 5000)]
    )
    options: dict[str, Any] = {"transport": Curious(), "max_answer_bytes": 1000}
    async with server, TimifyCustomers(access_token="x", base_url=server.url, **options) as timify:
        assert (await asyncio.wait_for(timify.customers.get(ID), 10)).id == ID
        with pytest.raises(AnswerTooLargeError):
            await timify.customers.get(ID)


async def test_too_large_an_answer_ends_a_read_at_once() -> None:
    """A read is not repeated, as another attempt would bring as much; its connection is not used
    again.
    """
    server = FaultServer([answer(200, {"data": {"id": ID, "notes": "x" * 5000}, "status": 1})])
    async with (
        server,
        TimifyCustomers(access_token="x", base_url=server.url, max_answer_bytes=1000) as timify,
    ):
        with pytest.raises(AnswerTooLargeError, match="max_answer_bytes") as caught:
            await timify.customers.get(ID)
        assert (caught.value.operation, caught.value.attempts, caught.value.status) == (
            "get_customer",
            1,
            200,
        )
        await timify.customers.get(ID)
    assert server.connections == 2


async def test_too_large_an_answer_to_a_write_leaves_it_open() -> None:
    """A create whose answer was too large may have been done: it is never sent again, and settled
    by its key.
    """
    large = answer(200, {"data": {"id": ID}, "status": 1, "padding": "x" * 5000})
    with haste():
        server = FaultServer([large, large])
        async with (
            server,
            TimifyCustomers(access_token="x", base_url=server.url, max_answer_bytes=1000) as timify,
        ):
            with pytest.raises(AmbiguousWriteError):
                await timify.customers.create(ENTRIES)
            assert (await timify.customers.create(ENTRIES, external_id="crm-1")).settled
    assert [it.method for it in server.received] == ["POST", "POST", "GET"]


async def test_endless_headers_are_refused() -> None:
    """Headers without end are an error long before they fill the memory."""

    async def flood(exchange: Exchange) -> None:
        await exchange.send(b"HTTP/1.1 200 OK\r\n")
        for number in range(10_000):
            if exchange.writer.is_closing():
                return
            await exchange.send(f"x-{number}: {'y' * 1000}\r\n".encode())

    server = FaultServer(default=flood)
    async with server, TimifyCustomers(access_token="x", base_url=server.url, retries=0) as timify:
        with pytest.raises(CallError):
            await timify.customers.get(ID)


@pytest.mark.parametrize("value", [0, -1])
def test_the_bound_is_at_least_a_byte(value: int) -> None:
    """A bound that no answer could keep is refused when the client is made."""
    with pytest.raises((ConfigurationError, ValueError), match="max_answer_bytes"):
        TimifyCustomers(access_token="x", max_answer_bytes=value)
