"""The routes of the sandbox's page, and what its forms do.

The page works without a script: a form is sent, and the answer leads back to the page. Only the
machine itself may use it: a page of another site could otherwise send its forms.
"""

from collections.abc import Callable
from typing import Any, Final, cast
from urllib.parse import parse_qs

import attrs
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from ._faults import Fault
from ._markup import to_html
from ._model import Refusal
from ._page import page, requests
from ._page_assets import SCRIPT, STYLE
from ._page_forms import switches_of_behaviour, value_of_switch
from ._state import SandboxState

_NAMES: Final = frozenset({"127.0.0.1", "localhost", "::1"})
"""The names of this machine. Under another, a page of elsewhere may be asking (DNS rebinding)."""
_OWN_SITES: Final = frozenset({"same-origin", "none"})
"""What browsers say in Sec-Fetch-Site for the page itself, and for an address that was typed."""
_HEADERS: Final = {
    "cache-control": "no-store",
    "content-security-policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; "
        "img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff",
}
Form = dict[str, list[str]]
Action = Callable[[SandboxState, Form], object]


def routes(sandbox: SandboxState) -> list[Route]:
    """Return the routes of the page, its assets and its forms."""

    async def show(request: Request) -> Response:
        return _guarded(request, lambda: _page(sandbox, request.query_params.get("company")))

    async def show_requests(request: Request) -> Response:
        return _guarded(request, lambda: _html(to_html(requests(sandbox))))

    async def act(request: Request) -> Response:
        form = parse_qs((await request.body()).decode("utf-8", "replace"), keep_blank_values=True)
        return _guarded(request, lambda: _done(sandbox, request.path_params["form"], form))

    return [
        Route("/_sandbox", show),
        Route("/_sandbox/page.css", lambda _: Response(STYLE, 200, _HEADERS, "text/css")),
        Route("/_sandbox/page.js", lambda _: Response(SCRIPT, 200, _HEADERS, "text/javascript")),
        Route("/_sandbox/page/requests", show_requests),
        Route("/_sandbox/page/{form}", act, methods=["POST"]),
    ]


def refuse_other_sites(request: Request) -> None:
    """Refuse what a page of another site sends.

    Raises:
        Refusal: it comes from elsewhere (403).
    """
    if request.method == "GET":
        return  # a link of another site may lead here, and no page of it can read the answer
    origin = request.headers.get("origin")
    is_own = origin is None or (
        origin == f"http://{request.headers.get('host')}" and request.url.hostname in _NAMES
    )
    if not is_own or request.headers.get("sec-fetch-site", "none") not in _OWN_SITES:
        raise Refusal(403, "a page of another site may not control the sandbox")


def _refuse_other_names(request: Request) -> None:
    if request.url.hostname not in _NAMES:
        raise Refusal(403, "open the page on this machine, at http://127.0.0.1")


def _guarded(request: Request, answer: Callable[[], Response]) -> Response:
    try:
        _refuse_other_names(request)
        refuse_other_sites(request)
        return answer()
    except Refusal as refusal:
        return Response(str(refusal), refusal.status, _HEADERS, "text/plain")


def _html(content: bytes, status: int = 200) -> Response:
    return Response(content, status, _HEADERS, "text/html; charset=utf-8")


def _page(
    sandbox: SandboxState, company_id: str | None, problem: str = "", typed: Form | None = None
) -> Response:
    if company_id is not None and company_id not in sandbox.company_ids:
        raise Refusal(404, "there is no such company")
    texts = {name: values[-1] for name, values in (typed or {}).items()}
    return _html(page(sandbox, company_id, problem, texts), 400 if problem else 200)


def _done(sandbox: SandboxState, name: str, form: Form) -> Response:
    if name not in _ACTIONS:
        raise Refusal(404, f"there is no form {name}; there are {', '.join(_ACTIONS)}")
    company_id = _text(form, "company") or sandbox.company_id
    try:
        _ACTIONS[name](sandbox, form)
    except ValueError as error:
        typed = form if name == "faults" else None
        return _page(sandbox, company_id, f"Nothing was changed: {error}.", typed)
    return RedirectResponse(f"/_sandbox/?company={company_id}", 303, _HEADERS)


def _text(form: Form, name: str) -> str:
    return form.get(name, [""])[-1].strip()


def _set_fault(sandbox: SandboxState, form: Form) -> None:
    values: dict[str, Any] = {}
    for name in ("skip", "status", "limit"):
        if text := _text(form, name):
            values[name] = _number(name, text, whole=True)
    for name in ("retry_after", "seconds"):
        if text := _text(form, name):
            values[name] = _number(name, text)
    times = _text(form, "times")
    values["times"] = _number("times", times, whole=True) if times else None
    operation: Any = _text(form, "operation") or None
    kind: Any = _text(form, "kind")
    sandbox.faults.add(Fault(operation=operation, kind=kind, **values))


def _number(name: str, text: str, *, whole: bool = False) -> float:
    try:
        return int(text) if whole else float(text)
    except ValueError:
        raise ValueError(f"{name} must be a number, not {text!r}") from None


def _advance(sandbox: SandboxState, form: Form) -> None:
    sandbox.clock.advance(_number("advance", _text(form, "advance")))


def _change_behaviour(sandbox: SandboxState, form: Form) -> None:
    values: dict[str, Any] = {
        name: value_of_switch(name, _text(form, name))
        for name in switches_of_behaviour()
        if name in form
    }
    values["ignored_filters"] = cast("Any", form.get("ignored_filters", []))
    sandbox.behaviour = attrs.evolve(sandbox.behaviour, **values)
    sandbox.strict = "strict" in form


_ACTIONS: Final[dict[str, Action]] = {
    "faults": _set_fault,
    "faults-clear": lambda sandbox, _: sandbox.faults.clear(),
    "clock": _advance,
    "behaviour": _change_behaviour,
    "reset": lambda sandbox, _: sandbox.reset(),
}
