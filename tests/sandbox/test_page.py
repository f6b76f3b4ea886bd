"""The sandbox's page without a browser: what it shows, what its forms do, and whom it refuses."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator
from html.parser import HTMLParser
from typing import Any

import attrs
import httpx
import pytest
from attrs import define, field
from sandbox.calls import CUSTOMERS, connect
from timify_customers.sandbox import Behaviour, ReceivedRequest, Sandbox
from timify_customers.sandbox._page_forms import switches_of_behaviour
from timify_customers.sandbox._redacted import redacted

PAGE, FORMS = "/_sandbox/", "/_sandbox/page"
HOSTILE = "</td></table><script>alert(1)</script><img src=x onerror=alert(1)>\"'&amp;\x00\ud800"
VOID = {"meta", "link", "input"}


@define
class Reader(HTMLParser):
    """Reads a page: the elements with their attributes, and all text."""

    elements: list[tuple[str, dict[str, str | None]]] = field(factory=list)
    text: str = ""
    open: list[str] = field(factory=list)

    def __attrs_pre_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


@pytest.fixture
async def client(sandbox: Sandbox) -> AsyncGenerator[httpx.AsyncClient, None]:
    """A client that calls the sandbox by a name of this machine, as a browser does."""
    async with connect(sandbox) as connected:
        connected.base_url = "http://127.0.0.1"
        yield connected


async def read(client: httpx.AsyncClient, path: str = PAGE, status: int = 200) -> Reader:
    answer = await client.get(path)
    assert answer.status_code == status
    return parsed(answer)


def parsed(answer: httpx.Response) -> Reader:
    reader = Reader()
    reader.feed(answer.text)
    reader.close()
    assert reader.open == []
    return reader


async def post(client: httpx.AsyncClient, form: str, **values: Any) -> httpx.Response:
    return await client.post(f"{FORMS}/{form}", data=values)


@pytest.mark.wrong_requests
async def test_no_text_is_taken_for_markup(sandbox: Sandbox, client: httpx.AsyncClient) -> None:
    """Names, keys, paths, headers and bodies that try to break out are shown as they are."""
    company = sandbox.company()
    own = company.add_field(label=HOSTILE)
    company.create({own.id: HOSTILE}, external_id=HOSTILE)
    await client.post(
        f"{CUSTOMERS}?{'<script>'}=1",
        content=HOSTILE.encode("utf-8", "replace"),
        headers={"x": "<i>"},
    )
    page = await read(client)
    assert page.text.count("<script>alert(1)</script>") == 5
    assert [attributes.get("src") for attributes in page.all("script")] == ["/_sandbox/page.js"]
    assert page.all("img") == page.all("i") == []


@pytest.mark.wrong_requests  # the observed GET of a token is not in the document
async def test_no_secret_is_shown(sandbox: Sandbox, client: httpx.AsyncClient) -> None:
    """Neither the app's secret, sent in a body or a query, nor a token."""
    credentials = {"appid": sandbox.app_id, "appsecret": sandbox.app_secret}
    await client.get("/v1/auth/token", params=credentials)
    await client.post("/v1/auth/token", json=credentials)
    await client.get(CUSTOMERS, headers={"cookie": "session=canary"})
    page = (await client.get(PAGE)).text
    token = client.headers["authorization"].removeprefix("Bearer ")
    for secret in (sandbox.app_secret, token, "canary"):
        assert secret not in page
    assert "authorization: ***" in page
    assert "GET /v1/auth/token?appid=sandbox-app&amp;appsecret=***" in page


async def test_the_page_is_no_traffic(sandbox: Sandbox, client: httpx.AsyncClient) -> None:
    """It is neither logged nor meets faults, and has nothing inline."""
    before = len(sandbox.requests)
    sandbox.fail(times=None)
    answer = await client.get(PAGE)
    assert answer.status_code == 200
    for path in ("/_sandbox/page.css", "/_sandbox/page.js", f"{FORMS}/requests"):
        assert (await client.get(path)).status_code == 200
    assert len(sandbox.requests) == before
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "unsafe" not in answer.headers["content-security-policy"]
    assert answer.headers["cache-control"] == "no-store"
    page = parsed(answer)
    assert not [name for _, attributes in page.elements for name in attributes if name[:2] == "on"]
    assert page.all("style") == []


