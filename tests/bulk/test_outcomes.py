"""What answers to an import say of its rows."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from timify_customers import ImportReport
from timify_customers._bulk.outcomes import outcome_of, tally
from timify_customers._bulk.rows import Row
from timify_customers._bulk.verdicts import count_failures, parse_response

KEYS = ["a", "b", "c"]
ROWS = [
    Row(number, {}, wire={"importCustomerId": key, "externalId": f"x-{key}"})
    for number, key in enumerate(KEYS, 1)
]
C, U, R = "created", "updated", "rejected"

SHAPES: dict[str, tuple[Any, dict[int, str]]] = {
    "nothing": ({}, {}),
    "null": (None, {}),
    "an envelope": ({"status": 1}, {}),
    "counts": ({"status": 1, "data": {"created": 2, "updated": 1, "failed": 0}}, {}),
    "a list by key": (
        {
            "data": [
                {"importCustomerId": "b", "status": "updated"},
                {"importCustomerId": "a", "status": "created"},
            ]
        },
        {0: C, 1: U},
    ),
    "a list by key with errors": (
        {
            "data": [
                {"importCustomerId": "c", "error": "bad"},
                {"importCustomerId": "a", "created": True},
            ]
        },
        {0: C, 2: R},
    ),
    "a list by external id": ({"results": [{"externalId": "x-c", "action": "CREATED"}]}, {2: C}),
    "a list by position": (
        {"data": [{"status": "created"}, {"status": "updated"}, {"success": False}]},
        {0: C, 1: U, 2: R},
    ),
    "words by position": (["created", "created", "updated"], {0: C, 1: C, 2: U}),
    "statuses of envelopes": (
        [{"status": 1}, {"status": 0, "message": "no"}, {"status": 1}],
        {1: R},
    ),
    "groups of keys": ({"data": {"created": ["a"], "updated": ["c"], "failed": []}}, {0: C, 2: U}),
    "an object by key": ({"data": {"a": "created", "b": {"error": "bad"}}}, {0: C, 1: R}),
    "errors by row": ({"status": 1, "errors": [{"index": 1, "message": "bad email"}]}, {1: R}),
    "errors by path": (
        {"errors": [{"path": "customers[2].customfields[0]", "message": "no"}]},
        {2: R},
    ),
    "errors by pointer": (
        {"errors": [{"pointer": "/customers/0/customfields", "detail": "no"}]},
        {0: R},
    ),
    "errors in words": ({"errors": ["customers[1]: bad email"]}, {1: R}),
    "accepted for later": ({"jobId": "17", "status": 1, "data": {"state": "queued"}}, {}),
    "the customers themselves": (
        {"data": [{"id": "1", "importCustomerId": key} for key in KEYS]},
        {},
    ),
    "a list as long as the chunk that names a row": (
        [{"importCustomerId": "b", "status": "updated"}, {"status": "created"}, {"index": 2}],
        {1: U},
    ),
    # Nothing is claimed where the answer does not fit.
    "a list that is too short": ([{"status": "created"}], {}),
    "a list that is too long": ([{"status": "created"}] * 4, {}),
    "a key that was not sent": (
        {"data": [{"importCustomerId": "z", "status": "created"}, {"index": 0, "error": "x"}]},
        {},
    ),
    "an index beyond": (
        {"errors": [{"index": 3, "message": "x"}, {"index": 0, "message": "x"}]},
        {},
    ),
    "a row by number, from 0 or 1": ({"errors": [{"row": 1, "message": "x"}]}, {}),
    "key and index disagree": ({"errors": [{"index": 0, "importCustomerId": "b"}]}, {}),
    "one row, two outcomes": ({"data": {"created": ["a", "b"], "updated": ["a"]}}, {1: C}),
    "one entry, two outcomes": (
        [{"status": "created", "error": "x"}, {"status": "created"}, {"status": "updated"}],
        {1: C, 2: U},
    ),
    "as many errors as rows": (
        {"errors": [{"message": "x"}, {"message": "y"}, {"message": "z"}]},
        {},
    ),
    "free text": ("created", {}),
}


@pytest.mark.parametrize(("answer", "expected"), SHAPES.values(), ids=SHAPES)
def test_what_an_answer_says(answer: Any, expected: dict[int, str]) -> None:
    """Each shape is read for what it says by name, and for no more."""
    assert {at: outcome for at, (outcome, _) in parse_response(answer, ROWS).items()} == expected


REFUSALS: dict[str, tuple[Any, dict[int, str]]] = {
    "no body": (None, {}),
    "a message": ({"status": 0, "message": "validation failed"}, {}),
    "a message that names a row": (
        {"status": 0, "message": "customers[1]: no custom field has the id 'x'"},
        {1: R},
    ),
    "details by key": ({"data": [{"importCustomerId": "c", "message": "bad email"}]}, {2: R}),
    "an echo of what was sent": (
        {"status": 0, "message": "no", "data": [{"importCustomerId": k} for k in KEYS]},
        {},
    ),
    "a list as long as the chunk": ({"errors": [{"message": "x"}] * 3}, {}),
    "partly done": (
        {"data": {"created": ["a"], "errors": [{"importCustomerId": "b", "message": "x"}]}},
        {0: C, 1: R},
    ),
}


@pytest.mark.parametrize(("answer", "expected"), REFUSALS.values(), ids=REFUSALS)
def test_what_a_refusal_says(answer: Any, expected: dict[int, str]) -> None:
    """The body of a refused request rejects the rows that it names, and no others."""
    assert {
        at: outcome for at, (outcome, _) in parse_response(answer, ROWS, refused=True).items()
    } == expected


def test_reasons_are_the_answers_words() -> None:
    """The reason of a rejected row is what the answer says, cut to a few hundred characters."""
    verdicts = parse_response(
        {"errors": [{"index": 0, "message": "bad email"}, {"index": 1, "reason": "x" * 9999}]}, ROWS
    )
    assert verdicts[0] == ("rejected", "bad email")
    assert len(verdicts[1][1]) < 400


def test_two_rows_with_one_external_id_are_not_told_apart_by_it() -> None:
    """What identifies two rows names neither."""
    rows = [
        Row(number, {}, wire={"importCustomerId": str(number), "externalId": "same"})
        for number in (1, 2)
    ]
    assert parse_response([{"externalId": "same", "status": "created"}], rows) == {}


def test_a_report_keeps_the_first_problems_in_the_order_of_rows() -> None:
    """Chunks end in any order; a thousand problems are kept, sorted by row."""
    late = [outcome_of(Row(number, {}), "rejected", "bad") for number in range(600, 1200)]
    early = [outcome_of(Row(number, {}), "unknown", "lost") for number in range(600)]
    report = tally(tally(ImportReport(), late, 1), early, 2)
    assert [problem.number for problem in report.problems] == [*range(1000)]
    assert (report.rejected, report.unknown, report.requests) == (600, 600, 3)


def test_a_row_that_was_taken_has_no_problem() -> None:
    """The words of an answer are the reason of a bad outcome only."""
    assert outcome_of(Row(1, {}), "created", "no reason given").problems == ()


words = st.sampled_from(
    [
        "data",
        "results",
        "created",
        "updated",
        "errors",
        "status",
        "error",
        "importCustomerId",
        "index",
    ]
)
leaves = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(max_size=5)
    | words
)
answers = st.recursive(
    leaves | st.sampled_from([*KEYS, "rejected", "customers[1]"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(words | st.sampled_from(KEYS) | st.text(max_size=3), inner, max_size=4)
    ),
    max_leaves=30,
)


@given(answers, st.booleans())
def test_no_answer_breaks_it(answer: Any, refused: bool) -> None:
    """Any JSON is read without error, and gives one outcome at most for rows that were sent."""
    verdicts = parse_response(answer, ROWS, refused=refused)
    assert verdicts.keys() <= {0, 1, 2}
    assert {outcome for outcome, _ in verdicts.values()} <= {C, U, R}
    assert all(isinstance(reason, str) for _, reason in verdicts.values())


@given(answers, st.booleans())
def test_nothing_is_claimed_of_a_row_that_is_not_named(answer: Any, refused: bool) -> None:
    """A row that is rejected, created or updated is in the answer: by key, index, path, or in a
    list of three.
    """
    text = json.dumps(answer)
    for at, (outcome, _) in parse_response(answer, ROWS, refused=refused).items():
        named = f'"{KEYS[at]}"' in text or '"index"' in text or (at == 1 and "customers[1]" in text)
        assert named or (_has_list_of(3, answer) and not refused)
        assert refused or any(word in text for word in (outcome, "error", "status", "rejected"))


def _has_list_of(count: int, node: Any) -> bool:
    if isinstance(node, list):
        return len(node) == count or any(_has_list_of(count, inner) for inner in node)
    return isinstance(node, dict) and any(_has_list_of(count, inner) for inner in node.values())


def test_a_deep_answer_is_no_answer() -> None:
    """JSON nested as deep as a parser takes it does no harm; how deep a reason can be shown depends
    on the Python.
    """
    deep: Any = []
    for _ in range(5000):
        deep = [deep]
    assert parse_response({"errors": [{"index": 0, "error": deep}]}, ROWS).keys() <= {0}
    assert parse_response(deep, ROWS) == {}


@pytest.mark.parametrize(
    ("answer", "count"),
    [
        ({"status": 1, "data": {"created": 2, "failed": 1}}, 1),
        ({"data": {"results": {"errors": ["x", "y"]}}}, 2),
        ({"errors": [{"row": 1, "message": "x"}]}, 1),
        ({"errors": {"a": "x"}}, 1),
        ({"error": "something failed"}, 1),
        ({"failed": 2, "errors": ["x"]}, 2),
        ({"failed": 0, "errors": [], "error": None, "rejected": False}, 0),
        ({"data": {"created": 3}}, 0),
        ([{"error": "x"}], 0),
        (None, 0),
    ],
)
def test_failures_that_name_no_row_are_counted(answer: object, count: int) -> None:
    """A number or a list of failures is counted, wherever an answer has its results."""
    assert count_failures(answer) == count


@given(answers)
def test_no_answer_breaks_the_count(answer: object) -> None:
    """Whatever came, the count is a number."""
    assert isinstance(count_failures(answer), int)
