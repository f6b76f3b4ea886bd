"""The sandbox itself: its state, its application, and the ways to reach it."""

import time
from collections.abc import Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from .._base.package import how_to_install
from ._behaviour import Behaviour
from ._model import Clock
from ._state import APP_ID, APP_SECRET, COMPANY_ID, SandboxState
from ._waiting import SharedClock

if TYPE_CHECKING:
    import httpx
    from starlette.applications import Starlette

    from .._client import TimifyCustomers


class Sandbox(SandboxState):
    """A stand-in of the TIMIFY API for one app, with its companies in memory.

    Attributes:
        app_id: Invented credentials of the app, with `app_secret`.
        company_id: The app's home company, used when a request has no ``company-id`` header.
        app: The ASGI application, for ``httpx.ASGITransport(app=sandbox.app)``.
        requests: What has been received, oldest first, at most the last 10,000. Copy it
            (``list(...)``) to look at it while more may come in.
        violations: The requests among them that the document does not allow, with the reasons; at
            most 10,000.
        faults: What is to go wrong; see `fail`.
        clock: ``sandbox.clock.advance(seconds)`` moves the time: tokens expire by it, and changes
            are dated by it.
        tokens: The app's access tokens.
        strict: As given, and may be changed at any time, as `behaviour` may.

    Args:
        clock: Gives the time in seconds since the epoch from which `clock` starts.
        strict: Whether a request that the document does not allow is refused with 400 and the
            reason. By default it is answered as well as it can be. It is among the `violations`
            either way.
        validate: Whether requests are held against the document at all.
        behaviour: What it does where the real API's behaviour is not known.
        token_lifetime: In seconds.
        unique_external_ids: Whether a second customer with the same external id is refused. Not
            known of TIMIFY.
    """

    def __init__(
        self,
        *,
        app_id: str = APP_ID,
        app_secret: str = APP_SECRET,
        company_id: str = COMPANY_ID,
        clock: Clock = time.time,
        token_lifetime: int = 7200,
        unique_external_ids: bool = True,
        strict: bool = False,
        validate: bool = True,
        behaviour: Behaviour | None = None,
    ) -> None:
        with _extra():
            from ._asgi import build  # noqa: PLC0415 - the package imports without its extra
            from ._contract import problem  # noqa: PLC0415 - likewise
        super().__init__(
            app_id=app_id,
            app_secret=app_secret,
            company_id=company_id,
            clock=clock,
            token_lifetime=token_lifetime,
            unique_external_ids=unique_external_ids,
            strict=strict,
            behaviour=behaviour,
            find_violation=problem if validate else None,
        )
        self.app: Starlette = build(self)
        self._shared_clock = SharedClock(self.clock)

    def environment(self, url: str) -> dict[str, str]:
        """The variables by which ``TimifyCustomers.from_env()`` reaches this sandbox at a URL."""
        return {
            "TIMIFY_BASE_URL": url,
            "TIMIFY_APP_ID": self.app_id,
            "TIMIFY_APP_SECRET": self.app_secret,
            "TIMIFY_COMPANY_ID": self.company_id,
        }

    def client(self, **options: Any) -> "TimifyCustomers":
        """A client of this sandbox in the same process, to be closed like any other.

        Its time is that of `clock`: tokens age by it, and a pause before a retry, or for a
        Retry-After, moves it on instead of taking time. Deadlines count such pauses. A client that
        is made on `transport` waits in real time.

        Args:
            options: arguments of `TimifyCustomers`. With a ``transport`` of its own, the client
                waits in real time.
        """
        from .._client import TimifyCustomers  # noqa: PLC0415 - the sandbox serves without it

        arguments: dict[str, Any] = {
            "app_id": self.app_id,
            "app_secret": self.app_secret,
            "company_id": self.company_id,
            "base_url": "http://127.0.0.1",
            "transport": self.transport(),
        }
        client = TimifyCustomers(**{**arguments, **options})
        if "transport" not in options:
            client._scope.caller.lifetime.clock = self._shared_clock  # noqa: SLF001 - of the same package
        return client

    def transport(self) -> "httpx.AsyncBaseTransport":
        """An httpx transport to this sandbox in the same process; faults are as on a socket."""
        from ._in_process import SandboxTransport  # noqa: PLC0415 - the package imports without its extra

        return SandboxTransport(self.app, self._shared_clock)

    @contextmanager
    def serve(self, port: int = 0) -> Generator[str]:
        """Serve on a socket of 127.0.0.1, in a thread, and give the base URL; 0 takes a free port.

        Raises:
            OSError: The port is taken, or not allowed.
        """
        with _extra():
            from ._server import serve  # noqa: PLC0415 - only this needs uvicorn
        with serve(self.app, port) as url:
            yield url


@contextmanager
def _extra() -> Generator[None]:
    try:
        yield
    except ModuleNotFoundError as error:
        message = f"the sandbox needs {error.name}: {how_to_install('sandbox')}"
        raise ModuleNotFoundError(message, name=error.name) from error
