"""An httpx transport to a sandbox in the same process, with faults and timeouts as on a socket."""

import asyncio

import httpx
from starlette.types import ASGIApp

from ._model import ConnectionCut
from ._waiting import SharedClock


class SandboxTransport(httpx.AsyncBaseTransport):
    """Passes requests to the application.

    A cut connection or a late answer raises an exception of httpx.
    """

    def __init__(self, app: ASGIApp, clock: SharedClock) -> None:
        self._clock = clock
        self._inner = httpx.ASGITransport(app=app)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Make one exchange, within the read timeout of the request."""
        seconds: float | None = request.extensions.get("timeout", {}).get("read")
        try:
            with self._clock.exchange():
                async with asyncio.timeout(seconds):
                    return await self._inner.handle_async_request(request)
        except TimeoutError as error:
            raise httpx.ReadTimeout(
                "the sandbox did not answer in time", request=request
            ) from error
        except ConnectionCut as cut:
            broken = httpx.RemoteProtocolError if cut.partial else httpx.ReadError
            raise broken(str(cut), request=request) from cut
