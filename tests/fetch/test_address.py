"""Which addresses are asked, and which redirects are followed."""

import httpx
import pytest
from spec.errors import DownloadError
from spec.fetch.address import check_first, check_redirect

PUBLIC = httpx.URL("https://docs.example.com/openapi.yaml")
LOOPBACK = httpx.URL("http://127.0.0.1:8000/openapi.yaml")
INSIDE = [
    "https://localhost/x",
    "https://LOCALHOST/x",
    "https://localhost./x",
    "https://api.localhost/x",
    "https://127.0.0.1/x",
    "https://127.1/x",
    "https://2130706433/x",
    "https://0x7f000001/x",
    "https://0.0.0.0/x",
    "https://[::1]/x",
    "https://[::]/x",
    "https://[::ffff:127.0.0.1]/x",
    "https://10.1.2.3/x",
    "https://192.168.0.1/x",
    "https://169.254.169.254/latest/meta-data",
    "https://[fe80::1]/x",
    "https://[fd00::1]/x",
]


@pytest.mark.parametrize("target", INSIDE)
def test_no_redirect_leads_inside(target: str) -> None:
    """A public server cannot send us to this machine or into a private network, however that is
    written.
    """
    with pytest.raises(
        DownloadError, match="from outside to this machine or into a private network"
    ):
        check_redirect(PUBLIC, target)


@pytest.mark.parametrize(
    "target", ["https://cdn.example.com/x", "https://93.184.216.34/x", "/other.yaml", "?download"]
)
def test_redirects_outside_are_followed(target: str) -> None:
    """Https leads on to any public place, and relative ones stay where they are."""
    assert check_redirect(PUBLIC, target) == PUBLIC.join(target)


@pytest.mark.parametrize(
    "target", ["http://localhost:1/x", "http://[::1]:1/x", "https://example.com/x", "/x"]
)
def test_loopback_may_redirect_anywhere_that_may_be_asked(target: str) -> None:
    """A server on this machine is trusted to stay there, or to lead out by https."""
    assert check_redirect(LOOPBACK, target) == LOOPBACK.join(target)


@pytest.mark.parametrize("target", ["http://docs.example.com/x", "http://127.0.0.1:8000/x"])
def test_no_redirect_leads_down_to_plain_http(target: str) -> None:
    """Https is never given up for http."""
    with pytest.raises(DownloadError, match="not followed"):
        check_redirect(PUBLIC, target)


@pytest.mark.parametrize(
    "address",
    ["https://example.com/a?b", "http://localhost:8000/", "http://127.9.9.9/", "http://[::1]/"],
)
def test_https_and_this_machine_may_be_asked(address: str) -> None:
    """The address that is asked first is https, or on this machine."""
    assert check_first(address) == httpx.URL(address)


@pytest.mark.parametrize("location", ["", "https://\x7f/x", "//\x00"])
def test_what_is_no_address_is_not_followed(location: str) -> None:
    """A redirect to nothing, or to what cannot be an address, is refused as such."""
    with pytest.raises(DownloadError, match=r"redirects to (nowhere|what is not an address)"):
        check_redirect(PUBLIC, location)
