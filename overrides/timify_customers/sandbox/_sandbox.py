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
    """A stand-in for the TIMIFY API for one app, with its companies in memory.

    Attributes:
        app_id: The invented id of the app; its secret is `app_secret`.
        company_id: The app's home company, used if a request has no ``company-id`` header.
        app: The ASGI application, for ``httpx.ASGITransport(app=sandbox.app)``.
        requests: The received requests, oldest first, at most the last 10,000. Copy it
            (``list(...)``) before iterating if more may come in.
        violations: The requests that the document does not allow, with the reasons; at most
            10,000.
        faults: The faults that are set; see `fail`.
        clock: ``sandbox.clock.advance(seconds)`` moves the clock, by which tokens expire and
            changes are dated.
        tokens: The app's access tokens.
        strict: As passed. It may be changed at any time, like `behaviour`.

    Args:
        clock: Returns the time in seconds since the epoch, on which `clock` is based.
        strict: Whether a request that the document does not allow is refused with 400 and the
            reason. By default it is answered as well as possible. It is among the `violations`
            either way.
        validate: Whether requests are checked against the document at all.
        behaviour: What the sandbox does where the real API's behaviour is not known.
        token_lifetime: How long a token lasts, in seconds.
        unique_external_ids: Whether a second customer with the same external id is refused. It is
            not known whether TIMIFY does that.
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
        """Return the variables with which ``TimifyCustomers.from_env()`` reaches this sandbox."""
        return {
            "TIMIFY_BASE_URL": url,
            "TIMIFY_APP_ID": self.app_id,
            "TIMIFY_APP_SECRET": self.app_secret,
            "TIMIFY_COMPANY_ID": self.company_id,
        }

    def client(self, **options: Any) -> "TimifyCustomers":
        """Return a client of this sandbox in the same process. Close it like any other client.

        It uses the sandbox's `clock`: tokens age by it, and a pause before a retry, or for a
        Retry-After, moves it forward instead of taking time. Deadlines count such pauses.

        Args:
            options: arguments of `TimifyCustomers`. With a ``transport`` among them, such as
                `transport`, the client waits in real time.
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
        """Return an httpx transport to this sandbox, in process, with faults as on a socket."""
        from ._in_process import SandboxTransport  # noqa: PLC0415 - the package imports without its extra

        return SandboxTransport(self.app, self._shared_clock)

    @contextmanager
    def serve(self, port: int = 0) -> Generator[str]:
        """Serve on 127.0.0.1 in a thread, and yield the base URL. Port 0 chooses a free port.

        Raises:
            OSError: The port is in use, or not allowed.
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
