"""Carries a call through its attempts. Shared by every view of a client: connections, token, quota
and gate.

The decisions are made by `_retry.decide` on what `_answers.judge` says; this is the shell around
them.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import random
import time
from typing import Any

from attrs import define, evolve, field, frozen

from .._base.errors import (
    ArgumentError,
    CallError,
    CallTimeoutError,
    ClientStateError,
    RateLimitError,
    TimifyError,
)
from .._base.generated import UNSET, Request, create_token, models
from .._base.settings import Secret, Settings
from .._resources.external_ids import ExternalIds
from .._transport.connections import Prepared, Reply, Transport
from .._transport.events import AttemptEvent, CallEvent, Hook, report
from .cache import Held, Source
from .identity import Identity
from .response import Operation, ambiguous, judge
from .retry import RETRY_AFTER_LIMIT, Action, Kind, Limits, Progress, Quota, Verdict, decide, wait
from .token import AccessToken, TokenProvider, token_source

_TOKEN = Operation("create_token", data="flat")


@frozen
class Answer:
    """The payload of a call that was done; or, for one that can be settled, the error that lost its answer."""

    payload: Any = field(default=None, repr=False)
    lost: CallError | None = None


@define
class _Run:
    """One call under way."""

    operation: Operation
    settings: Settings
    until: float
    started: float
    identity: Identity | None = None
    progress: Progress = field(factory=Progress)
    spent: int = 0

    def remaining(self) -> float:
        left = self.until - asyncio.get_running_loop().time()
        if left <= 0:
            raise CallTimeoutError("the call's deadline has passed")
        return left

    def ending(self, error: TimifyError) -> TimifyError:
        """Make of the error that ended the call one that says whether a write may have been done."""
        if isinstance(error, CallError) and not error.operation:
            error.at(self.operation.name, self.progress.attempts)
        if not (self.operation.writes and self.progress.lost):
            return error
        return ambiguous(error, self.operation, self.progress.attempts)


@define(eq=False, repr=False, slots=False)
class Caller:
    """Makes calls until they are done, refused or out of time."""

    _transport: Transport
    settings: Settings
    """Those of the client, for what its views share."""
    _app: tuple[str, Secret] | None
    _access_token: Secret | TokenProvider | None
    _scheme: str | None
    _hook: Hook | None
    _tokens: Source[Secret] = field(init=False)
    _quota: Quota = field(init=False, factory=Quota)
    definitions: dict[str | None, Source[Any]] = field(init=False, factory=dict)
    """Custom field definitions by company; see `View.definitions`."""
    external_ids: ExternalIds = field(init=False, factory=ExternalIds)
    ensuring: asyncio.Lock = field(init=False, factory=asyncio.Lock)
    _open_at: float = field(init=False, default=0.0)
    _loop: asyncio.AbstractEventLoop | None = field(init=False, default=None)
    _process: int = field(init=False, factory=os.getpid)
    _closing: asyncio.Event = field(init=False, factory=asyncio.Event)
    _end: asyncio.Task[None] | None = field(init=False, default=None)

    def __attrs_post_init__(self) -> None:
        given = self._access_token
        provider = (
            self._request_token
            if given is None
            else given
            if callable(given)
            else self._fixed_token
        )
        self._tokens = token_source(provider, self.settings.deadline)

    def check_usable(self) -> None:
        """Refuse a call on a client that is closed, or was used in another event loop or process."""
        if self.closed:
            raise ClientStateError("this client is closed; make a new one")
        self._check_place()
        self._loop = asyncio.get_running_loop()

    def _check_place(self) -> None:
        if os.getpid() != self._process:
            raise ClientStateError("this client was made before a fork; make one in each process")
        if self._loop not in {None, asyncio.get_running_loop()}:
            raise ClientStateError(
                "this client belongs to another event loop; make one in each loop"
            )

    @property
    def closed(self) -> bool:
        """Whether closing has begun."""
        return self._closing.is_set()

    @property
    def forgotten(self) -> bool:
        """Whether the client was used and not closed, so that this process may have connections to close."""
        return self._loop is not None and not self.closed and os.getpid() == self._process

    async def call(
        self,
        operation: Operation,
        request: Request,
        settings: Settings,
        until: float,
        identity: Identity | None = None,
    ) -> Answer:
        """Make one call.

        Args:
            operation: what is asked.
            request: the built request.
            settings: those of the view that asks.
            until: the moment, in seconds of the loop's clock, at which the call must have ended.
            identity: the customer that the answer must be about, if it is about one.

        Raises:
            TimifyError: see the tree in `_errors`. An error after a write says whether it may have
                been done.
        """
        self.check_usable()
        run = _Run(operation, settings, until, asyncio.get_running_loop().time(), identity)
        ended: str | None = "cancelled"
        try:
            answer = await self._attempts(run, _prepare(request))
            ended = type(answer.lost).__name__ if answer.lost else None
        except TimifyError as error:
            ending = run.ending(error)
            ended = type(ending).__name__
            raise ending from (None if ending is error else error)
        except Exception as error:
            ended = type(error).__name__
            raise
        finally:
            seconds = asyncio.get_running_loop().time() - run.started
            event = CallEvent(
                operation.name, settings.company_id, run.progress.attempts, ended, seconds
            )
            report(event, self._hook)
        return answer

    async def _attempts(self, run: _Run, prepared: Prepared) -> Answer:
        while True:
            await self._pass_gate(run)
            token = None if run.operation is _TOKEN else await self._tokens.get(run.remaining())
            verdict, payload, action = await self._attempt(run, prepared, token)
            match action.do:
                case "return":
                    self._earn(run)
                    return Answer(payload)
                case "settle" if action.error is not None:
                    return Answer(lost=action.error.at(run.operation.name, run.progress.attempts))
                case "raise" if action.error is not None:
                    raise action.error
                case "renew" if token is not None:
                    self._tokens.drop(token)
                    run.progress = evolve(run.progress, renewed=True)
                case _:
                    self._pay(run, verdict)
                    await self._pause(action.delay)

    async def _attempt(
        self, run: _Run, prepared: Prepared, token: Held[Secret] | None
    ) -> tuple[Verdict, Any, Action]:
        clock = asyncio.get_running_loop().time
        self.check_usable()
        began = clock()
        result = await self._transport.send(
            prepared,
            token.value if token else None,
            self._scheme,
            step=run.settings.timeout,
            remaining=run.remaining(),
        )
        sent_secret = token.value if token else self._app and self._app[1]
        verdict, payload = judge(
            run.operation, result, time.time(), identity=run.identity, secret=sent_secret
        )
        if verdict.mismatched and isinstance(result, Reply):
            self._transport.distrust(result)
        run.progress = evolve(run.progress, attempts=run.progress.attempts + 1)
        action = self._decide(
            run, verdict, renewable=token is not None and not isinstance(self._access_token, Secret)
        )
        run.progress = evolve(
            run.progress,
            lost=run.progress.lost or verdict.kind is Kind.LOST,
            mismatched=run.progress.mismatched or verdict.mismatched,
        )
        status = result.status if isinstance(result, Reply) else None
        error = type(verdict.error).__name__ if verdict.error else None
        delay = action.delay if action.do in {"repeat", "renew"} else None
        call = run.operation.name, run.settings.company_id, run.progress.attempts
        event = AttemptEvent(*call, status, verdict.kind.value, error, clock() - began, delay)
        report(event, self._hook)
        return verdict, payload, action

    def _decide(self, run: _Run, verdict: Verdict, *, renewable: bool) -> Action:
        jitter = random.random()  # noqa: S311 - spreads load
        moment = asyncio.get_running_loop().time()
        if isinstance(verdict.error, RateLimitError):
            pause = wait(verdict, run.progress.attempts, jitter)
            self._open_at = max(
                self._open_at, moment + (RETRY_AFTER_LIMIT if pause is None else pause)
            )
        affordable = not run.operation.pays or self._quota.spend(timed_out=verdict.timed_out)[1] > 0
        limits = Limits(run.settings.retries + 1, run.until - moment, renewable, affordable)
        return decide(run.operation.repeat, verdict, run.progress, limits, jitter)

    def _pay(self, run: _Run, verdict: Verdict) -> None:
        if run.operation.pays:
            self._quota, run.spent = self._quota.spend(timed_out=verdict.timed_out)

    def _earn(self, run: _Run) -> None:
        if run.operation.pays:
            self._quota = self._quota.refill(run.spent)

    async def _pass_gate(self, run: _Run) -> None:
        """After a 429, wait for the moment that any call of this client was told to wait for, a minute at most."""
        clock = asyncio.get_running_loop().time
        while (pause := self._open_at - clock()) > 0:
            if pause >= (remaining := run.remaining()):
                told = f"the API asked this client to wait {pause:.1f} s more, beyond the call's deadline"
                raise RateLimitError(f"{told}; nothing was sent", retry_after=pause)
            await self._pause(min(remaining, pause * (1 + random.random() / 10)))  # noqa: S311 - spreads load
        run.remaining()

    def afford(self, lost: CallError) -> bool:
        """Take from the quota what one more attempt after this error costs, if there is as much."""
        self._quota, cost = self._quota.spend(timed_out=isinstance(lost, TimeoutError))
        return cost > 0

    async def _pause(self, seconds: float) -> None:
        """Wait; closing the client ends the wait, and with it the call."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._closing.wait()
        self.check_usable()

    async def _request_token(self) -> AccessToken:
        """Ask for a token with the app's credentials (third party: ``POST /v1/auth/token``)."""
        assert self._app is not None  # noqa: S101 - a client has either an app or a token
        app_id, app_secret = self._app
        request = create_token.build_request(
            body=models.TokenRequest(appid=app_id, appsecret=app_secret.reveal())
        )
        until = asyncio.get_running_loop().time() + self.settings.deadline
        settings = evolve(self.settings, company_id=None)
        answer = models.Token.from_dict((await self.call(_TOKEN, request, settings, until)).payload)
        life = answer.raw.get("expires")
        return AccessToken(answer.access_token, life if type(life) in {int, float} else None)

    async def _fixed_token(self) -> AccessToken:
        assert isinstance(self._access_token, Secret)  # noqa: S101 - as `__attrs_post_init__` found it
        return AccessToken(self._access_token.reveal())

    async def aclose(self) -> None:
        """Refuse further calls, end what is under way within a bounded time, and close every
        connection.

        A task of its own does it, which is not stopped when who closes is cancelled, and which all
        who close wait for.
        """
        if self._end is None:
            self._check_place()
            self._closing.set()
            self._end = asyncio.create_task(self._close())
        await asyncio.shield(self._end)

    def abandon(self) -> None:
        """Refuse further calls and end waits, where the event loop of the client runs no more.

        No connection is closed: only a loop that runs could do that.
        """
        self._closing.set()

    async def _close(self) -> None:
        await asyncio.gather(
            self._tokens.aclose(), *(source.aclose() for source in self.definitions.values())
        )
        await self._transport.aclose()


def _prepare(request: Request) -> Prepared:
    content = None
    headers = dict(request.headers)
    if request.json is not UNSET:
        try:
            text = json.dumps(
                request.json, ensure_ascii=False, allow_nan=False, separators=(",", ":")
            )
            content = text.encode()
        except (TypeError, ValueError, RecursionError) as error:
            raise ArgumentError(
                f"{request.operation}: the values cannot be sent as JSON ({type(error).__name__})"
            ) from None
        headers["content-type"] = "application/json"
    return Prepared(request.method, request.path, dict(request.params), headers, content)
