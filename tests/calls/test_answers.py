"""From bytes to a verdict."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from timify_customers._base.errors import (
    AccessDeniedError,
    ApiError,
    AuthenticationError,
    BadRequestError,
    BodyError,
    ConflictError,
    NotFoundError,
    RateLimitError,
    RedirectError,
    ServerError,
    UnprocessableError,
)
from timify_customers._base.generated import Request
from timify_customers._calls.operation import Operation
from timify_customers._calls.response import judge
from timify_customers._calls.retry import AttemptOutcome
from timify_customers._transport.messages import Reply

ONE = Operation("get_customer", Request)
MANY = Operation("list_customers", Request, data="list")
ANY = Operation("delete_customer", Request, data="any")


def reply(body: object, status: int = 200, **headers: str) -> Reply:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Reply(
        status, {name.replace("_", "-"): value for name, value in headers.items()}, content
    )


def test_an_envelope_gives_its_payload() -> None:
    """A documented envelope is done, and its payload is the whole object."""
    body = {"data": {"id": "1"}, "status": 1}
    verdict, payload = judge(ONE, reply(body), 0.0)
    assert verdict.outcome is AttemptOutcome.DONE
    assert payload == body


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"", "empty"),
        (b"   \n", "empty"),
        (b"<html><title>Oh  no</title></html>", "web page titled 'Oh no'"),
        (b'{"data": {"id": "1"', "not JSON"),
        (b"\xff\xfe\x00", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b"[1]", "a list, not an object"),
        (b"null", "null"),
        (b'{"data": null, "status": 1}', "data is null or absent"),
        (b'{"data": [], "status": 1}', "data is a list, not an object"),
        (b'{"status": 1}', "data is null or absent"),
    ],
)
def test_a_body_of_another_shape_is_an_error_that_says_so(content: bytes, word: str) -> None:
    """HTML, nothing, truncated JSON and JSON of another shape may have been done, and are
    described.
    """
    verdict, _ = judge(ONE, reply(content), 0.0)
    assert verdict.outcome is AttemptOutcome.LOST
    assert isinstance(verdict.error, BodyError)
    assert word in str(verdict.error)
    assert "HTTP 200" in str(verdict.error)


def test_a_list_must_be_a_list() -> None:
    """An object where a list is due is an error."""
    assert judge(MANY, reply({"data": {}, "status": 1}), 0.0)[0].outcome is AttemptOutcome.LOST
    assert judge(MANY, reply({"data": [], "status": 1}), 0.0)[0].outcome is AttemptOutcome.DONE


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b'{"status": 1}', b'"ok"'])
def test_an_answer_that_is_not_documented_may_be_anything(content: bytes) -> None:
    """Deletions and imports take any JSON, and nothing at all, as success."""
    assert (
        judge(ANY, reply(content, 204 if not content else 200), 0.0)[0].outcome
        is AttemptOutcome.DONE
    )


@pytest.mark.parametrize("code", [0, 2, -1])
def test_an_envelope_whose_status_is_not_1_is_an_error_with_http_200(code: int) -> None:
    """The body's status decides, whatever the HTTP status; its message is in the error."""
    verdict, _ = judge(ONE, reply({"status": code, "message": "nope", "data": {}}), 0.0)
    assert verdict.outcome is AttemptOutcome.REFUSED
    assert isinstance(verdict.error, ApiError)
    assert verdict.error.code == code
    assert "nope" in str(verdict.error)


@pytest.mark.parametrize(
    "envelope", [{"status": 1}, {"status": "1"}, {"status": True}, {}, {"success": True}], ids=str
)
@pytest.mark.parametrize("operation", [ONE, ANY])
def test_success_is_status_1_or_none(operation: Operation, envelope: dict[str, object]) -> None:
    """A write was done when the envelope's status is 1, "1", true or absent."""
    assert judge(operation, reply({"data": {}, **envelope}), 0.0)[0].outcome is AttemptOutcome.DONE


@pytest.mark.parametrize("status", [0, 2, -1, 400], ids=str)
@pytest.mark.parametrize("operation", [ONE, ANY])
def test_another_integer_is_a_refusal(operation: Operation, status: int) -> None:
    """An integer status that is not 1 says that it was not done, with the API's words."""
    verdict, payload = judge(
        operation, reply({"data": {}, "status": status, "message": "no such thing"}), 0.0
    )
    assert (verdict.outcome, payload) == (AttemptOutcome.REFUSED, None)
    assert isinstance(verdict.error, ApiError)
    assert verdict.error.code == status
    assert "no such thing" in str(verdict.error)


