"""Opening, closing, and everything that comes too late or in the wrong place."""

from __future__ import annotations

import asyncio
import gc
import os
import subprocess
import sys
import textwrap
import warnings
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import pytest
from support.faults import ID, Fault, FaultServer, answer, drip, fine, haste, stall
from support.operations import ENTRIES, OPERATIONS
from timify_customers import (
    AmbiguousWriteError,
    ClientStateError,
    ImportInterruptedError,
    TimifyCustomers,
    TimifyError,
)
from timify_customers._calls import retry


@pytest.fixture(autouse=True)
def _haste() -> Iterator[None]:
    with haste():
        yield


@pytest.fixture
async def server() -> AsyncIterator[FaultServer]:
    async with FaultServer() as running:
        yield running


def client(url: str, **options: Any) -> TimifyCustomers:
    return TimifyCustomers("app", "secret", base_url=url, **options)


# Closing.


async def test_a_closed_client_refuses_every_operation(server: FaultServer) -> None:
    """Each of the 17 operations of a closed client, and of its views, is an error before anything
    is sent.
    """
    timify = client(server.url)
    view = timify.with_options(retries=1)
    await timify.aclose()
    for example in OPERATIONS.values():
        for user in (timify, view):
            with pytest.raises((ClientStateError, ImportInterruptedError)) as caught:
                await example.call(user)
            cause = (
                caught.value.__cause__
                if isinstance(caught.value, ImportInterruptedError)
                else caught.value
            )
            assert isinstance(cause, ClientStateError)
            assert "closed" in str(cause)
    assert not server.received
    assert not server.tokens
    with pytest.raises(ClientStateError):
        async with timify:
            pass


async def test_closing_twice_is_closing_once(server: FaultServer) -> None:
    """Aclose may be called again, also at the same time, and all who call it wait for the end."""
    timify = client(server.url)
    await timify.customers.get(ID)
    await asyncio.gather(*(timify.aclose() for _ in range(5)))
    await timify.aclose()
    await server.all_closed()
    assert "closed" in repr(timify)


async def test_closing_a_view_closes_nothing(server: FaultServer) -> None:
    """A view shares what it does not own: its aclose, and its ``async with``, leave the client as
    it is.
    """
    async with client(server.url) as timify:
        async with timify.for_company("5" * 24) as view:
            await view.customers.get(ID)
        await view.aclose()
        await view.customers.get(ID)
        await timify.customers.get(ID)


async def test_closing_goes_on_when_who_closes_is_cancelled(server: FaultServer) -> None:
    """Aclose that is cancelled still closes, and whoever calls it next waits for that."""
    timify = client(server.url)
    call = asyncio.create_task(timify.customers.get(ID))
    server.default = stall
    await asyncio.sleep(0.05)
    closing = asyncio.create_task(timify.aclose())
    await asyncio.sleep(0)
    closing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await closing
    await timify.aclose()
    with pytest.raises(TimifyError):
        await asyncio.wait_for(call, 5)


async def test_closing_goes_on_when_there_is_no_time_for_it(server: FaultServer) -> None:
    """A timeout that has passed before aclose begins is told, and the client is closed all the
    same.
    """
    timify = client(server.url)
    await timify.customers.get(ID)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(-1):
            await timify.aclose()
    with pytest.raises(ClientStateError, match="closed"):
        await timify.customers.get(ID)
    async with asyncio.timeout(10):
        await timify.aclose()
        while server.open:  # noqa: ASYNC110 - a number has no event
            await asyncio.sleep(0.01)


TROUBLES: dict[str, Fault] = {
    "stall": stall,
    "drip": drip,
    "backoff": answer(500),
    "throttled": answer(429, b"", "retry-after: 50"),
}


@pytest.mark.parametrize("name", TROUBLES)
async def test_calls_under_way_end_with_the_client(
    server: FaultServer, name: str, monkeypatch: Any
) -> None:
    """Whatever a call waits for when the client is closed, it ends within bounded time, with an
    error that fits.
    """
    monkeypatch.setattr(retry, "BACKOFF_BASE", 100.0)
    monkeypatch.setattr("random.random", lambda: 0.5)  # full jitter may bring no pause at all
    server.default, loop = TROUBLES[name], asyncio.get_running_loop()
    timify = client(server.url, max_connections=2, deadline=1000.0)
    reads = [asyncio.create_task(timify.customers.get(ID)) for _ in range(6)]
    writes = [
        asyncio.create_task(timify.customers.update(ENTRIES, customer_id=ID)) for _ in range(6)
    ]
    await asyncio.sleep(0.1)
    began = loop.time()
    await timify.aclose()
    results = await asyncio.gather(*reads, *writes, return_exceptions=True)
    assert loop.time() - began < 2.0
    assert all(isinstance(it, ClientStateError) for it in results[:6])
    # A write that was sent may have been done; one that waited for its turn, or was throttled, was
    # not.
    assert all(isinstance(it, (ClientStateError, AmbiguousWriteError)) for it in results[6:])
    sent = sum(it.method == "PATCH" for it in server.received)
    ambiguous = sum(isinstance(it, AmbiguousWriteError) for it in results)
    assert ambiguous == (0 if name == "throttled" else sent)


