"""Prism, a mock server that others wrote: it serves the document and checks every request against
it.
"""

from __future__ import annotations

import json
import re
import socket
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import httpx
import node
import timify_customers_client
import yaml
from attrs import field, frozen
from timify_customers._base.generated import EXTERNAL_ID_KEY

DOCUMENT = Path(timify_customers_client.__file__).with_name("customers.yaml")
START_SECONDS = 60.0


@contextmanager
def serve() -> Iterator[Prism]:
    """Prism on a free loopback port, with a violation answered as an error; ended on leaving."""
    with tempfile.TemporaryFile() as log, tempfile.TemporaryDirectory() as scratch:
        port = _free_port()
        document = Path(scratch, "customers.json")
        document.write_text(json.dumps(_endable()), encoding="utf-8")
        process = node.start(
            "prism",
            "mock",
            "--errors",
            "--host",
            "127.0.0.1",
            "--port",
            str(port),
            str(document),
            log=log,
        )

        def said() -> str:
            log.seek(0)
            return log.read().decode(errors="replace")

        try:
            end = time.monotonic() + START_SECONDS
            while "Prism is listening" not in said():
                assert process.poll() is None, f"Prism ended:\n{said()}"
                assert time.monotonic() < end, f"Prism did not start:\n{said()}"
                time.sleep(0.05)
            yield Prism(f"http://127.0.0.1:{port}", said)
        finally:
            process.kill()
            process.wait(10)


def _endable() -> dict[str, Any]:
    """The document, with nothing required in schemas that contain themselves.

    Prism ends the example of such a schema with an empty object, and then refuses its own answer
    for lack of what is required.
    """
    document: dict[str, Any] = yaml.safe_load(DOCUMENT.read_text("utf-8"))
    schemas = document["components"]["schemas"]
    held = {name: set(_references(schema)) for name, schema in schemas.items()}
    for name, schema in schemas.items():
        if name in _reached(held, name):
            schema.pop("required", None)
    return document


def _references(part: Any) -> Iterator[str]:
    """The names of the schemas that a part of the document refers to."""
    if isinstance(part, list):
        part = dict(enumerate(part))
    if isinstance(part, dict):
        for key, value in part.items():
            if key == "$ref":
                yield value.rpartition("/")[2]
            yield from _references(value)


def _reached(held: dict[str, set[str]], start: str) -> set[str]:
    """All schemas that one holds, directly or inside of others."""
    reached: set[str] = set()
    waiting = [*held[start]]
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached.add(name)
            waiting += held[name]
    return reached


@frozen
class Prism:
    """A running Prism: where it listens, and what it has said so far."""

    url: str
    log: Any


@frozen
class Judged(httpx.AsyncBaseTransport):
    """Sends requests on, and keeps for each what it was, the status of its answer, and what Prism
    held against it.

    Prism knows no customers: its answer is about one called "string", whoever was asked for. The
    client takes no answer about somebody else, so the one that was asked for is put in its place.
    """

    seen: list[tuple[str, int, list[str]]] = field(factory=list)
    inner: httpx.AsyncHTTPTransport = field(factory=httpx.AsyncHTTPTransport)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        response = await self.inner.handle_async_request(request)
        self.seen.append(
            (
                f"{request.method} {request.url.path}",
                response.status_code,
                await _violations(response),
            )
        )
        return await _personal(request, response)

    async def aclose(self) -> None:
        await self.inner.aclose()


async def _personal(request: httpx.Request, response: httpx.Response) -> httpx.Response:
    """Make an answer about one customer that of the customer who was asked for."""
    path = request.url.raw_path.decode().partition("?")[0]
    found = re.fullmatch(r"/v1/customers(?:/([^/]+))?", path)
    content = await response.aread()
    if found is None or request.method == "DELETE" or not response.is_success:
        return response
    answer = json.loads(content)
    if isinstance(answer["data"], list):
        return response
    sent = json.loads(request.content or b"{}")
    key, by_key = unquote(found[1] or ""), "external" in request.url.params
    if key and not by_key:
        answer["data"]["id"] = key
    answer["data"]["externalId"] = sent.get(EXTERNAL_ID_KEY, key if by_key else "")
    return httpx.Response(response.status_code, json=answer)


async def _violations(response: httpx.Response) -> list[str]:
    """What a request broke: Prism names it in a header, or answers with a problem when no operation
    fits.
    """
    found = [str(it["message"]) for it in json.loads(response.headers.get("sl-violations", "[]"))]
    if response.headers.get("content-type", "").startswith("application/problem+json"):
        found.append(json.loads(await response.aread())["title"])
    return found


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])
