"""Carries a call through its attempts.

All views of a client share one caller, with its connections, token, quota and gate. `retry.decide`
makes the decisions from the verdicts of `response.judge`; this is the shell around them.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar
from weakref import WeakSet

from attrs import define, evolve, field, frozen

from .._base.errors import CallError, CallTimeoutError, RateLimitError, TimifyError
from .._base.generated import Request, create_token, models
from .._base.secrets import Secret, secret_values
from .._base.settings import Settings
from .._transport.connections import Transport
from .._transport.events import AttemptEvent, CallEvent, Hook, is_heard, report
from .._transport.messages import PreparedRequest, Reply, prepare
from .answers import Response, observe
from .cache import CachedValue, RefreshingCache
from .failure import ambiguous
from .identity import Identity
from .lifetime import Lifetime
from .limit import RequestLimit, pass_limit, tell_limit
from .operation import Operation
from .response import judge
from .retry import RETRY_AFTER_LIMIT, Action, Limits, Progress, Quota, Verdict, decide, wait
from .token import AccessToken, TokenCache, TokenProvider

T = TypeVar("T")

_TOKEN = Operation(create_token.OPERATION, create_token.build_request, data="flat", purpose="token")


@frozen
class Answer:
    """The payload of a call that was done.

    For a write that can be settled, it may instead hold ``lost``, the error that lost its answer.
    ``response`` is set for an operation with ``keep_response``.
    """

    payload: Any = field(default=None, repr=False)
    lost: CallError | None = None
    response: Response | None = None


@define
class _Run:
    """One call under way."""

    operation: Operation[...]
    settings: Settings
    until: float
    now: Callable[[], float]
    started: float
    identity: Identity | None = None
    progress: Progress = field(factory=Progress)
    spent: int = 0
    response: Response | None = None

    def remaining(self) -> float:
        seconds = self.until - self.now()
        if seconds <= 0:
            raise CallTimeoutError("the call's deadline has passed")
        return seconds

    def ending(self, error: TimifyError) -> TimifyError:
        """Return the error that ended the call as one that says whether a write may be done."""
        if isinstance(error, CallError) and not error.operation:
            error = error.of_call(self.operation.name, self.progress.attempts)
        if not (self.operation.writes and self.progress.lost):
            return error
        return ambiguous(error, self.operation, self.progress.attempts)


@define(eq=False, repr=False, slots=False)
class Caller:
    """Makes calls until they are done, refused or out of time.

    ``settings`` are those of the client, for the requests that its views share.
    """

    _transport: Transport
    settings: Settings
    _app: tuple[str, Secret] | None
    _access_token: Secret | TokenProvider | None
    _scheme: str | None
    _hook: Hook | None
    _limit: RequestLimit | None = None
    lifetime: Lifetime = field(init=False, factory=Lifetime)
    # Weak, so that a cache that its user has dropped does not live as long as the client.
    _caches: WeakSet[RefreshingCache[Any]] = field(init=False, factory=WeakSet)
    _tokens: TokenCache = field(init=False)
    _quota: Quota = field(init=False, factory=Quota)
    _open_at: float = field(init=False, default=0.0)

    def __attrs_post_init__(self) -> None:
        self._tokens = TokenCache(self._provider(), self.settings.deadline, self.lifetime.now)
        self._caches.add(self._tokens)

    def _provider(self) -> TokenProvider:
        if self._access_token is None:
            return self.request_token
        if isinstance(self._access_token, Secret):
            return self._fixed_token
        return self._access_token

    def new_cache(
        self, name: str, fetch: Callable[[], Awaitable[CachedValue[T]]]
    ) -> RefreshingCache[T]:
        """Make a cache whose flights may take as long as a call, and end with the client."""
        cache = RefreshingCache(name, fetch, self.settings.deadline, self.lifetime.now)
        self._caches.add(cache)
        return cache

    async def call(
        self,
        operation: Operation[...],
        request: Request,
        settings: Settings,
        until: float,
        identity: Identity | None = None,
    ) -> Answer:
        """Make one call.

        Args:
            operation: the operation to call.
            request: the built request.
            settings: the settings of the view that makes the call.
            until: the moment, in seconds of the client's clock, by which the call must have ended.
            identity: the customer that the answer must be about, or None.

        Raises:
            TimifyError: see the tree in `errors`. An error after a write says whether the write may
                have been done.
        """
        self.lifetime.check_usable()
        now = self.lifetime.now
        run = _Run(operation, settings, until, now, now(), identity)
        ended: str | None = "cancelled"
        try:
            answer = await self._attempts(run, prepare(request, settings.headers))
            ended = type(answer.lost).__name__ if answer.lost else None
        except TimifyError as error:
            ending = run.ending(error)
            ended = type(ending).__name__
            raise ending from _cause(ending, error)
        except Exception as error:
            ended = type(error).__name__
            raise
        finally:
            if is_heard(self._hook):
                self._report_call(run, ended)
        return answer

    def _report_call(self, run: _Run, ended: str | None) -> None:
        seconds = self.lifetime.now() - run.started
        company_id, attempts = run.settings.company_id, run.progress.attempts
        event = CallEvent(run.operation.name, company_id, attempts, ended, seconds)
        report(event, self._hook)

    async def _attempts(self, run: _Run, prepared: PreparedRequest) -> Answer:
        while True:
            await self._pass_gate(run)
            token = None if run.operation is _TOKEN else await self._tokens.get(run.remaining())
            if self._limit is not None:  # last, so that a request is sent as soon as it is counted
                await pass_limit(
                    self._limit, self.lifetime, run.settings.company_id, run.remaining()
                )
            verdict, payload, action = await self._attempt(run, prepared, token)
            match action.do:
                case "return":
                    self._earn(run)
                    return Answer(payload, response=run.response)
                case "settle" if action.error is not None:
                    error = action.error.of_call(run.operation.name, run.progress.attempts)
                    return Answer(lost=error)
                case "raise" if action.error is not None:
                    raise action.error
                case "renew" if token is not None:
                    self._tokens.drop(token)
                    run.progress = evolve(run.progress, renewed=True)
                case _:
                    self._pay(run, verdict)
                    await self.lifetime.pause(action.delay)

    async def _attempt(
        self, run: _Run, prepared: PreparedRequest, token: CachedValue[Secret] | None
    ) -> tuple[Verdict, Any, Action]:
        self.lifetime.check_usable()
        began = self.lifetime.now()
        result = await self._transport.send(
            prepared,
            token.value if token else None,
            self._scheme,
            step=run.settings.timeout,
            remaining=run.remaining(),
        )
        secrets = self._sent_secrets(run, token)
        verdict, payload = judge(
            run.operation, result, time.time(), identity=run.identity, secrets=secrets
        )
        if isinstance(result, Reply):
            run.response = observe(run.operation, result, secrets)
            if verdict.mismatched:
                self._transport.distrust(result)
        run.progress = run.progress.after_attempt()
        renewable = token is not None and not isinstance(self._access_token, Secret)
        action = self._decide(run, verdict, renewable=renewable)
        run.progress = run.progress.after_verdict(verdict)
        if self._limit is not None and isinstance(verdict.error, RateLimitError):
            pause = max(0.0, self._open_at - self.lifetime.now())
            remaining = max(0.0, run.until - self.lifetime.now())
            await tell_limit(self._limit, self.lifetime, run.settings.company_id, pause, remaining)
        if is_heard(self._hook):
            self._report_attempt(run, result, verdict, action, self.lifetime.now() - began)
        return verdict, payload, action

    def _sent_secrets(self, run: _Run, token: CachedValue[Secret] | None) -> list[Secret]:
        secrets = secret_values(run.settings.headers)
        if token is not None:
            secrets.append(token.value)
        elif self._app is not None:
            secrets.append(self._app[1])
        return secrets

    def _report_attempt(
        self, run: _Run, result: Reply | CallError, verdict: Verdict, action: Action, seconds: float
    ) -> None:
        event = AttemptEvent(
            operation=run.operation.name,
            company_id=run.settings.company_id,
            attempt=run.progress.attempts,
            status=result.status,
            request_id=result.request_id,
            outcome=verdict.outcome.value,
            error=type(verdict.error).__name__ if verdict.error else None,
            duration=seconds,
            delay=action.delay if action.do in {"repeat", "renew"} else None,
        )
        report(event, self._hook)

    def _decide(self, run: _Run, verdict: Verdict, *, renewable: bool) -> Action:
        jitter = random.random()  # noqa: S311 - spreads load
        moment = self.lifetime.now()
        if isinstance(verdict.error, RateLimitError):
            pause = wait(verdict, run.progress.attempts, jitter)
            opens_in = RETRY_AFTER_LIMIT if pause is None else pause
            self._open_at = max(self._open_at, moment + opens_in)
        affordable = not run.operation.pays or self._quota.affords(timed_out=verdict.timed_out)
        limits = Limits(run.settings.retries + 1, run.until - moment, renewable, affordable)
        return decide(run.operation.repeat, verdict, run.progress, limits, jitter)

    def _pay(self, run: _Run, verdict: Verdict) -> None:
        if run.operation.pays:
            self._quota, run.spent = self._quota.spend(timed_out=verdict.timed_out)

    def _earn(self, run: _Run) -> None:
        if run.operation.pays:
            self._quota = self._quota.refill(run.spent)

    def afford(self, lost: CallError) -> bool:
        """Pay from the quota for one more attempt after this error, and return whether it could."""
        self._quota, cost = self._quota.spend(timed_out=isinstance(lost, TimeoutError))
        return cost > 0

    async def _pass_gate(self, run: _Run) -> None:
        """After a 429 to any call of this client, wait for as long as the server asked.

        That is at most a minute.
        """
        while (pause := self._open_at - self.lifetime.now()) > 0:
            remaining = run.remaining()
            if pause >= remaining:
                raise RateLimitError(
                    f"the API asked this client to wait {pause:.1f} s more, "
                    "beyond the call's deadline; nothing was sent",
                    retry_after=pause,
                )
            spread = 1 + random.random() / 10  # noqa: S311 - spreads load
            await self.lifetime.pause(min(remaining, pause * spread))
        run.remaining()

    async def request_token(self) -> AccessToken:
        """Ask for a token with the app's credentials (third party: ``POST /v1/auth/token``)."""
        assert self._app is not None  # noqa: S101 - a client has either an app or a token
        app_id, app_secret = self._app
        body = models.TokenRequest(appid=app_id, appsecret=app_secret.reveal())
        until = self.lifetime.now() + self.settings.deadline
        settings = evolve(self.settings, company_id=None)
        answer = await self.call(_TOKEN, _TOKEN.build(body=body), settings, until)
        token = models.Token.from_dict(answer.payload)
        seconds = token.raw.get("expires")
        return AccessToken(token.access_token, seconds if type(seconds) in {int, float} else None)

    async def _fixed_token(self) -> AccessToken:
        assert isinstance(self._access_token, Secret)  # noqa: S101 - as `_provider` found it
        return AccessToken(self._access_token.reveal())

    async def aclose(self) -> None:
        """Refuse further calls, end those under way, and close every connection.

        This takes a bounded time.
        """
        await self.lifetime.close(self._close)

    async def _close(self) -> None:
        await asyncio.gather(*(cache.aclose() for cache in self._caches))
        await self._transport.aclose()


def _cause(ending: TimifyError, error: TimifyError) -> BaseException | None:
    """Return the cause of the raised error, which is not its own copy with the call's context."""
    if type(ending) is type(error):
        return error.__cause__
    return error
