"""The fault script: what goes wrong, on a socket and in process, and what was done all the same."""

import inspect
import time
from collections.abc import AsyncGenerator
from typing import Any, get_args, get_type_hints

import httpx
import pytest
from attrs import fields_dict
from hypothesis import given, settings
from hypothesis import strategies as st
from sandbox.calls import CUSTOMERS, create, customfields, data, refused, token
from timify_customers._base.generated import EXTERNAL_ID_KEY
from timify_customers.sandbox import Company, Fault, FaultKind, OperationName, Sandbox
from timify_customers.sandbox._operations import OPERATIONS

OTHER = "5b0db0c5a0db0c5a0db0c5a0"
NAMES = ["Ada", "Bea", "Cleo", "Dora", "Edith"]


@pytest.fixture(params=["in process", "on a socket"])
async def reached(request, sandbox: Sandbox) -> AsyncGenerator[httpx.AsyncClient, None]:
    """A client that waits a second for an answer, by each way to the sandbox."""
    headers = {"authorization": token(sandbox)}
    if request.param == "in process":
        async with httpx.AsyncClient(
            transport=sandbox.transport(), base_url="http://sandbox", headers=headers, timeout=0.5
        ) as client:
            yield client
        return
    with sandbox.serve() as url:
        async with httpx.AsyncClient(base_url=url, headers=headers, timeout=0.5) as client:
            yield client


@pytest.fixture
def ada(company: Company) -> dict[str, Any]:
    return {"customfields": customfields(company, {"firstName": "Ada"})}


