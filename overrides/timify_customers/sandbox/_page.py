"""What the sandbox's page shows: requests, faults, clock, behaviour, customers and fields."""

import datetime
from collections.abc import Sequence
from heapq import nlargest
from typing import Final

from .._base.secrets import may_be_secret
from ._company import Company
from ._markup import Child, Element, element, to_html
from ._model import ReceivedRequest, StoredCustomer, StoredField
from ._page_forms import (
    behaviour_form,
    clear_faults_form,
    clock_forms,
    fault_form,
    faults,
    reset_form,
)
from ._state import SandboxState

SHOWN: Final = 50
"""How many requests and customers the page shows at most."""
_LONGEST: Final = 4_000
"""Characters of a body that are shown."""


def page(sandbox: SandboxState, company_id: str | None, problem: str = "") -> bytes:
    """Return the page.

    Args:
        sandbox: what it is about.
        company_id: the company whose customers it shows; None for the home company.
        problem: why what a form asked for was not done, or "".
    """
    company = sandbox.company(company_id)
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("title", "TIMIFY sandbox"),
        element("link", rel="stylesheet", href="/_sandbox/page.css"),
        element("script", src="/_sandbox/page.js", defer=True),
    )
    body = element(
        "body",
        element("h1", "TIMIFY sandbox"),
        element("p", problem, class_="problem", role="alert") if problem else None,
        _companies(sandbox, company),
        _section("Requests", element("div", requests(sandbox), id="requests"), _live()),
        _section("Faults", faults(sandbox), fault_form(company), clear_faults_form(company)),
        _section("Clock", _clock(sandbox), *clock_forms(company)),
        _section("Behaviour", behaviour_form(sandbox, company)),
        _section("Customers", _customers(company)),
        _section("Fields", _fields(company)),
        _section("Start again", reset_form(company)),
    )
    return b"<!doctype html>\n" + to_html(element("html", head, body, lang="en"))


def _section(title: str, *children: Child) -> Element:
    identifier = title.lower().replace(" ", "-") + "-title"
    return element(
        "section", element("h2", title, id=identifier), *children, aria_labelledby=identifier
    )


def _companies(sandbox: SandboxState, shown: Company) -> Element:
    links: list[Child] = []
    for company_id in sandbox.company_ids:
        current = "page" if company_id == shown.id else None
        link = element(
            "a", company_id, href=f"/_sandbox/?company={company_id}", aria_current=current
        )
        links += [link, " "]
    return element("nav", "Companies: ", links, aria_label="Companies")


def _table(caption: str, columns: Sequence[str], rows: Sequence[Sequence[Child]]) -> Element:
    head = element("tr", [element("th", column, scope="col") for column in columns])
    lines: list[Child] = [element("tr", [element("td", cell) for cell in row]) for row in rows]
    table = element(
        "table", element("caption", caption), element("thead", head), element("tbody", lines)
    )
    # The keyboard can scroll what has the focus.
    return element("div", table, class_="scroll", tabindex="0", role="region", aria_label=caption)


# Requests.


def requests(sandbox: SandboxState) -> Element:
    """Return the newest requests, with what the document has against each."""
    received = list(sandbox.requests)
    reasons = {id(violation.request): violation.reason for violation in list(sandbox.violations)}
    rows = [
        _request_row(request, reasons.get(id(request))) for request in reversed(received[-SHOWN:])
    ]
    caption = f"{len(rows)} of {len(received):,} requests, the newest first"
    return _table(caption, ("Request", "Operation", "By the document", "Details"), rows)


def _request_row(request: ReceivedRequest, reason: str | None) -> list[Child]:
    is_secret = request.operation == "create_token"
    query = "&".join(f"{name}={value}" for name, value in request.query_items)
    if is_secret and query:
        query = "***"
    address = f"{request.method} {request.path}{'?' if query else ''}{query}"
    verdict = element("span", "allowed", class_="allowed")
    if reason is not None:
        verdict = element("span", f"not allowed: {reason}", class_="against")
    headers = "\n".join(
        f"{name}: {'***' if may_be_secret(name) else value}"
        for name, value in request.headers.items()
    )
    details = element(
        "details",
        element("summary", "headers and body"),
        element("pre", headers),
        element("pre", _body(request, is_secret=is_secret)),
    )
    return [element("code", address), request.operation or "none", verdict, details]


def _body(request: ReceivedRequest, *, is_secret: bool) -> str:
    if not request.body:
        return "no body"
    if is_secret:
        return "not shown, as it has the app's secret"
    text = request.body.decode("utf-8", "replace")
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]} ... ({len(text):,} characters)"


def _live() -> Element:
    box = element("input", type="checkbox", id="pause")
    return element("p", element("label", box, " pause", for_="pause"), id="live", hidden=True)


def _clock(sandbox: SandboxState) -> Element:
    now = datetime.datetime.fromtimestamp(sandbox.clock(), datetime.UTC)
    text = now.strftime("%Y-%m-%d %H:%M:%S UTC")
    return element("p", "Now it is ", element("time", text, id="now"), ".")


# Customers and fields.


def _customers(company: Company) -> Element:
    with company.lock:
        total = len(company.customers)
        customers = nlargest(
            SHOWN, company.customers.values(), key=lambda customer: customer.updated_at
        )
        names = {field.id: field.default_id or field.label for field in company.fields.values()}
        rows = [_customer_row(customer, names) for customer in customers]
    caption = f"{len(rows)} of {total:,} customers, the last changed first"
    return _table(caption, ("ID", "External ID", "Values"), rows)


def _customer_row(customer: StoredCustomer, names: dict[str, str]) -> list[Child]:
    values = [
        f"{names.get(field_id, field_id)}: {value}"
        for field_id, value in customer.values.items()
        if value
    ]
    return [element("code", customer.id), customer.external_id, "; ".join(values)]


def _fields(company: Company) -> Element:
    with company.lock:
        rows = [_field_row(field) for field in company.fields.values()]
    columns = ("ID", "Default ID", "Label", "Type", "Mandatory")
    return _table(f"{len(rows)} fields of company {company.id}", columns, rows)


def _field_row(field: StoredField) -> list[Child]:
    mandatory = "yes" if field.is_mandatory else "no"
    return [element("code", field.id), field.default_id or "", field.label, field.type, mandatory]
