"""Access tokens: issued, stored with their expiry, and checked."""

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping

from ._model import Clock, Refusal


class Tokens:
    """The tokens of one app.

    Attributes:
        lifetime: How long a new token lasts, in seconds; 7200 was observed.
    """

    def __init__(self, app_id: str, app_secret: str, now: Clock, lifetime: int) -> None:
        self.lifetime = lifetime
        self._credentials = (app_id, app_secret)
        self._now = now
        self._key = secrets.token_bytes(32)
        self._expiries: dict[str, float] = {}

    def issue(self, members: Mapping[str, object]) -> dict[str, str | int]:
        """Return the answer to an app's credentials, without an envelope (observed).

        Raises:
            Refusal: the credentials are missing (400) or wrong (401).
        """
        credentials = (members.get("appid"), members.get("appsecret"))
        if not all(isinstance(value, str) for value in credentials):
            raise Refusal(400, "appid and appsecret must be given, as strings")
        if credentials != self._credentials:
            raise Refusal(401, "appid or appsecret is wrong")
        access, refresh = self._jwt("access"), self._jwt("refresh")
        self._expiries[access] = self._now() + self.lifetime
        return {"accessToken": access, "refreshToken": refresh, "expires": self.lifetime}

    def check(self, authorization: str | None) -> None:
        """Accept ``Bearer <token>`` (documented) or the bare token (observed); refuse others."""
        if not authorization:
            raise Refusal(401, "the access token is missing")
        token = _token(authorization)
        if token not in self._expiries:
            raise Refusal(401, "the access token is unknown")
        if self._now() >= self._expiries[token]:
            raise Refusal(401, "the access token has expired")

    def expire(self, authorization: str) -> None:
        """Make the token of a request expire now."""
        if (token := _token(authorization)) in self._expiries:
            self._expiries[token] = self._now()

    def revoke(self) -> None:
        """Forget all tokens, so that each is refused from now on."""
        self._expiries.clear()

    def _jwt(self, use: str) -> str:
        """Return a token in the form of a JWT. Nobody verifies it; the stored expiry counts."""
        issued = int(self._now())
        claims = {
            "jti": secrets.token_hex(8),
            "use": use,
            "iat": issued,
            "exp": issued + self.lifetime,
        }
        parts = [
            _base64url(json.dumps(part).encode())
            for part in ({"alg": "HS256", "typ": "JWT"}, claims)
        ]
        signature = hmac.new(self._key, ".".join(parts).encode(), hashlib.sha256).digest()
        return ".".join([*parts, _base64url(signature)])


def _token(authorization: str) -> str:
    scheme, _, token = authorization.partition(" ")
    return token.strip() if scheme.lower() == "bearer" else authorization


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
