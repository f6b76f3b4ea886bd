"""The pytest plugin, in runs of its own."""

import pytest

pytest_plugins = ("pytester",)
OPTIONS = (
    *("-p", "no:cacheprovider", "-W", "error", "-rA"),
    *("-o", "asyncio_default_fixture_loop_scope=function"),  # pytest-asyncio warns without it
)

ANY_RUNNER = """
import asyncio
import pytest
from timify_customers import TimifyCustomers

async def sign_up(timify, name):
    made = await timify.customers.create({"firstName": name}, external_id=f"crm-{name}")
    return made.id

@pytest.mark.anyio
@pytest.mark.parametrize("name", ["Ada", "Bea"])
async def test_anyio(timify, timify_sandbox, name):
    assert await sign_up(timify, name) in timify_sandbox.company().customers
    assert [it.first_name async for it in timify.customers.list()] == [name]
    assert timify_sandbox.requests[-1].operation == "list_customers"

@pytest.fixture
def anyio_backend():
    return "asyncio"

@pytest.fixture
async def ada(timify):
    return await sign_up(timify, "Ada")

@pytest.mark.anyio
async def test_an_async_fixture_of_the_user(timify, ada):
    assert (await timify.customers.get(ada)).first_name == "Ada"

def test_plain_run(timify, timify_sandbox):
    made = asyncio.run(sign_up(timify, "Ada"))
    assert list(timify_sandbox.company().customers) == [made]

def test_closed_by_the_user(timify):
    async def main():
        async with timify:
            await sign_up(timify, "Ada")
    asyncio.run(main())

def test_a_client_that_was_never_used(timify):
    assert timify.company_id

def test_a_call_that_was_left_behind(timify, timify_sandbox):
    timify_sandbox.fail("create_customer", "stall")
    async def main():
        task = asyncio.create_task(sign_up(timify, "Ada"))
        await asyncio.sleep(0.05)
        assert not task.done()
    asyncio.run(main())

def test_a_wait_that_was_left_behind(timify, timify_sandbox):
    timify_sandbox.fail("create_customer", status=429, retry_after=30)
    timify_sandbox.fail("list_customers", "stall")  # waits are real beside a request under way
    async def main():
        stuck = asyncio.create_task(anext(aiter(timify.customers.list())))
        await asyncio.sleep(0.05)
        task = asyncio.create_task(sign_up(timify, "Ada"))
        await asyncio.sleep(0.05)
        assert not task.done() and not stuck.done()
    asyncio.run(main())

@pytest.mark.anyio
async def test_a_wait_takes_no_time(timify, timify_sandbox):
    timify_sandbox.fail("create_customer", status=429, retry_after=30)
    moment = timify_sandbox.clock()
    async with asyncio.timeout(5):
        await sign_up(timify, "Ada")
    assert timify_sandbox.clock() - moment >= 30

@pytest.mark.anyio
async def test_from_the_environment(timify_env, timify_sandbox):
    async with TimifyCustomers.from_env() as timify:
        assert await sign_up(timify, "Ada") in timify_sandbox.company().customers

@pytest.mark.anyio
async def test_the_environment_again(timify_env, timify_sandbox):
    assert not timify_sandbox.requests
    async with TimifyCustomers.from_env() as timify:
        assert not [it async for it in timify.customers.list()]

def test_no_environment(monkeypatch):
    import os
    assert "TIMIFY_BASE_URL" not in os.environ

@pytest.mark.timify(token_lifetime=60)
def test_options_of_the_mark(timify_sandbox):
    assert timify_sandbox.tokens.lifetime == 60
    assert timify_sandbox.strict
"""

WRONG = """
import asyncio
import httpx
import pytest

class Service:
    "Sends what the document does not allow, and hides that it was refused."

    def __init__(self, sandbox):
        self.options = {"transport": sandbox.transport(), "base_url": "http://x"}
        self.options["headers"] = {"authorization": "x"}

    async def _list(self):
        async with httpx.AsyncClient(**self.options) as client:
            return (await client.get("/v1/customers?filter=Ada")).status_code

    def list(self):
        return asyncio.run(self._list())

@pytest.fixture
def service(timify_sandbox):
    return Service(timify_sandbox)

def test_swallowed(service):
    assert service.list() == 400

def test_failed_anyhow(service):
    service.list()
    assert 1 == 2

@pytest.mark.timify(strict=False)
def test_permitted(service):
    assert service.list() == 401

@pytest.fixture
def late(service):
    yield
    service.list()

def test_wrong_in_teardown(late):
    pass

def test_over_a_socket(timify_env):
    assert httpx.get(timify_env["TIMIFY_BASE_URL"] + "/v1/nothing").status_code == 404

def test_fine(timify_env):
    pass
"""


