"""One access token for everybody, renewed ahead of its end, once for each 401."""

from __future__ import annotations

import asyncio
import itertools
import math
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import httpx
import pytest
from attrs import define, evolve, field
from hypothesis import given
from hypothesis import strategies as st
from support.faults import FAULTS, ID, FaultServer, answer, haste, refuse
from timify_customers import (
    AccessToken,
    AuthenticationError,
    BodyError,
    CallError,
    CallTimeoutError,
    ClientStateError,
    ConfigurationError,
    DecodeError,
    TimifyCustomers,
    TimifyError,
)
from timify_customers._base.secrets import Secret
from timify_customers._calls import token
from timify_customers._calls.cache import CachedValue, CacheState
from timify_customers._calls.token import issued

VALUE = Secret("x")


@define
class Api(httpx.AsyncBaseTransport):
    """The API in process: knows which tokens are good, and counts.

    ``expires`` goes into the token answer as it is.
    """

    expires: object = 7200
    good: Callable[[str], bool] = lambda _: True
    pause: float = 0.0
    tokens: int = 0
    seen: list[str] = field(factory=list)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.path == "/v1/auth/token":
            self.tokens += 1
            given = {"accessToken": f"token-{self.tokens}"} | (
                {} if self.expires is None else {"expires": self.expires}
            )
            await asyncio.sleep(self.pause)
            return httpx.Response(200, json=given)
        self.seen.append(request.headers["authorization"])
        await asyncio.sleep(0)
        if not self.good(self.seen[-1].removeprefix("Bearer ")):
            return httpx.Response(401, json={"status": 0, "message": "no"})
        return httpx.Response(200, json={"data": {"id": ID}, "status": 1})


def client(transport: httpx.AsyncBaseTransport, **options: Any) -> TimifyCustomers:
    credentials = (
        {} if "access_token" in options else {"app_id": "app", "app_secret": "canary-secret"}
    )
    return TimifyCustomers(
        **credentials, base_url="http://127.0.0.1", transport=transport, **options
    )


def source(timify: TimifyCustomers) -> Any:
    return timify._scope.caller._tokens


def age(timify: TimifyCustomers, early: float, late: float, expires: float) -> None:
    """Give the token that is held these moments, in seconds from now."""
    now = asyncio.get_running_loop().time()
    token = evolve(
        source(timify)._state.cached,
        refresh_at=now + early,
        stale_at=now + late,
        expires_at=now + expires,
    )
    source(timify)._state = CacheState(token)


# The decisions.


@given(st.floats(0.01, 1e8), st.floats(0, 1, exclude_max=True), st.floats(-1, 2e8))
def test_a_token_is_used_then_renewed_aside_then_waited_for(
    life: float, jitter: float, passed: float
) -> None:
    """Two steps: from 70 to 80 % of its life (jitter) renewed in the background, from 95 % no call
    starts with it.
    """
    token = issued(AccessToken("x", life), 0.0, jitter)
    assert 0.69 * life <= token.refresh_at <= 0.81 * life
    expected = (
        "use"
        if passed < token.refresh_at
        else "use and renew"
        if passed < token.stale_at
        else "wait"
    )
    assert CacheState(token).use(passed) == expected


@given(st.floats(1, 1e6), st.floats(0, 1e6), st.floats(0, 1, exclude_max=True))
def test_calls_wait_for_a_new_token_from_95_percent_of_its_life(
    life: float, now: float, jitter: float
) -> None:
    """Not before, and from then on always; nor does it matter how the early moment was drawn."""
    state = CacheState(issued(AccessToken("x", life), now, jitter))
    assert state.use(now + 0.949 * life) == "use and renew"
    assert state.use(now + 0.951 * life) == "wait"


@pytest.mark.parametrize("life", [None, 0, -5, math.nan, -math.inf])
def test_a_life_that_cannot_be_is_unknown(life: float | None) -> None:
    """Such a token is used until a 401, and asks for no renewal in a loop."""
    assert CacheState(issued(AccessToken("x", life), 0.0, 0.5)).use(1e12) == "use"


@pytest.mark.parametrize("life", [math.inf, 1e300, 10**400])
def test_a_huge_life_is_long(life: float) -> None:
    """Neither infinity nor a number beyond floats breaks the arithmetic."""
    assert CacheState(issued(AccessToken("x", life), 0.0, 0.5)).use(1e8) == "use"