@pytest.mark.parametrize(
    "lost",
    [
        ("cut", (httpx.NetworkError, httpx.RemoteProtocolError), 0),
        ("cut_after", (httpx.NetworkError, httpx.RemoteProtocolError), 1),
        ("truncate", httpx.RemoteProtocolError, 1),
        ("stall", httpx.ReadTimeout, 0),
        ("stall_after", httpx.ReadTimeout, 1),
    ],
    ids=lambda it: it[0],
)
async def test_no_answer(
    sandbox: Sandbox,
    reached: httpx.AsyncClient,
    ada: dict,
    lost: tuple,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A lost answer is an error of httpx, the same in process and on a socket; 'after' was done,
    'before' was not.
    """
    kind, error, done = lost
    sandbox.fail("create_customer", kind)
    with pytest.raises(error):
        await reached.post(CUSTOMERS, json=ada)
    assert len(sandbox.company().customers) == done
    data(await reached.post(CUSTOMERS, json=ada))
    assert len(sandbox.company().customers) == done + 1
    assert all(it.levelname in {"DEBUG", "INFO"} for it in caplog.records)


async def test_refusals(
    sandbox: Sandbox, company: Company, reached: httpx.AsyncClient, ada: dict
) -> None:
    """A refusal has its status, its Retry-After and an envelope, befalls as many requests as said,
    and does nothing.
    """
    sandbox.fail("create_customer", status=429, retry_after=2, times=3)
    for _ in range(3):
        answer = await reached.post(CUSTOMERS, json=ada)
        refused(answer, 429)
        assert answer.headers["retry-after"] == "2"
    assert not company.customers
    data(await reached.post(CUSTOMERS, json=ada))


@pytest.mark.parametrize(
    ("seconds", "sent"), [(2, "2"), (0, "0"), (10, "10"), (0.25, "0.25"), (1e8, "100000000")]
)
async def test_retry_after_is_plain(
    sandbox: Sandbox, client: httpx.AsyncClient, seconds: float, sent: str
) -> None:
    """Retry-After is written as a number of seconds without an exponent."""
    sandbox.fail(status=503, retry_after=seconds)
    assert (await client.get(CUSTOMERS)).headers["retry-after"] == sent


async def test_a_gateway_answers_with_a_web_page(
    sandbox: Sandbox, reached: httpx.AsyncClient, ada: dict
) -> None:
    """A 502 with HTML, as from what stands in front of the API; a token request can meet it too."""
    sandbox.fail(kind="html", times=2)
    for path in (CUSTOMERS, "/v1/auth/token"):
        answer = await reached.post(
            path, json=ada if path == CUSTOMERS else {"appid": "a", "appsecret": "b"}
        )
        assert (answer.status_code, answer.headers["content-type"]) == (
            502,
            "text/html; charset=utf-8",
        )
        assert answer.text.startswith("<html>")


async def test_a_delay(sandbox: Sandbox, reached: httpx.AsyncClient) -> None:
    """A delayed answer comes whole, and not before its time."""
    sandbox.fail("list_customers", "delay", seconds=0.1)
    started = time.monotonic()
    data(await reached.get(CUSTOMERS))
    assert time.monotonic() - started >= 0.1


async def test_an_expired_token(
    sandbox: Sandbox, company: Company, client: httpx.AsyncClient, ada: dict
) -> None:
    """The token of the request is refused from then on, and a new one is taken."""
    sandbox.fail("create_customer", "expired_token")
    for _ in range(2):
        refused(await client.post(CUSTOMERS, json=ada), 401, "expired")
    assert not company.customers
    data(await client.post(CUSTOMERS, json=ada, headers={"authorization": token(sandbox)}))


async def test_pages_that_are_wrong(
    sandbox: Sandbox, company: Company, client: httpx.AsyncClient
) -> None:
    """A repeated page is the one before; a clamped one is the last, for every page behind it."""
    for name in NAMES:
        await create(client, company, firstName=name)

    async def page(number: int) -> list[str]:
        return [
            it["firstName"] for it in data(await client.get(f"{CUSTOMERS}?page={number}&limit=2"))
        ]

    sandbox.fail("list_customers", "repeat_page", skip=1)
    assert [await page(1), await page(2), await page(2)] == [NAMES[:2], NAMES[:2], NAMES[2:4]]
    sandbox.fail("list_customers", "clamp_page", times=3)
    assert [await page(2), await page(4), await page(99), await page(4)] == [
        NAMES[2:4],
        NAMES[4:],
        NAMES[4:],
        [],
    ]


async def test_late_writes(
    sandbox: Sandbox, company: Company, client: httpx.AsyncClient, ada: dict
) -> None:
    """A late write is answered as done, is not seen by get or list, and is seen when the clock has
    gone on.
    """
    old = await create(client, company, "crm-old", firstName="Bea")
    sandbox.fail("create_customer", "late", seconds=5)
    made = data(await client.post(CUSTOMERS, json={**ada, EXTERNAL_ID_KEY: "crm-1"}))
    for path in (made["id"], "crm-1?external=1"):
        refused(await client.get(f"{CUSTOMERS}/{path}"), 404)
    assert data(await client.get(CUSTOMERS)) == [old]
    data(await client.patch(f"{CUSTOMERS}/{made['id']}", json=ada))
    sandbox.clock.advance(5)
    assert len(data(await client.get(CUSTOMERS))) == 2
    assert data(await client.get(f"{CUSTOMERS}/crm-1?external=1"))["id"] == made["id"]


async def test_a_rate_limit(sandbox: Sandbox, client: httpx.AsyncClient) -> None:
    """Beyond its limit each company is refused with 429 until its window has moved on, another
    company is not.
    """
    sandbox.company(OTHER)
    sandbox.fail(kind="rate_limit", limit=2, seconds=10)
    there = {"company-id": OTHER}
    statuses = [(await client.get(CUSTOMERS)).status_code for _ in range(3)]
    assert statuses == [200, 200, 429]
    assert (await client.get(CUSTOMERS, headers=there)).status_code == 200
    refusal = await client.get(CUSTOMERS)
    assert 1 <= int(refusal.headers["retry-after"]) <= 10
    sandbox.clock.advance(int(refusal.headers["retry-after"]))
    assert (await client.get(CUSTOMERS)).status_code == 200


async def test_which_requests_it_befalls(sandbox: Sandbox, client: httpx.AsyncClient) -> None:
    """A fault befalls its operation and company alone; the first that fits is taken, one for each
    request.
    """
    sandbox.company(OTHER)
    sandbox.fail("get_customer", status=500)
    sandbox.fail("list_customers", status=503, company_id=OTHER.upper())
    sandbox.fail(status=502, times=2, skip=1)
    there = {"company-id": OTHER}
    statuses = [
        (await client.get(CUSTOMERS)).status_code,
        (await client.get(CUSTOMERS, headers=there)).status_code,
        (await client.get(CUSTOMERS)).status_code,
        (await client.get("/v1/customers/customfields")).status_code,
        (await client.get(CUSTOMERS)).status_code,
        (await client.get(f"{CUSTOMERS}/x")).status_code,
    ]
    assert statuses == [200, 503, 502, 502, 200, 500]
    assert sandbox.faults.left() == []


async def test_faults_by_chance_come_again_with_their_seed(
    client: httpx.AsyncClient, sandbox: Sandbox
) -> None:
    """A share of the requests, drawn from a seed, fails: the same ones with the same seed; clear()
    ends it.
    """

    async def drawn(seed: int) -> list[int]:
        sandbox.faults.clear()
        sandbox.fail(status=500, share=0.3, seed=seed, times=None)
        return [(await client.get(CUSTOMERS)).status_code for _ in range(60)]

    first = await drawn(7)
    assert await drawn(7) == first
    assert await drawn(8) != first
    assert 5 <= first.count(500) <= 35
    sandbox.faults.clear()
    assert (await client.get(CUSTOMERS)).status_code == 200


@pytest.mark.parametrize(
    ("attributes", "words"),
    [
        ({"operation": "create_costumer"}, "one of create_customer, .*, not 'create_costumer'"),
        ({"kind": "explode"}, "kind must be one of status, html, .*, not 'explode'"),
        (
            {"kind": "rate_limit", "limit": 1, "seconds": 1, "times": 3},
            "rate_limit lasts until faults are cleared: no times, not 3",
        ),
        (
            {"operation": "create_customer", "kind": "clamp_page"},
            "operation of clamp_page must be one of list_",
        ),
        (
            {"operation": "get_customer", "kind": "late", "seconds": 1},
            "operation of late must be one of create_",
        ),
        ({"status": 200}, "status must be a whole number from 400 to 599, not 200"),
        ({"status": "429"}, "status must be a whole number"),
        ({"times": 0}, "times must be a whole number from 1"),
        ({"times": True}, "times must be a whole number"),
        ({"share": 1.5}, "share must be a number from 0 to 1"),
        ({"retry_after": -1}, "retry_after must be a number from 0"),
        ({"kind": "delay"}, "delay needs seconds"),
        ({"kind": "delay", "seconds": float("nan")}, "seconds must be a number"),
        ({"kind": "rate_limit", "seconds": 1}, "rate_limit needs a limit"),
        ({"company_id": 7}, "company-id must be 24 hex digits"),
    ],
)
def test_a_fault_that_cannot_be(sandbox: Sandbox, attributes: dict, words: str) -> None:
    """What a fault cannot be is a ValueError that says why, and nothing is set."""
    with pytest.raises(ValueError, match=words):
        sandbox.fail(**attributes)
    assert sandbox.faults.left() == []


def test_the_operations_of_faults_are_those_there_are() -> None:
    """The type of an operation's name names each of them, and no other."""
    assert set(get_args(OperationName)) == {it.name for it in OPERATIONS} | {"create_token"}


def test_every_option_of_fail_is_a_keyword_with_a_type() -> None:
    """The signature shows each attribute of a fault, with a default and a type that resolves."""
    parameters = inspect.signature(Sandbox.fail).parameters
    assert set(parameters) - {"self"} == set(fields_dict(Fault))
    assert all(it.default is not it.empty for name, it in parameters.items() if name != "self")
    hints = get_type_hints(Sandbox.fail)
    assert hints["kind"] == FaultKind
    assert hints["operation"] == OperationName | None


async def test_which_faults_are_unmet(sandbox: Sandbox, client: httpx.AsyncClient) -> None:
    """A fault is met by a request that it is for, though chance or a limit spared that."""
    sandbox.fail("get_customer", "stall")
    sandbox.fail("list_customers", "delay", seconds=1, skip=1)
    sandbox.fail("list_customers", share=0.0)
    sandbox.fail(kind="rate_limit", limit=5, seconds=1)
    assert len(sandbox.faults.unmet()) == 4
    data(await client.get(CUSTOMERS))
    assert [it.kind for it in sandbox.faults.unmet()] == ["stall", "delay"]
    data(await client.get(CUSTOMERS))
    assert [it.kind for it in sandbox.faults.unmet()] == ["stall"]


NOT_DONE = {"status", "html", "cut", "expired_token"}
FAULTS = st.builds(
    Fault,
    kind=st.sampled_from([*sorted(NOT_DONE), "cut_after", "truncate", "delay", "late"]),
    times=st.none() | st.integers(1, 3),
    skip=st.integers(0, 3),
    share=st.floats(0.2, 1),
    seed=st.integers(0, 9),
    seconds=st.just(0.001),
)
WRITES = st.lists(
    st.tuples(st.sampled_from(["POST", "PATCH", "DELETE"]), st.integers(0, 3)), max_size=15
)


@settings(max_examples=60)
@given(st.lists(FAULTS, max_size=5), WRITES)
async def test_the_state_is_what_was_said(
    faults: list[Fault], writes: list[tuple[str, int]]
) -> None:
    """After any writes with any faults the sandbox holds what was answered: cut 'after' is done,
    'before' is not.
    """
    sandbox = Sandbox()
    company, taken = sandbox.company(), list[Fault | None]()
    notes = company.default_field("notes").id
    take = sandbox.faults.take
    sandbox.faults.take = lambda *args: taken.append(take(*args)) or taken[-1]
    for fault in faults:
        sandbox.faults.add(fault)
    said: dict[str, str] = {}
    transport = sandbox.transport()
    async with httpx.AsyncClient(transport=transport, base_url="http://sandbox") as client:
        for number, (method, which) in enumerate(writes):
            key, value, before = f"crm-{which}", str(number), dict(said)
            path = CUSTOMERS if method == "POST" else f"{CUSTOMERS}/{key}?external=1"
            body = {EXTERNAL_ID_KEY: key, "customfields": [{"id": notes, "value": value}]}
            if (method == "POST") is (key not in said):
                said[key] = value
            if method == "DELETE":
                said.pop(key, None)
            headers = {"authorization": token(sandbox)}
            try:
                await client.request(
                    method, path, json=None if method == "DELETE" else body, headers=headers
                )
            except httpx.TransportError:
                assert taken[-1] is not None
            if taken[-1] and taken[-1].kind in NOT_DONE:
                said = before
            assert {it.external_id: it.values[notes] for it in company.customers.values()} == said
