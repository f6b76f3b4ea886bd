"""Downloading from loopback servers that do as they should, and from others that do not."""

import socket
import time
import tracemalloc
from typing import Any

import pytest
from fetch import loopback
from fetch.loopback import endless, file, head, redirect, serving
from spec.errors import DownloadError, UsageError
from spec.fetch.download import Download, Limits, download

TWENTY_MB = 20_000_000
YAML = b"openapi: 3.1.0\n"


def fetched(answer: loopback.Answer, limits: Limits | None = None) -> Download:
    with serving({"/openapi.yaml": answer}) as server:
        return download(server.url(), limits)


def refused(answer: loopback.Answer, limits: Limits | None = None) -> tuple[str, loopback.Server]:
    with serving({"/openapi.yaml": answer}) as server:
        with pytest.raises(DownloadError) as caught:
            download(server.url(), limits)
        # The message names the address and has a word of advice.
        assert server.url() in str(caught.value)
    return str(caught.value), server


def test_a_file_comes_as_it_is() -> None:
    """What the server sends is what one gets, byte for byte, with its type and its address."""
    with serving({"/openapi.yaml": file(YAML)}) as server:
        assert download(server.url("/openapi.yaml?download")) == Download(
            YAML, "application/yaml", server.url(), True
        )


@pytest.mark.parametrize(
    "answer",
    [
        loopback.chunked(YAML[:4], YAML[4:]),
        lambda talk: talk.say(head(Content_Encoding="gzip", Content_Length=len(ZIPPED)) + ZIPPED),
        lambda talk: talk.say(head(Content_Encoding="gzip") + ZIPPED),
    ],
    ids=["chunked", "gzip", "gzip until closed"],
)
def test_every_form_of_sending_is_read(answer: loopback.Answer) -> None:
    """Chunked and gzipped files arrive whole, and it is known that they did."""
    found = fetched(answer)
    assert (found.content, found.sized) == (YAML, True)


ZIPPED = loopback.zipped(YAML)


def test_a_file_without_a_length_is_marked() -> None:
    """A file that ends where the connection does is taken, and known to be possibly cut."""
    found = fetched(lambda talk: talk.say(head() + YAML))
    assert (found.content, found.sized) == (YAML, False)


def test_a_file_of_just_20_mb_is_taken() -> None:
    """The limit itself is allowed."""
    found = fetched(endless(head(Content_Length=TWENTY_MB), b"x" * 100_000, most=TWENTY_MB))
    assert len(found.content) == TWENTY_MB


@pytest.mark.parametrize("code", [204, 206, 304, 400, 401, 403, 404, 500, 503])
def test_any_status_but_200_is_named(code: int) -> None:
    """An answer with another status is refused, and the message names the status."""
    message, _ = refused(loopback.status(code, b""))
    assert f"status {code}" in message


@pytest.mark.parametrize(
    "answer",
    [
        lambda talk: talk.say(head(Content_Length=100) + YAML),
        loopback.chunked(YAML, ended=False),
        lambda talk: talk.say(head(Transfer_Encoding="chunked") + b"64\r\n" + YAML),
        lambda talk: talk.say(head(Content_Encoding="gzip", Content_Length=9) + ZIPPED[:9]),
        lambda talk: talk.say(head(Content_Encoding="gzip") + ZIPPED[:-1]),
        lambda talk: talk.say(head(Content_Encoding="gzip") + ZIPPED + b"more"),
    ],
    ids=["length", "chunks", "inside a chunk", "gzip", "end of gzip", "after gzip"],
)
def test_a_cut_off_file_is_refused(answer: loopback.Answer) -> None:
    """A file that is not there to its end is no file."""
    message, _ = refused(answer)
    assert "cut off or garbled" in message
    assert "Try again" in message


def test_broken_gzip_is_refused() -> None:
    """Data that only claims to be gzipped is refused."""
    message, _ = refused(
        lambda talk: talk.say(head(Content_Encoding="gzip", Content_Length=len(YAML)) + YAML)
    )
    assert "broken gzip" in message


