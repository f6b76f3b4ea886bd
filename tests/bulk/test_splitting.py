"""Which requests find the bad rows of a chunk."""

from __future__ import annotations

import math
from collections.abc import Callable
from collections.abc import Set as AbstractSet

import pytest
from hypothesis import given
from hypothesis import strategies as st
from timify_customers import AmbiguousWriteError, ApiError, ConnectError, TimifyError
from timify_customers._bulk.chunks import Part, Queue, after_refusal, after_success, begin, classify
from timify_customers._bulk.rows import Row
from timify_customers._bulk.sending import _after_answer, _closed_up
from timify_customers._bulk.verdicts import RowVerdicts

Refuses = Callable[[tuple[int, ...]], bool]


def chunk(count: int) -> list[Row]:
    return [Row(number, {}, key=f"importCustomerId:{number}") for number in range(count)]


def find(
    count: int, refuses: Refuses, outcome: str = "refused"
) -> tuple[list[int], list[int], int]:
    """Send a chunk to a server that refuses some requests; gives bad rows, good rows and requests
    made.
    """
    queue: Queue = begin(chunk(count))
    bad: list[int] = []
    good: list[int] = []
    requests = 0
    while queue:
        requests += 1
        assert requests <= 2 * count, "endless"
        sent = tuple(row.number for row in queue[0].rows)
        if refuses(sent):
            decided, queue = after_refusal(queue, (), outcome)  # type: ignore[arg-type]
            bad += [row.number for row in decided]
        else:
            good += sent
            queue = after_success(queue, all_taken=True)
    return bad, good, requests


@st.composite
def chunks(draw: st.DrawFn) -> tuple[int, AbstractSet[int]]:
    count = draw(st.integers(1, 300))
    return count, draw(st.frozensets(st.integers(0, count - 1)))


@given(chunks())
def test_every_bad_row_is_found_alone_within_the_bound(drawn: tuple[int, AbstractSet[int]]) -> None:
    """Any set of bad rows: exactly these are rejected, each row has one outcome, 2·log2(n)+1
    requests a bad row.
    """
    count, wrong = drawn
    bad, good, requests = find(count, lambda sent: any(row in wrong for row in sent))
    assert set(bad) == wrong
    assert sorted(bad + good) == [*range(count)]
    assert requests <= max(1, len(wrong) * (2 * math.log2(count) + 1))


@pytest.mark.parametrize("count", [*range(1, 130), 499, 500, 512, 1000])
def test_one_bad_row_anywhere(count: int) -> None:
    """Wherever the one bad row is: it alone is rejected, within 2·log2(n)+1 requests."""
    for wrong in range(count):
        bad, good, requests = find(count, lambda sent, wrong=wrong: wrong in sent)
        assert (bad, len(good)) == ([wrong], count - 1)
        assert requests <= 2 * math.log2(count) + 1


def test_the_worked_example() -> None:
    """The requests for one bad row in a chunk of eight are those that the module shows."""
    sent: list[str] = []

    def refuses(rows: tuple[int, ...]) -> bool:
        sent.append("".join(str(row + 1) for row in rows))
        return 5 in rows

    find(8, refuses)
    assert sent == ["12345678", "1234", "56", "5", "6", "78"]


@given(st.integers(1, 300), st.integers(1, 300))
def test_a_request_that_is_too_large_has_no_bad_row(count: int, limit: int) -> None:
    """413 halves until requests are small enough; no row is rejected, and each is taken once."""
    bad, good, _ = find(count, lambda sent: len(sent) > limit, "too large")
    assert (bad, sorted(good)) == ([], [*range(count)])


@given(st.integers(1, 100), st.randoms(use_true_random=False))
def test_a_server_that_refuses_at_random_ends_it_all_the_same(count: int, luck: object) -> None:
    """Refusals that make no sense also end with one outcome for each row, in bounded requests."""
    bad, good, requests = find(count, lambda sent: luck.random() < 0.5)  # type: ignore[attr-defined]
    assert sorted(bad + good) == [*range(count)]
    assert requests <= 2 * count


