"""Errors: ours, of the right builtin kind, telling, and able to travel."""

from __future__ import annotations

import asyncio
import builtins
import copy
import inspect
import json
import pickle
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import httpx
import pytest
import timify_customers
from attrs import define
from hypothesis import given
from hypothesis import strategies as st
from support.faults import FAULTS, ID, FaultServer, answer, haste, refuse
from support.operations import ENTRIES, OPERATIONS
from timify_customers import (
    AmbiguousWriteError,
    ApiError,
    ArgumentError,
    BodyError,
    CallError,
    CallTimeoutError,
    ConnectError,
    ConnectionLostError,
    Customer,
    DecodeError,
    ImportInterruptedError,
    ImportReport,
    PayloadError,
    ServerError,
    TimifyCustomers,
    TimifyError,
    _errors,
)
from timify_customers._base.text import printable

EXPORTED: dict[str, type[TimifyError]] = {
    name: value
    for name in timify_customers.__all__
    if inspect.isclass(value := getattr(timify_customers, name))
    and issubclass(value, BaseException)
    if not issubclass(value, Warning)
}
BUILTINS: dict[str, type[Exception]] = {
    "AccessDeniedError": PermissionError,
    "AmbiguousFieldError": LookupError,
    "AnswerTooLargeError": ValueError,
    "ArgumentError": ValueError,
    "ArgumentTypeError": TypeError,
    "AuthenticationError": PermissionError,
    "BadRequestError": ValueError,
    "BodyError": ValueError,
    "CallTimeoutError": TimeoutError,
    "CheckpointError": ValueError,
    "ClientStateError": RuntimeError,
    "CompanyIdError": ValueError,
    "ConfigurationError": ValueError,
    "ConnectError": ConnectionError,
    "ConnectionLostError": ConnectionError,
    "DecodeError": ValueError,
    "FilterIgnoredError": RuntimeError,
    "ImportInterruptedError": RuntimeError,
    "InvalidValueError": ValueError,
    "ListChangedError": RuntimeError,
    "NotFoundError": LookupError,
    "PaginationError": RuntimeError,
    "PayloadError": ValueError,
    "UnknownFieldError": KeyError,
    "UnprocessableError": ValueError,
}


@pytest.fixture(autouse=True)
def _haste() -> Iterator[None]:
    with haste():
        yield


@pytest.fixture
async def server() -> AsyncIterator[FaultServer]:
    async with FaultServer() as running:
        yield running


# The tree.


@pytest.mark.parametrize("name", EXPORTED)
def test_every_error_is_ours_and_of_the_right_kind(name: str) -> None:
    """Each exported error is a TimifyError; those with a builtin that fits are that too."""
    assert issubclass(EXPORTED[name], TimifyError)
    if name in BUILTINS:
        assert issubclass(EXPORTED[name], BUILTINS[name])
    elif EXPORTED[name] is not TimifyError:
        kin = {it.__name__ for it in EXPORTED[name].__mro__ if it.__module__ == builtins.__name__}
        assert kin == {"Exception", "BaseException", "object"}


def first_bases(cls: type) -> Iterator[type]:
    """Where an error stands in the tree: below the first of its bases, and that below its own."""
    while cls is not object:
        cls = cls.__bases__[0]
        yield cls


def test_the_tree_is_drawn_as_it_is() -> None:
    """The tree in the module's docstring names every error, at its depth and with its builtin."""
    drawn = (_errors.__doc__ or "").partition("::")[2].splitlines()
    for name, cls in EXPORTED.items():
        line = next(line for line in drawn if line.strip(" │├└─").split(" ")[0] == name)
        own = [it for it in first_bases(cls) if it.__name__ in EXPORTED]
        assert line.index(name) == 4 + 4 * len(own), name
        if name in BUILTINS and not any(issubclass(it, BUILTINS[name]) for it in own):
            assert BUILTINS[name].__name__ in line or "DecodeError" in line, name


def test_every_error_of_the_module_is_exported() -> None:
    """No error can reach a user that they cannot name."""
    defined = {
        name
        for name, value in vars(_errors).items()
        if inspect.isclass(value) and issubclass(value, TimifyError) and not name.startswith("_")
    }
    assert defined == set(EXPORTED)


# Travelling.


def examples() -> Iterator[BaseException]:
    """One of each class, with every attribute set."""
    seen = Customer.from_dict({"id": ID, "externalId": "crm-1", "fields": []})
    for cls in EXPORTED.values():
        if cls is DecodeError:
            yield DecodeError(
                "Customer", "createdAt", "$.data[3].createdAt", "expected a string, found null"
            )
        elif cls is PayloadError:
            yield PayloadError([ArgumentError("one"), ArgumentError("two")])
        elif cls is ImportInterruptedError:
            yield ImportInterruptedError(
                "stopped", report=ImportReport(accepted=3, requests=1), pending=(4, 5)
            )
        elif issubclass(cls, CallError):
            error = cls(
                "went wrong",
                operation="x",
                attempts=3,
                status=500,
                request_id="r-1",
                retry_after=2.5,
            )
            if isinstance(error, AmbiguousWriteError):
                error.seen, error.safe_to_repeat = seen, True
            if isinstance(error, ApiError):
                error.code = 7
            error.add_note("a note")
            yield error
        else:
            yield cls("went wrong")


