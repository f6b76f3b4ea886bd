"""A path that stands in a server's address is part of the paths of its operations."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from adoption.shapes_of import SHAPES, known, shape
from spec.adopt.adopt import adopt
from spec.compare import rules
from spec.compare.scope import METHODS, narrow, operations
from spec.compare.servers import base_paths
from spec.errors import NotADocumentError, RejectedError

Raw = dict[str, Any]
SERVER = {"url": "https://api.timify.com/v1"}
MOCK = {"url": "https://docs2.timify.com/_mock/apis/openapi/v1"}
OTHER = [{"url": "https://api.timify.com/elsewhere"}]


def for_all(document: Raw) -> Raw:
    return document | {"servers": [MOCK, SERVER]}


def with_variable(document: Raw) -> Raw:
    server = {"url": "https://api.timify.com/{v}/", "variables": {"v": {"default": "v1"}}}
    return document | {"servers": [server]}


def relative(document: Raw) -> Raw:
    return document | {"servers": [{"url": "/v1/"}]}


def by_path(document: Raw) -> Raw:
    paths = {path: item | {"servers": [SERVER]} for path, item in document["paths"].items()}
    return document | {"servers": OTHER, "paths": paths}


def by_operation(document: Raw) -> Raw:
    paths = {
        path: {
            key: each | {"servers": [SERVER]} if key in METHODS else each
            for key, each in item.items()
        }
        | {"servers": OTHER}
        for path, item in document["paths"].items()
    }
    return document | {"servers": OTHER, "paths": paths}


def shortened(document: Raw) -> Raw:
    """A document whose paths do not begin with `/v1`."""
    paths = {path.removeprefix("/v1"): item for path, item in document["paths"].items()}
    assert len(paths) == len(document["paths"])
    return document | {"paths": paths}


@pytest.mark.parametrize("put", [for_all, with_variable, relative, by_path, by_operation])
@pytest.mark.parametrize("name", SHAPES)
def test_where_a_path_is_written_makes_no_difference(name: str, put: Callable[[Raw], Raw]) -> None:
    """`/v1` in a server's address, of the document, a path or an operation, is adopted as `/v1`
    in the paths, and is no change.
    """
    written, moved = shape(name), put(shortened(shape(name)))
    assert json.dumps(adopt(known(), moved).document) == json.dumps(
        adopt(known(), written).document
    )
    assert rules.changes(written, moved) == rules.changes(moved, written) == []


def test_a_path_that_is_written_twice_is_one() -> None:
    """A document that has `/v1` in its server and in its paths means one of them."""
    document = shape("inline") | {"servers": [SERVER]}
    assert operations(document).keys() >= operations(known()).keys()


def test_another_version_is_another_api() -> None:
    """Operations below `/v2` are none of ours."""
    document = shortened(shape("inline")) | {"servers": [{"url": "https://api.timify.com/v2"}]}
    with pytest.raises(NotADocumentError, match="0 of our 17 operations"):
        adopt(known(), document)


def test_two_paths_that_a_server_makes_one_are_refused() -> None:
    """What is the same over the wire is said once, wherever its path is written."""
    document = shape("inline") | {"servers": [SERVER]}
    document["paths"]["/customers"] = {"get": document["paths"]["/v1/customers"]["get"]}
    with pytest.raises(RejectedError, match="same over the wire: GET /v1/customers"):
        adopt(known(), document)


def test_what_redocly_compares_has_the_paths_of_the_wire() -> None:
    """Redocly is shown the paths with what the server puts before them, and no other servers."""
    shown = narrow(by_operation(shortened(shape("inline"))) | {"servers": [SERVER, MOCK]})
    assert shown["paths"].keys() == narrow(shape("inline"))["paths"].keys()
    assert shown["servers"] == [{"url": "https://api.timify.com"}]
    assert '"servers"' not in json.dumps(shown["paths"])


@pytest.mark.parametrize(
    ("servers", "expected"),
    [
        (None, [""]),
        ("https://api.timify.com", [""]),
        ([], [""]),
        ([1, {"url": 1}, {}], [""]),
        ([{"url": "https://[::1/v1"}], [""]),
        ([{"url": "https://api.timify.com/{v}"}], [""]),
        ([{"url": "https://a.example/x?y=/z#/w"}], ["/x"]),
        ([MOCK, SERVER], ["/v1", "/_mock/apis/openapi/v1"]),
        ([SERVER, {"url": "https://api-stg.timify.com/v1/"}], ["/v1"]),
    ],
)
def test_what_a_server_puts_before_a_path(servers: Any, expected: list[str]) -> None:
    """The path of each address, production's first; what is no address puts nothing before it."""
    assert base_paths({"servers": servers}) == expected