async def test_it_is_bounded(sandbox: Sandbox, client: httpx.AsyncClient) -> None:
    """Of many customers and requests the newest are shown, and how many there are."""
    sandbox.add_customers({"firstName": f"Ada {number}"} for number in range(120))
    before = len(sandbox.requests)
    for _ in range(60):
        await client.get(CUSTOMERS)
    await client.post(CUSTOMERS, json={"customfields": [], "external_id": "x" * 10_000})
    page = await read(client)
    assert "50 of 121 customers, the last changed first" in page.text
    assert f"50 of {before + 61} requests, the newest first" in page.text
    assert "the body has 10," in page.text


async def test_every_control_has_a_name(client: httpx.AsyncClient) -> None:
    """For those who hear the page: labels, captions, headings of columns, names of regions."""
    page = await read(client)
    ids = {attributes["id"] for _, attributes in page.elements if "id" in attributes}
    assert len(page.all("table")) == len(page.all("caption"))
    assert all(attributes["scope"] in {"col", "row"} for attributes in page.all("th"))
    assert {attributes["aria-labelledby"] for attributes in page.all("section")} <= ids
    assert page.all("html") == [{"lang": "en"}]
    inputs = [attributes for attributes in page.all("input") if attributes["type"] != "hidden"]
    labels = len(page.all("label"))
    assert labels == len(inputs) + len(page.all("select"))


async def test_a_company_is_chosen(sandbox: Sandbox, client: httpx.AsyncClient) -> None:
    """Its customers are shown; one that is not there is not made by looking."""
    branch = sandbox.company("6" * 24).id
    sandbox.add_customers([{"externalId": "of the branch"}], company_id=branch)
    assert "of the branch" not in (await read(client)).text
    assert "of the branch" in (await read(client, f"{PAGE}?company={branch}")).text
    assert (await client.get(f"{PAGE}?company={'7' * 24}")).status_code == 404
    assert sandbox.company_ids == [sandbox.company_id, branch]


async def test_forms_lead_back_to_the_company(sandbox: Sandbox, client: httpx.AsyncClient) -> None:
    """So that a reload of the page sends nothing again."""
    branch = sandbox.company("6" * 24).id
    answer = await post(client, "clock", company=branch, advance="60")
    assert answer.status_code == 303
    assert answer.headers["location"] == f"/_sandbox/?company={branch}"


async def test_faults_are_set_and_removed(sandbox: Sandbox, client: httpx.AsyncClient) -> None:
    """With what a form leaves empty at its default; no number of times means for ever."""
    await post(client, "faults", operation="", kind="delay", times="", seconds="0.5", skip="1")
    await post(client, "faults", operation="list_customers", kind="status", times="2", status="503")
    endless, twice = sandbox.faults.left()
    assert (endless.operation, endless.kind, endless.times) == (None, "delay", None)
    assert (endless.seconds, endless.skip) == (0.5, 1)
    assert (twice.operation, twice.status, twice.times) == ("list_customers", 503, 2)
    page = await read(client)
    assert "any operation: delay, times for ever, skip 1, seconds 0.5" in page.text
    assert "list_customers: status, times 2, status 503" in page.text
    await post(client, "faults-clear")
    assert sandbox.faults.left() == []


async def test_every_switch_can_be_set(sandbox: Sandbox, client: httpx.AsyncClient) -> None:
    """To each of its values; what is not sent stays."""
    for name, values in switches_of_behaviour().items():
        for value in values:
            before = sandbox.behaviour
            await post(client, "behaviour", **{name: value})
            assert str(getattr(sandbox.behaviour, name)) == value
            assert attrs.evolve(before, **{name: getattr(sandbox.behaviour, name)}) == (
                sandbox.behaviour
            )
    assert (
        switches_of_behaviour().keys() | {"ignored_filters"} == attrs.fields_dict(Behaviour).keys()
    )


async def test_a_reset_empties_the_sandbox(sandbox: Sandbox, client: httpx.AsyncClient) -> None:
    """As the control's does."""
    sandbox.add_customers([{"firstName": "Ada"}])
    sandbox.fail()
    await post(client, "reset")
    assert not sandbox.company().customers
    assert not sandbox.faults.left()


