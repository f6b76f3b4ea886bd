"""The control of a sandbox by tests in other processes or languages: JSON at ``/_sandbox/...``.

Errors are ``{"error": "..."}`` with 400, 404 or 405.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any, cast

from attrs import asdict, fields_dict
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from . import _render
from ._faults import Fault
from ._model import ReceivedRequest, Refusal
from ._pages import refuse_other_sites
from ._state import SandboxState

Action = Callable[[dict[str, Any]], object]
"""Takes the members of a body, and returns the answer."""


def route(sandbox: SandboxState) -> Route:
    """Return the route of all actions."""
    actions = _actions(sandbox)

    async def control(request: Request) -> Response:
        try:
            refuse_other_sites(request)
            answer, status = _perform(actions, request, await request.body()), 200
        except Refusal as refusal:
            answer, status = {"error": str(refusal)}, refusal.status
        except ValueError as error:
            answer, status = {"error": str(error)}, 400
        return Response(_render.encode(answer), status, media_type="application/json")

    return Route("/_sandbox/{name:path}", control, methods=["GET", "POST", "DELETE"])


def _perform(actions: Mapping[str, Mapping[str, Action]], request: Request, body: bytes) -> object:
    name = request.path_params["name"]
    if name not in actions:
        raise Refusal(404, f"nothing is at /_sandbox/{name}; there are {', '.join(actions)}")
    if request.method not in actions[name]:
        raise Refusal(
            405,
            f"{request.method} is not allowed at /_sandbox/{name}, only {', '.join(actions[name])}",
        )
    return actions[name][request.method](_members(body))


def _members(body: bytes) -> dict[str, Any]:
    try:
        content = json.loads(body.decode() or "{}")
    except (ValueError, RecursionError) as error:
        raise ValueError(f"the body is not JSON: {error}") from error
    if not isinstance(content, dict):
        raise ValueError("the body must be an object")
    return cast("dict[str, Any]", content)


def _actions(sandbox: SandboxState) -> dict[str, dict[str, Action]]:
    requests, violations, faults = sandbox.requests, sandbox.violations, sandbox.faults
    return {
        "faults": {
            "GET": lambda _: {"faults": [asdict(fault) for fault in faults.left()]},
            "POST": lambda members: _fail(sandbox, members),
            "DELETE": lambda _: _did(faults.clear),
        },
        "requests": {
            "GET": lambda _: {"requests": [_shown(request) for request in list(requests)]},
            "DELETE": lambda _: _did(requests.clear),
        },
        "violations": {
            "GET": lambda _: {
                "violations": [
                    {"reason": violation.reason, **_shown(violation.request)}
                    for violation in list(violations)
                ]
            },
            "DELETE": lambda _: _did(violations.clear),
        },
        "clock": {
            "GET": lambda _: {"now": sandbox.clock()},
            "POST": lambda members: _advance(sandbox, members),
        },
        "companies": {
            "GET": lambda _: {"companies": sandbox.company_ids},
            "POST": lambda members: {"id": sandbox.company(*_taken(members, "company_id")).id},
        },
        "customers": {"POST": lambda members: _add_customers(sandbox, members)},
        "events": {
            "POST": lambda members: {
                "events": sandbox.add_events(*_taken(members, "global_id", "events"))
            }
        },
        "reset": {"POST": lambda _: _did(sandbox.reset)},
    }


def _did(action: Callable[[], object]) -> dict[str, object]:
    action()
    return {}


def _taken(members: Mapping[str, Any], *names: str, optional: tuple[str, ...] = ()) -> list[Any]:
    """Return the members with these names, the optional ones last. No others are allowed."""
    if missing := [name for name in names if name not in members]:
        raise ValueError(f"{missing[0]} is missing")
    if unknown := sorted(members.keys() - {*names, *optional}):
        raise ValueError(f"{unknown[0]} is unknown; known: {', '.join([*names, *optional])}")
    return [members.get(name) for name in (*names, *optional)]


def _fail(sandbox: SandboxState, members: Mapping[str, Any]) -> object:
    _taken(members, optional=tuple(fields_dict(Fault)))
    sandbox.fail(**members)
    return {"faults": [asdict(fault) for fault in sandbox.faults.left()]}


def _advance(sandbox: SandboxState, members: Mapping[str, Any]) -> object:
    (seconds,) = _taken(members, "advance")
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        raise ValueError(f"advance must be a number of seconds, not {seconds!r}")
    sandbox.clock.advance(seconds)
    return {"now": sandbox.clock()}


def _add_customers(sandbox: SandboxState, members: Mapping[str, Any]) -> object:
    customers, company_id = _taken(members, "customers", optional=("company_id",))
    if not isinstance(customers, list):
        raise ValueError("customers must be a list")
    added = sandbox.add_customers(customers, company_id=company_id)
    return {
        "customers": [{"id": customer.id, "externalId": customer.external_id} for customer in added]
    }


def _shown(request: ReceivedRequest) -> dict[str, Any]:
    return {
        "operation": request.operation,
        "method": request.method,
        "path": request.path,
        "query": request.query,
        "headers": request.headers,
        "body": request.body.decode("utf-8", "replace"),
    }
