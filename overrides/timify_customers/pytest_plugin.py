"""Fixtures for the tests of services that use TIMIFY.

Each test has a sandbox of its own, and a client that is connected to it. pytest finds this module
by itself; it needs the extra ``pytest``, and no configuration::

    async def test_a_customer_is_made(timify, timify_sandbox):
        await my_service.sign_up(timify, "Ada")
        assert timify_sandbox.company().customers

A service that makes its own client from the environment asks for ``timify_env`` instead of
``timify``.

The sandbox answers a request that the API's document does not allow with 400, and the test fails
with the reason, even when the service swallowed the error. A fault that was set but met by no
request fails the test too, because the test then proves nothing about the fault.
``@pytest.mark.timify(strict=False)`` permits both for one test, and ``allow_unmet_faults=True``
only the second. Other arguments of the mark are those of `Sandbox`.

All fixtures are plain functions, so that they work with anyio's plugin, with pytest-asyncio and
with ``asyncio.run``.
"""

from __future__ import annotations

import contextlib
from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

    from ._client import TimifyCustomers
    from .sandbox import Fault, Sandbox

_MARK = (
    "timify(strict=True, allow_unmet_faults=False, **options): how this test's sandbox is made; "
    "strict=False permits undocumented requests, allow_unmet_faults=True faults that nothing met"
)
_ALLOW_UNMET = "allow_unmet_faults"
_USED = pytest.StashKey["Sandbox"]()


def pytest_configure(config: pytest.Config) -> None:
    """Declare the mark."""
    config.addinivalue_line("markers", _MARK)


@pytest.fixture
def timify_sandbox(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    """A stand-in for the TIMIFY API, for this test only: a `timify_customers.sandbox.Sandbox`."""
    from .sandbox import Sandbox  # noqa: PLC0415 - only who asks for it needs the extra

    options = {"strict": True, **_options(request.node)}
    options.pop(_ALLOW_UNMET, None)
    sandbox = Sandbox(**options)
    request.node.stash[_USED] = sandbox
    yield sandbox
    if (reasons := _reasons(request.node)) and not request.node.stash.get(_TOLD, False):
        pytest.fail(reasons, pytrace=False)


@pytest.fixture
def timify(timify_sandbox: Sandbox) -> Iterator[TimifyCustomers]:
    """A client of the sandbox in this process, for the event loop that uses it first.

    It waits by the sandbox's clock, so that a pause before a retry takes no time. The fixture
    closes it.
    """
    client = timify_sandbox.client()
    yield client
    # Its loop no longer runs, and may be closed. In process there is no connection to close, so it
    # is enough to end the client.
    with contextlib.suppress(RuntimeError):
        client._abandon()  # noqa: SLF001 - of the same package


@pytest.fixture
def timify_env(
    timify_sandbox: Sandbox, _timify_stage: tuple[str, _Stage], monkeypatch: pytest.MonkeyPatch
) -> Iterator[dict[str, str]]:
    """The sandbox on a loopback socket, for ``TimifyCustomers.from_env()``.

    Such a client waits in real time. The variables that it reads are set for this test, and are
    the fixture's value too, for a process that the test starts.
    """
    url, stage = _timify_stage
    variables = timify_sandbox.environment(url)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("TIMIFY_ACCESS_TOKEN", raising=False)
    stage.app = timify_sandbox.app
    yield variables
    stage.app = None


@pytest.fixture(scope="session")
def _timify_stage() -> Iterator[tuple[str, _Stage]]:
    """One server for all tests, because starting and stopping takes longer than most tests."""
    from .sandbox._server import serve  # noqa: PLC0415 - only who asks for it needs the extra

    stage = _Stage()
    with serve(stage, 0) as url:
        yield url, stage


class _Stage:
    """Passes requests on to the sandbox of the test that is running."""

    app: ASGIApp | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self.app:
            await self.app(scope, receive, send)
            return
        await send(
            {"type": "http.response.start", "status": 503, "headers": [(b"content-length", b"0")]}
        )
        await send({"type": "http.response.body"})


_TOLD = pytest.StashKey[bool]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, Any, Any]:
    """Fail the test with what went wrong, or add a note to the error that the test ended with."""
    try:
        result = yield
    except Exception as error:
        if reasons := _reasons(item):
            item.stash[_TOLD] = True
            error.add_note(reasons)
        raise
    if reasons := _reasons(item):
        item.stash[_TOLD] = True
        pytest.fail(reasons, pytrace=False)
    return result


def _options(item: pytest.Item) -> dict[str, Any]:
    marks = [mark.kwargs for mark in item.iter_markers("timify")]
    return {name: value for mark in reversed(marks) for name, value in mark.items()}


def _reasons(item: pytest.Item) -> str | None:
    sandbox = item.stash.get(_USED, None)
    if sandbox is None or not sandbox.strict:
        return None
    lines: list[str] = []
    if sandbox.violations:
        lines.append("TIMIFY's document does not allow what was sent to the sandbox:")
        lines += dict.fromkeys(f"- {violation.reason}" for violation in sandbox.violations)
    unmet = [] if _options(item).get(_ALLOW_UNMET) else sandbox.faults.unmet()
    if unmet:
        lines.append("no request met these faults of the sandbox:")
        lines += [f"- {_shown(fault)}" for fault in unmet]
    return "\n".join(lines) or None


def _shown(fault: Fault) -> str:
    """Describe a fault, such as ``create_customer: cut_after, skip 1``."""
    skip = f", skip {fault.skip}" if fault.skip else ""
    return f"{fault.operation or 'any operation'}: {fault.kind}{skip}"