def test_failed_renewals_back_off_while_the_token_is_good() -> None:
    """After a failure the token is used without another try, for twice as long each time; expired,
    it is not used.
    """
    state = CacheState(CachedValue(VALUE, refresh_at=100.0, stale_at=200.0, expires_at=300.0))
    pauses = []
    for now in (110.0, 210.0, 250.0):
        state = state.failed(now)
        pauses.append(state.next_renewal - now)
        assert state.use(now) == "use"
        assert state.use(state.next_renewal) == (
            "use and renew" if state.next_renewal < 200 else "wait"
        )
    assert pauses == [5.0, 10.0, 20.0]
    assert state.failed(299.0).use(300.0) == "wait"
    assert CacheState().failed(0.0).failed(0.0).cached is None


def test_nothing_is_held_at_first() -> None:
    """Without a token a call waits for one, whatever failed before."""
    assert CacheState().use(0.0) == "wait"
    assert CacheState().failed(0.0).use(0.0) == "wait"


# The flight.


async def test_a_thousand_cold_calls_ask_for_one_token() -> None:
    """1,000 concurrent calls on a new client make one token request."""
    api = Api(pause=0.05)
    async with client(api, max_connections=100) as timify:
        await asyncio.gather(*(timify.customers.get(ID) for _ in range(1000)))
    assert api.tokens == 1
    assert api.seen == ["Bearer token-1"] * 1000


async def test_an_early_renewal_happens_aside() -> None:
    """Past its early moment the old token serves on, while one request brings the new one."""
    api = Api()
    async with client(api) as timify:
        await timify.customers.get(ID)
        age(timify, -1, 10, 20)
        api.pause = 0.05
        await asyncio.gather(*(timify.customers.get(ID) for _ in range(20)))
        assert set(api.seen) == {"Bearer token-1"}
        await asyncio.sleep(0.1)
        await timify.customers.get(ID)
    assert api.tokens == 2
    assert api.seen[-1] == "Bearer token-2"


async def test_a_late_renewal_is_waited_for() -> None:
    """Past its late moment no call starts with the old token when a new one is to be had."""
    api = Api()
    async with client(api) as timify:
        await timify.customers.get(ID)
        age(timify, -2, -1, 20)
        await asyncio.gather(*(timify.customers.get(ID) for _ in range(20)))
    assert api.tokens == 2
    assert set(api.seen[1:]) == {"Bearer token-2"}


@pytest.mark.parametrize(
    ("share", "used"),
    [(0.9, "token-1"), (0.949, "token-1"), (0.951, "token-2"), (0.999, "token-2")],
)
async def test_which_token_a_call_has_in_the_course_of_its_life(
    monkeypatch: pytest.MonkeyPatch, share: float, used: str
) -> None:
    """Up to 95 % of the 7200 seconds that the API gives, a call has the old token at once; then it
    waits for one.
    """
    loop, api = asyncio.get_running_loop(), Api(expires=7200)
    clock = loop.time
    async with client(api) as timify:
        await timify.customers.get(ID)
        monkeypatch.setattr(loop, "time", lambda: clock() + 7200 * share)
        api.pause = 0.05
        await timify.customers.get(ID)
    assert api.seen == ["Bearer token-1", f"Bearer {used}"]


@define
class Provider:
    """A user's provider: gives, raises or does what the next entry says, the last one for ever."""

    script: list[Any]
    calls: int = 0

    async def __call__(self) -> Any:
        self.calls += 1
        entry = self.script.pop(0) if len(self.script) > 1 else self.script[0]
        if isinstance(entry, Exception):
            raise entry
        return await entry() if callable(entry) else entry


@pytest.mark.parametrize(("early", "late"), [(-1, 10), (-2, -1)], ids=["early", "late"])
async def test_a_failed_renewal_keeps_the_good_token(early: float, late: float) -> None:
    """After a renewal that fails, early or late, a good token stays in use; the next try waits."""
    api, provider = Api(), Provider(["one", OSError(), "two"])
    async with client(api, access_token=provider) as timify:
        await timify.customers.get(ID)
        age(timify, early, late, 20)
        for _ in range(5):
            await timify.customers.get(ID)
            await asyncio.sleep(0.01)
        assert provider.calls == 2
        age(timify, early, late, 20)
        await timify.customers.get(ID)
        await asyncio.sleep(0.01)
        await timify.customers.get(ID)
    assert api.seen[-1] == "Bearer two"
    assert set(api.seen[:6]) == {"Bearer one"}


