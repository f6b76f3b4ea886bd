"""What Schemathesis is given: the document, a sandbox of invented data, and what no schema can say.

A schema cannot say which ids there are. So wherever the generated part of a request is valid, an id
in it becomes one that the sandbox knows: else each request would end at its id, and nothing behind
would be looked at. Parts that are generated to be invalid are sent as they are.
"""

from __future__ import annotations

import itertools
import json
from collections import Counter, defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4
from zlib import crc32

import schemathesis
import timify_customers_client
import yaml
from attrs import define, field, frozen
from hypothesis import HealthCheck, Phase, assume, settings
from schemathesis import Case
from schemathesis.checks import CHECKS
from schemathesis.config import SchemathesisConfig
from schemathesis.core.parameters import ParameterLocation
from schemathesis.core.transport import Response
from timify_customers.sandbox import Sandbox
from timify_customers.sandbox._operations import OPERATIONS

DOCUMENT = Path(timify_customers_client.__file__).with_name("customers.yaml")
BASE_URL = "http://127.0.0.1"
ROUTES = {"categories", "customfields", "events", "global", "import"}
GLOBAL_ID = "624af9cbed7a899e0f2334ff"


@frozen
class Exclusion:
    """A check that an operation is spared, and why; `applies` narrows it to the requests that it is
    about.
    """

    operation: str
    check: str
    reason: str
    applies: Callable[[Case], bool]


_GET_TOKEN = (
    "GET was seen to work too, and the document leaves it out because it puts the secret into a URL"
)
EXCLUSIONS = (
    Exclusion("create_token", "unsupported_method", _GET_TOKEN, lambda case: case.method == "GET"),
    Exclusion(
        "create_token",
        "allow_header_conformance",
        _GET_TOKEN,
        lambda case: case.method == "OPTIONS",
    ),
)


OF_STATE = ("use_after_free", "ensure_resource_availability")
"""Checks that ask what an earlier request has done."""
SERVED = {operation.name for operation in OPERATIONS} | {"create_token"}


def excluded(case: Case) -> list[Any]:
    """The checks that this request is spared.

    An operation that only a published document has is answered from its schema, whatever was made
    or deleted before.
    """
    name = case.operation.definition.raw["operationId"]
    names = [it.check for it in EXCLUSIONS if it.operation == name and it.applies(case)]
    return [*map(CHECKS.get_one, names if name in SERVED else (*names, *OF_STATE))]