@pytest.mark.parametrize(
    ("form", "values", "words"),
    [
        ("faults", {"kind": "nonsense"}, "kind must be one of"),
        ("faults", {"kind": "delay"}, "delay needs seconds"),
        ("faults", {"kind": "status", "status": "x"}, "status must be a number, not 'x'"),
        ("faults", {"kind": "status", "status": "200"}, "status must be a whole number from 400"),
        ("clock", {"advance": "-1"}, "the clock goes forward"),
        ("clock", {}, "advance must be a number, not ''"),
        ("clock", {"advance": "nan"}, "the clock goes forward"),
        ("behaviour", {"created": "204"}, "created must be one of 200, 201, not '204'"),
        ("behaviour", {"ignored_filters": "nonsense"}, "ignored_filters has 'nonsense'"),
    ],
)
async def test_what_cannot_be_set_changes_nothing(
    sandbox: Sandbox, client: httpx.AsyncClient, form: str, values: dict[str, str], words: str
) -> None:
    """The page says what was wrong, to those who hear it, too."""
    before = (sandbox.behaviour, sandbox.strict, sandbox.faults.left())
    answer = await post(client, form, **values)
    assert answer.status_code == 400
    page = parsed(answer)
    assert f"Nothing was changed: {words}" in page.text
    assert {"class": "problem", "role": "alert"} in page.all("p")
    assert (sandbox.behaviour, sandbox.strict, sandbox.faults.left()) == before


async def test_a_form_that_is_not_there_is_named(client: httpx.AsyncClient) -> None:
    """With those that are."""
    answer = await post(client, "nonsense")
    assert answer.status_code == 404
    assert "there are faults, faults-clear, clock, behaviour, reset" in answer.text


@pytest.mark.parametrize(
    "path", [f"{FORMS}/faults-clear", f"{FORMS}/reset", "/_sandbox/reset", "/_sandbox/faults"]
)
async def test_a_page_of_another_site_can_do_nothing(
    sandbox: Sandbox, client: httpx.AsyncClient, path: str
) -> None:
    """Neither by the page's forms nor by the control; the page itself can."""
    sandbox.fail()
    foreign = await client.post(path, headers={"origin": "https://evil.example"}, content=b"{}")
    assert foreign.status_code == 403
    assert "another site" in foreign.text
    assert len(sandbox.faults.left()) == 1
    own = await client.post(path, headers={"origin": "http://127.0.0.1"}, content=b"{}")
    assert own.status_code in {200, 303}


async def test_another_name_of_the_machine_is_refused(sandbox: Sandbox) -> None:
    """A site whose name was made to mean this machine (DNS rebinding) cannot read the page."""
    async with connect(sandbox) as client:
        answer = await client.get(PAGE, headers={"host": "evil.example"})
        assert answer.status_code == 403
        for name in ("localhost:8089", "127.0.0.1:8089", "[::1]:8089"):
            assert (await client.get(PAGE, headers={"host": name})).status_code == 200


SECRET = "a-secret-that-nobody-sees"
LONG = b"y" * 200_000


def received(**attributes: Any) -> ReceivedRequest:
    common = {"operation": None, "method": "POST", "path": "/v1/auth/token", "query": {}}
    return ReceivedRequest(**{**common, "headers": {}, "body": b"", **attributes})


@pytest.mark.parametrize(
    "request_",
    [
        received(headers={"authorization": f"Bearer {SECRET}", "x-echo": f"it is {SECRET}"}),
        received(headers={"x-api-key": SECRET}, path=f"/{SECRET}"),
        received(query_items=(("appid", "a"), ("appsecret", SECRET))),
        received(body=json.dumps({"appid": "a", "appsecret": SECRET}).encode()),
        received(body=json.dumps([{"deep": {"refreshToken": SECRET}}]).encode()),
        received(body=f'{{"appsecret": "{SECRET}", '.encode()),
        received(body=f"{{'accessToken' : '{SECRET}'".encode()),
        received(body=f"appid=a&appsecret={SECRET}&x=1".encode()),
        received(body=b'{"appsecret":"' + SECRET.encode() + b'","x":"' + LONG + b'"}'),
        received(body=b'{"appsecret":"' + SECRET.encode() + b'","x":' + b"[" * 90_000),
    ],
)
def test_a_secret_is_not_shown_wherever_it_was_sent(request_: ReceivedRequest) -> None:
    """In a header, a parameter, the path or a body, even if it is not the app's own, and even if
    the body is no JSON, or is longer than what is shown.
    """
    shown = redacted(request_, f"{SECRET!r} is too long" if request_.headers else "", "its-secret")
    assert SECRET not in repr(shown)
    assert len(shown.body) < 5000


