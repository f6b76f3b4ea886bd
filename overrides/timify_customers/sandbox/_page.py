"""What the sandbox's page shows: requests, faults, clock, behaviour, customers and fields."""

import datetime
from collections.abc import Mapping, Sequence
from heapq import nlargest
from typing import Final

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
from ._redacted import redacted
from ._state import SandboxState

SHOWN: Final = 50
"""How many requests and customers the page shows at most."""
COMPANIES_SHOWN: Final = 50
FIELDS_SHOWN: Final = 200
VALUES_SHOWN: Final = 30
"""How many values of a customer."""
_LONGEST: Final = 300
"""Characters of a stored text, or of an address, that are shown."""
_LONGEST_HEADERS: Final = 4_000
"""Characters of all headers of a request that are shown."""


def page(
    sandbox: SandboxState, company_id: str | None, problem: str, typed: Mapping[str, str]
) -> bytes:
    """Return the page.

    Args:
        sandbox: what it is about.
        company_id: the company whose customers it shows; None for the home company.
        problem: why what a form asked for was not done, or "".
        typed: what the form of a fault had when it could not be set, by name of the field.
    """
    company = sandbox.company(company_id)
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("title", "TIMIFY sandbox"),
        element("link", rel="icon", href="data:,"),  # or browsers ask the API for one
        element("link", rel="stylesheet", href="/_sandbox/page.css"),
        element("script", src="/_sandbox/page.js", defer=True),
    )
    body = element(
        "body",
        element("h1", "TIMIFY sandbox"),
        element("p", problem, class_="problem", role="alert") if problem else None,
        _companies(sandbox, company),
        _section("Requests", element("div", requests(sandbox), id="requests"), _live()),
        _section("Faults", faults(sandbox), fault_form(company, typed), clear_faults_form(company)),
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
    ids = sandbox.company_ids
    for company_id in ids[:COMPANIES_SHOWN]:
        current = "page" if company_id == shown.id else None
        link = element(
            "a", company_id, href=f"/_sandbox/?company={company_id}", aria_current=current
        )
        links += [link, " "]
    count = f"{len(links) // 2} of {len(ids):,} companies: "
    return element("nav", count, links, aria_label="Companies")


def _table(caption: str, columns: Sequence[str], rows: Sequence[Sequence[Child]]) -> Element:
    head = element("tr", [element("th", column, scope="col") for column in columns])
    lines: list[Child] = [_row(first, *rest) for first, *rest in rows]
    table = element(
        "table", element("caption", caption), element("thead", head), element("tbody", lines)
    )
    # The keyboard can scroll what has the focus.
    return element("div", table, class_="scroll", tabindex="0", role="region", aria_label=caption)


def _row(first: Child, *rest: Child) -> Element:
    """Return a row of a table, which its first cell names."""
    return element("tr", element("th", first, scope="row"), [element("td", cell) for cell in rest])


def _short(text: str, longest: int = _LONGEST) -> str:
    return text if len(text) <= longest else f"{text[:longest]} ... ({len(text):,} characters)"


# Requests.


def requests(sandbox: SandboxState) -> Element:
    """Return the newest requests, with what the document has against each."""
    received = list(sandbox.requests)
    reasons = {id(violation.request): violation.reason for violation in list(sandbox.violations)}
    rows = [
        _request_row(request, reasons.get(id(request)), sandbox.app_secret)
        for request in reversed(received[-SHOWN:])
    ]
    caption = f"{len(rows)} of {len(received):,} requests, the newest first"
    return _table(caption, ("Request", "Operation", "By the document", "Details"), rows)


def _request_row(request: ReceivedRequest, reason: str | None, app_secret: str) -> list[Child]:
    shown = redacted(request, reason or "", app_secret)
    query = "&".join(f"{name}={value}" for name, value in shown.query)
    address = f"{request.method} {shown.path}{'?' if query else ''}{query}"
    verdict = element("span", "allowed", class_="allowed")
    if reason is not None:
        verdict = element("span", f"not allowed: {_short(shown.reason, 1000)}", class_="against")
    headers = "\n".join(f"{name}: {value}" for name, value in shown.headers)
    details = element(
        "details",
        element("summary", "headers and body"),
        element("pre", _short(headers, _LONGEST_HEADERS)),
        element("pre", shown.body or "no body"),
    )
    return [element("code", _short(address)), request.operation or "none", verdict, details]


def _live() -> Element:
    box = element("input", type="checkbox", id="pause")
    return element("p", element("label", box, " pause", for_="pause"), id="live", hidden=True)


def _clock(sandbox: SandboxState) -> Element:
    seconds = sandbox.clock()
    try:
        now = datetime.datetime.fromtimestamp(seconds, datetime.UTC)
        text = now.strftime("%Y-%m-%d %H:%M:%S UTC")
    except (OverflowError, ValueError, OSError):  # beyond the calendars
        text = f"{seconds:.0f} seconds after 1970"
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
        f"{_short(names.get(field_id, field_id))}: {_short(value)}"
        for field_id, value in customer.values.items()
        if value
    ]
    more = [f"and {len(values) - VALUES_SHOWN:,} more"] if len(values) > VALUES_SHOWN else []
    text = "; ".join(values[:VALUES_SHOWN] + more)
    return [element("code", _short(customer.id)), _short(customer.external_id), text]


def _fields(company: Company) -> Element:
    with company.lock:
        fields = list(company.fields.values())
    rows = [_field_row(field) for field in fields[:FIELDS_SHOWN]]
    columns = ("ID", "Default ID", "Label", "Type", "Mandatory")
    caption = f"{len(rows)} of {len(fields):,} fields of company {company.id}"
    return _table(caption, columns, rows)


def _field_row(field: StoredField) -> list[Child]:
    mandatory = "yes" if field.is_mandatory else "no"
    return [
        element("code", field.id),
        field.default_id or "",
        _short(field.label),
        _short(field.type),
        mandatory,
    ]