UNMET = """
import asyncio
import pytest

def list_all(timify):
    async def run():
        return [it async for it in timify.customers.list()]
    return asyncio.run(run())

def test_unmet(timify, timify_sandbox):
    timify_sandbox.fail("create_customer", "cut_after")
    list_all(timify)

def test_skipped(timify, timify_sandbox):
    timify_sandbox.fail("list_customers", skip=1)
    list_all(timify)

def test_failed_anyhow(timify_sandbox):
    timify_sandbox.fail("get_customer", "stall")
    assert 1 == 2

@pytest.fixture
def armed(timify_sandbox):
    yield
    timify_sandbox.fail("get_customer", "delay", seconds=1)

def test_set_in_teardown(armed):
    pass

def test_met(timify, timify_sandbox):
    timify_sandbox.fail("list_customers", status=429, retry_after=0, times=2)
    timify_sandbox.fail(kind="rate_limit", limit=100, seconds=1)
    timify_sandbox.fail("list_customers", share=0.0)
    list_all(timify)

def test_cleared(timify_sandbox):
    timify_sandbox.fail()
    timify_sandbox.faults.clear()

@pytest.mark.timify(allow_unmet_faults=True)
def test_allowed(timify_sandbox):
    timify_sandbox.fail()
    assert timify_sandbox.strict

@pytest.mark.timify(strict=False)
def test_not_strict(timify_sandbox):
    timify_sandbox.fail()
"""


def test_unmet_faults(pytester: pytest.Pytester) -> None:
    """It fails naming the fault, is noted beside another error, and can be allowed by the mark."""
    pytester.makepyfile(UNMET)
    result = pytester.runpytest_subprocess(*OPTIONS)
    result.assert_outcomes(failed=3, passed=5, errors=1)
    shown = result.stdout.str()
    for reason in (
        "- create_customer: cut_after",
        "- list_customers: status, skip 1",
        "- get_customer: stall",
        "- get_customer: delay",
    ):
        assert reason in shown
    result.stdout.fnmatch_lines("FAILED *::test_failed_anyhow - assert 1*")
    result.stdout.fnmatch_lines("ERROR *::test_set_in_teardown - Failed*")


def test_it_works_with_any_runner(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fixtures serve anyio's plugin, asyncio.run, own async fixtures and own clients, each test its
    own state.
    """
    monkeypatch.delenv("TIMIFY_BASE_URL", raising=False)
    pytester.makepyfile(ANY_RUNNER)
    result = pytester.runpytest_subprocess(*OPTIONS)
    result.assert_outcomes(passed=13)
    assert not result.stderr.str()
    assert "warning" not in result.stdout.str().lower()


def test_a_wrong_request_fails_the_test(pytester: pytest.Pytester) -> None:
    """It fails with the reason though the service swallowed it, notes it beside another error, and
    can be permitted.
    """
    pytester.makepyfile(WRONG)
    result = pytester.runpytest_subprocess(*OPTIONS)
    result.assert_outcomes(failed=3, passed=3, errors=1)
    reason = "- GET /v1/customers: it has no query parameter filter; known: booker_id, "
    assert result.stdout.str().count(reason) >= 3
    assert "- the document has no path /v1/nothing" in result.stdout.str()
    for line in (
        "FAILED *::test_swallowed - Failed*",
        "FAILED *::test_failed_anyhow - assert 1*",
        "ERROR *::test_wrong_in_teardown - Failed*",
    ):
        result.stdout.fnmatch_lines(line)


def test_who_does_not_ask_pays_little(pytester: pytest.Pytester) -> None:
    """A run that uses no fixture imports neither the sandbox nor its servers, and --fixtures
    describes them.
    """
    pytester.makepyfile(
        "import sys\n"
        "def test_it(): assert not {'starlette', 'uvicorn', 'jsonschema'} & set(sys.modules)"
    )
    pytester.runpytest_subprocess(*OPTIONS).assert_outcomes(passed=1)
    result = pytester.runpytest_subprocess("--fixtures", "--strict-markers")
    result.stdout.fnmatch_lines(["timify_sandbox -- *", "timify -- *", "timify_env -- *"])
