"""Which addresses may be asked for a document.

https anywhere, plain http only on this machine (for tests and for a server under development). A
redirect may not lead from outside to this machine or into a private network, since whoever answers
could then make us ask what only we can reach. Names are not looked up here: a public name that
resolves to a private address is left to its certificate.
"""

import ipaddress
import socket

import httpx

from spec.errors import DownloadError, UsageError

MOST_PORT = 65_535


def check_first(address: str) -> httpx.URL:
    """Parse the address that was asked for; UsageError when it is not one that may be asked."""
    try:
        url = httpx.URL(address)
    except httpx.InvalidURL as bad:
        raise UsageError(
            f"{address!r} is not an address ({bad}). Give one that starts with https://."
        ) from bad
    if reason := _refusal(url):
        raise UsageError(f"{shown(url)} is not fetched: {reason}.")
    return url


def check_redirect(origin: httpx.URL, location: str) -> httpx.URL:
    """Resolve a `Location` against `origin`; DownloadError when it may not be followed."""
    if not location:
        raise DownloadError(
            f"{shown(origin)} redirects to nowhere (no Location). Check the address."
        )
    try:
        target = origin.join(location)
    except httpx.InvalidURL as bad:
        raise DownloadError(
            f"{shown(origin)} redirects to what is not an address ({bad})."
        ) from bad
    if reason := _refusal(target) or _inwards(origin, target):
        raise DownloadError(
            f"{shown(origin)} redirects to {shown(target)}, which is not followed: {reason}."
        )
    return target


def shown(url: httpx.URL) -> str:
    """Return the address as messages and reports may show it.

    User, query and fragment are left out, since secrets stand there.
    """
    return str(url.copy_with(userinfo=b"", query=None, fragment=None))


def _refusal(url: httpx.URL) -> str:
    if url.scheme not in {"http", "https"} or not url.host:
        return "only https addresses are"
    if url.port is not None and url.port > MOST_PORT:
        return "there is no such port"
    if url.userinfo:
        return "it carries a user name or a password"
    if url.scheme == "http" and not is_loopback(url.host):
        return "plain http is for this machine alone"
    return ""


def _inwards(origin: httpx.URL, target: httpx.URL) -> str:
    if is_loopback(origin.host) or is_global(target.host):
        return ""
    return "it leads from outside to this machine or into a private network"


def is_loopback(host: str) -> bool:
    """Return whether `host` is certainly this machine: `localhost`, or a loopback address."""
    address = _literal(host)
    return host.lower() == "localhost" if address is None else address.is_loopback


def is_global(host: str) -> bool:
    """Return whether `host` is a public address, or a name that is not this machine's own."""
    address = _literal(host)
    if address is None:
        return not host.lower().rstrip(".").endswith("localhost")
    return address.is_global


def _literal(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return _old_notation(host)
    mapped = getattr(address, "ipv4_mapped", None)
    return mapped if isinstance(mapped, ipaddress.IPv4Address) else address


def _old_notation(host: str) -> ipaddress.IPv4Address | None:
    # The system's resolver takes 127.1, 0x7f000001 and 2130706433 for addresses too.
    try:
        return ipaddress.IPv4Address(socket.inet_aton(host))
    except (OSError, UnicodeError):
        return None