@pytest.mark.wrong_requests
async def test_secrets_at_other_paths_are_not_shown(
    sandbox: Sandbox, client: httpx.AsyncClient
) -> None:
    """The app's secret and a token are not shown where no operation is, either."""
    credentials = {"appid": sandbox.app_id, "appsecret": sandbox.app_secret}
    answer = (await client.post("/v1/auth/token", json=credentials)).json()
    await client.post("/v1/auth/tokens", json=credentials)
    await client.put("/v1/auth/token", content=f"appsecret={sandbox.app_secret}")
    await client.get(f"/v1/{answer['refreshToken']}", headers={"x-echo": sandbox.app_secret})
    page = (await client.get(PAGE)).text
    for secret in (sandbox.app_secret, answer["accessToken"], answer["refreshToken"]):
        assert secret not in page


@pytest.mark.wrong_requests
async def test_long_texts_are_cut(sandbox: Sandbox, client: httpx.AsyncClient) -> None:
    """The page stays small, whatever is stored and sent, and shows 50 companies and 200 fields."""
    text = "x" * 30_000
    sandbox.add_customers([{"firstName": text, "externalId": f"{n} {text}"} for n in range(3)])
    for number in range(210):
        sandbox.company().add_field(label=f"{number} {text}", type=text)
        sandbox.company(f"{number:024x}")
    for number in range(60):
        sandbox.fail("list_customers", "delay", seconds=1, skip=number)
    for _ in range(3):
        await client.get(f"/{text}", headers={"x": text})
    answer = await client.get(PAGE)
    assert len(answer.content) < 400_000
    page = parsed(answer)
    assert "200 of 218 fields" in page.text
    assert "50 of 211 companies" in page.text
    assert "50 of 60 faults" in page.text


async def test_any_time_can_be_shown(sandbox: Sandbox, client: httpx.AsyncClient) -> None:
    """Even one beyond the last year of calendars."""
    for _ in range(300):
        sandbox.clock.advance(1e9)
    await read(client)


async def test_rows_have_headers(sandbox: Sandbox, client: httpx.AsyncClient) -> None:
    """The first cell of each row names it, for those who hear the table."""
    sandbox.add_customers([{"firstName": "Ada"}])
    page = await read(client)
    assert {attributes["scope"] for attributes in page.all("th")} == {"col", "row"}


async def test_what_was_typed_is_kept(client: httpx.AsyncClient) -> None:
    """When a fault cannot be set, its form has what was sent."""
    answer = await post(client, "faults", operation="get_customer", kind="late", times="", skip="3")
    page = parsed(answer)
    chosen = {attributes["value"] for attributes in page.all("option") if "selected" in attributes}
    assert {"get_customer", "late"} <= chosen
    values = {one["name"]: one["value"] for one in page.all("input") if one["type"] == "number"}
    assert (values["times"], values["skip"]) == ("", "3")


async def test_the_page_has_an_icon(client: httpx.AsyncClient) -> None:
    """An empty one, or browsers ask the API for /favicon.ico, which would be traffic."""
    icons = [link["href"] for link in (await read(client)).all("link") if link["rel"] == "icon"]
    assert icons == ["data:,"]


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "null"},
        {"origin": "http://127.0.0.1:3000"},
        {"origin": "http://evil.example", "host": "evil.example"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ],
)
async def test_every_sign_of_another_site_is_heeded(
    sandbox: Sandbox, client: httpx.AsyncClient, headers: dict[str, str]
) -> None:
    """Also that of a name that leads to this machine, by the page and the control."""
    for path in (f"{FORMS}/faults", "/_sandbox/faults"):
        content = b"kind=status" if path == f"{FORMS}/faults" else b"{}"
        assert (await client.post(path, content=content, headers=headers)).status_code == 403
    assert not sandbox.faults.left()