async def _never() -> Any:
    await asyncio.sleep(3600)


async def test_a_late_renewal_that_stalls_leaves_time_for_the_call() -> None:
    """A call with a token that is still good does not spend its deadline on waiting for a better
    one.
    """
    api = Api()
    async with client(api, access_token=Provider(["one", _never]), deadline=0.4) as timify:
        await timify.customers.get(ID)
        age(timify, -2, -1, 20)
        await timify.customers.get(ID)
    assert api.seen == ["Bearer one"] * 2


async def test_an_expired_token_is_not_used() -> None:
    """When the token has ended and no other can be had, the call fails before anything is sent."""
    api = Api()
    async with client(api, access_token=Provider(["one", OSError()])) as timify:
        await timify.customers.get(ID)
        age(timify, -3, -2, -1)
        with pytest.raises(CallError, match="an access token cannot be had: OSError"):
            await timify.customers.get(ID)
    assert len(api.seen) == 1


async def test_fifty_401s_renew_once() -> None:
    """50 concurrent calls whose token is refused renew it once, and each repeats once."""
    api = Api()
    async with client(api, max_connections=50) as timify:
        await timify.customers.get(ID)
        api.seen.clear()
        api.good = lambda token: token != "token-1"
        await asyncio.gather(*(timify.customers.get(ID) for _ in range(50)))
    assert api.tokens == 2
    assert sorted(api.seen) == ["Bearer token-1"] * 50 + ["Bearer token-2"] * 50


async def test_a_late_401_does_not_clear_the_new_token() -> None:
    """Compare and clear: a 401 for a token that was replaced since leaves its successor alone."""
    api = Api()
    async with client(api) as timify:
        await timify.customers.get(ID)
        tokens, old = source(timify), source(timify)._state.cached
        tokens.drop(old)
        await timify.customers.get(ID)
        tokens.drop(old)
        await timify.customers.get(ID)
    assert api.tokens == 2


async def test_a_token_that_is_always_refused_ends_the_call() -> None:
    """A call whose new token is refused too is an AuthenticationError after two requests, and does
    not loop.
    """
    api = Api(good=lambda _: False)
    async with client(api) as timify:
        with pytest.raises(AuthenticationError) as caught:
            await timify.customers.create([{"id": "x", "value": "y"}])
    assert (api.tokens, len(api.seen), caught.value.attempts) == (2, 2, 2)


@pytest.mark.parametrize("cancelled", [1, 10])
async def test_the_leader_can_be_cancelled_without_harm(cancelled: int) -> None:
    """Whoever asked for the token first, and anybody else, can be cancelled; the rest gets the one
    token.
    """
    api = Api(pause=0.05)
    async with client(api) as timify:
        calls = [asyncio.create_task(timify.customers.get(ID)) for _ in range(10)]
        await asyncio.sleep(0.02)
        for call in calls[:cancelled]:
            call.cancel()
        results = await asyncio.gather(*calls, return_exceptions=True)
        await timify.customers.get(ID)
    assert [isinstance(it, asyncio.CancelledError) for it in results] == [True] * cancelled + [
        False
    ] * (10 - cancelled)
    assert api.tokens == 1


# Where tokens come from.


@pytest.mark.parametrize(
    ("scheme", "header"),
    [("Bearer", "Bearer fixed"), ("Token", "Token fixed"), (None, "fixed")],
    ids=str,
)
async def test_the_scheme_is_sent_as_set(scheme: str | None, header: str) -> None:
    """The documented scheme, another one, and None for the bare token that recorded calls sent."""
    api = Api()
    async with client(api, access_token="fixed", auth_scheme=scheme) as timify:
        await timify.customers.get(ID)
    assert api.seen == [header]


async def test_a_fixed_token_is_never_renewed() -> None:
    """A 401 for a fixed token is raised at once; no token is asked for."""
    api = Api(good=lambda _: False)
    async with client(api, access_token="fixed") as timify:
        for _ in range(2):
            with pytest.raises(AuthenticationError):
                await timify.customers.get(ID)
    assert api.seen == ["Bearer fixed"] * 2
    assert api.tokens == 0


