"""The 17 operations on customers. Each takes a call and returns an answer, or raises a Refusal."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from . import _bodies, _filters, _imports, _render
from ._behaviour import Behaviour
from ._company import Company
from ._model import Refusal, StoredCustomer
from ._render import Answer, Done, One, RenderedPage

T = TypeVar("T")

DEFAULT_LIMIT = 10_000
"""The size of a page when `limit` is absent or not positive (documented)."""


@dataclass(frozen=True, slots=True)
class Call:
    """A request that has passed the checks.

    It has a company, the id of its path if there is one, its query (the last value of each
    parameter, and all of them in `query_items`) and its JSON. `behaviour` says how to handle it
    where that is not known, and `paging` how pages are wrong on purpose.
    """

    company: Company
    id: str
    query: Mapping[str, str]
    query_items: Sequence[tuple[str, str]]
    json: object
    behaviour: Behaviour
    paging: str | None = None


@dataclass(frozen=True, slots=True)
class ServedOperation:
    """One operation of the API."""

    method: str
    path: str
    handler: Callable[[Call], Answer]

    @property
    def name(self) -> str:
        """The operation's name, such as ``list_customers``."""
        return self.handler.__name__


def _page(call: Call, items: Sequence[T], render: Callable[[T], bytes]) -> RenderedPage:
    number = _bodies.number(call.query, "page", 1)
    if number < 1:
        raise Refusal(400, "page must be at least 1", {"query": {"page": "invalid"}})
    limit = _bodies.number(call.query, "limit", 0)
    limit = limit if limit > 0 else DEFAULT_LIMIT
    if call.paging == "repeat_page":
        number = max(1, number - 1)
    elif call.paging == "clamp_page":
        number = min(number, max(1, -(-len(items) // limit)))
    part = items[(number - 1) * limit : number * limit]
    return RenderedPage([render(item) for item in part], len(items), number, limit)


def _addressed(call: Call) -> StoredCustomer:
    return call.company.find(call.id, external=_bodies.external(call.query))


def list_customers(call: Call) -> Answer:
    """GET /v1/customers."""
    from ._contract import list_query  # noqa: PLC0415 - the package imports without its extra

    query = call.behaviour.obeyed(list_query(call.query_items))
    customers = _filters.select(call.company, query)
    return _page(call, customers, _filters.renderer(call.company, query))


def create_customer(call: Call) -> Answer:
    """POST /v1/customers."""
    customer = _bodies.new_customer(call.json, call.company.fields)
    call.company.check_mandatory(customer)
    return One(call.company.rendered(call.company.add(customer)), created=True)


def get_customer(call: Call) -> Answer:
    """GET /v1/customers/{customerId}."""
    return One(call.company.rendered(_addressed(call)))


def update_customer(call: Call) -> Answer:
    """PATCH /v1/customers/{customerId}."""
    customer = _addressed(call)
    changes = _bodies.customer_changes(call.json, call.company.fields)
    return One(call.company.rendered(call.company.update(customer, changes)))


def delete_customer(call: Call) -> Answer:
    """DELETE /v1/customers/{customerId}."""
    call.company.remove(_addressed(call))
    return Done(deleted=True)


def import_customers(call: Call) -> Answer:
    """POST /v1/customers/import; the body is inferred, the answer unknown."""
    how = call.behaviour
    rows = _bodies.import_rows(call.json, call.company.fields, partial=how.partial_import)
    take = _imports.import_each if how.partial_import else _imports.import_all
    return _imports.answer(how.import_answer, take(call.company, rows))


def list_global_customer_events(call: Call) -> Answer:
    """GET /v1/customers/global/{customerId}/events."""
    events = call.company.events.get(call.id)
    if events is None and all(
        customer.global_id != call.id for customer in call.company.customers.values()
    ):
        raise Refusal(404, f"no global customer has the id {call.id!r}")
    return _page(call, events or [], _render.encode)


def list_customfields(call: Call) -> Answer:
    """GET /v1/customers/customfields."""
    return _page(call, list(call.company.fields.values()), _render.field)


def create_customfield(call: Call) -> Answer:
    """POST /v1/customers/customfields."""
    attributes = _bodies.field_changes(call.json)
    if not {"label", "type"} <= attributes.keys():
        missing = {name: "missing" for name in ("label", "type") if name not in attributes}
        raise Refusal(400, "label and type must be given", {"body": missing})
    return One(_render.field(call.company.add_field(**attributes)), created=True)


def get_customfield(call: Call) -> Answer:
    """GET /v1/customers/customfields/{fieldId}."""
    return One(_render.field(call.company.field(call.id)))


def update_customfield(call: Call) -> Answer:
    """PATCH /v1/customers/customfields/{fieldId}."""
    field = call.company.own_field(call.id)
    changes = _bodies.field_changes(call.json)
    return One(_render.field(call.company.put_field(replace(field, **changes))))


def delete_customfield(call: Call) -> Answer:
    """DELETE /v1/customers/customfields/{fieldId}."""
    call.company.remove_field(call.company.own_field(call.id))
    return Done(deleted=True)


def list_customfield_categories(call: Call) -> Answer:
    """GET /v1/customers/customfields/categories."""
    return _page(call, list(call.company.categories.values()), _render.category)


def create_customfield_category(call: Call) -> Answer:
    """POST /v1/customers/customfields/categories."""
    attributes = _bodies.category_changes(call.json)
    if not attributes:
        raise Refusal(400, "name is missing", {"body": {"name": "missing"}})
    return One(_render.category(call.company.add_category(**attributes)), created=True)


def get_customfield_category(call: Call) -> Answer:
    """GET /v1/customers/customfields/categories/{categoryId}."""
    return One(_render.category(call.company.category(call.id)))


def update_customfield_category(call: Call) -> Answer:
    """PATCH /v1/customers/customfields/categories/{categoryId}."""
    category = call.company.own_category(call.id)
    changed = replace(category, **_bodies.category_changes(call.json))
    call.company.categories[changed.id] = changed
    return One(_render.category(changed))


def delete_customfield_category(call: Call) -> Answer:
    """DELETE /v1/customers/customfields/categories/{categoryId}."""
    call.company.remove_category(call.company.own_category(call.id))
    return Done(deleted=True)


_CUSTOMERS = "/v1/customers"
_FIELDS = "/v1/customers/customfields"
_CATEGORIES = "/v1/customers/customfields/categories"

# The first path that matches takes the request: names of routes come before ids.
OPERATIONS = (
    ServedOperation("GET", _CUSTOMERS, list_customers),
    ServedOperation("POST", _CUSTOMERS, create_customer),
    ServedOperation("POST", _CUSTOMERS + "/import", import_customers),
    ServedOperation("GET", _CUSTOMERS + "/global/{id}/events", list_global_customer_events),
    ServedOperation("GET", _FIELDS, list_customfields),
    ServedOperation("POST", _FIELDS, create_customfield),
    ServedOperation("GET", _CATEGORIES, list_customfield_categories),
    ServedOperation("POST", _CATEGORIES, create_customfield_category),
    ServedOperation("GET", _CATEGORIES + "/{id}", get_customfield_category),
    ServedOperation("PATCH", _CATEGORIES + "/{id}", update_customfield_category),
    ServedOperation("DELETE", _CATEGORIES + "/{id}", delete_customfield_category),
    ServedOperation("GET", _FIELDS + "/{id}", get_customfield),
    ServedOperation("PATCH", _FIELDS + "/{id}", update_customfield),
    ServedOperation("DELETE", _FIELDS + "/{id}", delete_customfield),
    ServedOperation("GET", _CUSTOMERS + "/{id}", get_customer),
    ServedOperation("PATCH", _CUSTOMERS + "/{id}", update_customer),
    ServedOperation("DELETE", _CUSTOMERS + "/{id}", delete_customer),
)
