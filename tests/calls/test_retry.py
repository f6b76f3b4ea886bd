"""The decisions about retries, as pure functions."""

from __future__ import annotations

import math
import time
from email.utils import formatdate

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st
from timify_customers._base.errors import (
    CallError,
    CallTimeoutError,
    ConnectError,
    ConnectionLostError,
    NotFoundError,
    RateLimitError,
)
from timify_customers._calls import retry
from timify_customers._calls.failure import api_error_class
from timify_customers._calls.retry import (
    Action,
    AttemptOutcome,
    Limits,
    Progress,
    Quota,
    Repeat,
    Verdict,
    decide,
    parse_retry_after,
)

NOW = 1_700_000_000.0
PLENTY = Limits(attempts=5, remaining=1000.0)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "7"}, 7.0),
        ({"retry-after": " 7 "}, 7.0),
        ({"retry-after": "1.5"}, 1.5),
        ({"retry-after": "-3"}, 0.0),
        ({"retry-after": "0"}, 0.0),
        ({"retry-after": "1e400"}, math.inf),
        ({"retry-after": "inf"}, math.inf),
        ({"retry-after": "nan"}, None),
        ({"retry-after": ""}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "99999999999999999999"}, 99999999999999999999.0),
        ({"retry-after": "Tue, 14 Nov 2023 22:13:30 GMT"}, 10.0),
        ({"retry-after": "Tue, 14 Nov 2023 22:13:30 -0000"}, 10.0),
        ({"retry-after": "Tue, 14 Nov 2023 23:13:30 +0100"}, 10.0),
        ({"retry-after": "Tue, 14 Nov 2023 22:13:00 GMT"}, 0.0),
        ({"retry-after": "Tue, 14 Nov 99999 22:13:00 GMT"}, None),
        ({"retry-after-ms": "250"}, None),
    ],
)
def test_retry_after_is_read_in_all_its_forms(
    headers: dict[str, str], seconds: float | None
) -> None:
    """Seconds, fractions and dates are understood; nonsense counts as absent."""
    assert parse_retry_after(headers, NOW) == seconds


@pytest.mark.skipif(not hasattr(time, "tzset"), reason="the zone of a process cannot be set here")
def test_a_date_without_a_zone_is_utc_everywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """``-0000`` leaves the zone open: such a date is read as UTC, not in the machine's own zone."""
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "UTC-9")
        time.tzset()
        seconds = parse_retry_after({"retry-after": "Tue, 14 Nov 2023 22:13:30 -0000"}, NOW)
    time.tzset()
    assert seconds == 10.0


@given(st.floats(-1e9, 1e9), st.integers(0, 10**9), st.integers(0, 10**6))
def test_a_date_is_held_against_the_answers_own(error: float, moment: int, seconds: int) -> None:
    """However wrong the local clock, a date means the seconds from the answer's ``Date`` to it."""
    headers = {
        "date": formatdate(moment, usegmt=True),
        "retry-after": formatdate(moment + seconds, usegmt=True),
    }
    assert parse_retry_after(headers, moment + error) == seconds


@pytest.mark.parametrize(
    "date",
    ["", "yesterday", "0", "Tue, 99 Nov 2023 22:13:20 GMT", "Tue, 14 Nov 99999 22:13:20 GMT"],
)
def test_a_date_of_an_answer_without_a_valid_one_is_held_against_the_local_clock(date: str) -> None:
    """A ``Date`` that is none counts as absent."""
    assert (
        parse_retry_after({"date": date, "retry-after": formatdate(NOW + 10, usegmt=True)}, NOW)
        == 10.0
    )


def test_a_number_of_seconds_needs_no_date() -> None:
    """Seconds count from the answer on, whatever its ``Date`` says."""
    assert parse_retry_after({"date": formatdate(NOW - 10**6), "retry-after": "7"}, NOW) == 7.0


dates = st.one_of(
    st.text(), st.floats(-1e12, 1e12).map(str), st.integers(0, 2 * 10**9).map(formatdate)
)


