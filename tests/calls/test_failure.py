"""From the documented body of a failure to the error that users catch."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from timify_customers import ApiError, BadRequestError
from timify_customers._base.generated import Request
from timify_customers._calls.failure import api_message, http_error
from timify_customers._calls.operation import Operation
from timify_customers._transport.messages import Reply

CREATE = Operation("create_customer", Request, writes=True)
DOCUMENTED = {
    "error": "Invalid request payload",
    "name": "BadRequestError",
    "errorCode": "2",
    "details": {"body": {"customfields": "invalid"}},
    "extras": None,
}


def failure(body: object, status: int = 400, operation: Operation[...] = CREATE) -> ApiError:
    return http_error(operation, Reply(status, {}, json.dumps(body).encode()))


def test_the_documented_body_is_told_in_full() -> None:
    """Message, code and details are kept, and the text names each place of the details."""
    error = failure(DOCUMENTED).of_call("create_customer", 1)
    assert isinstance(error, BadRequestError)
    assert str(error) == (
        "create_customer: HTTP 400: Invalid request payload (body.customfields: invalid)"
    )
    assert (error.code, error.details) == ("2", DOCUMENTED["details"])
    assert error.body is None


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"message": "no"}, "no"),
        ({"error": "no"}, "no"),
        ({"message": " ", "error": "no"}, "no"),
        ({"Message": "no"}, "no"),
        ({"error": {"odd": 1}}, None),
        ({"details": {"query": {"page": "invalid"}}}, "query.page: invalid"),
        ({"error": "no", "details": {"query": {"page": ["a", 1]}}}, 'no (query.page: ["a", 1])'),
        ({"error": "no", "details": "odd"}, "no"),
        ({"error": "no", "details": {}}, "no"),
        ([], None),
        (None, None),
    ],
)
def test_words_are_found_wherever_they_stand(body: object, message: str | None) -> None:
    """In ``error`` or ``message``, with or without details, of the API or of its gateway."""
    assert api_message(body) == message


def test_many_places_are_counted() -> None:
    """The text names five places and says how many more there are; ``details`` has them all."""
    details = {"body": {f"field{number}": "bad" for number in range(9)}}
    error = failure({"error": "no", "details": details})
    assert "body.field4: bad; and 4 more" in str(error)
    assert error.details == details


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"errorCode": "E7", "status": 0}, "E7"),
        ({"errorCode": 2}, 2),
        ({"errorCode": "", "status": 0}, 0),
        ({"errorCode": None, "status": 3}, 3),
        ({"status": 1}, None),
        ({"status": True}, None),
        ({"errorCode": [1]}, None),
        ([1], None),
    ],
)
def test_the_code_is_the_documented_one_or_the_envelopes(body: object, code: object) -> None:
    """``errorCode`` comes before ``status``; what is neither text nor number is no code."""
    assert failure(body).code == code


def test_only_an_import_keeps_the_whole_body() -> None:
    """The body of a failure may hold anything, so it is kept only where it is read."""
    keeping = Operation("import_customers", Request, writes=True, keep_error_body=True)
    assert failure(DOCUMENTED, operation=keeping).body == DOCUMENTED
    assert failure(DOCUMENTED).body is None


json_values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
)


@given(st.dictionaries(st.sampled_from([*DOCUMENTED, "message", "status"]), json_values))
def test_no_body_breaks_an_error(body: dict[str, Any]) -> None:
    """Whatever stands where the documented keys do, there is an error of one printable line."""
    error = failure(body)
    assert str(error).isprintable()
    assert error.details is None or isinstance(error.details, dict)