@define
class World:
    """A sandbox, a token of it, and what it has answered: how often with which status to which
    operation.
    """

    sandbox: Sandbox = field(factory=Sandbox)
    token: str = field(init=False)
    seen: defaultdict[str, Counter[int]] = field(factory=lambda: defaultdict(Counter))
    app: Any = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.renew(self.sandbox)

    def renew(self, sandbox: Sandbox) -> None:
        """Go on with another sandbox, with events that are there to be read."""
        self.sandbox = sandbox
        self.app = sandbox.app
        credentials = {"appid": sandbox.app_id, "appsecret": sandbox.app_secret}
        self.token = str(sandbox.tokens.issue(credentials)["accessToken"])
        sandbox.company().events[GLOBAL_ID] = [
            {"id": str(number), "title": "Cut"} for number in range(3)
        ]
        self.stock()

    def stock(self) -> None:
        """See to it that there is a customer, an own field and an own category: requests may have
        deleted them.
        """
        company = self.sandbox.company()
        if not any(it.external_id for it in company.customers.values()):
            company.create({company.default_field("firstName").id: "Ada"}, external_id=uuid4().hex)
        if all(it.default_id for it in company.fields.values()):
            company.add_field(label="Tier")
        if all(it.is_default for it in company.categories.values()):
            company.add_category("VIP")

    def succeeded(self, label: str) -> int:
        """How many requests of an operation were done; a create says so with 201."""
        return sum(count for status, count in self.seen[label].items() if status // 100 == 2)

    def check(self, case: Case) -> None:
        """Send a request, and hold its answer against the document."""
        settle(case, self)
        response = case.call_and_validate(BASE_URL, excluded_checks=excluded(case))
        self.seen[case.operation.label][response.status_code] += 1


def schema(world: World, *, examples: int, deterministic: bool = True) -> Any:
    """The document as Schemathesis reads it, to be sent to the world's sandbox."""
    generation = {
        "mode": "all",
        "deterministic": deterministic,
        "max-examples": examples,
        "database": "none",
    }
    config = SchemathesisConfig.from_dict({"generation": generation})
    loaded = schemathesis.openapi.from_dict(
        yaml.safe_load(DOCUMENT.read_text("utf-8")), config=config
    )

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await world.app(scope, receive, send)

    @loaded.auth(refresh_interval=None)
    class Auth:
        def get(self, case: Case, context: Any) -> str:
            return world.token

        def set(self, case: Case, token: str, context: Any) -> None:
            case.headers = {**(case.headers or {}), "Authorization": f"Bearer {token}"}

    loaded.app = app
    return loaded


def run_sequences(world: World, schema: Any, *, scenarios: int, derandomize: bool = True) -> None:
    """Follow ids from answers into further requests, each scenario on a sandbox of its own."""

    class Workflow(schema.as_state_machine()):
        def setup(self) -> None:
            world.renew(Sandbox())

        def before_call(self, case: Case) -> None:
            settle(case, world, paths=False)
            if (
                set((case.path_parameters or {}).values())
                & world.sandbox.company().customers.keys()
            ):
                case.query.pop("external", None)

        def get_call_kwargs(self, case: Case) -> dict[str, Any]:
            return {"base_url": BASE_URL}

        def after_call(self, response: Response, case: Case) -> None:
            super().after_call(response, case)
            world.seen[case.operation.label][response.status_code] += 1

        def validate_response(
            self, response: Response, case: Case, additional_checks: Any = None, **sent: Any
        ) -> None:
            case.validate_response(
                response,
                additional_checks=additional_checks,
                excluded_checks=excluded(case),
                transport_kwargs=sent,
                recorder=self.recorder,
            )

    Workflow.run(
        settings=settings(
            derandomize=derandomize,
            database=None,
            deadline=None,
            max_examples=scenarios,
            phases=[Phase.generate],
            stateful_step_count=12,
            suppress_health_check=list(HealthCheck),
        )
    )


def settle(case: Case, world: World, *, paths: bool = True) -> None:
    """Put known ids into the valid parts of a request; not into each path, for what then happens is
    promised too.

    What is generated depends on the Python version, so an operation keeps paths of its own only
    once it succeeded.
    """
    world.stock()
    own_path = world.succeeded(case.operation.label) and _chance(case, 5)
    valid = {it: not case.meta.is_negative_at(it) for it in ParameterLocation}
    if valid[ParameterLocation.HEADER] and "company-id" in (case.headers or {}):
        case.headers["company-id"] = world.sandbox.company_id
    if valid[ParameterLocation.QUERY]:
        case.query = _query(case.query or {})
    if paths and valid[ParameterLocation.PATH] and not (all(valid.values()) and own_path):
        case.path_parameters = {
            name: _known(case, name, world) for name in case.path_parameters or {}
        }
    # The name of a route as an id, or a slash that is not encoded, makes it a request of another
    # operation, or of none.
    ids = [str(it) for it in (case.path_parameters or {}).values()]
    assume(not any(it in ROUTES or "/" in it for it in ids))
    if valid[ParameterLocation.BODY] and isinstance(case.body, dict):
        case.body = _body(case.path, case.body, world)


def _chance(case: Case, share: int) -> bool:
    """True for one request in `share`, and always the same for the same request."""
    said = json.dumps([case.path_parameters, str(case.query), str(case.body)], default=str)
    return crc32(said.encode()) % share == 0


def _known(case: Case, name: str, world: World) -> str:
    company = world.sandbox.company()
    if case.path.endswith("/events"):
        return GLOBAL_ID
    # The first to succeed is of the company's own, which may be deleted; later ones may be any.
    any_one = world.succeeded(case.operation.label) and _chance(case, 3)
    if name == "fieldId":
        return next(key for key, it in company.fields.items() if any_one or not it.default_id)
    if name == "categoryId":
        return next(key for key, it in company.categories.items() if any_one or not it.is_default)
    if "external" in (case.query or {}):
        return next(it.external_id for it in company.customers.values() if it.external_id)
    return max(company.customers)


def _query(query: dict[str, Any]) -> dict[str, Any]:
    """A query whose date and order the sandbox understands: the document has them as any text."""
    understood = {"updated_since": "2026-03-02", "sort": "name", "sort_type": "desc"}
    return {name: understood.get(name, it) for name, it in query.items()}


def _body(path: str, given: dict[str, Any], world: World) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(json.dumps(given))
    company = world.sandbox.company()
    if path == "/v1/auth/token":
        return body | {"appid": world.sandbox.app_id, "appsecret": world.sandbox.app_secret}
    if path.startswith("/v1/customers/customfields"):
        spelled = body.keys() & {"categoryId", "category_id"}
        return body | dict.fromkeys(spelled, min(company.categories))
    rows = body["customers"] if path == "/v1/customers/import" else [body]
    for row in rows:
        for entry, field_id in zip(row.get("customfields", []), itertools.cycle(company.fields)):
            entry["id"] = field_id
            if not isinstance(entry.get("values", []), list):
                del entry["values"]  # where the document does not have it, it may be anything
        for spelling in ("external_id", "externalId"):
            if isinstance(row.get(spelling), str):  # unique, for the sandbox holds them to be
                row[spelling] = row[spelling] and row[spelling] + uuid4().hex
        if (
            row is not body and "id" in row
        ):  # of a customer without the key of another import: there may be one
            row["id"] = min(company.customers)
            row.pop("importCustomerId", None)
            row.pop("import_customer_id", None)
    return body
