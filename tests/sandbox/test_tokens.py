"""The token endpoint, and what it takes to be let in."""

import base64
import json

import httpx
import pytest
from sandbox.calls import CUSTOMERS, Clock, connect, refused, token
from timify_customers.sandbox import Sandbox

TOKEN = "/v1/auth/token"


@pytest.fixture
async def stranger(sandbox: Sandbox) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app=sandbox.app), base_url="http://sandbox"
    )


def credentials(sandbox: Sandbox) -> dict[str, str]:
    return {"appid": sandbox.app_id, "appsecret": sandbox.app_secret}


async def test_post_gives_tokens_without_envelope(
    sandbox: Sandbox, stranger: httpx.AsyncClient
) -> None:
    """POST with the app's credentials gives both tokens and their lifetime, and the access token
    lets in.
    """
    answer = await stranger.post(TOKEN, json=credentials(sandbox))
    assert answer.status_code == 200
    body = answer.json()
    assert list(body) == ["accessToken", "refreshToken", "expires"]
    assert body["expires"] == 7200
    assert body["accessToken"] != body["refreshToken"]
    listed = await stranger.get(
        CUSTOMERS, headers={"authorization": f"Bearer {body['accessToken']}"}
    )
    assert listed.status_code == 200


@pytest.mark.wrong_requests
async def test_get_with_a_query_gives_tokens_too(
    sandbox: Sandbox, stranger: httpx.AsyncClient
) -> None:
    """GET with the credentials as a query works as POST does."""
    answer = await stranger.get(TOKEN, params=credentials(sandbox))
    assert answer.status_code == 200
    assert answer.json()["expires"] == 7200


async def test_tokens_look_like_jwts(sandbox: Sandbox, clock: Clock) -> None:
    """A token has three base64url parts, the first two JSON, with the expiry in the second."""
    parts = token(sandbox).split(".")
    head, claims = (json.loads(base64.urlsafe_b64decode(part + "==")) for part in parts[:2])
    assert len(parts) == 3
    assert head["typ"] == "JWT"
    assert claims["exp"] == int(clock.now) + 7200


@pytest.mark.parametrize(
    "change", [{"appid": "other"}, {"appsecret": "other"}, {"appid": "", "appsecret": ""}]
)
async def test_wrong_credentials(
    sandbox: Sandbox, stranger: httpx.AsyncClient, change: dict[str, str]
) -> None:
    """Wrong credentials are refused with 401."""
    refused(await stranger.post(TOKEN, json=credentials(sandbox) | change), 401)


@pytest.mark.wrong_requests
@pytest.mark.parametrize("body", [{}, {"appid": "x"}, {"appid": "x", "appsecret": 1}])
async def test_missing_credentials(stranger: httpx.AsyncClient, body: dict[str, object]) -> None:
    """Credentials that are missing or no strings are refused with 400."""
    refused(await stranger.post(TOKEN, json=body), 400, "appid")


@pytest.mark.wrong_requests
async def test_credentials_must_be_an_object(stranger: httpx.AsyncClient) -> None:
    """A body that is no object is refused with 400."""
    refused(await stranger.post(TOKEN, json=["x"]), 400, "object")


@pytest.mark.parametrize("scheme", ["Bearer ", "bearer ", ""])
async def test_bearer_and_bare_tokens_pass(
    sandbox: Sandbox, stranger: httpx.AsyncClient, scheme: str
) -> None:
    """The token passes behind Bearer and bare."""
    answer = await stranger.get(CUSTOMERS, headers={"authorization": scheme + token(sandbox)})
    assert answer.status_code == 200


@pytest.mark.wrong_requests
@pytest.mark.parametrize(
    "headers", [{}, {"authorization": "Bearer x.y.z"}, {"authorization": "Bearer"}]
)
async def test_no_or_unknown_token(stranger: httpx.AsyncClient, headers: dict[str, str]) -> None:
    """A request without a known token is refused with 401."""
    refused(await stranger.get(CUSTOMERS, headers=headers), 401, "token")


async def test_refresh_token_is_no_access_token(
    sandbox: Sandbox, stranger: httpx.AsyncClient
) -> None:
    """The refresh token does not let in."""
    refresh = (await stranger.post(TOKEN, json=credentials(sandbox))).json()["refreshToken"]
    refused(await stranger.get(CUSTOMERS, headers={"authorization": f"Bearer {refresh}"}), 401)


async def test_a_token_expires_by_the_clock(
    sandbox: Sandbox, clock: Clock, client: httpx.AsyncClient
) -> None:
    """A token lets in until its lifetime is over, and then no more."""
    clock.now += 7199.9
    assert (await client.get(CUSTOMERS)).status_code == 200
    clock.now += 0.1
    refused(await client.get(CUSTOMERS), 401, "expired")
    fresh = {"authorization": token(sandbox)}
    assert (await client.get(CUSTOMERS, headers=fresh)).status_code == 200


@pytest.mark.wrong_requests
async def test_the_lifetime_can_be_set(clock: Clock) -> None:
    """`token_lifetime` is what the answer says and what is kept."""
    sandbox = Sandbox(clock=clock, token_lifetime=5)
    async with connect(sandbox) as client:
        clock.now += 5
        refused(await client.get(CUSTOMERS), 401, "expired")
        assert (await client.get(TOKEN, params=credentials(sandbox))).json()["expires"] == 5


async def test_revoked_tokens(sandbox: Sandbox, client: httpx.AsyncClient) -> None:
    """After `revoke` no earlier token lets in."""
    sandbox.tokens.revoke()
    refused(await client.get(CUSTOMERS), 401)


async def test_a_token_of_another_sandbox(client: httpx.AsyncClient) -> None:
    """A token counts only where it was made."""
    refused(await client.get(CUSTOMERS, headers={"authorization": token(Sandbox())}), 401)
