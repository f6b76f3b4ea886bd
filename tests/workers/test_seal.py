"""What lies in the server can be read and made only with the app's secret."""

from __future__ import annotations

import base64

import pytest
from timify_customers import Secret
from timify_customers.workers._seal import Seal

ADDRESS = "https://api.timify.com"
SEAL = Seal("app", Secret("secret"), ADDRESS)


def test_another_process_of_the_app_opens_it() -> None:
    """The key follows from app, secret and address alone."""
    other = Seal("app", Secret("secret"), ADDRESS)
    assert other.name == SEAL.name
    assert other.open(SEAL.close(b"content")) == b"content"


@pytest.mark.parametrize(
    ("app_id", "secret", "address"),
    [
        ("app", "other", ADDRESS),
        ("other", "secret", ADDRESS),
        ("app", "secret", "http://127.0.0.1"),
    ],
)
def test_nobody_else_does(app_id: str, secret: str, address: str) -> None:
    """Another app, secret or address has another name and key."""
    other = Seal(app_id, Secret(secret), address)
    assert other.name != SEAL.name
    assert other.open(SEAL.close(b"content")) is None


def test_it_is_neither_shown_nor_changed() -> None:
    """The content is in no part of what is sealed, and a changed bit is noticed."""
    sealed = SEAL.close(b"content" * 10)
    assert b"content" not in base64.urlsafe_b64decode(sealed)
    assert SEAL.close(b"content" * 10) != sealed
    changed = bytearray(base64.urlsafe_b64decode(sealed))
    changed[40] ^= 1
    assert SEAL.open(base64.urlsafe_b64encode(changed)) is None
    assert SEAL.open(b"") is None