@pytest.mark.parametrize(
    "given", ["mine", AccessToken("mine"), AccessToken("mine", 60), AccessToken("mine", 0)]
)
async def test_a_provider_gives_text_or_access_tokens(given: Any) -> None:
    """A provider is asked once and its token is used, with or without a time to live."""
    api, provider = Api(), Provider([given])
    async with client(api, access_token=provider) as timify:
        for _ in range(3):
            await timify.customers.get(ID)
    assert api.seen == ["Bearer mine"] * 3
    assert provider.calls == 1


async def test_a_provider_is_asked_again_after_a_401() -> None:
    """A 401 asks the provider once more; the same token again ends the call with that 401."""
    api, provider = Api(good=lambda token: token == "good"), Provider(["bad", "good"])
    async with client(api, access_token=provider) as timify:
        await timify.customers.get(ID)
    assert provider.calls == 2
    api.seen.clear()
    stuck = Provider(["bad"])
    async with client(api, access_token=stuck) as timify:
        with pytest.raises(AuthenticationError):
            await timify.customers.get(ID)
    assert (stuck.calls, len(api.seen)) == (2, 2)


async def test_a_provider_learns_which_token_met_a_401() -> None:
    """A provider that takes ``rejected`` gets the token that a 401 ended, once, and else None."""
    asked: list[str | None] = []

    async def provide(*, rejected: str | None = None) -> str:
        asked.append(rejected)
        return f"token-{len(asked)}"

    api = Api(good=lambda token: token != "token-1")
    async with client(api, access_token=provide) as timify:
        await timify.customers.get(ID)
        assert asked == [None, "token-1"]
        source(timify).replace(None)
        await timify.customers.get(ID)
    assert asked == [None, "token-1", None]


@pytest.mark.parametrize(
    "given",
    [None, 5, b"bytes", {"accessToken": "x"}, pytest.param(object(), id="object"), ["x"]],
    ids=repr,
)
async def test_a_provider_that_gives_nonsense_is_told(given: object) -> None:
    """What is no token is an error that names its type, and nothing is sent."""
    api = Api()
    async with client(api, access_token=Provider([given])) as timify:
        with pytest.raises(TimifyError, match=type(given).__name__):
            await timify.customers.get(ID)
    assert not api.seen


@pytest.mark.parametrize(
    "given", ["", "two words", "line\n", "Bearer canary", "schlüssel", AccessToken("")]
)
async def test_a_token_that_cannot_be_sent_is_refused(given: Any) -> None:
    """A token that is no header value is a ConfigurationError that does not show it."""
    async with client(Api(), access_token=Provider([given])) as timify:
        with pytest.raises(ConfigurationError) as caught:
            await timify.customers.get(ID)
    assert "canary" not in str(caught.value)


@pytest.mark.parametrize(
    "trouble",
    [
        ValueError("canary"),
        KeyError(),
        StopAsyncIteration(),
        TimeoutError(),
        httpx.ConnectError("x"),
    ],
    ids=repr,
)
async def test_whatever_a_provider_raises_becomes_ours(trouble: Exception) -> None:
    """All who wait get an error of our own, which names the class and not the words; the next call
    asks again.
    """
    api, provider = Api(), Provider([trouble, "mine"])
    async with client(api, access_token=provider) as timify:
        results = await asyncio.gather(
            *(timify.customers.get(ID) for _ in range(3)), return_exceptions=True
        )
        assert all(isinstance(it, CallError) and "canary" not in str(it) for it in results)
        assert len({id(it) for it in results}) == 3
        await timify.customers.get(ID)
    assert api.seen == ["Bearer mine"]


async def test_a_provider_may_raise_our_errors() -> None:
    """An error of our own passes through as it is."""
    async with client(
        Api(), access_token=Provider([ConfigurationError("vault is sealed")])
    ) as timify:
        with pytest.raises(ConfigurationError, match="vault is sealed"):
            await timify.customers.get(ID)


async def test_a_provider_that_is_not_async_is_told() -> None:
    """A plain function is a clear error, not a crash."""
    async with client(Api(), access_token=lambda: "mine") as timify:
        with pytest.raises(CallError, match="TypeError"):
            await timify.customers.get(ID)


async def test_a_provider_that_hangs_ends_with_the_deadline() -> None:
    """The deadline holds for the token too; nothing was sent, and the error says so."""
    api = Api()
    async with client(api, access_token=_never, deadline=0.1) as timify:
        with pytest.raises(CallTimeoutError, match="nothing was sent"):
            await timify.customers.create([{"id": "x", "value": "y"}])
    assert not api.seen