@pytest.mark.parametrize("encoding", ["br", "gzip, gzip", "zstd", "deflate"])
def test_only_the_encoding_that_was_asked_for_is_decoded(encoding: str) -> None:
    """Any other encoding is refused: each has bombs of its own, and stacked ones multiply."""
    message, _ = refused(
        lambda talk: talk.say(head(Content_Encoding=encoding, Content_Length=4) + b"data")
    )
    assert encoding in message
    assert "--file" in message


def test_a_large_file_that_says_so_is_not_read() -> None:
    """With an honest length above 20 MB nothing is read: the server gets rid of what sockets
    buffer, at most.
    """
    message, server = refused(endless(head(Content_Length=200_000_000)))
    assert "more than 20 MB" in message
    assert server.sent < TWENTY_MB


@pytest.mark.parametrize(
    ("opening", "piece"),
    [
        (head(), b"x" * loopback.PIECE),
        (head(Transfer_Encoding="chunked"), loopback.chunk(b"x" * loopback.PIECE)),
    ],
    ids=["no length", "chunked"],
)
def test_a_large_file_is_refused_while_reading(opening: bytes, piece: bytes) -> None:
    """Without a length, reading stops at 20 MB: of 200 MB the server gets rid of little more."""
    message, server = refused(endless(opening, piece))
    assert "more than 20 MB" in message
    assert TWENTY_MB <= server.sent < 2 * TWENTY_MB


def test_a_length_that_lies_bounds_what_is_read() -> None:
    """Of a server that sends more than it says, only what it says is read."""
    with serving({"/openapi.yaml": endless(head(Content_Length=1000))}) as server:
        assert len(download(server.url()).content) == 1000
    assert server.sent < TWENTY_MB


def test_a_gzip_bomb_does_not_go_off() -> None:
    """100 MB that come as 100 KB are refused, and at no time is much more than 20 MB in memory."""
    packed = loopback.bomb(100_000_000)
    tracemalloc.start()
    try:
        message, _ = refused(
            lambda talk: talk.say(
                head(Content_Encoding="gzip", Content_Length=len(packed)) + packed
            )
        )
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert "more than 20 MB" in message
    assert peak < 3 * TWENTY_MB


def hops(count: int, **ends: loopback.Answer) -> dict[str, loopback.Answer]:
    """Give `count` redirects, each to the next, and the file behind them."""
    found = {f"/{number}": redirect(f"/{number + 1}") for number in range(count)}
    return {**found, f"/{count}": file(YAML), **ends}


@pytest.mark.parametrize("count", range(6))
def test_up_to_five_redirects_are_followed(count: int) -> None:
    """Five redirects lead to the file, and its address is the last one."""
    with serving(hops(count)) as server:
        found = download(server.url("/0"))
        assert (found.content, found.address) == (YAML, server.url(f"/{count}"))


def test_a_sixth_redirect_is_not_followed() -> None:
    """The sixth is refused before anybody is asked again."""
    with serving(hops(6)) as server:
        with pytest.raises(DownloadError, match="redirects more than 5 times"):
            download(server.url("/0"))
        assert len(server.requests) == 6


def test_a_circle_of_redirects_is_named() -> None:
    """Two addresses that lead to each other are told apart from a long way."""
    with serving({"/a": redirect("/b"), "/b": redirect("/a")}) as server:
        with pytest.raises(DownloadError, match="in a circle"):
            download(server.url("/a"))
        assert len(server.requests) == 2


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
def test_every_kind_of_redirect_is_followed(code: int) -> None:
    """The five statuses that redirect all do."""
    with serving({"/a": redirect("/b", code), "/b": file(YAML)}) as server:
        assert download(server.url("/a")).content == YAML


