"""Ten runs of eight seconds: 20 connections, 60 callers, each call cancelled at random within 50
ms. `make soak`.

Beside it the same with plain httpx, whose pool does not survive it (encode/httpcore#1093): that is
only reported.
"""

from __future__ import annotations

import httpx
import pytest
from support.churn import KINDS, churn, close_unannounced, run, soak, stall_at_times, survivors
from support.faults import ID, FaultServer, fine_and_close

SECONDS, RUNS = 8.0, 10


@pytest.mark.usefixtures("either_library")
@pytest.mark.parametrize("number", range(RUNS))
def test_the_pool_survives_cancellation(number: int) -> None:
    """On real sockets, with a server that closes each connection: afterwards every one of 100 calls
    succeeds.
    """

    async def main() -> None:
        made, alive = await soak(fine_and_close, SECONDS)
        print(f"\nrun {number}: {made} calls, afterwards {alive} of 100 succeed")  # noqa: T201 - the figures are the point
        assert alive == 100

    run("plain", main)


@pytest.mark.usefixtures("either_library")
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "server", [fine_and_close, close_unannounced], ids=["announced", "unannounced"]
)
def test_on_every_kind_of_loop(kind: str, server: object) -> None:
    """The same on a plain loop, in debug mode, on uvloop and with eager tasks."""

    async def main() -> None:
        made, alive = await soak(server, SECONDS)
        print(f"\n{kind}: {made} calls, afterwards {alive} of 100 succeed")  # noqa: T201
        assert alive == 100

    run(kind, main)


@pytest.mark.usefixtures("either_library")
@pytest.mark.parametrize("kind", KINDS)
def test_deadlines_stalls_and_cancellation_together(kind: str) -> None:
    """With stalls and deadlines that end them by force, the pool does not wedge either."""

    async def main() -> None:
        made, alive = await soak(stall_at_times, SECONDS, deadline=0.03, timeout=0.5)
        print(f"\n{kind}, stalls: {made} calls, afterwards {alive} of 100 succeed")  # noqa: T201
        assert alive == 100

    run(kind, main)


@pytest.mark.parametrize("number", range(3))
def test_plain_httpx_beside_it(number: int) -> None:
    """Plain httpx in the same soak: its figures are printed for comparison."""

    async def main() -> None:
        limits = httpx.Limits(max_connections=20, max_keepalive_connections=20)
        async with (
            FaultServer(default=fine_and_close) as server,
            httpx.AsyncClient(
                base_url=server.url, limits=limits, timeout=5.0, trust_env=False
            ) as client,
        ):
            made = await churn(lambda: client.get(f"/v1/customers/{ID}"), SECONDS)
            alive = await survivors(lambda: client.get(f"/v1/customers/{ID}"))
        print(  # noqa: T201 - the figures are the point
            f"\nplain httpx {httpx.__version__}, run {number}: "
            f"{made} calls, afterwards {alive} of 100 succeed"
        )

    run("plain", main)
