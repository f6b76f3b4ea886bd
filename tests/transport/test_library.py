"""Which HTTP library a client sends with."""

from __future__ import annotations

import sys
from typing import Any

import httpx
import httpx2
import pytest
from support.faults import ID
from timify_customers import ArgumentTypeError, ConfigurationError, TimifyCustomers


def library(**options: Any) -> str:
    """Say which library a client of these options sends with."""
    timify = TimifyCustomers(access_token="x", **options)
    return str(timify._scope.caller._transport._http.__name__)


def test_httpx_sends_by_default() -> None:
    """Without a word about it, it is httpx."""
    assert library() == "httpx"


@pytest.mark.parametrize("name", ["httpx", "httpx2"])
def test_a_setting_names_the_library(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """``http=`` says which, whatever the environment says."""
    monkeypatch.setenv("TIMIFY_HTTP", "httpx2" if name == "httpx" else "httpx")
    assert library(http=name) == name


def test_the_environment_names_the_library(monkeypatch: pytest.MonkeyPatch) -> None:
    """``TIMIFY_HTTP`` says which; empty, it says nothing."""
    monkeypatch.setenv("TIMIFY_HTTP", "httpx2")
    assert library() == "httpx2"
    monkeypatch.setenv("TIMIFY_HTTP", "")
    assert library() == "httpx"


@pytest.mark.parametrize("module", [httpx, httpx2], ids=["httpx", "httpx2"])
async def test_a_transport_brings_its_library(module: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A client sends requests of the library that its transport is of."""
    monkeypatch.setenv("TIMIFY_HTTP", "httpx2" if module is httpx else "httpx")
    seen: list[Any] = []

    def answered(request: Any) -> Any:
        seen.append(request)
        return module.Response(200, json={"data": {"id": ID}, "status": 1})

    transport = module.MockTransport(answered)
    async with TimifyCustomers(access_token="x", transport=transport) as timify:
        assert (await timify.customers.get(ID)).id == ID
    assert [type(request) for request in seen] == [module.Request]


@pytest.mark.parametrize("name", ["httpx3", "HTTPX", "", 2])
def test_another_library_is_refused(name: object) -> None:
    """A library that is none of the two is an error when the client is made."""
    with pytest.raises(ConfigurationError, match="http must be 'httpx' or 'httpx2', not"):
        library(http=name)


def test_another_library_in_the_environment_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """So is one that the environment names, and the error says where."""
    monkeypatch.setenv("TIMIFY_HTTP", "requests")
    with pytest.raises(ConfigurationError, match="TIMIFY_HTTP must be 'httpx' or 'httpx2'"):
        library()


def test_a_transport_of_the_other_library_is_refused() -> None:
    """A transport of one library beside the name of the other cannot work."""
    transport = httpx2.MockTransport(lambda _: httpx2.Response(200))
    with pytest.raises(ConfigurationError, match="transport is of httpx2"):
        library(transport=transport, http="httpx")


@pytest.mark.parametrize("transport", [object(), httpx.HTTPTransport(), "x"])
def test_what_is_no_transport_is_refused(transport: object) -> None:
    """An object of neither library, or one that blocks, is of the wrong type."""
    with pytest.raises(ArgumentTypeError, match=r"an httpx\.AsyncBaseTransport"):
        library(transport=transport)


def test_a_library_that_is_missing_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without httpx2, the error names the extra."""
    monkeypatch.setitem(sys.modules, "httpx2", None)
    with pytest.raises(ConfigurationError, match=r"timify-customers-client\[httpx2\]"):
        library(http="httpx2")
