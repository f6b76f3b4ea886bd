"""Settings and ids are checked before anything is sent."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import httpx
import pytest
from timify_customers import (
    ArgumentError,
    ArgumentTypeError,
    ConfigurationError,
    TimifyCustomers,
    TimifyError,
)
from timify_customers._base.checks import PRODUCTION, check_base_url, check_id
from timify_customers._base.secrets import Secret

CREDENTIALS: dict[str, Any] = {"app_id": "app", "app_secret": "secret"}


@pytest.mark.parametrize(
    ("settings", "word"),
    [
        ({"app_id": "app"}, "app_secret"),
        ({"app_secret": "secret"}, "app_id"),
        ({"app_id": "", "app_secret": "secret"}, "app_id"),
        ({"app_id": " ", "app_secret": "secret"}, "app_id"),
        ({}, "app_id and app_secret"),
        ({**CREDENTIALS, "access_token": "x"}, "not both"),
        ({"access_token": "two words"}, "access_token"),
        ({"access_token": "line\n"}, "newline"),
        ({**CREDENTIALS, "app_secret": "secret\n"}, "newline"),
        ({**CREDENTIALS, "company_id": "5"}, "24 hex"),
        ({**CREDENTIALS, "company_id": ""}, "24 hex"),
        ({**CREDENTIALS, "company_id": "5f0000000000000000000001\n"}, "24 hex"),
        ({**CREDENTIALS, "timeout": 0}, "timeout"),
        ({**CREDENTIALS, "timeout": float("inf")}, "timeout"),
        ({**CREDENTIALS, "deadline": -1}, "deadline"),
        ({**CREDENTIALS, "deadline": float("nan")}, "deadline"),
        ({**CREDENTIALS, "retries": -1}, "retries"),
        ({**CREDENTIALS, "page_size": 0}, "page_size"),
        ({**CREDENTIALS, "max_connections": 0}, "max_connections"),
        ({**CREDENTIALS, "on_lost_answer": "maybe"}, "on_lost_answer"),
        ({**CREDENTIALS, "auth_scheme": "two words"}, "auth_scheme"),
        ({**CREDENTIALS, "auth_scheme": ""}, "auth_scheme"),
        ({**CREDENTIALS, "base_url": ""}, "base_url"),
        ({**CREDENTIALS, "base_url": "api.timify.com"}, "base_url"),
        ({**CREDENTIALS, "base_url": "ftp://api.timify.com"}, "base_url"),
        ({**CREDENTIALS, "base_url": "http://api.timify.com"}, "allow_http"),
        ({**CREDENTIALS, "base_url": "https://me:pw@api.timify.com"}, "credentials"),
        ({**CREDENTIALS, "base_url": "https://api.timify.com?x=1"}, "query"),
        ({**CREDENTIALS, "base_url": "https://api.timify.com:x"}, "base_url"),
        ({**CREDENTIALS, "base_url": "https://[::1"}, "base_url"),
        ({**CREDENTIALS, "base_url": "https://api.timify.com\\@evil.example"}, "base_url"),
    ],
)
def test_a_setting_that_cannot_work_is_refused(settings: dict[str, Any], word: str) -> None:
    """A wrong setting is a ConfigurationError that names it, and a ValueError."""
    with pytest.raises(ConfigurationError, match=word) as caught:
        TimifyCustomers(**settings)
    assert isinstance(caught.value, ValueError)
    assert isinstance(caught.value, TimifyError)


@pytest.mark.parametrize(
    "settings",
    [
        {"app_id": 5},
        {"app_secret": 5},
        {"company_id": 5},
        {"timeout": "5"},
        {"timeout": True},
        {"timeout": None},
        {"retries": 1.5},
        {"retries": True},
        {"page_size": "500"},
        {"base_url": None},
        {"transport": object()},
        {"access_token": 5, "app_id": None, "app_secret": None},
    ],
)
def test_a_setting_of_the_wrong_type_is_refused(settings: dict[str, Any]) -> None:
    """A setting of the wrong type is an error of our own that is also a TypeError."""
    with pytest.raises(ArgumentTypeError) as caught:
        TimifyCustomers(**{**CREDENTIALS, **settings})
    assert isinstance(caught.value, TypeError)


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1:8089", "http://localhost", "http://[::1]:80/", "https://x.example/prefix/"],
)
def test_loopback_may_be_plain_http(url: str) -> None:
    """Plain http is for this machine; the closing slash goes."""
    assert check_base_url(url, allow_http=False) == url.rstrip("/")


def test_plain_http_elsewhere_takes_a_flag() -> None:
    """allow_http permits what would otherwise be refused."""
    assert check_base_url("http://gateway.example", allow_http=True) == "http://gateway.example"


@pytest.mark.parametrize(
    "value", ["", " ", "\t\n", ".", "..", "import", "customfields", "global", "Import", "\ud800"]
)
def test_an_id_that_is_no_path_segment_is_refused(value: str) -> None:
    """Ids that are empty, blank, dots, another route or no text are refused."""
    with pytest.raises(ArgumentError, match="customer_id"):
        check_id("customer_id", value)


@pytest.mark.parametrize("value", [None, 5, b"x", ["x"]])
def test_an_id_must_be_a_string(value: object) -> None:
    """An id of another type is an error of our own."""
    with pytest.raises(ArgumentTypeError, match="customer_id"):
        check_id("customer_id", value)


@pytest.mark.parametrize("value", ["crm-1815", "a/b", "a?b", "ä b", "...", "importer", "%2e%2e"])
def test_any_other_text_is_an_id(value: str) -> None:
    """Slashes, questions marks and umlauts are legal in an external id; they are encoded."""
    assert check_id("external_id", value) == value


def test_a_secret_shows_itself_to_nobody() -> None:
    """A secret is not in repr, format, a copy's state or a pickle."""
    secret = Secret("canary")
    assert "canary" not in f"{secret} {secret!r} {vars(type(secret))}"
    for leak in (pickle.dumps, copy.deepcopy):
        with pytest.raises(ArgumentTypeError):
            leak(secret)


