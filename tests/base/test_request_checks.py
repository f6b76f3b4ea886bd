"""What `TimifyCustomers.request` refuses to send: of paths, headers and parameters."""

from __future__ import annotations

import math
import re
from typing import Any
from urllib.parse import quote, unquote, urlsplit

import httpx
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from timify_customers import ArgumentError, ArgumentTypeError, ConfigurationError
from timify_customers._base.request_checks import (
    METHODS,
    check_headers,
    check_method,
    check_path,
    check_user_agent,
    write_params,
)


def plain(value: object) -> str:
    """Name an example so that the name can stand on a command line, as `make mutants` has it."""
    return re.sub(r"[^\w.%-]", "_", str(value), flags=re.ASCII)


ELSEWHERE = [
    "",
    "v1/services",
    "https://elsewhere.example/v1",
    "http:/v1",
    "//elsewhere.example/v1",
    "///v1",
    "\\\\elsewhere.example\\v1",
    "/\\elsewhere.example",
    "/%2Felsewhere.example/v1",
    "/v1//services",
    "/..",
    "/v1/..",
    "/v1/../v2",
    "/v1/./services",
    "/.",
    "/v1/%2e%2e/v2",
    "/v1/%2E./v2",
    "/v1/.%2e",
    "/v1/%252e%252e/v2",
    "/v1/%25252e%25252e/v2",
    "/v1/..%2fv2",
    "/v1/..%5cv2",
    "/v1/%2e%2e%2fv2",
    "/v1/..%3Fx",
    "/v1/%2e%2e%23x",
    "/v1/%EF%BC%8E%EF%BC%8E/v2",
    "/v1//../v2",
    "/v1/..;/v2",
    "/v1/..%3bx=1/v2",
    "/v1/..%20/v2",
    "/v1\\..\\v2",
    "/v1/services?page=2",
    "/v1/services#top",
    "/v1/a b",
    " /v1",
    "/v1 ",
    "/v1\t",
    "/v1\n",
    "/v1\r\nhost: elsewhere.example",
    "/v1/\x00",
    "/v1/%00",
    "/v1/%0d%0ahost:%20elsewhere.example",
    "/v1/%250a",
    "/v1/\x7f",
    "/v1/%7f",
    "/v1/%C2%85",
    "/v1/caf\xe9",
    "/v1/%e9",
    "/v1/%c0%ae%c0%ae/v2",
    "/v1/%",
    "/v1/%zz",
    "/v1/%2",
    "/v1/{serviceId}",
    "/v1/\ud800",
]


@pytest.mark.parametrize("path", ELSEWHERE, ids=plain)
def test_a_path_that_may_lead_elsewhere_is_refused(path: str) -> None:
    """Whatever a server or a proxy may read as another place, host or header is refused."""
    with pytest.raises(ArgumentError):
        check_path(path)


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/v1/services",
        "/v1/services/",
        "/v1/services/5d9f2a7c6d95c0112ca1cc96",
        "/v1/customers/a%2Fb",
        "/v1/customers/crm-1.5_~",
        "/v1/customers/...",
        "/v1/customers/..a",
        "/v1/customers/%C3%A9t%C3%A9",
        "/v1/customers/two%20words",
        "/v1/x@y:z;a=b,c!$&'()*+",
    ],
    ids=plain,
)
def test_a_path_below_the_server_is_taken(path: str) -> None:
    """A path of the API, with any id that is encoded, is sent as it is."""
    assert check_path(path) == path


@given(st.text(alphabet=st.sampled_from("ab./\\%2eEfF5cC;? #\x00\t:@é"), max_size=12))
@example("..")
def test_no_path_that_is_taken_leaves_its_place(text: str) -> None:
    """For any text: it is refused, or the address that httpx makes of it, decoded as often as can
    be, is below the server's.
    """
    base = "https://api.example/base"
    try:
        path = check_path(f"/v1/{text}")
    except ArgumentError:
        return
    url = httpx.URL(base + path)
    assert (url.scheme, url.host, url.query, url.fragment) == ("https", "api.example", b"", "")
    assert url.raw_path.decode() == f"/base{path}"
    decoded = path
    for _ in range(10):
        decoded = unquote(decoded)
    assert not {".", ".."} & set(decoded.replace("\\", "/").split("/"))
    assert decoded.isprintable() or "\xad" in decoded


@given(st.text(min_size=1))
def test_a_part_that_is_quoted_stays_one_part(part: str) -> None:
    """An id that is quoted as the docstring says is sent whole, or refused."""
    try:
        path = check_path(f"/v1/customers/{quote(part, safe='', errors='replace')}")
    except ArgumentError:
        return
    assert urlsplit(path).path.count("/") == 3


REASONS = {
    "v1/services": "it must begin with a slash, and is added to base_url",
    "/v1/a b": (
        "it holds what cannot stand in a path: percent-encode each part with "
        "urllib.parse.quote(part, safe=''), and give a query as params"
    ),
    "/v1//services": "it has two slashes in a row",
    "/v1/%00": "it holds a control character",
    "/v1/../v2": "a part of it is '.' or '..', which means another place",
    "/v1/%e9": "what it encodes is not UTF-8",
}


@pytest.mark.parametrize("path", REASONS, ids=plain)
def test_the_message_says_what_is_wrong_with_a_path(path: str) -> None:
    """And what to do, behind the path itself."""
    with pytest.raises(ArgumentError) as caught:
        check_path(path)
    assert str(caught.value) == f"path {path!r} is refused: {REASONS[path]}"


def test_a_path_is_text() -> None:
    """Anything else is an error of its own kind."""
    with pytest.raises(ArgumentTypeError, match="path must be a string, not bytes"):
        check_path(b"/v1")