async def test_a_provider_that_hangs_is_asked_anew() -> None:
    """A request for a token that hangs is given up after the client's deadline, and does not block
    later calls.
    """
    api, provider = Api(), Provider([_never, "mine"])
    async with client(api, access_token=provider, deadline=0.1) as timify:
        with pytest.raises(TimifyError):
            await timify.customers.get(ID)
        await asyncio.sleep(0.05)
        await timify.customers.get(ID)
    assert provider.calls == 2


async def test_closing_ends_a_wait_for_a_token() -> None:
    """A call that waits for its token when the client is closed ends with an error."""
    timify = client(Api(), access_token=_never)
    call = asyncio.create_task(timify.customers.get(ID))
    await asyncio.sleep(0.01)
    await timify.aclose()
    with pytest.raises(ClientStateError, match="the request for an access token was cancelled"):
        await call


# The token endpoint.


@pytest.fixture
async def failing() -> AsyncIterator[Callable[[str], Awaitable[tuple[FaultServer, TimifyError]]]]:
    async def run(name: str) -> tuple[FaultServer, TimifyError]:
        case = FAULTS[name]
        async with FaultServer(token=case.fault) as server:
            if case.fault is refuse:
                server.refuse()
            options = {"timeout": case.timeout, "deadline": min(case.deadline, 5), "retries": 1}
            async with TimifyCustomers(
                "app", "canary-secret", base_url=server.url, **options
            ) as timify:
                with pytest.raises(TimifyError) as caught:
                    await timify.customers.create([{"id": "x", "value": "y"}])
            return server, caught.value

    with haste():
        yield run


@pytest.mark.parametrize("name", FAULTS)
async def test_a_token_request_that_fails_is_a_clear_error(failing: Any, name: str) -> None:
    """Whatever ends the token request: an error that names it, at most two requests, and nothing
    sent to the API.
    """
    server, error = await failing(name)
    assert not server.received
    assert len(server.tokens) <= 2
    assert isinstance(error, (CallError, DecodeError))
    if isinstance(error, CallError) and not isinstance(error, CallTimeoutError):
        assert error.operation == "create_token"
    assert "canary" not in repr(error) + str(error)


async def test_wrong_credentials_are_asked_for_once(failing: Any) -> None:
    """A 401 of the token endpoint is final: one request, no loop."""
    server, error = await failing("401")
    assert isinstance(error, AuthenticationError)
    assert len(server.tokens) == 1


@pytest.mark.parametrize(
    "body", [{}, {"accessToken": None}, {"accessToken": 5}, {"data": {"accessToken": "x"}}, []]
)
async def test_a_token_answer_without_token_is_a_decode_error(body: object) -> None:
    """An answer of another shape says what is missing; nothing is sent."""
    with haste():
        async with FaultServer(token=answer(200, body)) as server:
            async with TimifyCustomers("app", "secret", base_url=server.url, retries=0) as timify:
                with pytest.raises((DecodeError, BodyError)):
                    await timify.customers.get(ID)
            assert not server.received


@pytest.mark.parametrize(
    "expires",
    [0, -1, None, "7200", "soon", 7200.5, 1e300, 10**400, True, [], {}, 1_900_000_000],
    ids=repr,
)
async def test_no_expires_breaks_or_loops(expires: object) -> None:
    """Whatever the answer says of its end, a client asks for one token and uses it."""
    api = Api(expires=expires)
    async with client(api) as timify:
        for _ in range(3):
            await timify.customers.get(ID)
    assert api.tokens == 1


async def test_a_short_life_renews_in_real_time() -> None:
    """With a life of one second, two seconds of calls are served by a few tokens, each good when it
    was used.
    """
    born: dict[str, float] = {}
    loop, counter = asyncio.get_running_loop(), itertools.count()

    async def provider() -> AccessToken:
        value = f"token-{next(counter)}"
        born[value] = loop.time()
        return AccessToken(value, 1.0)

    api = Api(good=lambda token: loop.time() - born[token] < 1.1)
    async with client(api, access_token=provider) as timify:
        end = loop.time() + 2
        while loop.time() < end:
            await timify.customers.get(ID)
            await asyncio.sleep(0.02)
    assert 3 <= len(born) <= 4
    assert token.LATE < 1
