"""A canary secret and a canary token appear nowhere, and go to nobody else."""

from __future__ import annotations

import asyncio
import gc
import io
import logging
import pickle
import traceback
import types
import warnings
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any

import pytest
import rich.console
import rich.pretty
import rich.traceback
from support.faults import (
    FAULTS,
    ID,
    TOKEN,
    Exchange,
    FaultServer,
    answer,
    fine,
    haste,
    refuse,
    stall,
)
from support.operations import ENTRIES
from timify_customers import (
    AccessToken,
    ArgumentTypeError,
    AttemptEvent,
    CallEvent,
    ConfigurationError,
    RedirectError,
    TimifyCustomers,
    TimifyError,
)
from timify_customers._base.secrets import Secret

CANARY = "canary"
"""Part of every credential here.

Tests name credentials by module globals, which no traceback shows.
"""
SECRET = "canary-secret-of-the-app"


def client(url: str, **options: Any) -> TimifyCustomers:
    return TimifyCustomers("app", SECRET, base_url=url, **options)


def clean(text: str | bytes, where: object = "") -> None:
    """Assert that no credential is in a text; a failure shows its surroundings."""
    text = text.decode("latin-1") if isinstance(text, bytes) else text
    index = text.lower().find(CANARY)
    assert index < 0, (where, text[max(0, index - 200) : index + 60])


@pytest.fixture(autouse=True)
def _haste() -> Iterator[None]:
    with haste():
        yield


class Everything(logging.Handler):
    """Keeps what every logger says, with tracebacks and arguments."""

    def __init__(self) -> None:
        super().__init__(1)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(f"{record.name}: {self.format(record)} {record.args!r}")


@pytest.fixture
def logs() -> Iterator[Everything]:
    """All loggers at DEBUG and below, those of httpx, httpcore and asyncio too."""
    handler, root = Everything(), logging.getLogger()
    names = [
        "",
        "httpx",
        "httpcore",
        "asyncio",
        "timify_customers",
        *logging.Logger.manager.loggerDict,
    ]
    before = {name: logging.getLogger(name).level for name in names}
    root.addHandler(handler)
    for name in names:
        logging.getLogger(name).setLevel(1)
    yield handler
    root.removeHandler(handler)
    for name, level in before.items():
        logging.getLogger(name).setLevel(level)


@pytest.fixture
async def server() -> AsyncIterator[FaultServer]:
    async with FaultServer() as running:
        yield running


def shown(error: BaseException, *, richly: bool = True) -> Iterator[str]:
    """Every way in which an error is shown, with its causes and contexts."""
    yield from (str(error), repr(error), repr(vars(error)))
    yield "".join(traceback.TracebackException.from_exception(error, capture_locals=True).format())
    if isinstance(error, TimifyError):
        yield pickle.dumps(error).decode("latin-1")
    if richly:  # which looks into objects on its own, and takes its time
        told = rich.traceback.Traceback.from_exception(
            type(error), error, error.__traceback__, show_locals=True
        )
        with io.StringIO() as file:
            rich.console.Console(file=file, width=200).print(told)
            yield file.getvalue()


async def echo(exchange: Exchange) -> None:
    """Show the whole request in an error page, as some gateways do."""
    request = exchange.request
    sent = request.headers.get("authorization")
    text = f"'{sent}' not a valid key=value pair; {request.body.decode()}"
    await answer(403, {"message": text})(exchange)


async def echo_as_page(exchange: Exchange) -> None:
    """The same as a web page with status 200."""
    await answer(200, f"<p>{exchange.request.headers} {exchange.request.body!r}</p>".encode())(
        exchange
    )


TROUBLES = {
    **{name: case.fault for name, case in FAULTS.items()},
    "echo": echo,
    "echo as page": echo_as_page,
    "cut-off token": answer(200, f'{{"accessToken": "{TOKEN}-1", "refr'.encode()),
}


@pytest.mark.parametrize("part", ["api", "token"])
@pytest.mark.parametrize("name", TROUBLES)
async def test_no_failure_shows_a_credential(logs: Everything, name: str, part: str) -> None:
    """Whatever goes wrong: not in the error, its traceback with locals, its causes, its pickle, nor
    in any log.
    """
    asyncio.get_running_loop().set_debug(name in {"500", "stall", "echo"})
    events: list[AttemptEvent | CallEvent] = []
    async with FaultServer() as server:
        if TROUBLES[name] is refuse:
            server.refuse()
        elif part == "api":
            server.default = TROUBLES[name]
        else:
            server.token = TROUBLES[name]
        async with client(server.url, deadline=1.0, retries=1, on_event=events.append) as timify:
            calls: list[Callable[[], Awaitable[object]]] = [
                lambda: timify.customers.get(ID),
                lambda: timify.customers.create(
                    ENTRIES, external_id="crm-1", on_lost_answer="repeat"
                ),
            ]
            errors: list[TimifyError] = []
            for call in calls:
                try:
                    await call()
                except TimifyError as error:
                    errors.append(error)
            for error in errors:
                for text in shown(error, richly=name in {"500", "echo"}):
                    clean(text, name)
    assert errors or name == "200, empty"
    assert events
    clean(repr(events))
    clean("\n".join(logs.lines))
    assert any(line.startswith("httpcore") for line in logs.lines)