def test_the_message_is_one_short_line() -> None:
    """What was refused stands in the message, printable and cut."""
    with pytest.raises(ArgumentError) as caught:
        check_path("/v1/\n" + "x" * 10_000)
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 500


@pytest.mark.parametrize("method", METHODS)
def test_the_usual_methods_are_taken(method: str) -> None:
    """Those that the API has."""
    assert check_method(method) == method


@pytest.mark.parametrize("method", ["", "get", "HEAD", "TRACE", "GET ", "G\r\nET"], ids=plain)
def test_other_methods_are_refused(method: str) -> None:
    """The message names those that there are."""
    with pytest.raises(ArgumentError, match="GET, POST, PUT, PATCH, DELETE"):
        check_method(method)


def test_a_method_is_text() -> None:
    """Anything else is an error of its own kind."""
    with pytest.raises(ArgumentTypeError):
        check_method(None)


# Headers.


@pytest.mark.parametrize(
    "name",
    [
        "Authorization",
        "COMPANY-ID",
        "host",
        "Content-Length",
        "content-type",
        "Transfer-Encoding",
        "Connection",
        "keep-alive",
        "proxy-authorization",
        "te",
        "trailer",
        "upgrade",
        "expect",
        "Accept-Encoding",
        "User-Agent",
    ],
)
def test_the_clients_own_headers_are_refused(name: str) -> None:
    """In any case, with the reason."""
    with pytest.raises(ArgumentError, match=f"{name.lower()} cannot be set: "):
        check_headers({name: "x"})


@pytest.mark.parametrize("name", ["", " ", "x y", "x:", "x\r\n", "x\n", "\xe9", "x\x00"], ids=plain)
def test_what_is_no_name_of_a_header_is_refused(name: str) -> None:
    """So no second header can be hidden in a name."""
    with pytest.raises(ArgumentError):
        check_headers({name: "x"})


@pytest.mark.parametrize(
    "value",
    ["secret\r\nhost: x", "secret\n", "secret\r", "secret\x00", "secret ", " secret", "s\xe9"],
    ids=plain,
)
def test_what_cannot_be_the_value_of_a_header_is_refused(value: str) -> None:
    """So no second header can be hidden in a value; the message does not show it."""
    with pytest.raises(ArgumentError) as caught:
        check_headers({"x-gateway": value})
    assert "secret" not in str(caught.value)


def test_headers_are_a_mapping_of_texts() -> None:
    """Anything else is an error of its own kind, and so are two names that mean the same."""
    for wrong in ([("x", "y")], "x", {5: "x"}, {"x": 5}, {"x": None}):
        with pytest.raises(ArgumentTypeError):
            check_headers(wrong)
    with pytest.raises(ArgumentError, match="same name"):
        check_headers({"X-A": "1", "x-a": "2"})


def test_headers_are_copied() -> None:
    """What the caller changes later is not sent, and nobody can change what is kept."""
    given = {"X-Trace": "1", "x-empty": ""}
    kept: Any = check_headers(given)
    given["x-other"] = "2"
    assert dict(kept) == {"x-trace": "1", "x-empty": ""}
    with pytest.raises(TypeError):
        kept["x-other"] = "2"


@pytest.mark.parametrize("suffix", ["", " ", "x\n", "x\r\nhost: y", "\xe9", " x", "x "], ids=plain)
def test_a_user_agent_that_cannot_be_sent_is_refused(suffix: str) -> None:
    """A setting, so a ConfigurationError."""
    with pytest.raises(ConfigurationError, match="my-service/1"):
        check_user_agent(suffix)


# Parameters.


def test_parameters_are_written_as_the_api_has_them() -> None:
    """Numbers and booleans as JSON does, lists with commas, None not at all."""
    assert write_params(
        {"a": "x y", "b": 5, "c": 1.5, "d": True, "e": [1, False], "f": None, "g": (), "h": ""}
    ) == {"a": "x y", "b": "5", "c": "1.5", "d": "true", "e": "1,false", "g": "", "h": ""}
    assert write_params(None) == {}


def test_a_parameter_may_be_sent_several_times() -> None:
    """Pairs of one name are sent each by itself, whatever stands between them."""
    pairs = [("ids", "a,b"), ("page", 2), ("ids", "c"), ("none", None), ("ids", [1, 2])]
    assert write_params(pairs) == {"ids": ["a,b", "c", "1,2"], "page": "2"}
    assert write_params(()) == {}


@pytest.mark.parametrize("value", [["a,b"], math.nan, math.inf, "\ud800"], ids=plain)
def test_a_value_that_would_mean_another_is_refused(value: object) -> None:
    """A comma in a list would make two entries of one."""
    with pytest.raises(ArgumentError):
        write_params({"ids": value})


@pytest.mark.parametrize(
    "wrong",
    [
        {"a": {}},
        {"a": [None]},
        {5: "x"},
        "a=b",
        [1],
        [("a",)],
        [["a", "b"]],
        [(1, "b")],
        [("a", {})],
    ],
    ids=plain,
)
def test_parameters_are_texts_numbers_and_lists(wrong: object) -> None:
    """Anything else is an error of its own kind."""
    with pytest.raises(ArgumentTypeError, match="param"):
        write_params(wrong)


def test_the_message_names_the_parameter_and_the_header() -> None:
    """Of several, the one that is wrong."""
    for wrong in ({"a": 1, "b": {}}, {"a": 1, "b": [{}]}):
        with pytest.raises(ArgumentTypeError, match="parameter b must be a string, not dict"):
            write_params(wrong)
    with pytest.raises(ArgumentTypeError, match="header x-b must be a string, not int"):
        check_headers({"x-a": "1", "x-b": 2})
    with pytest.raises(ArgumentError, match="header x-b must be printable ASCII"):
        check_headers({"x-a": "1", "x-b": "2\n"})