@pytest.mark.parametrize(
    "target",
    [
        "http://example.invalid/openapi.yaml",
        "http://10.0.0.1/openapi.yaml",
        "//example.invalid/openapi.yaml",
        "file:///etc/hostname",
        "ftp://example.invalid/x",
        "https://somebody:secret@example.invalid/x",
        "http://127.0.0.1:99999/x",
        "http://localhost.example.invalid/",
        "http://127.0.0.1.example.invalid/",
        "https://",
        "",
    ],
)
def test_a_redirect_elsewhere_is_refused_before_it_is_taken(
    target: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Plain http leads nowhere but to this machine; nobody else is even looked up."""
    asked: list[object] = []
    original = socket.getaddrinfo

    def looked_up(host: Any, *rest: Any, **more: Any) -> Any:
        asked.append(host)
        return original(host, *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", looked_up)
    message, server = refused(redirect(target))
    assert "redirects to" in message
    assert "secret" not in message
    assert {str(host) for host in asked} <= {"127.0.0.1", "b'127.0.0.1'"}
    assert len(server.requests) == 1


BAD = [
    "http://example.invalid/x",
    "ftp://127.0.0.1/x",
    "openapi.yaml",
    "https://u:p@example.invalid/",
    "http://[",
    "https://\x7f/",
    "http://127.0.0.1:65536/",
    "",
]


@pytest.mark.parametrize("address", BAD)
def test_a_bad_address_is_refused_at_once(address: str) -> None:
    """What is neither https nor on this machine is an error of usage."""
    with pytest.raises(UsageError, match=r"is not"):
        download(address)


def test_the_hop_that_failed_is_named() -> None:
    """When a redirect leads to where nobody answers, or to what is no host, that is the address in
    the message.
    """
    with serving({}) as gone:
        nowhere = gone.url("/there")
    for target in (nowhere, f"https://{'a' * 70}.invalid/there"):
        with serving({"/here": redirect(target)}) as server, pytest.raises(DownloadError) as caught:
            download(server.url("/here"))
        assert str(caught.value).startswith(f"{target} could not be reached")


def test_a_server_that_is_not_there_is_named() -> None:
    """A refused connection is an error with the address in it."""
    with serving({}) as server:
        address = server.url()
    with pytest.raises(DownloadError, match="could not be reached") as caught:
        download(address)
    assert address in str(caught.value)


def test_silence_ends() -> None:
    """A server that says nothing is left after the time of silence."""
    message, _ = refused(lambda talk: talk.wait(20), Limits(silence=0.2))
    assert "fell silent" in message


@pytest.mark.parametrize("opening", [b"HTTP/1.1 200 OK\r\nX-Long: ", head()], ids=["head", "body"])
def test_a_drip_ends(opening: bytes) -> None:
    """A server that never falls silent and never ends is left at the deadline, in its head too."""

    def answer(talk: loopback.Conversation) -> None:
        talk.say(opening)
        for _ in range(200):
            talk.say(b"x")
            talk.wait(0.05)

    begun = time.monotonic()
    message, _ = refused(answer, Limits(deadline=0.4))
    assert "within 0.4 seconds" in message
    assert time.monotonic() - begun < 5


def test_nothing_of_the_machine_goes_along(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither a proxy of the environment nor a cookie of an earlier hop has a part in it."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    monkeypatch.delenv("NO_PROXY", raising=False)
    with serving({"/a": redirect("/b", Set_Cookie="id=1"), "/b": file(YAML)}) as server:
        assert download(server.url("/a")).content == YAML
    assert "cookie" not in server.requests[1].lower()


def test_queries_are_not_shown() -> None:
    """The query of a redirect, where signatures stand, is in no message."""
    answers = {"/a": redirect("/b?signature=secret"), "/b": loopback.status(403)}
    with serving(answers) as server:
        with pytest.raises(DownloadError, match="status 403") as caught:
            download(server.url("/a?token=secret"))
        assert "signature=secret" in server.requests[1]
    assert "secret" not in str(caught.value)
