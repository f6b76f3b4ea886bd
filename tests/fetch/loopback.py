"""A server on a real loopback socket that says exactly what it is told to, however wrong that
is.
"""

import socket
import threading
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

Answer = Callable[["Conversation"], None]
PIECE = 65_536


class Conversation:
    """One request and what is said to it."""

    def __init__(self, server: "Server", connection: socket.socket) -> None:
        self._server = server
        self._connection = connection

    def say(self, content: bytes) -> None:
        """Send some bytes, and count them when they have left."""
        self._connection.sendall(content)
        self._server.sent += len(content)

    def wait(self, seconds: float) -> None:
        """Say nothing for a while, or until the server stops."""
        self._server.stopping.wait(seconds)


class Server:
    """Answers by path.

    `requests` are the whole heads that came in, `sent` the bytes that went out.
    """

    def __init__(self, answers: dict[str, Answer]) -> None:
        self.answers = answers
        self.requests: list[str] = []
        self.sent = 0
        self.stopping = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._threads = [threading.Thread(target=self._serve, daemon=True)]
        self._threads[0].start()

    def url(self, path: str = "/openapi.yaml") -> str:
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}{path}"

    def stop(self) -> None:
        self.stopping.set()
        # Closing alone would leave the accepting thread waiting.
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join(5)

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                thread = threading.Thread(target=self._talk, args=(connection,), daemon=True)
                self._threads.append(thread)
                thread.start()

    def _talk(self, connection: socket.socket) -> None:
        with connection, suppress(OSError):
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, PIECE)
            head = b""
            while b"\r\n\r\n" not in head:
                head += connection.recv(PIECE) or b"\r\n\r\n"
            self.requests.append(head.decode("latin-1"))
            path = head.split(b" ")[1].decode("latin-1").partition("?")[0]
            self.answers.get(path, status(404))(Conversation(self, connection))


@contextmanager
def serving(answers: dict[str, Answer]) -> Iterator[Server]:
    server = Server(answers)
    try:
        yield server
    finally:
        server.stop()


def head(code: int = 200, **headers: object) -> bytes:
    lines = [
        f"HTTP/1.1 {code} Said",
        *(f"{name.replace('_', '-')}: {value}" for name, value in headers.items()),
    ]
    return "\r\n".join([*lines, "Connection: close", "", ""]).encode()


def file(content: bytes, kind: str = "application/yaml") -> Answer:
    return lambda talk: talk.say(head(Content_Type=kind, Content_Length=len(content)) + content)


def status(code: int, body: bytes = b"<html>no</html>") -> Answer:
    return lambda talk: talk.say(head(code, Content_Length=len(body)) + body)


def redirect(target: str, code: int = 302, **headers: object) -> Answer:
    return lambda talk: talk.say(head(code, Location=target, Content_Length=0, **headers))


def chunk(content: bytes) -> bytes:
    return f"{len(content):x}\r\n".encode() + content + b"\r\n"


def chunked(*pieces: bytes, ended: bool = True) -> Answer:
    def answer(talk: Conversation) -> None:
        talk.say(
            head(Transfer_Encoding="chunked")
            + b"".join(map(chunk, pieces))
            + (b"0\r\n\r\n" if ended else b"")
        )

    return answer


def endless(opening: bytes, piece: bytes = b"x" * PIECE, most: int = 200_000_000) -> Answer:
    """Send `opening`, and `piece` after it again and again: 200 MB, unless the client hangs up."""

    def answer(talk: Conversation) -> None:
        talk.say(opening)
        for _ in range(most // len(piece)):
            talk.say(piece)

    return answer


def zipped(content: bytes) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    return packer.compress(content) + packer.flush()


def bomb(size: int) -> bytes:
    """Give gzip data of about a thousandth of the `size` that it unpacks to."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    return (
        b"".join(packer.compress(bytes(1_000_000)) for _ in range(size // 1_000_000))
        + packer.flush()
    )
