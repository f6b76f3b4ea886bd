"""What every test has in common."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest
from hypothesis import Phase, settings
from timify_customers.sandbox import ReceivedRequest, Sandbox

# These machines are shared: a slow example is no failure. `make soak` looks longer.
settings.register_profile("default", deadline=None, max_examples=50)
settings.register_profile("soak", deadline=None, max_examples=2000)
# For `make mutants`: the same examples each time, and none is made smaller, since the first that
# fails is enough.
settings.register_profile(
    "mutants",
    deadline=None,
    max_examples=50,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
)
settings.load_profile("default")


@pytest.fixture
def anyio_backend() -> str:
    """Run on asyncio, the only event loop that the SDK is for."""
    return "asyncio"


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers", "wrong_requests: sends the sandbox what the document does not allow, on purpose"
    )
    config.addinivalue_line(
        "markers", "adopted: must hold for a published document of any shape; see tests/adoption"
    )
    heed_signals_in_children()


def heed_signals_in_children() -> None:
    """Let programs that tests start heed SIGINT and SIGHUP where this process ignores them, as
    ``make test &`` and ``nohup make test`` make it.

    A process passes SIG_IGN on to those it starts, but not a handler. So one that does nothing goes
    on ignoring the signal here, and children begin with the default. This is for the tests alone: a
    program that somebody starts in the background is to ignore it.
    """
    for name in ("SIGINT", "SIGHUP"):
        number = getattr(signal, name, None)  # Windows has no SIGHUP
        if number is not None and signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, lambda *_: None)


@pytest.fixture(scope="session")
def _wrong_requests() -> Iterator[list[str]]:
    """Why the document does not allow what the sandboxes of this process receive from now on."""
    reasons: list[str] = []
    receive = Sandbox.receive

    def checked(sandbox: Sandbox, received: ReceivedRequest) -> object:
        violation, fault = receive(sandbox, received)
        if violation:
            reasons.append(violation)
        return violation, fault

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Sandbox, "receive", checked)
        yield reasons


@pytest.fixture(autouse=True)
def _requests_are_as_documented(
    request: pytest.FixtureRequest, _wrong_requests: list[str]
) -> Iterator[None]:
    """Hold every request that any sandbox receives against the document."""
    yield
    reasons, _wrong_requests[:] = list(_wrong_requests), []
    if not request.node.get_closest_marker("wrong_requests"):
        assert not reasons