@given(chunks())
def test_rows_that_an_answer_names_are_rejected_and_the_rest_is_sent_again(
    drawn: tuple[int, AbstractSet[int]],
) -> None:
    """Named rows go, whatever their number; what is left is one request."""
    count, named = drawn
    decided, queue = after_refusal((Part((*chunk(count),)),), named or {0}, "refused")
    rest = [row.number for part in queue for row in part.rows]
    assert {row.number for row in decided} == ({0} if count == 1 else named or {0})
    assert sorted([*rest, *(row.number for row in decided)]) == [*range(count)]
    assert len(queue) <= 1
    assert all(part.rows for part in queue)


def test_where_every_row_is_named_nothing_is_sent_again() -> None:
    """A request without rows is not made."""
    rows = (*chunk(3),)
    assert after_refusal((Part(rows),), {0, 1, 2}, "refused") == (rows, ())


def test_halves_of_what_was_too_large_prove_nothing() -> None:
    """After a 413 no half has to hold a bad row, so the second is sent as a whole."""
    _, queue = after_refusal((Part((*chunk(8),)),), (), "too large")
    assert [len(part.rows) for part in after_success(queue, all_taken=True)] == [4]


def test_a_half_with_a_named_bad_row_proves_nothing() -> None:
    """When a success names the bad row itself, the other half is sent as a whole."""
    _, queue = after_refusal((Part((*chunk(8),)),), (), "refused")
    assert [len(part.rows) for part in after_success(queue, all_taken=True)] == [2, 2]
    assert [len(part.rows) for part in after_success(queue, all_taken=False)] == [4]
    named = Part(queue[0].rows, proves=True), queue[1]
    sent = _after_answer(named, {"errors": [{"index": 0, "message": "bad"}]})
    assert [len(part.rows) for part in sent.queue] == [4]


def test_reasons_stay_with_the_rows_that_they_name() -> None:
    """Verdicts by place in the request become those of the same rows in the list of named rows."""
    verdicts: RowVerdicts = {3: ("rejected", "of d"), 1: ("created", "of b")}
    assert _closed_up(verdicts) == {0: ("created", "of b"), 1: ("rejected", "of d")}


def test_rows_that_nothing_identifies_are_sent_one_by_one() -> None:
    """Rows with a key go together; those without never share a request: none is sent again."""
    rows = [Row(1, {}, key="a"), Row(2, {}), Row(3, {}, key="b"), Row(4, {})]
    assert [[row.number for row in part.rows] for part in begin(rows)] == [[1, 3], [2], [4]]
    assert [[row.number for row in part.rows] for part in begin(rows[1::2])] == [[2], [4]]


def api_error(status: int) -> ApiError:
    return ApiError("x", status=status)


def lost(cause: TimifyError | None = None) -> AmbiguousWriteError:
    error = AmbiguousWriteError("x", status=getattr(cause, "status", None))
    error.safe_to_repeat, error.__cause__ = True, cause
    return error


MEANINGS = {
    "400": (api_error(400), "refused", "refused"),
    "422": (api_error(422), "refused", "refused"),
    "413": (api_error(413), "too large", "too large"),
    **{str(status): (api_error(status), "stop", "stop") for status in (401, 403, 404)},
    **{str(status): (api_error(status), "stop", "refused") for status in (405, 409, 418)},
    "an envelope": (api_error(200), "stop", "refused"),
    "never sent": (ConnectError("x"), "stop", "stop"),
    "no answer": (lost(), "lost", "lost"),
    "5xx": (lost(api_error(500)), "lost", "lost"),
    "422 after a lost answer": (lost(api_error(422)), "refused", "refused"),
    "403 after a lost answer": (lost(api_error(403)), "stop", "stop"),
    "429 after a lost answer": (lost(api_error(429)), "lost", "lost"),
}


@pytest.mark.parametrize(("error", "unnamed", "named"), MEANINGS.values(), ids=MEANINGS)
def test_what_an_error_means(error: TimifyError, unnamed: str, named: str) -> None:
    """Only 400, 413, 422 and bodies that name rows split; 401, 403, 404 stop; what may have been
    done is lost.
    """
    assert classify(error, names_rows=False) == unnamed
    assert classify(error, names_rows=True) == named
