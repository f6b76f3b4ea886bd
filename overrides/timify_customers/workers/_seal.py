"""Encrypts data in the server, so that nobody with access to Redis can read or forge them."""

from __future__ import annotations

import base64
from typing import Final

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from .._base.secrets import Secret

_KEY_SIZE: Final = 32
"""Bytes of a Fernet key."""
_NAME_SIZE: Final = 8
_CONTEXT: Final = b"timify-customers workers 1"


class Seal:
    """Encrypts and authenticates with a key that is derived from an app's secret.

    The key is HKDF (RFC 5869) with SHA-256 over the secret, bound to the API's address and the app.
    Sealed content is a Fernet token: AES-128-CBC with an HMAC.

    Attributes:
        name: 16 hex digits that are the same for all processes with this secret, and reveal nothing
            about it. They are part of the keys in the server, so that apps, or an old and a new
            secret, do not interfere with each other.
    """

    def __init__(self, app_id: str, app_secret: Secret, base_url: str) -> None:
        context = b"\0".join((_CONTEXT, base_url.encode(), app_id.encode()))
        derivation = HKDF(SHA256(), _KEY_SIZE + _NAME_SIZE, salt=None, info=context)
        derived = Secret(derivation.derive(app_secret.reveal().encode()).hex())
        self.name: str = derived.reveal()[2 * _KEY_SIZE :]
        key = bytes.fromhex(derived.reveal()[: 2 * _KEY_SIZE])
        self._fernet = Fernet(base64.urlsafe_b64encode(key))

    def close(self, content: bytes) -> bytes:
        """Return the sealed content."""
        return self._fernet.encrypt(content)

    def open(self, sealed: bytes | str) -> bytes | None:
        """Return the original content, or None if it was not sealed with this key."""
        try:
            return self._fernet.decrypt(sealed)
        except InvalidToken:
            return None
