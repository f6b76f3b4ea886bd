"""What the tests of the sandbox call it with."""

import contextlib
import json
from collections.abc import AsyncGenerator, Mapping
from typing import Any

import httpx
from timify_customers._base.generated import EXTERNAL_ID_KEY
from timify_customers.sandbox import Company, Sandbox

CUSTOMERS = "/v1/customers"
FIELDS = "/v1/customers/customfields"
CATEGORIES = "/v1/customers/customfields/categories"

PHONE = '{"phone":"+32470000000", "country":"BE","prefix":"32","number":"470000000"}'


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = 1_643_213_821.066

    def __call__(self) -> float:
        return self.now


def token(sandbox: Sandbox) -> str:
    return str(
        sandbox.tokens.issue({"appid": sandbox.app_id, "appsecret": sandbox.app_secret})[
            "accessToken"
        ]
    )


@contextlib.asynccontextmanager
async def connect(
    sandbox: Sandbox, url: str | None = None
) -> AsyncGenerator[httpx.AsyncClient, None]:
    """A client that holds a token: in process, or over the socket of `url`."""
    transport = None if url else httpx.ASGITransport(app=sandbox.app)
    headers = {"authorization": f"Bearer {token(sandbox)}"}
    async with httpx.AsyncClient(
        transport=transport, base_url=url or "http://sandbox", headers=headers
    ) as client:
        yield client


def customfields(company: Company, values: Mapping[str, str]) -> list[dict[str, str]]:
    """The wire list of values by default id."""
    return [
        {"id": company.default_field(name).id, "value": value} for name, value in values.items()
    ]


async def create(
    client: httpx.AsyncClient, company: Company, external_id: str = "", **values: str
) -> dict[str, Any]:
    """A customer made by the API from values by default id."""
    body = {EXTERNAL_ID_KEY: external_id, "customfields": customfields(company, values)}
    answer = await client.post(CUSTOMERS, json=body)
    made: dict[str, Any] = data(answer)
    return made


def data(answer: httpx.Response) -> Any:
    """What the envelope of a success holds."""
    assert answer.status_code in {200, 201}, answer.text
    envelope = answer.json()
    assert envelope["status"] == 1
    return envelope["data"]


def refused(answer: httpx.Response, status: int, *words: str) -> None:
    """The answer is a failure with this status and the documented body, which has these words."""
    assert answer.status_code == status, answer.text
    body = json.loads(answer.content)
    assert list(body) == ["error", "name", "errorCode", "details", "extras"]
    for word in words:
        assert word in body["error"]


def refused_by_message(answer: httpx.Response, status: int, *words: str) -> None:
    """The answer is a failure with this status and the third-party body, which has these words."""
    assert answer.status_code == status, answer.text
    body = json.loads(answer.content)
    assert list(body) == ["status", "message"]
    assert body["status"] == 0
    for word in words:
        assert word in body["message"]