WAYS: dict[str, Callable[[Any], Any]] = {
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
    **{
        f"pickle {number}": lambda it, number=number: pickle.loads(pickle.dumps(it, number))
        for number in range(2, 6)
    },
}


def same(one: object, other: object) -> bool:
    """Whether two errors are equal in class, words and attributes, and so on inside."""
    if isinstance(one, BaseException) and isinstance(other, BaseException):
        mine, theirs = vars(one), vars(other)
        return (
            (type(one), str(one), len(one.args)) == (type(other), str(other), len(other.args))
            and mine.keys() == theirs.keys()
            and all(same(mine[name], theirs[name]) for name in mine)
        )
    if isinstance(one, tuple) and isinstance(other, tuple):
        return len(one) == len(other) and all(map(same, one, other))
    return one == other


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
@pytest.mark.parametrize("error", [*examples()], ids=lambda error: type(error).__name__)
def test_every_error_can_be_pickled_and_copied(
    error: BaseException, way: Callable[[Any], Any]
) -> None:
    """Errors cross process boundaries with class, words and every attribute."""
    assert same(error, way(error))


@pytest.mark.parametrize("name", [name for name in FAULTS if name not in {"stall", "drip"}])
async def test_errors_that_were_raised_can_be_pickled(server: FaultServer, name: str) -> None:
    """Errors of real calls travel as well, those of settlements and imports included."""
    server.default = FAULTS[name].fault
    if FAULTS[name].fault is refuse:
        server.refuse()
    async with TimifyCustomers(access_token="x", base_url=server.url, retries=1) as timify:
        names = [
            "list_customers",
            "update_customer",
            "delete_customer",
            "import_customers",
            "create_customfield",
        ]
        calls = [OPERATIONS[name].call(timify) for name in names]
        results = await asyncio.gather(
            *calls, timify.customers.create(ENTRIES, external_id="x"), return_exceptions=True
        )
    errors = [it for it in results if isinstance(it, BaseException)]
    assert errors
    for error in errors:
        assert isinstance(error, TimifyError)
        assert same(error, pickle.loads(pickle.dumps(error)))
        assert same(error, copy.deepcopy(error))
        assert str(error)
        assert "\n" not in str(error)


# What they tell.


@pytest.mark.parametrize(
    "header",
    ["x-amzn-requestid", "x-amz-apigw-id", "x-request-id", "x-amz-cf-id", "X-Amzn-RequestId"],
)
async def test_errors_name_the_request(server: FaultServer, header: str) -> None:
    """The server's id of the request is in the error and its words, for each of its headers."""
    server.default = answer(500, b"", f"{header}: id-of-it")
    async with TimifyCustomers(access_token="x", base_url=server.url, retries=1) as timify:
        with pytest.raises(ServerError) as caught:
            await timify.customers.get(ID)
        with pytest.raises(AmbiguousWriteError) as ambiguous:
            await timify.customers.create(ENTRIES)
    error = caught.value
    assert (error.operation, error.status, error.request_id, error.attempts) == (
        "get_customer",
        500,
        "id-of-it",
        2,
    )
    assert str(error) == "get_customer: HTTP 500: no body, after 2 attempts, request id id-of-it"
    assert (ambiguous.value.request_id, ambiguous.value.status, ambiguous.value.attempts) == (
        "id-of-it",
        500,
        1,
    )


@pytest.mark.parametrize("status", [200, 403, 500])
async def test_no_error_carries_a_whole_body(server: FaultServer, status: int) -> None:
    """However long a body, header or message is, what an error shows of it is cut."""
    for body in (
        b"<p>" + b"x" * 100_000,
        json.dumps({"status": 0, "message": "x" * 100_000}).encode(),
    ):
        server.default = answer(status, body, "x-request-id: " + "y" * 5000)
        async with TimifyCustomers(access_token="x", base_url=server.url, retries=0) as timify:
            with pytest.raises(CallError) as caught:
                await timify.customers.get(ID)
        assert len(str(caught.value)) < 1000
        assert "more characters" in str(caught.value)
        assert len(pickle.dumps(caught.value)) < 4000


async def test_a_body_error_is_a_decode_error_too(server: FaultServer) -> None:
    """A body that is no answer can be caught with those that are wrong inside, and has the same
    attributes.
    """
    server.default = answer(200, b"<title>Maintenance</title>")
    async with TimifyCustomers(access_token="x", base_url=server.url, retries=0) as timify:
        with pytest.raises(DecodeError) as caught:
            await timify.customers.get(ID)
    error = caught.value
    assert isinstance(error, BodyError)
    assert (error.model, error.key, error.path) == ("answer", "", "$")
    assert "a web page titled 'Maintenance'" in error.problem


