"""No text of a server, or of anybody, breaks a line of a log: errors and log records are printable.

Hostile are control characters (C0, DEL, C1, so ANSI escapes too), bidi controls, line and paragraph
separators, and half surrogate pairs, which JSON can name.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from attrs import define
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from support.faults import FaultServer, answer, haste
from timify_customers import (
    AmbiguousWriteError,
    ApiError,
    ArgumentError,
    CallError,
    CheckpointError,
    DecodeError,
    FieldRegistry,
    ImportInterruptedError,
    TimifyCustomers,
    TimifyError,
)
from timify_customers._base.generated import models
from timify_customers._base.text import printable, shorten
from timify_customers_client.errors import InvalidBody, UnexpectedStatus

ID = "624af9cbed7a899e0f233400"
KINDS = ["Cc", "Cf", "Zl", "Zp", "Zs", "Cs"]
hostile = st.text(
    st.characters(categories=KINDS) | st.sampled_from('a<>"{}%\\'), min_size=1, max_size=30
) | st.sampled_from(
    [
        "\x1b[2J\x1b[31m",
        "a\r\n2026-11-24 ERROR forged",
        "\x7f",
        "\x9b31m",
        "\u202etxt.exe",
        "a\u2028b\u2029c",
        "\x00",
        "\x85",
    ]
)


@define(eq=False)
class Hostile(httpx.AsyncBaseTransport):
    """Answers every request in the same way, or raises; ``lookups`` are answered apart where a test
    says how.
    """

    answer: Callable[[], httpx.Response]
    lookup: Callable[[], httpx.Response] | None = None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return (self.lookup if self.lookup and request.method == "GET" else self.answer)()


def respond(
    status: int, body: object = b"", headers: dict[str, str] | None = None
) -> Callable[[], httpx.Response]:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    raw = [
        (name.encode(), value.encode("utf-8", "surrogatepass"))
        for name, value in (headers or {}).items()
    ]
    return lambda: httpx.Response(status, content=content, headers=raw)


def fail(error: Exception) -> Callable[[], httpx.Response]:
    def answer() -> httpx.Response:
        raise error

    return answer


def client(transport: httpx.AsyncBaseTransport, **options: Any) -> TimifyCustomers:
    credentials = {} if "app_id" in options else {"access_token": "x"}
    return TimifyCustomers(
        **credentials, base_url="http://127.0.0.1", transport=transport, retries=0, **options
    )


Calls = Callable[[TimifyCustomers], list[Awaitable[Any]]]


def every(timify: TimifyCustomers) -> list[Awaitable[Any]]:
    """Calls of each kind: a read, a page, writes that are open, settled and safe to repeat, and an
    import.
    """
    entries = [{"id": "f", "value": "x"}]
    rows = [{"key": "a", "id": ID}, {"key": "b", "id": ID[::-1]}]
    return [
        timify.customers.get(ID),
        timify.customers.list().__aiter__().__anext__(),
        timify.customers.create(entries),
        timify.customers.create(entries, external_id="x"),
        timify.customers.delete(ID),
        timify.customers.import_many(rows, key="key").__aiter__().__anext__(),
    ]


def utf8(text: str) -> bytes:
    return text.encode("utf-8", "backslashreplace")


POSITIONS: dict[str, Callable[[str], Hostile]] = {
    "request id": lambda text: Hostile(respond(500, headers={"x-request-id": text})),
    "request id of AWS": lambda text: Hostile(respond(400, headers={"x-amzn-requestid": text})),
    "location": lambda text: Hostile(respond(302, headers={"location": f"https://{text}/x"})),
    "wait": lambda text: Hostile(respond(429, headers={"retry-after": text, "date": text})),
    "content type": lambda text: Hostile(respond(200, b"x", {"content-type": text})),
    "message": lambda text: Hostile(respond(422, {"message": text})),
    "message of a gateway": lambda text: Hostile(respond(403, {"Message": text})),
    "error": lambda text: Hostile(respond(500, {"error": text})),
    "message of an envelope": lambda text: Hostile(
        respond(200, {"status": 0, "message": text, "data": {}})
    ),
    "title": lambda text: Hostile(respond(502, utf8(f"<html><title>{text}</title></html>"))),
    "title with 200": lambda text: Hostile(respond(200, utf8(f"<title>{text}</title>"))),
    "text": lambda text: Hostile(respond(500, utf8(text))),
    "text with 200": lambda text: Hostile(respond(200, utf8(text) + b"<")),
    "key of a body": lambda text: Hostile(respond(400, {text: text})),
    "data": lambda text: Hostile(respond(200, {"status": 1, "data": text})),
    "a lookup": lambda text: Hostile(
        fail(httpx.ReadError("lost")), respond(403, {"message": text})
    ),
    "what is not sent": lambda text: Hostile(fail(httpx.ConnectError(text))),
    "what is lost": lambda text: Hostile(fail(httpx.ReadError(text))),
    "what is unforeseen": lambda text: Hostile(fail(OSError(text))),
}


def is_printable(error: BaseException) -> None:
    """Hold an error against the promise, with all that it came from, in all that users log of
    it.
    """
    assert str(error).isprintable()
    assert repr(error).isprintable()
    if isinstance(error, CallError):
        assert error.message.isprintable()
        assert (error.request_id or "").isprintable()
    if isinstance(error, TimifyError) and error.__cause__:
        is_printable(error.__cause__)


async def ended(call: Awaitable[Any]) -> list[BaseException]:
    """Give the error that a call ends with; the reason of a row counts as one."""
    try:
        result = await call
    except TimifyError as error:
        return [error]
    problems = getattr(result, "problems", ())
    return [
        ArgumentError(text)
        for it in problems
        for text in (it.reason, str(it))
        if not text.isprintable()
    ]


shared = settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.mark.parametrize("position", POSITIONS)
@shared
@given(text=hostile)
@example(text="\x1b[31m\x7f\x9b\u202e\u2028\u2029\r\n\x00")
async def test_whatever_a_server_says_is_one_printable_line(
    position: str, text: str, caplog: pytest.LogCaptureFixture
) -> None:
    """In each header and part of a body, through each kind of call: errors, reasons and log records
    are printable.
    """
    caplog.clear()
    with haste(), caplog.at_level(logging.DEBUG):
        async with client(POSITIONS[position](text)) as timify:
            for call in every(timify):
                for error in await ended(call):
                    is_printable(error)
    assert caplog.records
    assert all(record.getMessage().isprintable() for record in caplog.records)


@given(text=hostile)
async def test_what_an_import_says_of_rows_is_printable(text: str) -> None:
    """Reasons that the API gives for rows, by group, by entry, by key and by place, in a refusal or
    a success.
    """
    bodies: list[object] = [
        {"status": 1, "errors": [{"importCustomerId": "a", "message": text}]},
        {"status": 1, "data": {"failed": [{"importCustomerId": "b", "error": {text: text}}]}},
        {"status": 1, "data": {"a": {"error": [text]}}},
        {"status": 0, "message": f"customers[1]: {text}"},
    ]
    for status in (200, 422):
        for body in bodies:
            async with client(Hostile(respond(status, body))) as timify:
                run = timify.customers.import_many([{"key": "a"}, {"key": "b"}], key="key")
                for error in await ended(run):
                    is_printable(error)
            assert run.report.problems
            assert all(
                it.reason.isprintable() and str(it).isprintable() for it in run.report.problems
            )


@given(text=hostile)
def test_names_of_definitions_are_printable(text: str) -> None:
    """Labels, ids, categories and options of fields, in the errors about unknown and ambiguous
    names and values.
    """
    raw: list[dict[str, Any]] = [
        {"id": f"1{text}", "label": text, "type": "TEXT", "categoryId": text},
        {"id": f"2{text}", "label": text, "type": "TEXT", "categoryId": text},
        {
            "id": f"3{text}",
            "label": "choice",
            "type": "SELECT",
            "selectOptions": [text, f"{text}2"],
        },
    ]
    registry = FieldRegistry(map(models.Customfield.from_dict, raw))
    for values in (
        {text: "x"},
        {f"no{text}": "x"},
        {"choice": f"no{text}"},
        {"choice": 1, f"no{text}": 2},
    ):
        with pytest.raises(ArgumentError) as caught:
            registry.payload(values)
        is_printable(caught.value)
    with pytest.raises(ArgumentError) as read:
        registry.read([{"id": "1", "label": text}, {"id": "2", "label": text}])[text]
    is_printable(read.value)


@given(text=hostile)
async def test_a_key_of_the_callers_own_breaks_no_line(text: str) -> None:
    """The advice to look at an external id shows it so that it can be found, on one line."""
    lost = Hostile(fail(httpx.ReadError("lost")), respond(404, {"message": "not found"}))
    with haste():
        async with client(lost) as timify:
            with pytest.raises((AmbiguousWriteError, ArgumentError)) as caught:
                await timify.customers.create([{"id": "f", "value": "x"}], external_id=text)
    is_printable(caught.value)


@given(text=hostile)
async def test_errors_of_an_import_are_printable(
    text: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """A checkpoint that cannot be used, rows that fail while they are read, an answer that stops
    it.
    """

    def broken() -> Any:
        yield {"key": "a"}
        raise OSError(text)

    folder = tmp_path_factory.mktemp("hostile")
    folder.joinpath("file").touch()
    async with client(Hostile(respond(403, {"message": text}))) as timify:
        imports = timify.customers.import_many
        nowhere = Path(
            str(folder.joinpath("file")),
            text.replace("\0", "").encode("utf-8", "replace").decode() + "x",
        )
        with pytest.raises(CheckpointError) as unusable:
            await imports([{"key": "a"}], key="key", checkpoint=nowhere)
        with pytest.raises(ImportInterruptedError) as unreadable:
            await imports(broken(), key="key")
        with pytest.raises(ImportInterruptedError) as stopped:
            await imports([{"key": "a"}], key="key")
    for caught in (unusable, unreadable, stopped):
        assert str(caught.value).isprintable()
        assert repr(caught.value).isprintable()


@given(text=hostile)
def test_where_a_value_is_wrong_is_printable(text: str) -> None:
    """Errors of the generated models name places and types; none shows what a server wrote."""
    wrong: list[Callable[[], object]] = [
        lambda: models.Customer.from_dict({"createdAt": text}).created_at,
        lambda: models.Customer.from_dict({"id": {text: text}}).id,
        lambda: models.CustomerField.from_dict({"values": {text: text}}).values,
        lambda: models.Customer.from_dict({"firstLetters": [text, {text: text}]}).first_letters,
        lambda: [
            it.created_at
            for it in models.CustomerList.from_dict({"data": [{"createdAt": text}]}).data
        ],
    ]
    for read in wrong:
        with pytest.raises(DecodeError) as caught:
            read()
        is_printable(caught.value)


@given(text=hostile)
def test_bodies_that_the_raw_layer_shows_are_printable(text: str) -> None:
    """The generated package's own errors show a piece of the body as Python would write it."""
    for body in (text, utf8(text), {text: [text]}):
        is_printable(InvalidBody(200, body))
        is_printable(UnexpectedStatus(599, body))


async def test_a_header_with_an_escape_passes_a_real_connection() -> None:
    """Over a socket such a header reaches the SDK, which shows it escaped."""
    server = FaultServer(default=answer(500, b"", "x-request-id: a\x1b[31m\x7fb"))
    async with server, TimifyCustomers(access_token="x", base_url=server.url, retries=0) as timify:
        with pytest.raises(ApiError, match=r"request id a\\x1b\[31m\\x7fb$") as caught:
            await timify.customers.get(ID)
    is_printable(caught.value)


@given(st.text(st.characters() | st.characters(categories=KINDS)), st.integers(1, 40))
def test_what_is_printable_stays_as_it_is(text: str, limit: int) -> None:
    """Escaping changes no printable character, twice is as once, and a short printable text is not
    cut.
    """
    shown = printable(text)
    assert shown.isprintable()
    assert printable(shown) == shown
    assert (shown == text) == text.isprintable()
    cut = shorten(text, limit)
    assert cut.isprintable()
    assert len(cut) <= limit + len("... (999 more characters)")
    assert (cut == shown) == (len(shown) <= limit)