def test_from_env_reads_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """TIMIFY_* variables make a client; arguments come first; empty variables count as unset."""
    for name in ("APP_ID", "APP_SECRET", "COMPANY_ID", "BASE_URL", "ACCESS_TOKEN"):
        monkeypatch.delenv(f"TIMIFY_{name}", raising=False)
    with pytest.raises(ConfigurationError, match=r"_APP_ID and TIMIFY_APP_SECRET .*_ACCESS_TOKEN"):
        TimifyCustomers.from_env()
    monkeypatch.setenv("TIMIFY_APP_ID", "app")
    monkeypatch.setenv("TIMIFY_APP_SECRET", "canary")
    monkeypatch.setenv("TIMIFY_COMPANY_ID", "5f0000000000000000000001")
    monkeypatch.setenv("TIMIFY_BASE_URL", " ")
    client = TimifyCustomers.from_env()
    assert client.company_id == "5f0000000000000000000001"
    assert client._scope.caller._transport._base_url == PRODUCTION
    assert (
        TimifyCustomers.from_env(company_id="5f0000000000000000000002").company_id
        == "5f0000000000000000000002"
    )
    assert "canary" not in repr(client)


def test_views_change_only_themselves() -> None:
    """with_options and for_company leave the client as it was, and refuse what no view has."""
    client = TimifyCustomers(
        **CREDENTIALS, transport=httpx.MockTransport(lambda _: httpx.Response(500))
    )
    view = client.for_company("5f0000000000000000000002").with_options(retries=0)
    assert (client.company_id, view.company_id) == (None, "5f0000000000000000000002")
    assert (client._scope.settings.retries, view._scope.settings.retries) == (4, 0)
    with pytest.raises(ConfigurationError):
        client.for_company("nonsense")
    with pytest.raises(TypeError, match="base_url"):
        client.with_options(base_url="https://x.example")  # type: ignore[call-arg]