async def test_a_part_of_an_echoed_token_is_not_left_over(server: FaultServer) -> None:
    """An echo that is longer than the part of a body that errors show does not end in half a
    token.
    """
    for filler in range(440, 520):
        server.script.append(answer(403, f"{'x' * filler}{TOKEN}-1{'x' * 50}".encode()))
    async with client(server.url) as timify:
        while server.script:
            with pytest.raises(TimifyError) as caught:
                await timify.customers.get(ID)
            clean(str(caught.value))
            assert "cana" not in str(caught.value)


async def test_a_short_token_is_no_word_to_blank(server: FaultServer) -> None:
    """A token like "no" does not make errors unreadable."""
    server.default = answer(403, {"message": "not now"})
    async with TimifyCustomers(access_token="no", base_url=server.url) as timify:
        with pytest.raises(TimifyError, match="not now"):
            await timify.customers.get(ID)


def reachable(start: object) -> Iterator[object]:
    """Every object that can be reached from one, but for modules, code and what is not the client's
    own.
    """
    seen, queue = {id(start)}, [start]
    opaque = (
        types.ModuleType,
        types.FunctionType,
        types.CodeType,
        type,
        types.FrameType,
        Secret,
        logging.Logger,
    )
    while queue:
        thing = queue.pop()
        yield thing
        if isinstance(thing, opaque) or type(thing).__module__ in {
            "_asyncio",
            "asyncio.events",
            "_pytest",
        }:
            continue
        for other in gc.get_referents(thing):
            if id(other) not in seen and not isinstance(
                other, (types.ModuleType, asyncio.AbstractEventLoop)
            ):
                seen.add(id(other))
                queue.append(other)


@pytest.mark.parametrize("kind", ["app", "fixed", "provider"])
async def test_nothing_that_a_client_holds_shows_a_credential(
    server: FaultServer, kind: str
) -> None:
    """No repr of anything reachable from a client in use shows one: only Secret holds them, and it
    hides them.
    """

    async def provider() -> AccessToken:
        return AccessToken(TOKEN, 60)

    ways = {
        "app": lambda: client(server.url),
        "fixed": lambda: TimifyCustomers(access_token=TOKEN, base_url=server.url),
    }
    ways["provider"] = lambda: TimifyCustomers(access_token=provider, base_url=server.url)
    async with ways[kind]() as timify:
        server.script = [answer(401)] if kind != "fixed" else []
        await timify.customers.get(ID)
        await timify.for_company("5" * 24).customers.create({}, external_id="crm-1")
        things = list(reachable(timify))
        assert {"Secret", "Caller", "AsyncConnectionPool"} <= {
            type(thing).__name__ for thing in things
        }
        for thing in things:
            if isinstance(thing, (str, bytes)):
                clean(thing, "a bare text")
            elif type(thing).__module__.split(".")[0] not in {"_pytest", "pytest", "hypothesis"}:
                clean(repr(thing), type(thing))


async def test_calls_under_way_do_not_show_one(server: FaultServer) -> None:
    """Nor do the tasks of calls under way, as a debugger or asyncio's own messages list them."""
    server.default = stall
    async with client(server.url) as timify:
        call = asyncio.create_task(timify.customers.get(ID))
        await asyncio.sleep(0.1)
        assert server.received
        for task in asyncio.all_tasks():
            told = io.StringIO()
            task.print_stack(file=told)
            clean(repr(task) + told.getvalue())
        call.cancel()
        await asyncio.gather(call, return_exceptions=True)


async def test_a_client_and_its_parts_cannot_be_pickled(server: FaultServer) -> None:
    """A client is refused as a whole: no pickle can hold its credentials."""
    async with client(server.url) as timify:
        await timify.customers.get(ID)
        for thing in (timify, timify._scope.caller, timify._scope.caller._tokens._state):
            with pytest.raises((TypeError, AttributeError, pickle.PicklingError)):
                pickle.dumps(thing)