@given(dates, dates)
def test_no_retry_after_breaks_anything(wait: str, date: str) -> None:
    """Whatever a server puts into these headers, the answer is None or a number of at least 0."""
    result = parse_retry_after({"retry-after": wait, "date": date}, NOW)
    assert result is None or result >= 0


@given(st.integers(1, 10_000), st.floats(0, 1, exclude_max=True))
def test_backoff_has_full_jitter_within_its_limit(attempts: int, jitter: float) -> None:
    """A wait lies between 0 and the range of its attempt, which never exceeds the limit."""
    delay = retry.backoff(attempts, jitter)
    assert 0 <= delay <= min(retry.BACKOFF_LIMIT, retry.BACKOFF_BASE * 2.0 ** min(attempts - 1, 60))


def test_the_range_of_the_backoff_doubles() -> None:
    """The middle of each range: half of 0.25 s at first, doubled each time, and half of 20 s in the
    end.
    """
    middles = [retry.backoff(attempts, 0.5) for attempts in (1, 2, 3, 7, 8, 100)]
    assert middles == [0.125, 0.25, 0.5, 8.0, 10.0, 10.0]


def error(status: int) -> Verdict:
    return retry.judge_status(status, api_error_class(status)("x", status=status), None)


@pytest.mark.parametrize("repeat", list(Repeat))
def test_what_was_done_is_returned(repeat: Repeat) -> None:
    """An answer that is no error ends the call, whatever the operation."""
    done = Verdict(AttemptOutcome.DONE)
    assert decide(repeat, done, Progress(attempts=1), PLENTY, 0.5) == Action("return")


@pytest.mark.parametrize(
    ("status", "outcome", "waits"),
    [
        (401, AttemptOutcome.UNAUTHORIZED, False),
        (404, AttemptOutcome.REFUSED, False),
        (429, AttemptOutcome.NOT_DONE, True),
        (503, AttemptOutcome.NOT_DONE, True),
        (500, AttemptOutcome.LOST, True),
    ],
)
def test_a_verdict_has_the_error_and_what_the_server_asked(
    status: int, outcome: AttemptOutcome, waits: bool
) -> None:
    """The error is kept, to be raised in the end; Retry-After counts for what may be repeated."""
    refused = api_error_class(status)("x", status=status)
    expected = Verdict(outcome, refused, 7.0 if waits else None)
    assert retry.judge_status(status, refused, 7.0) == expected


@pytest.mark.parametrize("timed_out", [True, False])
@pytest.mark.parametrize(
    ("failure", "outcome"),
    [(ConnectError("x"), AttemptOutcome.NOT_DONE), (CallTimeoutError("x"), AttemptOutcome.LOST)],
)
def test_a_verdict_without_an_answer_has_the_error_too(
    failure: CallError, outcome: AttemptOutcome, timed_out: bool
) -> None:
    """The error is kept, and whether it was a timeout, which costs more of the quota."""
    expected = Verdict(outcome, failure, timed_out=timed_out)
    assert retry.judge_failure(failure, timed_out=timed_out) == expected


@pytest.mark.parametrize("repeat", list(Repeat))
@pytest.mark.parametrize("attempts", [1, 5])
@pytest.mark.parametrize("status", [404, 429, 500])
def test_every_action_on_an_error_carries_it(repeat: Repeat, attempts: int, status: int) -> None:
    """Whether it is raised, settled or repeated, the error is kept: it may be the call's last."""
    verdict = error(status)
    action = decide(repeat, verdict, Progress(attempts=attempts), PLENTY, 0.5)
    assert action.error is verdict.error


@pytest.mark.parametrize("repeat", list(Repeat))
@pytest.mark.parametrize(
    "status", [400, 403, 404, 405, 409, 410, 413, 418, 422, 451, 300, 301, 302, 304, 307, 308]
)
def test_a_refusal_is_final(repeat: Repeat, status: int) -> None:
    """An answer that says no is raised at once for every kind of operation."""
    action = decide(repeat, error(status), Progress(attempts=1), PLENTY, 0.5)
    assert action.do == "raise"


