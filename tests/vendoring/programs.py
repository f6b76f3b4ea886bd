"""Programs that tests run in a project which has a copy."""

MAKES_CALLS = """
import asyncio, sys
from {name} import Customer, TimifyCustomers
from {name}.sandbox import Sandbox

async def main():
    sandbox = Sandbox(strict=True)
    async with sandbox.client() as timify:
        await timify.customers.create({{"firstName": "Ada"}}, external_id="crm-1815")
        ada = await timify.customers.get(external_id="crm-1815")
        assert (await timify.customers.import_many([{{"importCustomerId": "1"}}])).accepted == 1
    assert type(ada) is Customer and type(ada).__module__.startswith("{name}.")
    print(ada.full_name, [name for name in sys.modules if name.startswith("timify_customers")])

asyncio.run(main())
"""

WITHOUT_THE_SANDBOX = """
import asyncio
import httpx
from {name} import TimifyCustomers

def answer(request):
    if request.url.path == "/v1/auth/token":
        return httpx.Response(200, json={{"accessToken": "t", "refreshToken": "r", "expires": 60}})
    return httpx.Response(200, json={{"status": 1, "data": {{"id": "6" * 24, "firstName": "Ada"}}}})

async def main():
    transport = httpx.MockTransport(answer)
    async with TimifyCustomers("app", "secret", "5" * 24, transport=transport) as timify:
        print((await timify.customers.get("6" * 24)).first_name)

asyncio.run(main())
"""

TWO_VERSIONS = """
import asyncio, json, logging, sys
import timify_customers as installed
from timify_customers import sandbox as installed_sandbox
from service._vendor import timify_customers as vendored
from service._vendor.timify_customers import sandbox as vendored_sandbox

async def serve(package, sandbox, name):
    served = sandbox.Sandbox()
    async with served.client() as timify:
        assert type(timify) is package.TimifyCustomers
        made = await timify.customers.create({"firstName": name})
        try:
            await timify.customers.get("0" * 24)
        except package.NotFoundError as error:
            failure = error
        names = [it.first_name async for it in timify.customers.list()]
    agent = served.requests[-1].headers["user-agent"]
    return names, type(made).__module__, failure, agent

async def main():
    return await asyncio.gather(
        serve(installed, installed_sandbox, "Ada"), serve(vendored, vendored_sandbox, "Bea")
    )

class Names(logging.Handler):
    def emit(self, record):
        heard.add(record.name)

heard = set()
logging.basicConfig(level=1, handlers=[Names()])
one, two = asyncio.run(main())
shared = [
    name for name in installed.__all__
    if isinstance(getattr(installed, name), type)
    and getattr(installed, name) is getattr(vendored, name, None)
]
print(json.dumps({
    "versions": [installed.__version__, vendored.__version__],
    "names": [one[0], two[0]],
    "modules": [one[1], two[1]],
    "caught by the other": [
        isinstance(one[2], vendored.TimifyError), isinstance(two[2], installed.TimifyError)
    ],
    "agents": [one[3], two[3]],
    "loggers": sorted(name for name in heard if "timify" in name),
    "shared classes": shared,
}))
"""