WRONG = SECRET + " with spaces\n"
WRONG_BYTES = SECRET.encode()


@pytest.mark.parametrize(
    "make",
    [
        lambda: TimifyCustomers("app", WRONG),
        lambda: TimifyCustomers("app", WRONG_BYTES),  # type: ignore[arg-type]
        lambda: TimifyCustomers(access_token=WRONG),
        lambda: TimifyCustomers(access_token=WRONG_BYTES),  # type: ignore[arg-type]
        lambda: TimifyCustomers("app", SECRET, access_token=TOKEN),
        lambda: TimifyCustomers("app", WRONG, access_token=TOKEN),
        lambda: TimifyCustomers("app", SECRET, company_id="x"),
        lambda: TimifyCustomers("app", SECRET, base_url="http://elsewhere.invalid"),
        lambda: TimifyCustomers("app", Secret(WRONG)),
        lambda: TimifyCustomers("", SECRET),
        lambda: TimifyCustomers(5, SECRET),  # type: ignore[arg-type]
        TimifyCustomers.from_env,
    ],
)
def test_a_wrong_setting_shows_no_credential(
    make: Callable[[], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Errors of making a client, with their locals, never show what was given as a credential."""
    monkeypatch.setenv("TIMIFY_APP_ID", "app")
    monkeypatch.setenv("TIMIFY_APP_SECRET", "canary secret")
    with pytest.raises((ConfigurationError, ArgumentTypeError)) as caught:
        make()
    for text in shown(caught.value):
        # What stands in the lines of this file is not what a traceback adds.
        clean(
            "\n".join(
                line
                for line in text.splitlines()
                if "CANARY" not in line and "canary secret" not in line
            )
        )


def test_an_access_token_does_not_show_itself() -> None:
    """What a provider gives can be printed and logged, richly too."""
    token = AccessToken(TOKEN, 60)
    clean(f"{token} {token!r} {rich.pretty.pretty_repr(token)}")
    assert "60" in repr(token)


@pytest.mark.parametrize(
    "given", ["canary token", "canary\n", b"canary", AccessToken("canary token"), {"canary": 1}]
)
async def test_a_wrong_token_of_a_provider_is_not_shown(given: Any) -> None:
    """What a provider gives is not in the error that refuses it."""
    given_by_name = {"token": given}

    async def provider() -> Any:
        return given_by_name["token"]

    async with TimifyCustomers(access_token=provider, base_url="http://127.0.0.1:1") as timify:
        with pytest.raises(TimifyError) as caught:
            await timify.customers.get(ID)
        error = caught.value
        assert error.__cause__ is None
        assert error.__context__ is None
        frames = [
            it
            for it in traceback.walk_tb(error.__traceback__)
            if "timify_customers" in it[0].f_code.co_filename
        ]
        assert frames
        for frame, _ in frames:
            clean(repr(frame.f_locals), frame.f_code.co_name)


async def test_warnings_show_no_credential(server: FaultServer) -> None:
    """The warning about an unclosed client shows none."""
    timify: TimifyCustomers | None = client(server.url)
    await timify.customers.get(ID)
    caller = timify._scope.caller
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        timify = None
        gc.collect()
    assert caught
    clean("".join(f"{it.message} {it.source!r}" for it in caught))
    await caller.aclose()


@pytest.mark.parametrize("status", [300, 301, 302, 303, 305, 307, 308])
@pytest.mark.parametrize("part", ["api", "token"])
@pytest.mark.parametrize(
    "form", ["{url}/v1/customers", "//{host}/", "http://user:pw@{host}/", "HTTP://{host}"]
)
async def test_no_credential_goes_elsewhere(
    server: FaultServer, status: int, part: str, form: str
) -> None:
    """A redirect to another host is an error that names it; that host hears nothing."""
    async with FaultServer() as elsewhere:
        location = form.format(url=elsewhere.url, host=elsewhere.url.removeprefix("http://"))
        fault = answer(status, b"", f"location: {location}")
        server.default, server.token = (fault, None) if part == "api" else (fine, fault)
        async with client(server.url, retries=0) as timify:
            with pytest.raises(RedirectError, match="not followed"):
                await timify.customers.get(ID)
        assert (elsewhere.received, elsewhere.tokens, elsewhere.connections) == ([], [], 0)
    assert len(server.received) == (part == "api")


async def test_no_proxy_of_the_environment_hears_of_this_machine(
    server: FaultServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Plain http is for this machine, and so it goes there itself, whatever proxy the environment
    names.
    """
    async with FaultServer() as proxy:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.url)
        async with client(server.url) as timify:
            await timify.customers.get(ID)
        assert proxy.connections == 0
    assert server.received
