"""The ways to a server: TLS with a company's own certificates, proxies, and IPv6."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import trustme
from support.faults import ID, FaultServer, answer, fine, haste
from timify_customers import (
    ArgumentTypeError,
    ConfigurationError,
    ConnectError,
    TimifyCustomers,
    TimifyError,
)

pytestmark = pytest.mark.usefixtures("either_library")


@pytest.fixture(autouse=True)
def _haste() -> Iterator[None]:
    with haste():
        yield


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def tls(authority: trustme.CA) -> ssl.SSLContext:
    """What a server on this machine speaks TLS with, by a certificate of nobody's browser."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1", "localhost").configure_cert(context)
    return context


def trusting(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


async def test_a_context_of_the_users_is_trusted(
    authority: trustme.CA, tls: ssl.SSLContext
) -> None:
    """With ``ssl_context=``, a server with a certificate of one's own is called over TLS."""
    server = FaultServer(tls=tls)
    async with (
        server,
        TimifyCustomers(
            access_token="x", base_url=server.url, ssl_context=trusting(authority)
        ) as timify,
    ):
        for _ in range(3):
            assert (await timify.customers.get(ID)).id == ID
    assert server.url.startswith("https:")
    assert server.connections == 1


async def test_certificates_that_the_environment_names_are_trusted(
    authority: trustme.CA, tls: ssl.SSLContext, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SSL_CERT_FILE names the authorities to trust, as for other programs."""
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    server = FaultServer(tls=tls)
    async with server, TimifyCustomers(access_token="x", base_url=server.url) as timify:
        assert (await timify.customers.get(ID)).id == ID


async def test_a_server_that_nobody_vouches_for_gets_nothing(tls: ssl.SSLContext) -> None:
    """A certificate that is not trusted ends the call before the token is sent."""
    server = FaultServer(tls=tls)
    async with server, TimifyCustomers(access_token="x", base_url=server.url, retries=0) as timify:
        with pytest.raises(ConnectError, match="nothing was sent"):
            await timify.customers.get(ID)
    assert server.received == []


async def test_a_proxy_carries_each_call() -> None:
    """With ``proxy=``, requests go to the proxy, which is told the whole address."""
    async with FaultServer() as proxy:
        options: dict[str, Any] = {"base_url": "http://127.0.0.1:9", "proxy": proxy.url}
        async with TimifyCustomers(access_token="x", **options) as timify:
            for _ in range(3):
                assert (await timify.customers.get(ID)).id == ID
    assert {it.target for it in proxy.received} == {f"http://127.0.0.1:9/v1/customers/{ID}"}
    assert proxy.connections == 1


async def test_a_stale_answer_of_a_proxy_is_no_answer() -> None:
    """Bytes behind an answer end the connection to a proxy, too."""

    async def twice(exchange: Any) -> None:
        await fine(exchange)
        await fine(exchange)

    async with FaultServer([twice]) as proxy:
        options: dict[str, Any] = {"base_url": "http://127.0.0.1:9", "proxy": proxy.url}
        async with TimifyCustomers(access_token="x", **options) as timify:
            await timify.customers.get(ID)
            await timify.customers.get("f" * 24)
    assert proxy.connections == 2


@pytest.mark.parametrize("name", ["HTTPS_PROXY", "ALL_PROXY"])
async def test_the_environments_proxy_is_heeded(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """For a server with https, the proxy that the environment names is asked for a tunnel."""
    async with FaultServer(default=answer(403)) as proxy:
        monkeypatch.setenv(name, proxy.url)
        client = TimifyCustomers(access_token="x", base_url="https://api.invalid", retries=0)
        async with client as timify:
            with pytest.raises(TimifyError):
                await timify.customers.get(ID)
    assert [(it.method, it.target) for it in proxy.received] == [("CONNECT", "api.invalid:443")]


async def test_plain_http_stays_on_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Calls of a server on this machine do not leave it because the environment names a proxy."""
    async with FaultServer() as server, FaultServer() as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        monkeypatch.setenv("ALL_PROXY", proxy.url)
        async with TimifyCustomers(access_token="x", base_url=server.url) as timify:
            await timify.customers.get(ID)
    assert (len(server.received), len(proxy.received)) == (1, 0)


def _has_ipv6() -> bool:
    try:
        with socket.socket(socket.AF_INET6) as listening:
            listening.bind(("::1", 0))
    except OSError:
        return False
    return True


@pytest.mark.skipif(not _has_ipv6(), reason="this machine has no IPv6 loopback address")
async def test_an_ipv6_address_is_called() -> None:
    """An address in brackets is one of IPv6."""
    server = FaultServer(host="::1")
    async with server, TimifyCustomers(access_token="x", base_url=server.url) as timify:
        assert (await timify.customers.get(ID)).id == ID
    assert "[::1]" in server.url


@pytest.mark.parametrize(
    ("options", "error", "word"),
    [
        ({"ssl_context": True}, ArgumentTypeError, "ssl_context"),
        ({"proxy": 8080}, ArgumentTypeError, "proxy"),
        ({"proxy": "nonsense"}, ConfigurationError, "proxy"),
        ({"proxy": "ftp://user:s3cret@host"}, ConfigurationError, "proxy"),
        (
            {"proxy": "http://p", "transport": httpx.MockTransport(lambda _: httpx.Response(200))},
            ConfigurationError,
            "transport",
        ),
    ],
    ids=["context", "kind", "no address", "no scheme of ours", "beside a transport"],
)
def test_what_cannot_be_a_way_is_refused(options: dict[str, Any], error: type, word: str) -> None:
    """A wrong setting is an error when the client is made, without showing a password."""
    with pytest.raises(error, match=word) as caught:
        TimifyCustomers(access_token="x", **options)
    assert "s3cret" not in str(caught.value)


async def test_what_keeps_a_connection_from_being_made_is_an_error_of_ours(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    """Certificates that are not there, named by the environment, end a call before it is sent."""
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "nothing.pem"))
    async with TimifyCustomers(
        access_token="x", base_url="https://127.0.0.1:9", retries=0
    ) as timify:
        with pytest.raises(ConnectError, match=r"nothing was sent .*SSL_CERT_FILE"):
            await timify.customers.get("624af9cbed7a899e0f233400")