@pytest.mark.parametrize("status", [500, 501, 502, 503, 504, 520, 599, 408, 499, 303])
def test_what_may_have_been_done_repeats_only_where_it_is_safe(status: int) -> None:
    """A lost answer repeats reads and idempotent writes, settles keyed creates, and ends all
    others.
    """
    done = {
        repeat: decide(repeat, error(status), Progress(attempts=1), PLENTY, 0.5).do
        for repeat in Repeat
    }
    assert done == {
        Repeat.SAFE: "repeat",
        Repeat.DELETE: "repeat",
        Repeat.SETTLE: "settle",
        Repeat.NEVER: "raise",
    }


@pytest.mark.parametrize("repeat", list(Repeat))
def test_never_sent_and_throttled_always_repeat(repeat: Repeat) -> None:
    """What was not done is repeated for every operation: refused connections, 429, and 503 with
    Retry-After.
    """
    unsent = retry.judge_failure(ConnectError("x"), timed_out=False)
    busy = retry.judge_status(503, api_error_class(503)("x"), 1.0)
    for verdict in (unsent, error(429), busy):
        assert verdict.outcome is AttemptOutcome.NOT_DONE
        assert decide(repeat, verdict, Progress(attempts=1), PLENTY, 0.5).do == "repeat"


@pytest.mark.parametrize("cause", [ConnectionLostError("x"), CallTimeoutError("x")])
def test_every_other_failure_counts_as_received(cause: ConnectionLostError) -> None:
    """A failure after connecting may have been received."""
    assert retry.judge_failure(cause, timed_out=False).outcome is AttemptOutcome.LOST


def test_a_deletion_that_finds_nothing_after_a_lost_answer_has_succeeded() -> None:
    """404 is a success only for DELETE and only when an earlier attempt may have done it."""
    missing = error(404)
    assert isinstance(missing.error, NotFoundError)
    assert (
        decide(Repeat.DELETE, missing, Progress(attempts=2, lost=True), PLENTY, 0.5).do == "return"
    )
    assert (
        decide(Repeat.DELETE, missing, Progress(attempts=2, lost=False), PLENTY, 0.5).do == "raise"
    )
    assert decide(Repeat.SAFE, missing, Progress(attempts=2, lost=True), PLENTY, 0.5).do == "raise"


def test_a_token_is_renewed_once_for_a_call() -> None:
    """The first 401 renews the token, the second is raised; so is the first when it cannot be
    renewed.
    """
    unauthorized = error(401)
    assert decide(Repeat.NEVER, unauthorized, Progress(attempts=1), PLENTY, 0.5).do == "renew"
    assert (
        decide(Repeat.NEVER, unauthorized, Progress(attempts=2, renewed=True), PLENTY, 0.5).do
        == "raise"
    )
    fixed = Limits(attempts=5, remaining=1000.0, renewable=False)
    assert decide(Repeat.NEVER, unauthorized, Progress(attempts=1), fixed, 0.5).do == "raise"


@pytest.mark.parametrize(
    "limits",
    [
        Limits(attempts=1, remaining=1000.0),
        Limits(attempts=5, remaining=0.01),
        Limits(5, 1000.0, affordable=False),
    ],
    ids=["attempts", "deadline", "quota"],
)
def test_attempts_deadline_and_quota_end_retries(limits: Limits) -> None:
    """No retry happens beyond the attempts, past the deadline, or without quota."""
    assert decide(Repeat.SAFE, error(500), Progress(attempts=1), limits, 0.5).do == "raise"