@pytest.mark.parametrize(
    "envelope",
    [{"status": value} for value in ("0", "error", "", False, None, 0.0, 1.0, 1.5, [], {})]
    + [{"success": False}],
    ids=str,
)
@pytest.mark.parametrize("operation", [ONE, MANY, ANY])
def test_any_other_status_cannot_be_trusted(
    operation: Operation, envelope: dict[str, object]
) -> None:
    """Neither success nor a clear refusal: it may have been done, and the error says what the
    answer said.
    """
    body = {"data": [] if operation is MANY else {}, "message": "what now", **envelope}
    verdict, payload = judge(operation, reply(body), 0.0)
    assert (verdict.outcome, payload) == (AttemptOutcome.LOST, None)
    assert isinstance(verdict.error, BodyError)
    assert "what now" in str(verdict.error)


@pytest.mark.parametrize(
    ("status", "cls", "kind"),
    [
        (400, BadRequestError, AttemptOutcome.REFUSED),
        (401, AuthenticationError, AttemptOutcome.UNAUTHORIZED),
        (403, AccessDeniedError, AttemptOutcome.REFUSED),
        (404, NotFoundError, AttemptOutcome.REFUSED),
        (409, ConflictError, AttemptOutcome.REFUSED),
        (422, UnprocessableError, AttemptOutcome.REFUSED),
        (429, RateLimitError, AttemptOutcome.NOT_DONE),
        (301, RedirectError, AttemptOutcome.REFUSED),
        (499, ApiError, AttemptOutcome.LOST),
        (500, ServerError, AttemptOutcome.LOST),
        (502, ServerError, AttemptOutcome.LOST),
        (520, ServerError, AttemptOutcome.LOST),
        (599, ServerError, AttemptOutcome.LOST),
    ],
)
def test_each_status_has_its_class(status: int, cls: type[ApiError], kind: AttemptOutcome) -> None:
    """An error has the class of its status, the API's message and the request id."""
    answer = reply({"message": "because"}, status, x_amzn_requestid="abc-123")
    verdict, _ = judge(ONE, answer, 0.0)
    assert type(verdict.error) is cls
    assert verdict.outcome is kind
    assert verdict.error.status == status
    assert verdict.error.request_id == "abc-123"
    assert "because" in str(verdict.error) or cls is RedirectError


def test_503_with_retry_after_was_not_done() -> None:
    """A server that names the time to come back has not done what was asked."""
    assert judge(ONE, reply({}, 503, retry_after="3"), 0.0)[0].outcome is AttemptOutcome.NOT_DONE
    assert judge(ONE, reply({}, 503), 0.0)[0].outcome is AttemptOutcome.LOST


def test_a_redirect_names_the_place() -> None:
    """The message of a redirect says where it leads, without following it."""
    verdict, _ = judge(ONE, reply(b"", 302, location="https://elsewhere.example/x?secret=1"), 0.0)
    assert "elsewhere.example" in str(verdict.error)
    assert "secret" not in str(verdict.error)


def test_a_body_in_a_message_is_cut() -> None:
    """A body of a megabyte does not become a message of a megabyte."""
    verdict, _ = judge(ONE, reply(b"x" * 1_000_000, 500), 0.0)
    assert len(str(verdict.error)) < 1000


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(
    status=st.integers(200, 599),
    body=st.binary()
    | json_values.map(lambda value: json.dumps(value).encode())
    | st.fixed_dictionaries(
        {"status": json_values, "data": json_values, "message": json_values}
    ).map(lambda v: json.dumps(v).encode()),
    operation=st.sampled_from([ONE, MANY, ANY, Operation("create_token", Request, data="flat")]),
    headers=st.dictionaries(
        st.sampled_from(["location", "retry-after", "x-amzn-requestid", "content-type"]), st.text()
    ),
)
def test_no_reply_breaks_the_judge(
    status: int, body: bytes, operation: Operation, headers: dict[str, str]
) -> None:
    """Every reply is a verdict: done with a payload, or an error with a message."""
    verdict, payload = judge(operation, Reply(status, headers, body), 0.0)
    if verdict.outcome is AttemptOutcome.DONE:
        assert operation.data == "any" or isinstance(payload, dict)
    else:
        assert verdict.error is not None
        assert str(verdict.error)
        assert verdict.error.status == status