async def test_nothing_is_sent_once_closing_began(server: FaultServer) -> None:
    """Calls that wait for a connection while the client closes never send their request."""
    server.default = stall
    timify = client(server.url, max_connections=1)
    calls = [asyncio.create_task(timify.customers.create(ENTRIES)) for _ in range(5)]
    async with asyncio.timeout(10):
        while not server.received:  # noqa: ASYNC110 - a list has no event
            await asyncio.sleep(0.01)
    await timify.aclose()
    results = await asyncio.gather(*calls, return_exceptions=True)
    assert len(server.received) == 1
    assert [type(it) for it in results] == [AmbiguousWriteError] + [ClientStateError] * 4


async def test_answers_on_their_way_are_waited_for(server: FaultServer) -> None:
    """Closing gives what is under way a moment to end well."""
    arrived = asyncio.Event()

    async def slow(exchange: Any) -> None:
        arrived.set()
        await asyncio.sleep(0.05)
        await fine(exchange)

    server.default = slow
    timify = client(server.url)
    call = asyncio.create_task(timify.customers.get(ID))
    await asyncio.wait_for(arrived.wait(), 10)
    await timify.aclose()
    assert (await call).id == ID


async def test_a_transport_that_cannot_be_closed_harms_nobody() -> None:
    """Closing ends well, within bounded time, even if a custom transport raises or hangs when it is
    closed.
    """

    class Bad(httpx.MockTransport):
        async def aclose(self) -> None:
            if self.hang:
                await asyncio.sleep(3600)
            raise httpx.CloseError("no")

        hang = False

    for hang in (False, True):
        transport = Bad(lambda _: httpx.Response(200, json={"data": {"id": ID}}))
        transport.hang = hang
        timify = TimifyCustomers(access_token="x", base_url="http://127.0.0.1", transport=transport)
        await timify.customers.get(ID)
        await asyncio.wait_for(timify.aclose(), 1.0)


async def test_a_provider_that_will_not_be_cancelled_does_not_hold_up_closing() -> None:
    """A provider that ignores cancellation is left behind."""
    release = asyncio.Event()

    async def stubborn() -> str:
        while not release.is_set():
            try:
                await release.wait()
            except asyncio.CancelledError:
                continue
        return "x"

    timify = TimifyCustomers(access_token=stubborn, base_url="http://127.0.0.1:1")
    call = asyncio.create_task(timify.customers.get(ID))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    await asyncio.wait_for(timify.aclose(), 5.0)
    release.set()
    with pytest.raises(ClientStateError):
        await call


# Forgetting to close.


async def test_an_unclosed_client_warns(server: FaultServer) -> None:
    """A client that was used and is dropped without being closed is a ResourceWarning that says
    what to do.
    """
    timify: TimifyCustomers | None = client(server.url)
    await timify.customers.get(ID)
    caller = timify._scope.caller
    with pytest.warns(ResourceWarning, match=r"unclosed <TimifyCustomers.*aclose\(\)"):
        timify = None
    gc.collect()
    await caller.aclose()