@given(st.text(), st.text(), st.integers(), st.one_of(st.none(), st.text()))
def test_words_never_fail(
    message: str, operation: str, attempts: int, request_id: str | None
) -> None:
    """Whatever is in an error, it can be printed, on one line."""
    error = CallError(message, operation=operation, attempts=attempts, request_id=request_id)
    assert printable(message) in str(error)
    assert str(error).isprintable()
    assert error.message.isprintable()
    assert repr(error)


# What a transport raises.


class OddError(Exception):
    """An exception of somebody else's."""


RAISED: list[Exception] = [
    httpx.InvalidURL("x"),
    httpx.CookieConflict("x"),
    httpx.StreamConsumed(),
    httpx.ResponseNotRead(),
    httpx.StreamClosed(),
    httpx.TooManyRedirects("x"),
    httpx.LocalProtocolError("x"),
    httpx.RemoteProtocolError("x"),
    httpx.ProxyError("x"),
    httpx.DecodingError("x"),
    httpx.WriteError("x"),
    httpx.WriteTimeout("x"),
    httpx.ReadTimeout("x"),
    httpx.HTTPError("x"),
    httpx.HTTPStatusError("x", request=httpx.Request("GET", "/"), response=httpx.Response(500)),
    OSError("x"),
    ConnectionRefusedError("x"),
    TimeoutError(),
    RuntimeError("x"),
    KeyError("x"),
    AttributeError("x"),
    AssertionError(),
    RecursionError(),
    MemoryError(),
    StopAsyncIteration(),
    UnicodeDecodeError("ascii", b"x", 0, 1, "x"),
    ExceptionGroup("x", [OSError("x")]),
    TimifyError("x"),
    ConnectError("a transport of its own that raises ours"),
    OddError("x"),
]


@define
class Raising(httpx.AsyncBaseTransport):
    """Raises, at once or while its answer is read; knows no request that it did not see."""

    error: BaseException
    where: str = "sending"
    sent: int = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.sent += 1
        if self.where == "sending":
            raise self.error
        error = self.error

        class Body(httpx.AsyncByteStream):
            async def __aiter__(self) -> AsyncIterator[bytes]:
                yield b'{"data": '
                raise error

            async def aclose(self) -> None:
                raise error

        return httpx.Response(200, stream=Body())


@pytest.mark.parametrize("where", ["sending", "reading"])
@pytest.mark.parametrize("error", RAISED, ids=lambda error: type(error).__name__)
async def test_whatever_a_transport_raises_may_have_been_received(
    error: Exception, where: str
) -> None:
    """No exception that is not known to come before sending leaves a create as anything but open,
    sent once.
    """
    transport = Raising(error, where)
    async with TimifyCustomers(
        access_token="x", base_url="http://127.0.0.1", transport=transport, retries=2
    ) as timify:
        with pytest.raises(AmbiguousWriteError) as caught:
            await timify.customers.create(ENTRIES)
        assert transport.sent == 1
        assert isinstance(caught.value.__cause__, (ConnectionLostError, CallTimeoutError))
        with pytest.raises((ConnectionLostError, CallTimeoutError)) as read:
            await timify.customers.get(ID)
        assert transport.sent == 4
        assert read.value.attempts == 3


@pytest.mark.parametrize(
    "error",
    [
        httpx.ConnectError("x"),
        httpx.ConnectTimeout("x"),
        httpx.PoolTimeout("x"),
        httpx.UnsupportedProtocol("x"),
    ],
)
async def test_what_was_never_sent_is_repeated(error: Exception) -> None:
    """Not connected in time, or not at all: a create is repeated, and ends in an error that says
    "not done".
    """
    transport = Raising(error)
    async with TimifyCustomers(
        access_token="x", base_url="http://127.0.0.1", transport=transport, retries=2
    ) as timify:
        with pytest.raises(ConnectError, match="nothing was sent"):
            await timify.customers.create(ENTRIES)
    assert transport.sent == 3


async def test_an_answer_that_is_none_may_have_been_received() -> None:
    """A transport that returns something else than a response, or cancels itself, is an open end
    too.
    """

    class Wrong(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx.Request) -> Any:
            if request.url.path.endswith("categories"):
                raise asyncio.CancelledError
            return {"status": 200}

    async with TimifyCustomers(
        access_token="x", base_url="http://127.0.0.1", transport=Wrong()
    ) as timify:
        with pytest.raises(AmbiguousWriteError):
            await timify.customers.create(ENTRIES)
        with pytest.raises(AmbiguousWriteError):
            await timify.categories.create("VIP")


async def test_a_request_that_cannot_be_made_was_not_sent() -> None:
    """A path that no URL can hold is an error that says that nothing was sent."""
    transport = Raising(OSError())
    async with TimifyCustomers(
        access_token="x", base_url="http://127.0.0.1", transport=transport, retries=0
    ) as timify:
        with pytest.raises(ConnectError, match="nothing was sent"):
            await timify.customers.get("x" * 70_000)
    assert transport.sent == 0
