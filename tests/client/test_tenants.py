"""Many companies through one client: nothing of one reaches another."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from typing import Any

import httpx
import pytest
from attrs import define, field
from support.faults import ID, FaultServer, answer, haste
from support.operations import OPERATIONS
from timify_customers import ArgumentError, CompanyIdError, ConfigurationError, TimifyCustomers

COMPANIES = [f"{number:024x}" for number in range(100)]


@define
class Api(httpx.AsyncBaseTransport):
    """Sets a cookie for each company, fails at times, and answers with the company and number that
    it was asked by.
    """

    requests: list[httpx.Request] = field(factory=list)
    tokens: int = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.path == "/v1/auth/token":
            self.tokens += 1
            return httpx.Response(200, json={"accessToken": "x"}, headers={"set-cookie": "token=1"})
        self.requests.append(request)
        await asyncio.sleep(random.random() / 1000)
        company = request.headers.get("company-id", "none")
        cookie = {"set-cookie": f"session={company}; Path=/; Max-Age=9999"}
        if random.random() < 0.02:
            return httpx.Response(500, headers=cookie)
        data = {"id": request.url.path.rpartition("/")[2], "companyName": company}
        return httpx.Response(200, json={"data": data, "status": 1}, headers=cookie)


async def test_ten_thousand_calls_of_many_companies_keep_apart() -> None:
    """10,000 interleaved calls through views: each carries its company-id, gets its own answer, and
    sends no cookie.
    """
    api = Api()
    async with TimifyCustomers(
        "app", "secret", base_url="http://127.0.0.1", transport=api, retries=9
    ) as timify:
        views = {company: timify.for_company(company) for company in COMPANIES}

        async def call(number: int) -> None:
            company = random.choice(COMPANIES)
            key = f"{company[:12]}{number:012}"
            view = (
                views[company]
                if number % 2
                else timify.for_company(company).with_options(timeout=20.0)
            )
            customer = await view.customers.get(key)
            assert (customer.id, customer.company_name) == (key, company)

        with haste():
            for start in range(0, 10_000, 1000):
                await asyncio.gather(*map(call, range(start, start + 1000)))
        assert timify.company_id is None
        assert not list(timify._scope.caller._transport._slots.users.client.cookies.jar)
    assert api.tokens == 1
    assert len(api.requests) >= 10_000
    for request in api.requests:
        assert request.headers["company-id"][:12] == request.url.path.rpartition("/")[2][:12]
        assert "cookie" not in request.headers
    assert len(Counter(request.headers["company-id"] for request in api.requests)) == len(COMPANIES)


@pytest.mark.parametrize("name", OPERATIONS)
async def test_every_operation_carries_the_company(name: str) -> None:
    """Each operation sends the company-id of the view that makes it, and none when there is
    none.
    """
    sent: list[str | None] = []
    async with (
        FaultServer() as server,
        TimifyCustomers("app", "secret", base_url=server.url) as timify,
    ):
        for view in (
            timify,
            timify.for_company("5" * 24),
            timify.for_company("A" * 24).with_options(retries=0),
        ):
            await OPERATIONS[name].call(view)
            sent.append(server.received[-1].headers.get("company-id"))
        assert "company-id" not in server.tokens[0].headers
    assert sent == [None, "5" * 24, "A" * 24]


async def test_no_cookie_is_kept_or_sent() -> None:
    """A server that sets cookies in every way, on errors too, never gets one back."""
    cookies = ["set-cookie: a=1", "set-cookie: b=2; Domain=127.0.0.1; Path=/", "set-cookie2: c=3"]
    async with FaultServer(
        default=answer(200, {"data": {"id": ID}, "status": 1}, *cookies)
    ) as server:
        server.script = [answer(500, b"", *cookies)]
        async with TimifyCustomers("app", "secret", base_url=server.url) as timify:
            with haste():
                for company in COMPANIES[:5]:
                    await timify.for_company(company).customers.get(ID)
            assert not any(
                list(slot.client.cookies.jar)
                for slot in timify._scope.caller._transport._slots.idle
            )
    assert not [it for it in server.received if "cookie" in it.headers]


async def test_definitions_are_kept_by_company() -> None:
    """A name of a field means the field of the company that is asked, whoever asked first."""

    def give(request: httpx.Request) -> httpx.Response:
        company = request.headers.get("company-id", "none")
        if request.method == "GET":
            data: Any = [{"id": f"field-of-{company}", "defaultId": "firstName", "type": "TEXT"}]
            return httpx.Response(200, json={"data": data, "total": 1, "status": 1})
        return httpx.Response(
            200, json={"data": {"id": ID, "notes": request.content.decode()}, "status": 1}
        )

    options = {"base_url": "http://127.0.0.1", "transport": httpx.MockTransport(give)}
    async with TimifyCustomers(access_token="x", **options) as timify:

        async def create(company: str) -> None:
            customer = await timify.for_company(company).customers.create({"firstName": "Ada"})
            assert f"field-of-{company}" in customer.raw["notes"]

        await asyncio.gather(*(create(company) for company in COMPANIES * 3))


def test_views_share_pool_token_quota_and_gate() -> None:
    """What is shared is one object: a thousand views cost no connection and no token."""
    timify = TimifyCustomers("app", "secret", company_id=COMPANIES[0])
    view = timify.for_company(COMPANIES[1]).with_options(retries=0, deadline=1.0)
    assert view._scope.caller is timify._scope.caller
    assert (timify.company_id, view.company_id) == (COMPANIES[0], COMPANIES[1])
    assert timify._scope.settings.retries == 4


@pytest.mark.parametrize(
    "company", ["", "5" * 23, "5" * 25, "g" * 24, "5" * 24 + "\n", "\uff15" * 24, " " + "5" * 23]
)
def test_a_company_id_is_24_hex_digits(company: str) -> None:
    """Anything else is refused by client and view, before it could become a header.

    The error of a view is one of an argument too: a service takes the id from a request.
    """
    with pytest.raises(ConfigurationError, match="24 hexadecimal"):
        TimifyCustomers("app", "secret", company_id=company)
    for make_view in (
        lambda client: client.for_company(company),
        lambda client: client.with_options(company_id=company),
    ):
        with pytest.raises(ConfigurationError, match="24 hexadecimal") as caught:
            make_view(TimifyCustomers("app", "secret"))
        assert isinstance(caught.value, CompanyIdError)
        assert isinstance(caught.value, ArgumentError)
