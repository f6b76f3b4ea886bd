"""The state of one company, and the rules by which it changes."""

import copy
import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from . import _render
from ._model import (
    DEFAULT_FIELDS,
    SALUTATIONS,
    Category,
    Clock,
    Customer,
    CustomerInput,
    Field,
    ObjectIds,
    Refusal,
)


class Company:
    """What one company holds: customers, fields, categories, events, each by id.

    Each request is handled under `lock`. Another thread, such as a test beside a served sandbox,
    may read and call methods; it holds the lock (``with company.lock:``) when requests may come in
    meanwhile and it iterates or takes several steps. Customers, fields and categories are
    immutable: change them by the methods, not in the dictionaries, because rendered answers and the
    order are kept. `events` may be set freely, by global id.
    """

    def __init__(self, company_id: str, now: Clock, *, unique_external_ids: bool = True) -> None:
        self.id = company_id
        self.lock = threading.RLock()
        self.customers: dict[str, Customer] = {}
        self.fields: dict[str, Field] = {}
        self.categories: dict[str, Category] = {}
        self.events: dict[str, list[dict[str, Any]]] = {}
        self._now = now
        self._new_id = ObjectIds(now)
        self._unique_external_ids = unique_external_ids
        self._by_external_id: dict[str, set[str]] = {}
        self._by_import_id: dict[str, set[str]] = {}
        self._rendered: dict[str, bytes] = {}
        self._order: list[Customer] | None = None
        self._past: list[tuple[float, Company]] = []
        self._default_category = self.add_category("General", is_default=True)
        for default_id, type_ in DEFAULT_FIELDS.items():
            options = SALUTATIONS if default_id == "salutation" else ()
            self.add_field(default_id=default_id, type=type_, select_options=options)

    def lag(self, seconds: float) -> None:
        """Let reads see the state of now for so long."""
        past = copy.copy(self)
        for name, held in vars(self).items():
            if isinstance(held, dict):
                index = name.startswith("_by_")
                vars(past)[name] = (
                    {key: set(ids) for key, ids in held.items()} if index else dict(held)
                )
        self._past.append((self._now() + seconds, past))

    def seen(self) -> "Company":
        """The state that reads see: this one, or an older one while a write is late."""
        self._past = [it for it in self._past if self._now() < it[0]]
        return self._past[0][1] if self._past else self

    def default_field(self, default_id: str) -> Field:
        """The definition that every company has under this default id; KeyError for another."""
        return self._defaults[default_id]

    @property
    def _defaults(self) -> dict[str, Field]:
        return {field.default_id: field for field in self.fields.values() if field.default_id}

    # Customers

    def in_order(self) -> list[Customer]:
        """The customers, ascending by first name (observed), then by id."""
        if self._order is None:
            first_name = self.default_field("firstName").id
            self._order = sorted(
                self.customers.values(), key=lambda it: (it.values.get(first_name, ""), it.id)
            )
        return self._order

    def rendered(self, customer: Customer) -> bytes:
        """The JSON of a customer, kept until it or a field changes."""
        if (found := self._rendered.get(customer.id)) is None:
            found = self._rendered[customer.id] = _render.customer(customer, self.fields.values())
        return found

    def value(self, customer: Customer, default_id: str) -> str:
        """What a customer has in a default field; empty when it was never written."""
        return customer.values.get(self.default_field(default_id).id, "")

    def find(self, customer_id: str, *, external: bool = False) -> Customer:
        """The customer with this id, or external id; a Refusal with 404 when there is none."""
        found = (
            self._oldest(self._by_external_id, customer_id)
            if external
            else self.customers.get(customer_id)
        )
        if found is None:
            raise Refusal(
                404, f"no customer has the {'externalId' if external else 'id'} {customer_id!r}"
            )
        return found

    def find_imported(self, key: str) -> Customer | None:
        """The customer that was created with this import key, if there is one."""
        return self._oldest(self._by_import_id, key)

    def create(self, values: Mapping[str, str], **given: Any) -> Customer:
        """Add a customer with values by field id, and with other attributes of `Customer`."""
        now = self._now()
        return self.put(
            Customer(
                **{
                    "id": self._new_id(),
                    "values": dict(values),
                    "created_at": now,
                    "updated_at": now,
                    **given,
                }
            )
        )

    def check_mandatory(self, given: CustomerInput) -> None:
        """Refuse a create that lacks a mandatory field, with 400 and details that name it by id.

        That fields may be mandatory follows from ``ignore_mandatory_validation``, which is
        documented on a sibling operation; how a create without them is refused is not known.
        """
        if given.ignore_mandatory:
            return
        mandatory = [field for field in self.fields.values() if field.is_mandatory]
        missing = [
            it for it in mandatory if not (given.values.get(it.id) or given.lists.get(it.id))
        ]
        if missing:
            names = ", ".join(it.default_id or it.label for it in missing)
            details = {"body": {f"customfields.{it.id}": "missing" for it in missing}}
            raise Refusal(400, f"mandatory fields are missing: {names}", details)

    def make_mandatory(self, *names: str) -> None:
        """Refuse creates without these fields, named by default id, label or id, from now on.

        Raises:
            ValueError: There is no such field.
        """
        for name in names:
            self.put_field(replace(self.named_field(name), is_mandatory=True))

    def add(self, given: CustomerInput) -> Customer:
        """Add the customer that a request asks for."""
        keys = {
            "external_id": given.external_id or "",
            "import_customer_id": given.import_customer_id or "",
        }
        return self.create(given.values, lists=given.lists, **keys)

    def update(self, customer: Customer, given: CustomerInput) -> Customer:
        """Change what is given of a customer; other values stay."""
        keys = {"external_id": given.external_id, "import_customer_id": given.import_customer_id}
        changes: dict[str, Any] = {name: value for name, value in keys.items() if value is not None}
        values = {**customer.values, **given.values}
        lists = {**customer.lists, **given.lists}
        return self.put(
            replace(customer, values=values, lists=lists, updated_at=self._now(), **changes)
        )

    def put(self, customer: Customer) -> Customer:
        """Store a customer, in place of the one with its id.

        Raises:
            Refusal: its external id is taken (409).
        """
        holders = self._by_external_id.get(customer.external_id, set[str]()) - {customer.id}
        if holders and self._unique_external_ids:
            raise Refusal(
                409, f"externalId {customer.external_id!r} is taken by customer {min(holders)}"
            )
        if old := self.customers.get(customer.id):
            self._forget(old)
        self.customers[customer.id] = customer
        self._index(customer)
        return customer

    def remove(self, customer: Customer) -> None:
        """Delete a customer."""
        del self.customers[customer.id]
        self._forget(customer)

    def restore_point(self) -> Callable[[], None]:
        """What takes all changes of customers back that are made from now on."""
        customers = dict(self.customers)

        def undo() -> None:
            for kept in (self.customers, self._by_external_id, self._by_import_id, self._rendered):
                kept.clear()
            self.customers.update(customers)
            for customer in customers.values():
                self._index(customer)

        return undo

    def _index(self, customer: Customer) -> None:
        self._order = None
        if customer.external_id:
            self._by_external_id.setdefault(customer.external_id, set()).add(customer.id)
        if customer.import_customer_id:
            self._by_import_id.setdefault(customer.import_customer_id, set()).add(customer.id)

    def _forget(self, customer: Customer) -> None:
        self._order = None
        self._rendered.pop(customer.id, None)
        self._by_external_id.get(customer.external_id, set[str]()).discard(customer.id)
        self._by_import_id.get(customer.import_customer_id, set[str]()).discard(customer.id)

    def _oldest(self, index: Mapping[str, set[str]], key: str) -> Customer | None:
        ids = index.get(key)
        return self.customers[min(ids)] if ids else None

    # Fields and categories

    def field(self, field_id: str) -> Field:
        """The definition with this id; a Refusal with 404 when there is none."""
        if field_id not in self.fields:
            raise Refusal(404, f"no custom field has the id {field_id!r}")
        return self.fields[field_id]

    def named_field(self, name: object) -> Field:
        """The definition with this default id, id or label; ValueError when there is none."""
        for field in self.fields.values():
            if isinstance(name, str) and name and name in {field.default_id, field.id, field.label}:
                return field
        existing = ", ".join(it.default_id or it.label for it in self.fields.values())
        raise ValueError(f"no custom field is called {name!r}; known: {existing}")

    def own_field(self, field_id: str) -> Field:
        """The same, and a Refusal with 403 when it is a default one, which cannot be changed."""
        found = self.field(field_id)
        if found.default_id:
            raise Refusal(
                403, f"{found.default_id} is a default field: it cannot be changed or deleted"
            )
        return found

    def add_field(self, **given: Any) -> Field:
        """Add a definition behind the others, in the default category unless another is given."""
        index = max((field.order_index for field in self.fields.values()), default=-1) + 1
        given.setdefault("category_id", self._default_category.id)
        return self.put_field(Field(**{"id": self._new_id(), "order_index": index, **given}))

    def put_field(self, field: Field) -> Field:
        """Store a definition, in place of the one with its id."""
        if field.category_id not in self.categories:
            raise Refusal(400, f"no category has the id {field.category_id!r}")
        self.fields[field.id] = field
        self._rendered.clear()
        return field

    def remove_field(self, field: Field) -> None:
        """Delete a definition, and its values from all customers."""
        del self.fields[field.id]
        for customer in list(self.customers.values()):
            if field.id in customer.values:
                values = {key: value for key, value in customer.values.items() if key != field.id}
                lists = {key: several for key, several in customer.lists.items() if key != field.id}
                self.put(replace(customer, values=values, lists=lists))

    def category(self, category_id: str) -> Category:
        """The category with this id; a Refusal with 404 when there is none."""
        if category_id not in self.categories:
            raise Refusal(404, f"no category has the id {category_id!r}")
        return self.categories[category_id]

    def own_category(self, category_id: str) -> Category:
        """The same, and a Refusal with 403 when it is the default one."""
        found = self.category(category_id)
        if found.is_default:
            raise Refusal(
                403, f"{found.name} is the default category: it cannot be changed or deleted"
            )
        return found

    def add_category(self, name: str, *, is_default: bool = False) -> Category:
        """Add a category behind the others."""
        index = max((it.order_index for it in self.categories.values()), default=-1) + 1
        added = Category(id=self._new_id(), name=name, order_index=index, is_default=is_default)
        self.categories[added.id] = added
        return added

    def remove_category(self, category: Category) -> None:
        """Delete a category; a Refusal with 409 while fields are in it."""
        if any(field.category_id == category.id for field in self.fields.values()):
            raise Refusal(409, f"category {category.name!r} still has custom fields")
        del self.categories[category.id]