async def test_nobody_else_is_warned(server: FaultServer) -> None:
    """No warning for a client that was closed, never used, or could not be made, nor for a view."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        closed = client(server.url)
        await closed.customers.get(ID)
        await closed.aclose()
        unused = client(server.url)
        view = unused.with_options(retries=0)
        with pytest.raises(TimifyError):
            client("http://elsewhere.invalid")
        del closed, unused, view
        gc.collect()


# Other loops and processes.


def test_a_second_event_loop_is_refused() -> None:
    """A client belongs to the loop of its first call; in another its calls and its closing are
    clear errors.
    """
    timify = TimifyCustomers(
        access_token="x",
        base_url="http://127.0.0.1",
        transport=httpx.MockTransport(lambda _: httpx.Response(200, json={"data": {"id": ID}})),
    )

    async def use() -> None:
        await timify.customers.get(ID)

    with asyncio.Runner() as first, asyncio.Runner() as second:
        first.run(use())
        with pytest.raises(ClientStateError, match="another event loop"):
            second.run(use())
        with pytest.raises(ClientStateError, match="another event loop"):
            second.run(timify.aclose())
        first.run(use())
        first.run(timify.aclose())
        second.run(timify.aclose())


def test_an_unused_client_is_closed_anywhere() -> None:
    """A client that was made and never used can be used, or closed, in any loop."""
    timify = TimifyCustomers(access_token="x", base_url="http://127.0.0.1")
    asyncio.run(timify.aclose())


def script(text: str, url: str) -> subprocess.CompletedProcess[str]:
    """Run a script in a fresh interpreter with all warnings on."""
    code = "import asyncio, os, signal, sys\nfrom timify_customers import *\n" + textwrap.dedent(
        text
    )
    command = [sys.executable, "-W", "default", "-X", "dev", "-P", "-c", code, url]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    return subprocess.run(
        command, capture_output=True, text=True, timeout=60, check=False, env=environment
    )


async def run_script(text: str, server: FaultServer) -> tuple[int, str, str]:
    done = await asyncio.to_thread(script, text, server.url)
    return done.returncode, done.stdout.strip(), done.stderr


USE = """
async def use(timify):
    # This machine may be slow; that is not what is tested.
    asyncio.get_running_loop().slow_callback_duration = 60
    await asyncio.gather(*(timify.customers.get("5" * 24) for _ in range(5)))

def make():
    return TimifyCustomers("app", "secret", base_url=sys.argv[1])
"""


async def test_after_a_fork_the_child_is_told(server: FaultServer) -> None:
    """A child process that uses its parent's client gets a clear error and no warning; the parent's
    works on.
    """
    code, out, err = await run_script(
        USE
        + """
async def main():
    async with make() as timify:
        await use(timify)
        child = os.fork()
        if not child:
            try:
                timify._scope.caller.lifetime.check_usable()
            except ClientStateError as error:
                print("child:", "fork" in str(error), flush=True)
            timify.__del__()
            os._exit(0)
        os.waitpid(child, 0)
        await use(timify)
        print("parent: works")

asyncio.run(main())
""",
        server,
    )
    assert (code, out.split("\n")) == (0, ["child: True", "parent: works"])
    assert "ResourceWarning" not in err


async def test_a_loop_of_the_child_is_told_too(server: FaultServer) -> None:
    """A client that was made before the fork refuses to work in the child, in a loop of its own
    too.
    """
    code, out, _ = await run_script(
        USE
        + """
import multiprocessing, threading

timify = make()

def child():
    try:
        asyncio.run(use(timify))
    except ClientStateError as error:
        print("fork" in str(error), flush=True)

if __name__ == "__main__":
    multiprocessing.get_context("fork").Process(target=child).start()
""",
        server,
    )
    assert (code, out) == (0, "True")


async def test_the_end_of_the_interpreter_is_quiet(server: FaultServer) -> None:
    """A closed client leaves not a word at exit, with warnings and asyncio's debug mode on."""
    code, out, err = await run_script(
        USE
        + """
async def main():
    async with make() as timify:
        await use(timify)
        hasty = asyncio.create_task(use(timify))
        await asyncio.sleep(0.005)
        hasty.cancel()

asyncio.run(main())
print("done")
""",
        server,
    )
    assert (code, out, err) == (0, "done", "")


@pytest.mark.parametrize(
    "keep",
    ["timify = make()", "global timify; timify = make()", "timify = make(); sys.timify = timify"],
)
async def test_a_forgotten_client_warns_and_no_more(server: FaultServer, keep: str) -> None:
    """A client that is never closed warns at exit; there is no "Event loop is closed", and nothing
    is ignored.
    """
    code, out, err = await run_script(
        USE
        + f"""
async def main():
    {keep}
    await use(timify)

asyncio.run(main())
print("done")
""",
        server,
    )
    assert (code, out) == (0, "done")
    assert "Event loop is closed" not in err
    assert "Exception ignored" not in err
    assert "Traceback" not in err
    assert "Task was destroyed" not in err


async def test_calls_under_way_at_the_end_are_quiet(server: FaultServer) -> None:
    """A program that ends in the middle of calls, or by Ctrl-C, shows no noise of ours."""
    server.default = stall
    code, out, err = await run_script(
        USE
        + """
async def main():
    async with make() as timify:
        asyncio.get_running_loop().call_later(0.2, os.kill, os.getpid(), signal.SIGINT)
        await use(timify)

try:
    asyncio.run(main())
except KeyboardInterrupt:
    print("done")
""",
        server,
    )
    assert (code, out) == (0, "done")
    for noise in (
        "Event loop is closed",
        "Exception ignored",
        "never retrieved",
        "Task was destroyed",
        "Resource",
    ):
        assert noise not in err
