"""Serving on a loopback socket."""

import logging
import signal
import socket
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager
from urllib.parse import urlsplit

import httpx
import pytest
from sandbox.calls import CUSTOMERS, token
from timify_customers.sandbox import Sandbox, _server

THREAD = "timify-sandbox"


@contextmanager
def within(seconds: float) -> Generator[None, None, None]:
    start = time.monotonic()
    yield
    assert time.monotonic() - start < seconds


Threads = list[threading.Thread]


def servers() -> Threads:
    return [it for it in threading.enumerate() if it.name == THREAD]


@pytest.fixture
def others() -> Threads:
    """Servers of other tests: where tests are spread, a module's fixture may outlive its module."""
    return servers()


def listing(url: str, sandbox: Sandbox) -> httpx.Response:
    return httpx.get(url + CUSTOMERS, headers={"authorization": token(sandbox)}, timeout=10)


def port_of(url: str) -> int:
    return urlsplit(url).port or 0


def test_it_is_ready_on_entering_and_gone_on_leaving(sandbox: Sandbox, others: Threads) -> None:
    """The first request is answered, on 127.0.0.1; afterwards nothing listens and no thread is
    left.
    """
    with sandbox.serve() as url:
        assert url.startswith("http://127.0.0.1:")
        assert listing(url, sandbox).status_code == 200
    assert servers() == others
    with pytest.raises(httpx.ConnectError):
        listing(url, sandbox)


def test_it_serves_again_with_its_state(sandbox: Sandbox) -> None:
    """The state outlives a server, and the same port can be taken again at once."""
    with sandbox.serve() as url:
        sandbox.company().create({})
        assert listing(url, sandbox).json()["total"] == 1
    with sandbox.serve(port_of(url)) as again:
        assert again == url
        assert listing(url, sandbox).json()["total"] == 1


def test_two_at_once() -> None:
    """Two sandboxes serve side by side, each its own state."""
    one, other = Sandbox(), Sandbox()
    one.company().create({})
    with one.serve() as first, other.serve() as second:
        assert first != second
        assert [listing(first, one).json()["total"], listing(second, other).json()["total"]] == [
            1,
            0,
        ]


def test_a_taken_port_is_a_clear_error(sandbox: Sandbox, others: Threads) -> None:
    """A port in use is an OSError that names it, before any thread is started."""
    with socket.create_server(("127.0.0.1", 0)) as holder:
        port = holder.getsockname()[1]
        with (
            pytest.raises(OSError, match=f"cannot listen on 127.0.0.1:{port}: "),
            sandbox.serve(port),
        ):
            pytest.fail("it serves on a taken port")
    assert servers() == others


def test_an_error_in_the_block_stops_it(sandbox: Sandbox, others: Threads) -> None:
    """An exception of the block passes through, and the server stops."""
    with pytest.raises(KeyError), sandbox.serve():
        raise KeyError
    assert servers() == others


def test_signals_and_logging_stay_as_they_are(
    sandbox: Sandbox, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    """No signal handler is replaced, no logger configured, and nothing printed."""

    def state() -> object:
        names = ("uvicorn", "uvicorn.error", "uvicorn.access")
        loggers = [
            (it.level, it.propagate, list(it.handlers)) for it in map(logging.getLogger, names)
        ]
        return signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM), loggers

    before = state()
    with sandbox.serve() as url:
        listing(url, sandbox)
        assert state() == before
    assert state() == before
    assert capfd.readouterr() == ("", "")
    assert not [it for it in caplog.records if it.levelno >= logging.WARNING]


@pytest.mark.parametrize(
    "sent",
    [b"", b"GET /v1/customers HTT", b"POST /v1/customers HTTP/1.1\r\ncontent-length: 9\r\n\r\n{"],
)
def test_idle_and_half_sent_requests_do_not_hold_it(
    sandbox: Sandbox, sent: bytes, others: Threads
) -> None:
    """Leaving takes seconds at most while a client is connected that sends nothing more."""
    with within(8), sandbox.serve() as url:
        lazy = socket.create_connection(("127.0.0.1", port_of(url)))
        lazy.sendall(sent)
        assert listing(url, sandbox).status_code == 200
    lazy.close()
    assert servers() == others


def test_a_client_that_does_not_read_does_not_hold_it(sandbox: Sandbox, others: Threads) -> None:
    """Leaving takes seconds at most while a client leaves a large answer unread."""
    company = sandbox.company()
    for _ in range(1000):
        company.create({company.default_field("notes").id: "x" * 10_000})
    with within(8), sandbox.serve() as url:
        lazy = socket.create_connection(("127.0.0.1", port_of(url)))
        lazy.sendall(
            f"GET {CUSTOMERS} HTTP/1.1\r\n"
            f"host: x\r\nauthorization: {token(sandbox)}\r\n\r\n".encode()
        )
        assert lazy.recv(1) == b"H"
    lazy.close()
    assert servers() == others


def test_a_client_that_leaves_within_its_request(
    sandbox: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    """A request that is cut off is not kept, breaks nothing and logs no error."""
    with sandbox.serve() as url:
        with socket.create_connection(("127.0.0.1", port_of(url))) as hasty:
            hasty.sendall(b"POST /v1/customers HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\n{")
        assert listing(url, sandbox).status_code == 200
    assert [it.method for it in sandbox.requests] == ["GET"]
    assert not [it for it in caplog.records if it.levelno >= logging.WARNING]


def test_requests_wait_for_the_lock(sandbox: Sandbox) -> None:
    """No request of a company is handled while another thread holds its lock."""
    answers: list[httpx.Response] = []
    with sandbox.serve() as url:
        asking = threading.Thread(target=lambda: answers.append(listing(url, sandbox)))
        with sandbox.company().lock:
            asking.start()
            asking.join(0.3)
            assert answers == []
            sandbox.company().create({})
        asking.join(10)
    assert [it.json()["total"] for it in answers] == [1]


def test_another_thread_writes_while_it_serves(sandbox: Sandbox) -> None:
    """Under the company's lock a test adds customers while pages are read: no answer fails or is
    torn.
    """
    company = sandbox.company()
    name = company.default_field("firstName").id

    def write() -> None:
        for number in range(500):
            with company.lock:
                company.create({name: str(number % 7)})

    writer = threading.Thread(target=write)
    with sandbox.serve() as url:
        writer.start()
        answers = [listing(url, sandbox) for _ in range(10)]
        writer.join()
        last = listing(url, sandbox).json()
    assert {it.status_code for it in answers} == {200}
    assert all(len(it.json()["data"]) == it.json()["total"] for it in answers)
    assert last["total"] == 500


def test_answers_do_not_wait_for_acknowledgements() -> None:
    """The socket says that it is TCP, by which asyncio knows to turn Nagle's algorithm off: 40 ms
    of each answer.
    """
    with _server._listen(0) as listener:
        assert listener.proto == socket.IPPROTO_TCP