def test_retry_after_is_obeyed_up_to_its_cap() -> None:
    """A wait is at least what the server asked for; beyond the cap the call fails at once."""
    throttled = Verdict(AttemptOutcome.NOT_DONE, RateLimitError("x"), retry_after=30.0)
    action = decide(Repeat.NEVER, throttled, Progress(attempts=1), PLENTY, 0.5)
    assert action.do == "repeat"
    assert 30.0 <= action.delay <= 31.0
    longest = Verdict(
        AttemptOutcome.NOT_DONE, RateLimitError("x"), retry_after=retry.RETRY_AFTER_LIMIT
    )
    assert decide(Repeat.SAFE, longest, Progress(attempts=1), PLENTY, 0.5).do == "repeat"
    endless = Verdict(
        AttemptOutcome.NOT_DONE, RateLimitError("x"), retry_after=retry.RETRY_AFTER_LIMIT + 1
    )
    assert decide(Repeat.SAFE, endless, Progress(attempts=1), PLENTY, 0.5).do == "raise"


@pytest.mark.parametrize(("remaining", "do"), [(30.5, "repeat"), (30.0, "raise")])
def test_a_wait_that_takes_all_the_time_is_not_begun(remaining: float, do: str) -> None:
    """After a wait of all that remains no time is left for the request: the error comes at once."""
    throttled = Verdict(AttemptOutcome.NOT_DONE, RateLimitError("x"), retry_after=30.0)
    limits = Limits(5, remaining=remaining)
    assert decide(Repeat.SAFE, throttled, Progress(attempts=1), limits, 0.0).do == do


@pytest.mark.parametrize("mismatched", [True, False])
@pytest.mark.parametrize("mismatched_before", [True, False])
def test_a_second_answer_to_another_question_is_the_last(
    mismatched: bool, mismatched_before: bool
) -> None:
    """One may be a connection out of step; two in a row are what the server means."""
    verdict = evolve(error(500), mismatched=mismatched)
    progress = Progress(attempts=2, mismatched=mismatched_before)
    action = decide(Repeat.SAFE, verdict, progress, PLENTY, 0.5)
    assert action.do == ("raise" if mismatched and mismatched_before else "repeat")


@given(st.lists(st.sampled_from(["ok", "retry", "timeout"]), max_size=500))
def test_the_quota_stays_within_its_bounds(events: list[str]) -> None:
    """Whatever happens, the quota is never negative and never above its size, and an empty one pays
    nothing.
    """
    quota, spent = Quota(), 0
    for event in events:
        if event == "ok":
            quota, spent = quota.refill(spent), 0
        else:
            quota, spent = quota.spend(timed_out=event == "timeout")
        assert 0 <= quota.left <= retry.QUOTA


@pytest.mark.parametrize(
    ("left", "timed_out", "affords"),
    [(4, False, False), (5, False, True), (9, True, False), (10, True, True), (0, False, False)],
)
def test_the_quota_affords_what_it_can_pay(left: int, timed_out: bool, affords: bool) -> None:
    """A retry costs 5, one after a timeout 10; it may take the last of the quota."""
    assert Quota(left).affords(timed_out=timed_out) is affords


def test_an_outage_empties_the_quota_and_successes_refill_it() -> None:
    """A hundred failing retries empty it; a success gives back what its own last retry cost."""
    quota = Quota()
    for _ in range(100):
        quota, cost = quota.spend(timed_out=False)
        assert cost == 5
    assert quota.spend(timed_out=False)[1] == 0
    assert Quota().spend(timed_out=True) == (Quota(490), 10)
    assert quota.refill(0).left == 1
    assert quota.refill(5).left == 5


@pytest.mark.parametrize("renewed", [False, True])
@pytest.mark.parametrize("lost", [False, True])
@pytest.mark.parametrize("mismatched", [False, True])
def test_progress_keeps_what_it_knows(renewed: bool, lost: bool, mismatched: bool) -> None:
    """An attempt is counted, and a verdict adds what it leaves open; nothing else changes."""
    before = Progress(3, renewed, lost, mismatched)
    assert before.after_attempt() == Progress(4, renewed, lost, mismatched)
    for outcome in AttemptOutcome:
        for other in (False, True):
            after = before.after_verdict(Verdict(outcome, mismatched=other))
            open_now = lost or outcome is AttemptOutcome.LOST
            assert after == Progress(3, renewed, open_now, mismatched or other)
